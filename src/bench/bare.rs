//! The bare loop: what the product's own sender and pool can do without intake and database.
//!
//! Each request is rendered, signed and sent as the engine does it, to the same receiver, at the same
//! concurrency. The gap between this and the gateway is what durability costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, bail};
use buywire_adapters::dialect::Dialect;
use buywire_adapters::reply::Verdict;
use buywire_adapters::request::Delivery;
use buywire_adapters::signing::{Attempt, SigningKey, sign};
use buywire_schemas::event::{Event, EventType};
use buywire_schemas::ids::{DeliveryId, EventId};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::task::JoinSet;

use super::orders;
use crate::delivery::headers::HeaderSet;
use crate::delivery::sender::{Prepared, Sender, Timeouts};
use crate::egress::{EgressPolicy, SavedBy, TargetUrl};

/// What is sent, and how.
pub(super) struct Bare {
    pub(super) dialect: Dialect,
    pub(super) settings: Value,
    pub(super) key: SigningKey,
    pub(super) url: String,
    pub(super) deliveries: usize,
    pub(super) concurrency: usize,
}

/// Everything that the loop's turns share.
struct Ready {
    bare: Bare,
    sender: Sender,
    target: Prepared,
    data: Vec<Arc<str>>,
    next: AtomicUsize,
}

/// Deliveries a second.
pub(super) async fn run(bare: Bare) -> anyhow::Result<f64> {
    let policy = EgressPolicy::parse("127.0.0.0/8")?;
    let target = TargetUrl::parse(&bare.url, SavedBy::Operator, &policy)?;
    let deliveries = bare.deliveries;
    let ready = Arc::new(Ready {
        sender: Sender::new(policy, Timeouts::default())?,
        target: Prepared::new(target, &HeaderSet::default())?,
        data: orders::event_data()?,
        next: AtomicUsize::new(0),
        bare,
    });
    let begun = Instant::now();
    let mut turns = JoinSet::new();
    for _ in 0..ready.bare.concurrency {
        turns.spawn(turn(Arc::clone(&ready)));
    }
    while let Some(ended) = turns.join_next().await {
        ended??;
    }
    Ok(deliveries as f64 / begun.elapsed().as_secs_f64())
}

async fn turn(ready: Arc<Ready>) -> anyhow::Result<()> {
    let Bare {
        dialect,
        settings,
        key,
        deliveries,
        ..
    } = &ready.bare;
    loop {
        let number = ready.next.fetch_add(1, Ordering::Relaxed);
        if number >= *deliveries {
            return Ok(());
        }
        let now = OffsetDateTime::now_utc();
        let data = ready.data.get(number % ready.data.len());
        let event = Event {
            id: EventId::generate(),
            kind: EventType::OrderConfirmed,
            occurred_at: now,
            data: Arc::clone(data.context("no order to send")?),
        };
        let id = DeliveryId::generate().to_string();
        let endpoint = ready.target.target().url();
        let rendered = dialect.render(&Delivery {
            id: &id,
            event: &event,
            settings,
            endpoint,
            public_url: "https://buywire.example",
        })?;
        let attempt = Attempt {
            webhook_id: &id,
            timestamp_s: now.unix_timestamp(),
            method: "POST",
            endpoint,
            turn: 0,
        };
        let schemes = dialect.signature(settings);
        let signed = sign(&schemes, std::slice::from_ref(key), &attempt, rendered);
        let reply = ready.sender.send(&ready.target, signed).await?;
        if !matches!(dialect.judge(&reply, now), Verdict::Accepted) {
            bail!("the receiver answered {} to the bare loop", reply.status);
        }
    }
}
