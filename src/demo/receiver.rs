//! The partners' side: a process that verifies every delivery with the published crate, and fails on cue.
//!
//! It says on standard output what came, a line each, and ends when its standard input closes.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::pictures;
use crate::stage::{Message, Wire, now_ns};

/// How an endpoint behaves towards requests that are signed rightly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mood {
    /// Takes everything.
    Fine,
    /// Fails its first delivery twice, and one in five later ones once.
    Stumbles,
    /// Is down.
    Shut,
}

/// What the demo tells the receiver, a line each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Cue {
    /// An endpoint opens, under its partner's name.
    Open {
        partner: String,
        secret: String,
        mood: Mood,
    },
    /// It changes its mood.
    Turn { partner: String, mood: Mood },
}

/// What the receiver says, a line each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    /// It listens there, on 127.0.0.1. Comes first.
    Listens(u16),
    /// The last cue is understood.
    Heard,
    /// A request has come.
    Came(Visit),
}

/// One request that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Visit {
    pub(super) partner: String,
    /// Of the delivery; the same on every attempt.
    pub(super) webhook_id: String,
    pub(super) order_id: String,
    /// Counted from 1 for each delivery.
    pub(super) attempt: u32,
    /// What the request was answered with.
    pub(super) status: u16,
    /// Why the published crate refused it, if it did.
    pub(super) refused: Option<String>,
    pub(super) at_ns: u64,
}

/// What is known of one delivery to one partner.
struct Delivery {
    /// Counts the partner's deliveries from 1.
    ordinal: usize,
    attempts: u32,
}

#[derive(Default)]
struct Desk {
    endpoints: HashMap<String, (Webhook, Mood)>,
    deliveries: HashMap<(String, String), Delivery>,
}

/// Run it until standard input closes.
///
/// # Errors
/// When it cannot listen, or is told what it does not understand.
pub async fn receive() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&Said::Listens(listener.local_addr()?.port()))?;
    let desk = Arc::new(Mutex::new(Desk::default()));
    tokio::spawn(accept(listener, Arc::clone(&desk)));
    let mut told = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = told.next_line().await? {
        lock(&desk).hear(serde_json::from_str(&line)?)?;
        say(&Said::Heard)?;
    }
    Ok(())
}

async fn accept(listener: TcpListener, desk: Arc<Mutex<Desk>>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let desk = Arc::clone(&desk);
            // The gateway closes idle connections as it likes.
            tokio::spawn(async move { drop(converse(stream, desk).await) });
        }
    }
}

async fn converse(stream: TcpStream, desk: Arc<Mutex<Desk>>) -> io::Result<()> {
    let mut wire = Wire::over(stream)?;
    while let Some(request) = wire.receive().await? {
        if let Some(picture) = pictures::at(request.path()) {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: {}\r\n\r\n",
                picture.len()
            );
            wire.send(head.as_bytes()).await?;
            wire.send(picture).await?;
            continue;
        }
        let visit = lock(&desk).take(&request, now_ns());
        let said = match visit.status {
            200 => "thank you",
            401 => "who are you?",
            _ => "come back later",
        };
        let reply = format!(
            "HTTP/1.1 {} -\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{said}",
            visit.status,
            said.len()
        );
        // Told first: what the gateway hears, the audience has seen.
        say(&Said::Came(visit))?;
        wire.send(reply.as_bytes()).await?;
    }
    Ok(())
}

impl Desk {
    fn hear(&mut self, cue: Cue) -> anyhow::Result<()> {
        match cue {
            Cue::Open {
                partner,
                secret,
                mood,
            } => {
                self.endpoints
                    .insert(partner, (Webhook::new(&secret)?, mood));
            }
            Cue::Turn { partner, mood } => {
                if let Some(endpoint) = self.endpoints.get_mut(&partner) {
                    endpoint.1 = mood;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, request: &Message<'_>, at_ns: u64) -> Visit {
        let partner = request.path().trim_start_matches('/').to_owned();
        let webhook_id = request.header("webhook-id").unwrap_or_default().to_owned();
        let known = self.deliveries.keys();
        let known = known.filter(|(other, _)| *other == partner).count();
        let key = (partner.clone(), webhook_id.clone());
        let delivery = self.deliveries.entry(key).or_insert(Delivery {
            ordinal: known + 1,
            attempts: 0,
        });
        delivery.attempts += 1;
        let attempt = delivery.attempts;
        let (status, refused) = match self.endpoints.get(&partner) {
            None => (404, None),
            Some((webhook, mood)) => match webhook.verify(request.body, &headers(request)) {
                Err(fault) => (401, Some(fault.to_string())),
                Ok(()) if mood.fails(delivery) => (503, None),
                Ok(()) => (200, None),
            },
        };
        let body: Value = serde_json::from_slice(request.body).unwrap_or_default();
        let order_id = body.pointer("/data/order_id").and_then(Value::as_str);
        Visit {
            order_id: order_id.unwrap_or_default().to_owned(),
            partner,
            webhook_id,
            attempt,
            status,
            refused,
            at_ns,
        }
    }
}

impl Mood {
    fn fails(self, delivery: &Delivery) -> bool {
        let Delivery { ordinal, attempts } = *delivery;
        match self {
            Self::Fine => false,
            Self::Shut => true,
            Self::Stumbles => {
                (ordinal == 1 && attempts <= 2) || (ordinal % 5 == 0 && attempts == 1)
            }
        }
    }
}

fn say(said: &Said) -> io::Result<()> {
    // Whoever started this is gone when nobody reads it: then it ends.
    writeln!(io::stdout(), "{}", serde_json::to_string(said)?)
}

/// As the published crate wants them.
fn headers(request: &Message<'_>) -> HeaderMap {
    let pairs = request.headers().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    });
    pairs.collect()
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use buywire_adapters::request::Rendered;
    use buywire_adapters::signing::{Attempt, Scheme, SigningKey, sign};
    use time::OffsetDateTime;

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &str = r#"{"data":{"order_id":"P-1"}}"#;

    /// The status and the fault with which a partner's endpoint meets a signed body.
    fn visit(desk: &mut Desk, id: &str, body: &str) -> (u16, Option<String>) {
        let keys = [SigningKey::parse(SECRET).unwrap()];
        let attempt = Attempt {
            webhook_id: id,
            timestamp_s: OffsetDateTime::now_utc().unix_timestamp(),
            method: "POST",
            endpoint: &"http://127.0.0.1/acme".parse().unwrap(),
            turn: 0,
        };
        let rendered = Rendered::json(BODY).unwrap();
        let signed = sign(Scheme::STANDARD_WEBHOOKS_ALONE, &keys, &attempt, rendered);
        let lines = signed.headers().iter();
        let lines: String = lines
            .map(|(name, value)| format!("\r\n{name}: {value}"))
            .collect();
        let head = format!("POST /acme HTTP/1.1{lines}");
        let visit = desk.take(&Message::of(&head, body.as_bytes()), 0);
        (visit.status, visit.refused)
    }

    fn desk(mood: Mood) -> Desk {
        let mut desk = Desk::default();
        let open = Cue::Open {
            partner: "acme".to_owned(),
            secret: SECRET.to_owned(),
            mood,
        };
        desk.hear(open).unwrap();
        desk
    }

    #[test]
    fn the_published_verifier_refuses_a_changed_body() {
        let mut desk = desk(Mood::Fine);
        assert_eq!(visit(&mut desk, "dlv_1", BODY), (200, None));
        let refused = (401, Some("signature invalid".to_owned()));
        assert_eq!(visit(&mut desk, "dlv_1", "{}"), refused);
    }

    #[test]
    fn a_stumbling_endpoint_fails_its_first_delivery_twice_whatever_comes_between() {
        let mut desk = desk(Mood::Stumbles);
        let statuses: Vec<_> = ["dlv_1", "dlv_2", "dlv_1", "dlv_1"]
            .iter()
            .map(|id| visit(&mut desk, id, BODY).0)
            .collect();
        assert_eq!(statuses, [503, 200, 503, 200]);
    }
}
