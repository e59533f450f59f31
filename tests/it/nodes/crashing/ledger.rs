//! What the receivers of the crash test received, and what they should have.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;

use super::{is_cancelled, sellers};
use crate::support::node::Node;
use crate::support::receiver::{Received, Receiver, Reply};

/// How long the last events may take: their retries are a second apart.
const DEADLINE: Duration = Duration::from_secs(60);

#[derive(Clone, Default)]
pub(super) struct Ledger {
    state: Arc<Mutex<LedgerState>>,
    written: Arc<Notify>,
}

/// Partner, order and sequence of an event.
type EventKey = (&'static str, usize, u64);

#[derive(Default)]
struct LedgerState {
    /// The delivery id under which an event was accepted, and how often.
    accepted: HashMap<EventKey, (String, usize)>,
    requests: usize,
    violations: Vec<String>,
}

impl Ledger {
    /// Runs a partner's receiver: a tenth of its replies fail, a twentieth are late.
    pub(super) fn attach(&self, slug: &'static str, receiver: &Receiver, secret: String) {
        let ledger = self.clone();
        receiver.respond_with(move |request| {
            let reply = ledger
                .state
                .lock()
                .unwrap()
                .check_request(slug, &secret, &request);
            ledger.written.notify_waiters();
            reply
        });
    }

    /// Waits until every event has arrived. Returns how many came more than once.
    pub(super) async fn complete(&self, orders: usize, node: &Node) -> usize {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        let expected = expected(orders);
        loop {
            let written = self.written.notified();
            if self.state.lock().unwrap().accepted.len() >= expected.len() {
                break;
            }
            if tokio::time::timeout_at(deadline, written).await.is_err() {
                break;
            }
        }
        let pages = self.state.lock().unwrap();
        let lost = expected
            .iter()
            .filter(|name| !pages.accepted.contains_key(*name));
        let lost: Vec<_> = lost.collect();
        let words = || node.log_tail();
        assert!(
            lost.is_empty(),
            "{} lost, such as {:?}\n{}",
            lost.len(),
            &lost[..lost.len().min(10)],
            words()
        );
        assert_eq!(
            pages.accepted.len(),
            expected.len(),
            "events that nobody ordered"
        );
        assert!(
            pages.violations.is_empty(),
            "{} wrongs: {:#?}",
            pages.violations.len(),
            &pages.violations[..pages.violations.len().min(10)]
        );
        pages
            .accepted
            .values()
            .filter(|(_, times)| *times > 1)
            .count()
    }
}

impl LedgerState {
    fn check_request(&mut self, slug: &'static str, secret: &str, request: &Received) -> Reply {
        self.requests += 1;
        let body = request.json();
        let data = &body["data"];
        let order_id = data["order_id"].as_str().unwrap();
        let order: usize = order_id.strip_prefix("C-").unwrap().parse().unwrap();
        let sequence = data["sequence"].as_u64().unwrap();
        if !request.verifies(secret) {
            self.violations
                .push(format!("{order_id} at {slug} does not verify"));
        }
        let lines = data["lines"].as_array().unwrap();
        let own = |line: &serde_json::Value| line["item_id"].as_str().unwrap().starts_with(slug);
        if !sellers(order).contains(&slug) || !lines.iter().all(own) {
            self.violations
                .push(format!("{order_id} came to {slug}: {data}"));
        }
        if self.requests.is_multiple_of(10) {
            return Reply::status(500);
        }
        self.accept((slug, order, sequence), request.id());
        match self.requests % 20 {
            7 => Reply::status(204).after(Duration::from_millis(50)),
            _ => Reply::status(204),
        }
    }

    fn accept(&mut self, key: EventKey, id: &str) {
        let (slug, order, sequence) = key;
        let is_early = sequence > 1 && !self.accepted.contains_key(&(slug, order, sequence - 1));
        if is_early {
            self.violations
                .push(format!("{key:?} came before the event before it"));
        }
        let (recorded_id, times) = self
            .accepted
            .entry(key)
            .or_insert_with(|| (id.to_owned(), 0));
        *times += 1;
        if recorded_id != id {
            self.violations
                .push(format!("{key:?} came as {id} and as {recorded_id}"));
        }
    }
}

fn expected(orders: usize) -> Vec<EventKey> {
    let of = |order: usize| {
        let last = if is_cancelled(order) { 2 } else { 1 };
        sellers(order)
            .into_iter()
            .flat_map(move |slug| (1..=last).map(move |sequence| (slug, order, sequence)))
    };
    (0..orders).flat_map(of).collect()
}
