//! The receiving process: checks every signature and records when each delivery first arrived.
//!
//! It shares the machine's cores with the gateway that it measures. So it has one thread, its own HTTP, and the
//! signer's HMAC: the published verifier, which the demo's receiver uses, would cost several times more with
//! its pure Rust SHA-256. Promises: a delivery counts only if its signature is valid and its order belongs to
//! the current phase. The process ends when its standard input closes.

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

use crate::tools::bench::dialect::{dialect, settings};
use crate::tools::bench::orders;
use crate::tools::harness::{HttpConnection, HttpMessage, now_ns};

/// The answer to an accepted delivery.
const ACCEPTED_REPLY: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
/// The answer to a request that the endpoint's key did not sign.
const UNAUTHORIZED_REPLY: &[u8] = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
/// How long the hanging endpoint takes to answer.
const HANG_DURATION: Duration = Duration::from_secs(30);

/// A command of the benchmark to the receiver, one a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReceiverCommand {
    /// The first command: whose signatures to expect.
    Expect {
        adapter: String,
        secrets: Vec<String>,
    },
    /// Reset the counts; from now on the orders of this phase count. They go to every endpoint, or to the
    /// endpoints in turn.
    Begin {
        phase: u8,
        orders: usize,
        round_robin: bool,
    },
    /// Answer with the counts.
    Count,
    /// Answer with the time of each delivery's first arrival.
    Report,
}

/// What has arrived in this phase.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ArrivalCounts {
    /// Deliveries that arrived at least once.
    pub(crate) arrived: usize,
    /// Repeated arrivals of the same delivery.
    pub(crate) duplicates: usize,
    /// Deliveries that arrived under two ids: always an error.
    pub(crate) renamed: usize,
    /// Requests with a wrong signature: always an error.
    pub(crate) forged: usize,
    /// Deliveries that arrived at another order's endpoint: always an error.
    pub(crate) misrouted: usize,
    /// Requests of the baseline.
    pub(crate) baseline: usize,
    /// Requests that hang now.
    pub(crate) hanging: usize,
}

impl ArrivalCounts {
    /// Fails if something arrived that is always an error.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let Self {
            forged,
            renamed,
            misrouted,
            ..
        } = self;
        ensure!(
            *misrouted == 0,
            "{misrouted} deliveries arrived at another order's endpoint"
        );
        ensure!(*forged == 0, "{forged} requests had a wrong signature");
        ensure!(*renamed == 0, "{renamed} deliveries arrived under two ids");
        Ok(())
    }
}

/// What the connections share.
struct ReceiverState {
    schemes: Schemes,
    keys: Vec<SigningKey>,
    phase: u8,
    orders: usize,
    round_robin: bool,
    /// First arrivals by endpoint, then by order; 0 = not yet.
    first_arrival_ns: Vec<u64>,
    /// The `webhook-id` of each.
    ids: Vec<Option<Box<str>>>,
    counts: ArrivalCounts,
}

/// Runs the receiver until standard input closes.
///
/// # Errors
/// When it cannot listen, or a command is invalid.
pub(crate) fn receive() -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, serve())
}

async fn serve() -> anyhow::Result<()> {
    let mut commands = BufReader::new(tokio::io::stdin()).lines();
    let Some(first) = commands.next_line().await? else {
        return Ok(());
    };
    let state = Rc::new(RefCell::new(ReceiverState::new(serde_json::from_str(
        &first,
    )?)?));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(
        io::stdout(),
        "{}",
        json!({"port": listener.local_addr()?.port()})
    )?;
    spawn_local(accept(listener, Rc::clone(&state)));
    while let Some(line) = commands.next_line().await? {
        let answer = state
            .borrow_mut()
            .handle_command(serde_json::from_str(&line)?)?;
        writeln!(io::stdout(), "{answer}")?;
    }
    Ok(())
}

async fn accept(listener: TcpListener, state: Rc<RefCell<ReceiverState>>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let state = Rc::clone(&state);
            // The gateway may close idle connections at any time.
            spawn_local(async move { drop(serve_connection(stream, state).await) });
        }
    }
}

async fn serve_connection(stream: TcpStream, state: Rc<RefCell<ReceiverState>>) -> io::Result<()> {
    let mut wire = HttpConnection::from_stream(stream)?;
    while let Some(request) = wire.receive().await? {
        if request.path() == "/hang" {
            state.borrow_mut().counts.hanging += 1;
            tokio::time::sleep(HANG_DURATION).await;
            state.borrow_mut().counts.hanging -= 1;
            wire.send(ACCEPTED_REPLY).await?;
            continue;
        }
        let reply = match state.borrow_mut().handle_request(&request, now_ns()) {
            true => ACCEPTED_REPLY,
            false => UNAUTHORIZED_REPLY,
        };
        wire.send(reply).await?;
    }
    Ok(())
}

impl ReceiverState {
    fn new(command: ReceiverCommand) -> anyhow::Result<Self> {
        let ReceiverCommand::Expect { adapter, secrets } = command else {
            bail!("the first command must be `expect`");
        };
        Ok(Self {
            schemes: dialect(&adapter)?.signature_schemes(&settings(&adapter)?),
            keys: secrets
                .iter()
                .map(|secret| SigningKey::parse(secret))
                .collect::<Result<_, _>>()?,
            phase: 0,
            orders: 0,
            round_robin: false,
            first_arrival_ns: Vec::new(),
            ids: Vec::new(),
            counts: ArrivalCounts::default(),
        })
    }

    fn handle_command(&mut self, command: ReceiverCommand) -> anyhow::Result<String> {
        match command {
            ReceiverCommand::Expect { .. } => bail!("`expect` came twice"),
            ReceiverCommand::Begin {
                phase,
                orders,
                round_robin,
            } => {
                let slot_count = if round_robin {
                    orders
                } else {
                    orders * self.keys.len()
                };
                self.round_robin = round_robin;
                self.phase = phase;
                self.orders = orders;
                self.first_arrival_ns = vec![0; slot_count];
                self.ids = vec![None; slot_count];
                self.counts = ArrivalCounts {
                    hanging: self.counts.hanging,
                    ..ArrivalCounts::default()
                };
                Ok(serde_json::to_string(&self.counts)?)
            }
            ReceiverCommand::Count => Ok(serde_json::to_string(&self.counts)?),
            ReceiverCommand::Report => Ok(serde_json::to_string(&self.first_arrival_ns)?),
        }
    }

    /// Counts a request. Returns whether to accept it.
    fn handle_request(&mut self, request: &HttpMessage<'_>, now_ns: u64) -> bool {
        let path = request.path();
        let is_baseline = path == "/bare";
        let endpoint = if is_baseline {
            Some(0)
        } else {
            endpoint_index(path)
        };
        let is_signed = endpoint
            .and_then(|endpoint| self.keys.get(endpoint))
            .is_some_and(|key| {
                let header = |name: &str| request.header(name);
                let mut schemes = self.schemes.iter();
                schemes.all(|scheme| scheme.matches(key, header, request.body))
            });
        if !is_signed {
            self.counts.forged += 1;
            return false;
        }
        if is_baseline {
            self.counts.baseline += 1;
            return true;
        }
        // An order of another phase is a late repetition: it does not count.
        if let Some((phase, order)) = orders::find_order(request.body)
            && phase == self.phase
            && order < self.orders
        {
            let endpoint = endpoint.unwrap_or_default();
            let slot = match self.round_robin {
                true if endpoint != order % self.keys.len() => {
                    self.counts.misrouted += 1;
                    return true;
                }
                true => order,
                false => endpoint * self.orders + order,
            };
            self.record_arrival(slot, request.header("webhook-id"), now_ns);
        }
        true
    }

    fn record_arrival(&mut self, slot: usize, id: Option<&str>, now_ns: u64) {
        let (Some(first), Some(recorded_id)) =
            (self.first_arrival_ns.get_mut(slot), self.ids.get_mut(slot))
        else {
            return;
        };
        if *first == 0 {
            *first = now_ns;
            *recorded_id = id.map(Box::from);
            self.counts.arrived += 1;
        } else if recorded_id.as_deref() == id {
            self.counts.duplicates += 1;
        } else {
            self.counts.renamed += 1;
        }
    }
}

/// `/e/3` is the fourth endpoint.
fn endpoint_index(path: &str) -> Option<usize> {
    path.strip_prefix("/e/")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use buywire_adapters::contract::request::Rendered;
    use buywire_adapters::signing::{Attempt, Scheme, sign};

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &str = r#"{"data":{"order_id":"buywire-bench-10000001"}}"#;

    fn started_state() -> ReceiverState {
        let expect = ReceiverCommand::Expect {
            adapter: "standard".to_owned(),
            secrets: vec![SECRET.to_owned()],
        };
        let mut state = ReceiverState::new(expect).unwrap();
        let begin = ReceiverCommand::Begin {
            phase: 1,
            orders: 2,
            round_robin: false,
        };
        state.handle_command(begin).unwrap();
        state
    }

    /// The head of a signed request.
    fn signed_head(path: &str, id: &str) -> String {
        let keys = [SigningKey::parse(SECRET).unwrap()];
        let rendered = Rendered::json(BODY).unwrap();
        let attempt = Attempt {
            webhook_id: id,
            timestamp_s: 1_700_000_000,
            method: "POST",
            endpoint: &"http://127.0.0.1/".parse().unwrap(),
            rotation: 0,
        };
        let signed = sign(Scheme::STANDARD_WEBHOOKS_ONLY, &keys, &attempt, rendered);
        let lines = signed.headers().iter();
        let lines: String = lines
            .map(|(name, value)| format!("\r\n{name}: {value}"))
            .collect();
        format!("POST {path} HTTP/1.1{lines}")
    }

    #[test]
    fn a_delivery_counts_once_and_its_repetitions_apart() {
        let mut state = started_state();
        let first = signed_head("/e/0", "dlv_1");
        let renamed = signed_head("/e/0", "dlv_2");
        for (head, at_ns) in [(&first, 5), (&first, 7), (&renamed, 9)] {
            assert!(state.handle_request(&HttpMessage::from_parts(head, BODY.as_bytes()), at_ns));
        }
        let ArrivalCounts {
            arrived,
            duplicates,
            renamed,
            forged,
            ..
        } = state.counts;
        assert_eq!((arrived, duplicates, renamed, forged), (1, 1, 1, 0));
        assert_eq!(state.first_arrival_ns, [0, 5]);
        assert!(state.counts.check().is_err());
    }

    #[test]
    fn what_is_not_signed_by_the_endpoints_key_is_refused_and_never_counts() {
        let mut state = started_state();
        let changed = BODY.replace("data", "date");
        let signed = signed_head("/e/0", "dlv_1");
        let elsewhere = signed_head("/e/1", "dlv_1");
        assert!(!state.handle_request(&HttpMessage::from_parts(&signed, changed.as_bytes()), 5));
        assert!(!state.handle_request(&HttpMessage::from_parts(&elsewhere, BODY.as_bytes()), 5));
        assert_eq!((state.counts.arrived, state.counts.forged), (0, 2));
        assert!(state.counts.check().is_err());
    }

    #[test]
    fn an_order_of_an_earlier_phase_is_taken_and_not_counted() {
        let mut state = started_state();
        let begin = ReceiverCommand::Begin {
            phase: 2,
            orders: 2,
            round_robin: false,
        };
        state.handle_command(begin).unwrap();
        let late = signed_head("/e/0", "dlv_1");
        assert!(state.handle_request(&HttpMessage::from_parts(&late, BODY.as_bytes()), 5));
        assert_eq!(state.counts, ArrivalCounts::default());
    }

    #[test]
    fn an_order_that_is_in_anothers_turn_is_told() {
        let mut state = started_state();
        state.keys.push(SigningKey::parse(SECRET).unwrap());
        let begin = ReceiverCommand::Begin {
            phase: 1,
            orders: 2,
            round_robin: true,
        };
        state.handle_command(begin).unwrap();
        for (path, counts) in [("/e/1", (1, 0)), ("/e/0", (1, 1))] {
            let head = signed_head(path, "dlv_1");
            assert!(state.handle_request(&HttpMessage::from_parts(&head, BODY.as_bytes()), 5));
            assert_eq!((state.counts.arrived, state.counts.misrouted), counts);
        }
        assert!(state.counts.check().is_err());
    }
}
