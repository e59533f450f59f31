//! A sandbox of its own for each test, a client for it, and a receiver of its events.

use std::net::SocketAddr;
use std::time::Duration;

use buywire_sandbox_processor::{SandboxHandle, SandboxOptions, WebhookOptions, start};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

const KEY: &str = "sk_test_sandbox";
pub(crate) const SECRET: &str = "whsec_test";
const WAIT: Duration = Duration::from_secs(10);

/// A session of two lines, held until its capture: 33.90 with shipping.
pub(crate) const HELD_SESSION: &str = "mode=payment&success_url=http://127.0.0.1:9/o?s={CHECKOUT_SESSION_ID}\
     &cancel_url=http://127.0.0.1:9/b&payment_intent_data[capture_method]=manual\
     &line_items[0][quantity]=1&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=2900\
     &line_items[0][price_data][product_data][name]=T-shirt\
     &shipping_options[0][shipping_rate_data][display_name]=Standard\
     &shipping_options[0][shipping_rate_data][fixed_amount][amount]=490\
     &shipping_options[0][shipping_rate_data][fixed_amount][currency]=eur";
/// What a buyer types.
pub(crate) const GOOD_CARD: &str =
    "cc-number=4242+4242+4242+4242&cc-exp=12/34&cc-csc=123&cc-name=Ada+Byron&email=ada@example.com";

/// The form with another card.
pub(crate) fn card(number: &str) -> String {
    GOOD_CARD.replace("4242+4242+4242+4242", number)
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| {
            let (other, value) = line.split_once(": ")?;
            other.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// A text at a JSON pointer.
pub(crate) fn text<'a>(document: &'a Value, pointer: &str) -> &'a str {
    document
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no {pointer} in {document}"))
}

pub(crate) struct TestSandbox {
    _handle: SandboxHandle,
    address: SocketAddr,
}

impl TestSandbox {
    pub(crate) fn start() -> Self {
        Self::start_with(SandboxOptions::default())
    }

    pub(crate) fn start_for(receiver: &Receiver) -> Self {
        let webhook = WebhookOptions {
            url: format!("http://{}/events", receiver.address),
            secret: SECRET.to_owned(),
        };
        Self::start_with(SandboxOptions {
            webhook: Some(webhook),
            ..SandboxOptions::default()
        })
    }

    fn start_with(options: SandboxOptions) -> Self {
        let handle = start(options).unwrap();
        let address = handle.address();
        Self {
            _handle: handle,
            address,
        }
    }

    /// One request on a connection of its own. None: the connection broke.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Reply> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let headers = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"));
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n{}\r\n{body}",
            body.len(),
            headers.collect::<String>()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let read = timeout(WAIT, stream.read_to_end(&mut bytes))
            .await
            .expect("no reply");
        read.ok()?;
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let reply = Reply {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            text: body.to_owned(),
        };
        let length = reply
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        (reply.text.len() == length).then_some(reply)
    }

    async fn call(&self, method: &str, path: &str, body: &str, key: Option<&str>) -> Reply {
        let authorization = format!("Bearer {KEY}");
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.send(method, path, &headers, body)
            .await
            .expect("the connection broke")
    }

    pub(crate) async fn post_with_key(&self, path: &str, form: &str, key: &str) -> Reply {
        self.call("POST", path, form, Some(key)).await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> (u16, Value) {
        let reply = self.call("POST", path, form, None).await;
        (reply.status, reply.json())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let reply = self.call("GET", path, "", None).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.json()
    }

    pub(crate) async fn control(&self, path: &str, document: &str) -> Value {
        let path = format!("/_control/{path}");
        let reply = self.send("POST", &path, &[], document).await.unwrap();
        assert!(reply.status < 300, "{path}: {}", reply.text);
        reply.json()
    }

    pub(crate) async fn fault(&self, on: &str, kind: &str, ms: u64) {
        let order = format!("{{\"on\":\"{on}\",\"kind\":\"{kind}\",\"ms\":{ms}}}");
        self.control("faults", &order).await;
    }

    pub(crate) async fn page(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "").await.unwrap()
    }

    /// Sends the form of a hosted page.
    pub(crate) async fn submit(&self, path: &str, form: &str) -> Reply {
        self.send("POST", path, &[], form).await.unwrap()
    }

    /// A new session, and its hosted page's path.
    pub(crate) async fn session(&self, form: &str) -> (String, String) {
        let (status, session) = self.post("/v1/checkout/sessions", form).await;
        assert_eq!(status, 200, "{session}");
        let id = text(&session, "/id").to_owned();
        let path = format!("/c/pay/{id}");
        assert!(text(&session, "/url").ends_with(&path));
        (id, path)
    }

    /// A session that is held, and its intent.
    pub(crate) async fn held(&self) -> (String, String) {
        let (session, path) = self.session(HELD_SESSION).await;
        assert_eq!(self.submit(&path, GOOD_CARD).await.status, 303);
        let document = self.get(&format!("/v1/checkout/sessions/{session}")).await;
        let intent = text(&document, "/payment_intent").to_owned();
        (session, intent)
    }

    /// An intent that is paid at once.
    pub(crate) async fn paid(&self, amount: i64, method: &str) -> String {
        let form = format!("amount={amount}&currency=usd&confirm=true&payment_method={method}");
        let (status, intent) = self.post("/v1/payment_intents", &form).await;
        assert_eq!(status, 200, "{intent}");
        text(&intent, "/id").to_owned()
    }

    /// The types of all events, the oldest first.
    pub(crate) async fn event_types(&self) -> Vec<String> {
        let events = self.get("/v1/events?limit=100").await;
        let events = events.pointer("/data").unwrap().as_array().unwrap().iter();
        events
            .rev()
            .map(|event| text(event, "/type").to_owned())
            .collect()
    }
}

/// An event as it arrived.
pub(crate) struct Arrival {
    pub(crate) signature: String,
    pub(crate) body: String,
}

impl Arrival {
    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Receives events and answers them with the statuses in turn, then with 200.
pub(crate) struct Receiver {
    address: SocketAddr,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
}

impl Receiver {
    pub(crate) async fn start(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, arrivals) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut statuses = statuses.iter();
            while let Ok((stream, _)) = listener.accept().await {
                let status = statuses.next().copied().unwrap_or(200);
                if let Some(arrival) = receive(stream, status).await {
                    let _ = sender.send(arrival);
                }
            }
        });
        Self { address, arrivals }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/second", self.address)
    }

    pub(crate) async fn next(&mut self) -> Arrival {
        let next = timeout(WAIT, self.arrivals.recv()).await;
        next.expect("no event arrived").unwrap()
    }

    /// Whether anything has arrived that nobody took.
    pub(crate) fn is_empty(&self) -> bool {
        self.arrivals.is_empty()
    }
}

async fn receive(mut stream: TcpStream, status: u16) -> Option<Arrival> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                head.lines()
                    .find_map(|line| line.strip_prefix(name))
                    .unwrap()
                    .to_owned()
            };
            if body.len() >= header("content-length: ").parse::<usize>().unwrap() {
                let arrival = Arrival {
                    signature: header("stripe-signature: "),
                    body: body.to_owned(),
                };
                let reply = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(reply.as_bytes()).await.ok()?;
                return Some(arrival);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
