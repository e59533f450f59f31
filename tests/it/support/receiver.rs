//! A partner's receiver: a real HTTP server that records requests and answers as a story asks it to.
//!
//! Stories wait for what they expect (`received`), never for time to pass. The deadline only keeps a broken
//! gateway from hanging the tests.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

pub(crate) use super::receiver_http::Reply;
use super::receiver_http::{RawRequest, read_request, write_reply};

/// How long a story waits for what must happen: far longer than it takes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A receiver on its own port.
pub(crate) struct Receiver {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    arrived: Notify,
    /// Requests that are not answered yet.
    in_hand: AtomicUsize,
    /// The first requests up to this number are released if they hang.
    released: watch::Sender<usize>,
}

struct State {
    received: Vec<Received>,
    script: VecDeque<Reply>,
    default_reply: Reply,
    /// If set, answers every request; then none is recorded.
    responder: Option<Box<Responder>>,
}

type Responder = dyn FnMut(Received) -> Reply + Send;

/// A complete request.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) at: Instant,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Receiver {
    /// Starts a receiver that accepts everything.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                received: Vec::new(),
                script: VecDeque::new(),
                default_reply: Reply::status(204),
                responder: None,
            }),
            arrived: Notify::new(),
            in_hand: AtomicUsize::new(0),
            released: watch::Sender::new(0),
        });
        tokio::spawn(listen(listener, Arc::clone(&shared)));
        Self { port, shared }
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// Answers the next requests like this, one after the other; then as before.
    pub(crate) fn next(&self, replies: impl IntoIterator<Item = Reply>) -> &Self {
        self.shared.state.lock().unwrap().script.extend(replies);
        self
    }

    /// Answers every other request like this.
    pub(crate) fn always(&self, reply: Reply) -> &Self {
        self.shared.state.lock().unwrap().default_reply = reply;
        self
    }

    /// Lets this function answer every request; none is recorded.
    pub(crate) fn respond_with(&self, responder: impl FnMut(Received) -> Reply + Send + 'static) {
        self.shared.state.lock().unwrap().responder = Some(Box::new(responder));
    }

    /// Requests that are not answered yet.
    pub(crate) fn pending(&self) -> usize {
        self.shared.in_hand.load(Ordering::SeqCst)
    }

    /// Releases all requests that hang, now and later.
    pub(crate) fn release(&self) {
        self.release_first(usize::MAX);
    }

    /// Releases those of the first requests that hang.
    pub(crate) fn release_first(&self, count: usize) {
        self.shared.released.send_replace(count);
    }

    /// Waits for this many requests and returns all, in order.
    pub(crate) async fn received(&self, count: usize) -> Vec<Received> {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            let arrived = self.shared.arrived.notified();
            let so_far = self.received_so_far();
            if so_far.len() >= count {
                return so_far;
            }
            if tokio::time::timeout_at(deadline, arrived).await.is_err() {
                panic!(
                    "{count} requests were expected, {} arrived: {so_far:#?}",
                    so_far.len()
                );
            }
        }
    }

    /// The requests so far.
    pub(crate) fn received_so_far(&self) -> Vec<Received> {
        self.shared.state.lock().unwrap().received.clone()
    }

    /// Asserts that no more than this many requests arrive within that time.
    pub(crate) async fn assert_stays_at(&self, count: usize, quiet: Duration) {
        tokio::time::sleep(quiet).await;
        let so_far = self.received_so_far();
        assert_eq!(so_far.len(), count, "{so_far:#?}");
    }
}

impl Received {
    /// A header that must be present.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.try_header(name)
            .unwrap_or_else(|| panic!("no header {name}: {:?}", self.headers))
    }

    /// A header, if present.
    pub(crate) fn try_header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(given, _)| given == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} came twice");
        value
    }

    /// The delivery's id.
    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether the published verifier accepts the request with this secret.
    pub(crate) fn verifies(&self, secret: &str) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        Webhook::new(secret)
            .unwrap()
            .verify(&self.body, &headers)
            .is_ok()
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve_connection(stream, Arc::clone(&shared)));
    }
}

async fn serve_connection(mut stream: TcpStream, shared: Arc<Shared>) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await {
        shared.in_hand.fetch_add(1, Ordering::SeqCst);
        let (reply, number) = shared.record(request);
        if matches!(reply, Reply::Hang { .. }) {
            let mut released = shared.released.subscribe();
            let _ = released.wait_for(|released| number < *released).await;
        }
        let is_reusable = write_reply(&mut stream, reply).await;
        shared.in_hand.fetch_sub(1, Ordering::SeqCst);
        if !is_reusable {
            return;
        }
    }
}

impl Shared {
    /// Records a request. Returns its reply and the number of earlier requests.
    fn record(&self, request: RawRequest) -> (Reply, usize) {
        let received = Received {
            at: Instant::now(),
            target: request.target,
            headers: request.headers,
            body: request.body,
        };
        let mut state = self.state.lock().unwrap();
        if let Some(responder) = &mut state.responder {
            return (responder(received), 0);
        }
        let number = state.received.len();
        state.received.push(received);
        let reply = state.script.pop_front();
        let reply = reply.unwrap_or_else(|| state.default_reply.clone());
        drop(state);
        self.arrived.notify_waiters();
        (reply, number)
    }
}
