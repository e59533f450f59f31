//! The partners' side: a process that verifies every delivery with the published crate, and fails on command.
//!
//! It writes one line per request to standard output, and ends when its standard input closes.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::tools::demo::pictures;
use crate::tools::harness::{HttpConnection, HttpMessage, now_ns};

/// How an endpoint answers requests with a valid signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndpointBehaviour {
    /// Accepts everything.
    Healthy,
    /// Fails its first delivery twice, and one in five later ones once.
    Flaky,
    /// Always answers 503.
    Down,
}

/// A command of the demo to the receiver, one a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReceiverCommand {
    /// Opens an endpoint at the path `/<partner>`.
    AddEndpoint {
        partner: String,
        secret: String,
        behaviour: EndpointBehaviour,
    },
    /// Changes an endpoint's behaviour.
    SetBehaviour {
        partner: String,
        behaviour: EndpointBehaviour,
    },
}

/// A message of the receiver, one a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReceiverMessage {
    /// The first message: the port on 127.0.0.1.
    Listening(u16),
    /// The last command took effect.
    Acknowledged,
    Received(ReceivedRequest),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReceivedRequest {
    pub(crate) partner: String,
    /// The same on every attempt of a delivery.
    pub(crate) webhook_id: String,
    pub(crate) order_id: String,
    /// Counted from 1 for each delivery.
    pub(crate) attempt: u32,
    pub(crate) status: u16,
    /// Why the published crate rejected the signature, if it did.
    pub(crate) signature_error: Option<String>,
    pub(crate) received_at_ns: u64,
}

struct DeliveryState {
    /// Counts the partner's deliveries from 1.
    ordinal: usize,
    attempts: u32,
}

#[derive(Default)]
struct ReceiverState {
    endpoints: HashMap<String, (Webhook, EndpointBehaviour)>,
    deliveries: HashMap<(String, String), DeliveryState>,
}

/// Runs the receiver until standard input closes.
///
/// # Errors
/// When it cannot listen, or a command is invalid.
pub(crate) async fn receive() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    write_message(&ReceiverMessage::Listening(listener.local_addr()?.port()))?;
    let state = Arc::new(Mutex::new(ReceiverState::default()));
    tokio::spawn(accept(listener, Arc::clone(&state)));
    let mut commands = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = commands.next_line().await? {
        lock(&state).handle_command(serde_json::from_str(&line)?)?;
        write_message(&ReceiverMessage::Acknowledged)?;
    }
    Ok(())
}

async fn accept(listener: TcpListener, state: Arc<Mutex<ReceiverState>>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let state = Arc::clone(&state);
            // The gateway may close idle connections at any time.
            tokio::spawn(async move { drop(serve_connection(stream, state).await) });
        }
    }
}

async fn serve_connection(stream: TcpStream, state: Arc<Mutex<ReceiverState>>) -> io::Result<()> {
    let mut connection = HttpConnection::from_stream(stream)?;
    while let Some(request) = connection.receive().await? {
        if let Some(picture) = pictures::find(request.path()) {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: {}\r\n\r\n",
                picture.len()
            );
            connection.send(head.as_bytes()).await?;
            connection.send(picture).await?;
            continue;
        }
        let received = lock(&state).handle_request(&request, now_ns());
        let text = match received.status {
            200 => "thank you",
            401 => "who are you?",
            _ => "come back later",
        };
        let reply = format!(
            "HTTP/1.1 {} -\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{text}",
            received.status,
            text.len()
        );
        // Printed first: once the gateway has the answer, the line is on the screen.
        write_message(&ReceiverMessage::Received(received))?;
        connection.send(reply.as_bytes()).await?;
    }
    Ok(())
}

impl ReceiverState {
    fn handle_command(&mut self, command: ReceiverCommand) -> anyhow::Result<()> {
        match command {
            ReceiverCommand::AddEndpoint {
                partner,
                secret,
                behaviour,
            } => {
                self.endpoints
                    .insert(partner, (Webhook::new(&secret)?, behaviour));
            }
            ReceiverCommand::SetBehaviour { partner, behaviour } => {
                if let Some(endpoint) = self.endpoints.get_mut(&partner) {
                    endpoint.1 = behaviour;
                }
            }
        }
        Ok(())
    }

    fn handle_request(
        &mut self,
        request: &HttpMessage<'_>,
        received_at_ns: u64,
    ) -> ReceivedRequest {
        let partner = request.path().trim_start_matches('/').to_owned();
        let webhook_id = request.header("webhook-id").unwrap_or_default().to_owned();
        let keys = self.deliveries.keys();
        let earlier = keys.filter(|(other, _)| *other == partner).count();
        let key = (partner.clone(), webhook_id.clone());
        let delivery = self.deliveries.entry(key).or_insert(DeliveryState {
            ordinal: earlier + 1,
            attempts: 0,
        });
        delivery.attempts += 1;
        let attempt = delivery.attempts;
        let (status, signature_error) = match self.endpoints.get(&partner) {
            None => (404, None),
            Some((webhook, behaviour)) => match webhook.verify(request.body, &headers(request)) {
                Err(error) => (401, Some(error.to_string())),
                Ok(()) if behaviour.fails(delivery) => (503, None),
                Ok(()) => (200, None),
            },
        };
        let body: Value = serde_json::from_slice(request.body).unwrap_or_default();
        let order_id = body.pointer("/data/order_id").and_then(Value::as_str);
        ReceivedRequest {
            order_id: order_id.unwrap_or_default().to_owned(),
            partner,
            webhook_id,
            attempt,
            status,
            signature_error,
            received_at_ns,
        }
    }
}

impl EndpointBehaviour {
    fn fails(self, delivery: &DeliveryState) -> bool {
        let DeliveryState { ordinal, attempts } = *delivery;
        match self {
            Self::Healthy => false,
            Self::Down => true,
            Self::Flaky => (ordinal == 1 && attempts <= 2) || (ordinal % 5 == 0 && attempts == 1),
        }
    }
}

fn write_message(message: &ReceiverMessage) -> io::Result<()> {
    // If nobody reads the output, the demo has ended, and so does this process.
    writeln!(io::stdout(), "{}", serde_json::to_string(message)?)
}

/// The headers in the published crate's type.
fn headers(request: &HttpMessage<'_>) -> HeaderMap {
    let pairs = request.headers().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    });
    pairs.collect()
}

fn lock(state: &Mutex<ReceiverState>) -> MutexGuard<'_, ReceiverState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use buywire_adapters::contract::request::Rendered;
    use buywire_adapters::signing::{Attempt, Scheme, SigningKey, sign};

    use super::*;
    use crate::ambient;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &str = r#"{"data":{"order_id":"P-1"}}"#;

    /// The status and the fault with which a partner's endpoint meets a signed body.
    fn deliver(state: &mut ReceiverState, id: &str, body: &str) -> (u16, Option<String>) {
        let keys = [SigningKey::parse(SECRET).unwrap()];
        let attempt = Attempt {
            webhook_id: id,
            timestamp_s: ambient::now().unix_timestamp(),
            method: "POST",
            endpoint: &"http://127.0.0.1/acme".parse().unwrap(),
            rotation: 0,
        };
        let rendered = Rendered::json(BODY).unwrap();
        let signed = sign(Scheme::STANDARD_WEBHOOKS_ONLY, &keys, &attempt, rendered);
        let lines = signed.headers().iter();
        let lines: String = lines
            .map(|(name, value)| format!("\r\n{name}: {value}"))
            .collect();
        let head = format!("POST /acme HTTP/1.1{lines}");
        let received = state.handle_request(&HttpMessage::from_parts(&head, body.as_bytes()), 0);
        (received.status, received.signature_error)
    }

    fn state_with(behaviour: EndpointBehaviour) -> ReceiverState {
        let mut state = ReceiverState::default();
        let open = ReceiverCommand::AddEndpoint {
            partner: "acme".to_owned(),
            secret: SECRET.to_owned(),
            behaviour,
        };
        state.handle_command(open).unwrap();
        state
    }

    #[test]
    fn the_published_verifier_refuses_a_changed_body() {
        let mut state = state_with(EndpointBehaviour::Healthy);
        assert_eq!(deliver(&mut state, "dlv_1", BODY), (200, None));
        let refused = (401, Some("signature invalid".to_owned()));
        assert_eq!(deliver(&mut state, "dlv_1", "{}"), refused);
    }

    #[test]
    fn a_stumbling_endpoint_fails_its_first_delivery_twice_whatever_comes_between() {
        let mut state = state_with(EndpointBehaviour::Flaky);
        let statuses: Vec<_> = ["dlv_1", "dlv_2", "dlv_1", "dlv_1"]
            .iter()
            .map(|id| deliver(&mut state, id, BODY).0)
            .collect();
        assert_eq!(statuses, [503, 200, 503, 200]);
    }
}
