//! `/_control`: what Stripe does not have. Faults, disputes, decisions of banks, the clock, records, forgetting.
//!
//! Promises: only this machine may use it, which `server` sees to. A document in, a status and a document out.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::clock::ADVANCE_SECONDS_MAX;
use crate::faults::Fault;
use crate::flows;
use crate::lock::lock;
use crate::machine::IntentRefusal;
use crate::sandbox::Sandbox;

type Answer = (u16, Value);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DisputeOrder {
    payment_intent: String,
    #[serde(default = "fraudulent")]
    reason: String,
    /// Absent: open one.
    close: Option<DisputeEnd>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum DisputeEnd {
    Won,
    Lost,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettleOrder {
    payment_intent: String,
    paid: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvanceOrder {
    seconds: i64,
}

fn fraudulent() -> String {
    "fraudulent".to_owned()
}

/// Answers a control request.
pub(crate) fn answer(sandbox: &Sandbox, method: &str, path: &str, body: &[u8]) -> Answer {
    match (method, path) {
        ("POST", "/_control/faults") => with(body, |fault| add_fault(sandbox, fault)),
        ("GET", "/_control/faults") => (200, json!({"data": lock(&sandbox.faults).waiting()})),
        ("DELETE", "/_control/faults") => {
            lock(&sandbox.faults).clear();
            (200, json!({}))
        }
        ("POST", "/_control/disputes") => with(body, |order| dispute(sandbox, &order)),
        ("POST", "/_control/settle") => with(body, |order| settle(sandbox, &order)),
        ("POST", "/_control/advance") => with(body, |order| advance(sandbox, &order)),
        ("GET", "/_control/requests") => (200, lock(&sandbox.recorder).document()),
        ("DELETE", "/_control/data") => {
            forget(sandbox);
            (200, json!({}))
        }
        _ => refusal(404, "there is no such control; the README lists them"),
    }
}

fn refusal(status: u16, message: &str) -> Answer {
    (status, json!({"error": message}))
}

/// Reads the document, or says what is wrong with it.
fn with<T: DeserializeOwned>(body: &[u8], then: impl FnOnce(T) -> Answer) -> Answer {
    match serde_json::from_slice(body) {
        Ok(order) => then(order),
        Err(error) => refusal(400, &error.to_string()),
    }
}

fn add_fault(sandbox: &Sandbox, fault: Fault) -> Answer {
    match lock(&sandbox.faults).add(fault) {
        Ok(()) => (201, json!({})),
        Err(error) => refusal(400, &error.to_string()),
    }
}

fn dispute(sandbox: &Sandbox, order: &DisputeOrder) -> Answer {
    let intent = &order.payment_intent;
    done(sandbox.run(|store, now_s| {
        store.intents.get(intent)?;
        Some(match order.close {
            None => flows::open_dispute(store, now_s, intent, &order.reason),
            Some(DisputeEnd::Won) => flows::close_dispute(store, now_s, intent, true),
            Some(DisputeEnd::Lost) => flows::close_dispute(store, now_s, intent, false),
        })
    }))
}

fn settle(sandbox: &Sandbox, order: &SettleOrder) -> Answer {
    let intent = &order.payment_intent;
    done(sandbox.run(|store, now_s| {
        store.intents.get(intent)?;
        Some(flows::settle(store, now_s, intent, order.paid))
    }))
}

fn done(result: Option<Result<(), IntentRefusal>>) -> Answer {
    match result {
        None => refusal(404, "there is no such payment intent"),
        Some(Err(error)) => refusal(400, &error.to_string()),
        Some(Ok(())) => (200, json!({})),
    }
}

fn advance(sandbox: &Sandbox, order: &AdvanceOrder) -> Answer {
    if !(0..=ADVANCE_SECONDS_MAX).contains(&order.seconds) {
        return refusal(400, "`seconds` is 0 to 315360000");
    }
    sandbox.clock.advance(order.seconds);
    // Everything that has become due by now.
    sandbox.run(|_, _| ());
    (200, json!({"now": sandbox.clock.now_s()}))
}

fn forget(sandbox: &Sandbox) {
    sandbox.run(|store, _| store.clear());
    lock(&sandbox.idempotency).clear();
    lock(&sandbox.recorder).clear();
    lock(&sandbox.faults).clear();
}
