//! What must be true of a shop after quiet, whatever has happened: the rules, written down here and not taken from the code.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use tokio_postgres::Client;

use crate::support::receiver::DEADLINE;

/// The processor's payments, with what was refunded of each.
pub(super) const INTENTS: &str = "/v1/payment_intents?expand[]=data.latest_charge";

/// Time passes: holds end, and whatever is not final is asked about until it is.
pub(super) async fn settle(sql: &Client, label: &str) {
    let end_holds = "UPDATE checkouts SET machine = jsonb_set(machine, '{hold,ends_at}', '\"2020-01-01T00:00:00Z\"') \
                     WHERE state = 'paying'";
    sql.execute(end_holds, &[]).await.unwrap();
    let deadline = Instant::now() + DEADLINE;
    loop {
        let ask = "UPDATE checkouts SET wakes_at = now(), machine = CASE WHEN machine #> '{payment,asking}' IS NULL THEN machine \
                   ELSE jsonb_set(machine, '{payment,asking,due_at}', '\"2020-01-01T00:00:00Z\"') END \
                   WHERE state NOT IN ('captured', 'expired', 'cancelled', 'open', 'priced') AND wakes_at > now()";
        sql.execute(ask, &[]).await.unwrap();
        let open = "SELECT (SELECT count(*) FROM checkout_effects) + (SELECT count(*) FROM checkouts WHERE NOT \
                    (state IN ('captured', 'expired', 'cancelled', 'open', 'priced') \
                    OR (state = 'returning' AND wakes_at IS NULL)))";
        let open: i64 = sql.query_one(open, &[]).await.unwrap().get(0);
        if open == 0 {
            return;
        }
        if Instant::now() > deadline {
            panic!("{label}: {open} are not final: {}", unsettled(sql).await);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn unsettled(sql: &Client) -> String {
    let rows = "SELECT coalesce(json_agg(c)::text, '') FROM (SELECT id, state, machine, wakes_at, \
                (SELECT json_agg(e) FROM checkout_effects e WHERE e.checkout = checkouts.id) AS effects FROM checkouts \
                WHERE state NOT IN ('captured', 'expired', 'cancelled', 'open', 'priced') \
                OR id IN (SELECT checkout FROM checkout_effects)) c";
    sql.query_one(rows, &[]).await.unwrap().get(0)
}

/// All that is recorded anywhere of a shop whose only item is `item-1`.
pub(super) struct Books {
    pub(super) checkouts: Vec<Value>,
    pub(super) orders: Vec<Value>,
    pub(super) stock: Value,
    /// The processor's.
    pub(super) intents: Vec<Value>,
}

impl Books {
    /// For each buyer an order that is captured once, or no order and nothing kept; no order without units.
    pub(super) fn assert_balanced(&self, units: i64, label: &str) {
        let ordered = self
            .checkouts
            .iter()
            .filter(|one| one["state"] == "captured");
        let ordered: Vec<_> = ordered.collect();
        let orders = &self.orders;
        let confirmed = orders.iter().filter(|order| order["status"] == "confirmed");
        assert_eq!(confirmed.count(), ordered.len(), "{label}: {orders:?}");
        let (stock, count) = (&self.stock, i64::try_from(ordered.len()).unwrap());
        assert_eq!(stock["sold"], count, "{label}: {stock}");
        assert_eq!(stock["held"], 0, "{label}: {stock}");
        assert!(count <= units, "{label}");
        let kept: i64 = self.intents.iter().map(kept).sum();
        let totals = ordered.iter().map(|one| one["total"].as_i64().unwrap());
        assert_eq!(kept, totals.sum::<i64>(), "{label}: {:?}", self.intents);
        for intent in &self.intents {
            assert_ne!(intent["status"], "requires_capture", "{label}: {intent}");
        }
    }
}

/// What the processor has taken and not sent back.
fn kept(intent: &Value) -> i64 {
    let received = intent["amount_received"].as_i64().unwrap();
    match &intent["latest_charge"] {
        Value::Null => received,
        charge => received - charge["amount_refunded"].as_i64().unwrap(),
    }
}
