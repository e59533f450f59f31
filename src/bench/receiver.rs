//! The receiving process: checks every signature, notes when each delivery came first.
//!
//! It shares the machine's cores with what it measures, so it is lean: one thread, HTTP by hand, and the
//! signer's own HMAC (the demo's receiver is the one that trusts the published verifier instead; its pure
//! Rust SHA-256 would cost several times more here). Promises: a delivery counts only when its signature
//! is right and its order was asked for. It ends when its standard input closes.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{bail, ensure};
use buywire_adapters::signing::{Schemes, SigningKey};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};

use super::dialect::{dialect, settings};
use super::orders;
use crate::stage::{Message, Wire, now_ns};

/// Answers every delivery that is taken.
const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
/// Answers what was not signed by the endpoint's key.
const REFUSED: &[u8] = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
/// How long the hanging endpoint takes.
const HANGS: Duration = Duration::from_secs(30);

/// What the bench tells the receiver, a line each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    /// Whose signatures to expect: comes first.
    Expect {
        adapter: String,
        secrets: Vec<String>,
    },
    /// Forget what came; the orders of this phase count from now on. They go to every endpoint, or to one after the
    /// other.
    Begin {
        phase: u8,
        orders: usize,
        in_turn: bool,
    },
    /// How much has come so far?
    Count,
    /// When did each delivery come first?
    Report,
}

/// How much has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Count {
    /// Deliveries of this phase that came at least once.
    pub(super) arrived: usize,
    /// Arrivals beyond each delivery's first.
    pub(super) duplicates: usize,
    /// Deliveries that came under two ids: never right.
    pub(super) renamed: usize,
    /// Requests whose signature was wrong: never right.
    pub(super) forged: usize,
    /// Deliveries that came to an endpoint of another order: never right.
    pub(super) astray: usize,
    /// Requests of the bare loop.
    pub(super) bare: usize,
    /// Requests that hang at this moment.
    pub(super) hanging: usize,
}

impl Count {
    /// Fails when something came that must never come.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let Self {
            forged,
            renamed,
            astray,
            ..
        } = self;
        ensure!(
            *astray == 0,
            "{astray} deliveries came to another's endpoint"
        );
        ensure!(
            *forged == 0,
            "{forged} requests were not signed with their endpoint's key"
        );
        ensure!(*renamed == 0, "{renamed} deliveries came under two ids");
        Ok(())
    }
}

/// All that the connections share.
struct Desk {
    schemes: Schemes,
    keys: Vec<SigningKey>,
    phase: u8,
    orders: usize,
    in_turn: bool,
    /// First arrivals by endpoint, then order; 0 = not yet.
    first_ns: Vec<u64>,
    /// The ids that they came under.
    ids: Vec<Option<Box<str>>>,
    count: Count,
}

/// Run it until standard input closes.
///
/// # Errors
/// When it cannot listen, or is told what it does not understand.
pub fn receive() -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, serve())
}

async fn serve() -> anyhow::Result<()> {
    let mut told = BufReader::new(tokio::io::stdin()).lines();
    let Some(first) = told.next_line().await? else {
        return Ok(());
    };
    let desk = Rc::new(RefCell::new(Desk::new(serde_json::from_str(&first)?)?));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(
        io::stdout(),
        "{}",
        json!({"port": listener.local_addr()?.port()})
    )?;
    spawn_local(accept(listener, Rc::clone(&desk)));
    while let Some(line) = told.next_line().await? {
        let answer = desk.borrow_mut().hear(serde_json::from_str(&line)?)?;
        writeln!(io::stdout(), "{answer}")?;
    }
    Ok(())
}

async fn accept(listener: TcpListener, desk: Rc<RefCell<Desk>>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let desk = Rc::clone(&desk);
            // The gateway closes idle connections as it likes; what matters is counted elsewhere.
            spawn_local(async move { drop(converse(stream, desk).await) });
        }
    }
}

async fn converse(stream: TcpStream, desk: Rc<RefCell<Desk>>) -> io::Result<()> {
    let mut wire = Wire::over(stream)?;
    while let Some(request) = wire.receive().await? {
        if request.path() == "/hang" {
            desk.borrow_mut().count.hanging += 1;
            tokio::time::sleep(HANGS).await;
            desk.borrow_mut().count.hanging -= 1;
            wire.send(TAKEN).await?;
            continue;
        }
        let answer = match desk.borrow_mut().take(&request, now_ns()) {
            true => TAKEN,
            false => REFUSED,
        };
        wire.send(answer).await?;
    }
    Ok(())
}

impl Desk {
    fn new(word: Word) -> anyhow::Result<Self> {
        let Word::Expect { adapter, secrets } = word else {
            bail!("the receiver was not told what to expect");
        };
        Ok(Self {
            schemes: dialect(&adapter)?.signature(&settings(&adapter)?),
            keys: secrets
                .iter()
                .map(|secret| SigningKey::parse(secret))
                .collect::<Result<_, _>>()?,
            phase: 0,
            orders: 0,
            in_turn: false,
            first_ns: Vec::new(),
            ids: Vec::new(),
            count: Count::default(),
        })
    }

    fn hear(&mut self, word: Word) -> anyhow::Result<String> {
        match word {
            Word::Expect { .. } => bail!("the receiver was told twice what to expect"),
            Word::Begin {
                phase,
                orders,
                in_turn,
            } => {
                let slots = if in_turn {
                    orders
                } else {
                    orders * self.keys.len()
                };
                self.in_turn = in_turn;
                self.phase = phase;
                self.orders = orders;
                self.first_ns = vec![0; slots];
                self.ids = vec![None; slots];
                self.count = Count {
                    hanging: self.count.hanging,
                    ..Count::default()
                };
                Ok(serde_json::to_string(&self.count)?)
            }
            Word::Count => Ok(serde_json::to_string(&self.count)?),
            Word::Report => Ok(serde_json::to_string(&self.first_ns)?),
        }
    }

    /// Whether the request is answered with success.
    fn take(&mut self, request: &Message<'_>, now_ns: u64) -> bool {
        let path = request.path();
        let bare = path == "/bare";
        let endpoint = if bare { Some(0) } else { endpoint(path) };
        let signed = endpoint
            .and_then(|endpoint| self.keys.get(endpoint))
            .is_some_and(|key| {
                let header = |name: &str| request.header(name);
                let mut schemes = self.schemes.iter();
                schemes.all(|scheme| scheme.recognises(key, header, request.body))
            });
        if !signed {
            self.count.forged += 1;
            return false;
        }
        if bare {
            self.count.bare += 1;
            return true;
        }
        // Another phase's order is a late repetition, of no interest to this one.
        if let Some((phase, order)) = orders::find(request.body)
            && phase == self.phase
            && order < self.orders
        {
            let endpoint = endpoint.unwrap_or_default();
            let slot = match self.in_turn {
                true if endpoint != order % self.keys.len() => {
                    self.count.astray += 1;
                    return true;
                }
                true => order,
                false => endpoint * self.orders + order,
            };
            self.note(slot, request.header("webhook-id"), now_ns);
        }
        true
    }

    fn note(&mut self, slot: usize, id: Option<&str>, now_ns: u64) {
        let (Some(first), Some(known)) = (self.first_ns.get_mut(slot), self.ids.get_mut(slot))
        else {
            return;
        };
        if *first == 0 {
            *first = now_ns;
            *known = id.map(Box::from);
            self.count.arrived += 1;
        } else if known.as_deref() == id {
            self.count.duplicates += 1;
        } else {
            self.count.renamed += 1;
        }
    }
}

/// `/e/3` is the fourth endpoint.
fn endpoint(path: &str) -> Option<usize> {
    path.strip_prefix("/e/")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use buywire_adapters::request::Rendered;
    use buywire_adapters::signing::{Attempt, Scheme, sign};

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &str = r#"{"data":{"order_id":"buywire-bench-10000001"}}"#;

    fn desk() -> Desk {
        let expect = Word::Expect {
            adapter: "standard".to_owned(),
            secrets: vec![SECRET.to_owned()],
        };
        let mut desk = Desk::new(expect).unwrap();
        let begin = Word::Begin {
            phase: 1,
            orders: 2,
            in_turn: false,
        };
        desk.hear(begin).unwrap();
        desk
    }

    /// The head of a signed request.
    fn head(path: &str, id: &str) -> String {
        let keys = [SigningKey::parse(SECRET).unwrap()];
        let rendered = Rendered::json(BODY).unwrap();
        let attempt = Attempt {
            webhook_id: id,
            timestamp_s: 1_700_000_000,
            method: "POST",
            endpoint: &"http://127.0.0.1/".parse().unwrap(),
            turn: 0,
        };
        let signed = sign(Scheme::STANDARD_WEBHOOKS_ALONE, &keys, &attempt, rendered);
        let lines = signed.headers().iter();
        let lines: String = lines
            .map(|(name, value)| format!("\r\n{name}: {value}"))
            .collect();
        format!("POST {path} HTTP/1.1{lines}")
    }

    #[test]
    fn a_delivery_counts_once_and_its_repetitions_apart() {
        let mut desk = desk();
        let first = head("/e/0", "dlv_1");
        let renamed = head("/e/0", "dlv_2");
        for (head, at_ns) in [(&first, 5), (&first, 7), (&renamed, 9)] {
            assert!(desk.take(&Message::of(head, BODY.as_bytes()), at_ns));
        }
        let Count {
            arrived,
            duplicates,
            renamed,
            forged,
            ..
        } = desk.count;
        assert_eq!((arrived, duplicates, renamed, forged), (1, 1, 1, 0));
        assert_eq!(desk.first_ns, [0, 5]);
        assert!(desk.count.check().is_err());
    }

    #[test]
    fn what_is_not_signed_by_the_endpoints_key_is_refused_and_never_counts() {
        let mut desk = desk();
        let changed = BODY.replace("data", "date");
        let signed = head("/e/0", "dlv_1");
        let elsewhere = head("/e/1", "dlv_1");
        assert!(!desk.take(&Message::of(&signed, changed.as_bytes()), 5));
        assert!(!desk.take(&Message::of(&elsewhere, BODY.as_bytes()), 5));
        assert_eq!((desk.count.arrived, desk.count.forged), (0, 2));
        assert!(desk.count.check().is_err());
    }

    #[test]
    fn an_order_of_an_earlier_phase_is_taken_and_not_counted() {
        let mut desk = desk();
        let begin = Word::Begin {
            phase: 2,
            orders: 2,
            in_turn: false,
        };
        desk.hear(begin).unwrap();
        let late = head("/e/0", "dlv_1");
        assert!(desk.take(&Message::of(&late, BODY.as_bytes()), 5));
        assert_eq!(desk.count, Count::default());
    }

    #[test]
    fn an_order_that_is_in_anothers_turn_is_told() {
        let mut desk = desk();
        desk.keys.push(SigningKey::parse(SECRET).unwrap());
        let begin = Word::Begin {
            phase: 1,
            orders: 2,
            in_turn: true,
        };
        desk.hear(begin).unwrap();
        for (path, counts) in [("/e/1", (1, 0)), ("/e/0", (1, 1))] {
            let head = head(path, "dlv_1");
            assert!(desk.take(&Message::of(&head, BODY.as_bytes()), 5));
            assert_eq!((desk.count.arrived, desk.count.astray), counts);
        }
        assert!(desk.count.check().is_err());
    }
}
