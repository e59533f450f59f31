//! A sender with short timeouts and receivers that do as each test wants.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use buywire_adapters::contract::request::Rendered;
use buywire_adapters::signing::{Attempt, Scheme, SigningKey, sign};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::egress::SavedBy;
use crate::egress::testing::{FakeDns, Receiver, clients};

/// Long enough for a busy machine, short enough to wait for.
pub(in crate::delivery) const TOTAL: Duration = Duration::from_secs(1);

pub(in crate::delivery) fn policy() -> EgressPolicy {
    EgressPolicy::parse("127.0.0.0/8").unwrap()
}

/// Every name means 127.0.0.1.
pub(in crate::delivery) fn sender() -> Sender {
    sender_with(clients(&policy(), FakeDns::all_resolve_to(&["127.0.0.1"])))
}

impl Sender {
    /// Sends one request, once. Only the reply counts.
    pub(in crate::delivery) async fn send(
        &self,
        target: &PreparedTarget,
        signed: Signed,
    ) -> Result<Reply, SendFailure> {
        self.exchange(target, signed).await.outcome
    }
}

pub(in crate::delivery) fn sender_with(clients: Clients) -> Sender {
    let timeouts = Timeouts {
        connect: TOTAL / 2,
        total: TOTAL,
    };
    Sender::with_clients(clients, timeouts)
}

pub(in crate::delivery) fn signed() -> Signed {
    let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let rendered = Rendered::json(r#"{"type":"order.confirmed"}"#).unwrap();
    let attempt = Attempt {
        webhook_id: "dlv_1",
        timestamp_s: 1_767_323_045,
        method: "POST",
        endpoint: &"https://shop.example/hooks".parse().unwrap(),
        rotation: 0,
    };
    sign(Scheme::STANDARD_WEBHOOKS_ONLY, &[key], &attempt, rendered)
}

pub(in crate::delivery) fn prepared(url: &str) -> PreparedTarget {
    let target = TargetUrl::parse(url, SavedBy::Operator, &policy()).unwrap();
    PreparedTarget::new(target, &HeaderSet::default()).unwrap()
}

pub(in crate::delivery) async fn receiver<S, F>(serve: S) -> Receiver
where
    S: Fn(TcpStream) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    Receiver::start(([127, 0, 0, 1], 0).into(), serve)
        .await
        .unwrap()
}

pub(in crate::delivery) fn http_target(receiver: &Receiver) -> PreparedTarget {
    prepared(&format!("http://{}/hooks", receiver.address))
}

/// Every request that arrived, as text.
pub(in crate::delivery) type ReceivedRequests = Arc<Mutex<Vec<String>>>;

/// Reads one request with its body. `None` once the sender is gone.
pub(in crate::delivery) async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.ends_with('}') {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => text.push_str(&String::from_utf8_lossy(&buffer[..n])),
        }
    }
    Some(text)
}

/// Answers every request of a connection with the same bytes.
pub(in crate::delivery) async fn serve_reply(
    mut stream: TcpStream,
    reply: Arc<[u8]>,
    received: ReceivedRequests,
) {
    while let Some(text) = read_request(&mut stream).await {
        received.lock().unwrap().push(text);
        if stream.write_all(&reply).await.is_err() {
            return;
        }
    }
}

/// A receiver that always answers with the same bytes, and what it heard.
pub(in crate::delivery) async fn receiver_replying(
    reply: impl Into<Vec<u8>>,
) -> (Receiver, ReceivedRequests) {
    let reply: Arc<[u8]> = reply.into().into();
    let received = ReceivedRequests::default();
    let recorded = Arc::clone(&received);
    let serve = move |stream| serve_reply(stream, Arc::clone(&reply), Arc::clone(&recorded));
    (receiver(serve).await, received)
}
