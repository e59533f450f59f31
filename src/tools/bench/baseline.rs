//! The baseline: what the gateway's own sender and connection pool do without intake and database.
//!
//! Each request is rendered, signed and sent as the engine does it, to the same receiver, at the same
//! concurrency. The gap between the baseline and the gateway is the cost of durability.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, bail};
use buywire_adapters::contract::configured::ConfiguredAdapter;
use buywire_adapters::contract::reply::Verdict;
use buywire_adapters::contract::request::Delivery;
use buywire_adapters::signing::{Attempt, SigningKey, sign};
use buywire_schemas::event::{Event, EventType};
use buywire_schemas::ids::{DeliveryId, EventId};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::ambient;
use crate::delivery::headers::HeaderSet;
use crate::delivery::sender::{PreparedTarget, Sender, Timeouts};
use crate::egress::{EgressPolicy, SavedBy, TargetUrl};
use crate::tools::bench::orders;

pub(crate) struct BaselineLoad {
    pub(crate) dialect: ConfiguredAdapter,
    pub(crate) settings: Value,
    pub(crate) key: SigningKey,
    pub(crate) url: String,
    pub(crate) deliveries: usize,
    pub(crate) concurrency: usize,
}

/// What the baseline's tasks share.
struct BaselineState {
    load: BaselineLoad,
    sender: Sender,
    target: PreparedTarget,
    data: Vec<Arc<str>>,
    next: AtomicUsize,
}

/// Sends the load and returns deliveries per second.
pub(crate) async fn run(load: BaselineLoad) -> anyhow::Result<f64> {
    let policy = EgressPolicy::parse("127.0.0.0/8")?;
    let target = TargetUrl::parse(&load.url, SavedBy::Operator, &policy)?;
    let deliveries = load.deliveries;
    let state = Arc::new(BaselineState {
        sender: Sender::new(policy, Timeouts::default())?,
        target: PreparedTarget::new(target, &HeaderSet::default())?,
        data: orders::event_data()?,
        next: AtomicUsize::new(0),
        load,
    });
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..state.load.concurrency {
        tasks.spawn(send_deliveries(Arc::clone(&state)));
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(deliveries as f64 / begun.elapsed().as_secs_f64())
}

async fn send_deliveries(state: Arc<BaselineState>) -> anyhow::Result<()> {
    let BaselineLoad {
        dialect,
        settings,
        key,
        deliveries,
        ..
    } = &state.load;
    loop {
        let number = state.next.fetch_add(1, Ordering::Relaxed);
        if number >= *deliveries {
            return Ok(());
        }
        let now = ambient::now();
        let data = state.data.get(number % state.data.len());
        let event = Event {
            id: EventId::generate(),
            kind: EventType::OrderConfirmed,
            occurred_at: now,
            data: Arc::clone(data.context("no order to send")?),
        };
        let id = DeliveryId::generate().to_string();
        let endpoint = state.target.target_url().url();
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
            rotation: 0,
        };
        let schemes = dialect.signature_schemes(settings);
        let signed = sign(&schemes, std::slice::from_ref(key), &attempt, rendered);
        let reply = state.sender.exchange(&state.target, signed).await.outcome?;
        if !matches!(dialect.classify(&reply, now), Verdict::Accepted) {
            bail!("the receiver answered {} to the baseline", reply.status);
        }
    }
}
