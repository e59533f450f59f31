//! One callback becomes part of its order's report, and the platform is told: in one transaction.
//!
//! Promises: a callback is settled in the commit that applies it, so that it counts once; the report changes and is
//! told of together; the platform hears the whole report, in order per order. Whoever may hold the order's row holds
//! it first. A redacted order stays redacted.

use std::collections::BTreeMap;

use buywire_adapters::callback::{Callback, OrderRef, Update};
use buywire_schemas::event::{EventType, Report, ReportData};
use buywire_schemas::ids::{CallbackId, EventId, OrderId};
use buywire_schemas::order::Order;
use time::{Duration, OffsetDateTime};

use super::door::json;
use super::facts::{Learnt, has_begun};
use super::{Callbacks, Facts, bounds};
use crate::store::callbacks::{self, Named, Settled, Waiting};
use crate::store::events::{Emit, Emitted, emit, platform};
use crate::store::follow_up::{LockedOrder, OrderKey};
use crate::store::reports::{self, Level};
use crate::store::{StoreError, Tx};

/// How long an order is looked for: a partner may report before its acceptance is recorded, or after an outage.
const LOOKED_FOR: Duration = Duration::days(3);
/// At least this often meanwhile.
const WAIT_S_MAX: f64 = 3_600.0;

impl Callbacks {
    /// Apply a callback, unless it was settled meanwhile.
    pub(super) async fn apply(&self, id: CallbackId) -> Result<(), StoreError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let Some(waiting) = callbacks::find(&tx, id).await? else {
            return Ok(());
        };
        let Ok(callback) = serde_json::from_str::<Callback>(&waiting.content) else {
            let failed = failed("unreadable", "{}");
            callbacks::settle(&tx, id, failed).await?;
            return tx.commit().await;
        };
        let order = match &callback.order {
            None => None,
            Some(named) => match order(&tx, &waiting, named).await? {
                Some(order) => Some(order),
                None => return unmatched(tx, id, &waiting, callback).await,
            },
        };
        if !callbacks::lock(&tx, id).await? {
            return Ok(());
        }
        save_stock(&tx, &waiting, &callback).await?;
        let emitted = match &order {
            None => {
                callbacks::settle(&tx, id, applied(&waiting.content)).await?;
                Vec::new()
            }
            Some(order) => report(&tx, id, &waiting, callback, order).await?,
        };
        tx.commit().await?;
        self.bell.ring_due(&emitted);
        Ok(())
    }
}

/// The order that is meant, locked; none when the partner has no lines in any such order.
async fn order(
    tx: &Tx<'_>,
    waiting: &Waiting,
    named: &OrderRef,
) -> Result<Option<LockedOrder>, StoreError> {
    let (ours, platforms, theirs) = match named {
        OrderRef::Ours(id) => (Some(*id), None, None),
        OrderRef::Platform(id) => (None, Some(id.as_str()), None),
        OrderRef::Theirs(id) => (None, None, Some(id.as_str())),
    };
    let named = Named {
        ours,
        platforms,
        theirs,
    };
    match callbacks::resolve(tx, waiting.partner, named).await? {
        Some(id) => LockedOrder::lock(tx, &OrderKey::Ours(id)).await,
        None => Ok(None),
    }
}

/// Wait for the order; in the end the callback is kept without its words, because nobody can ask for their redaction.
async fn unmatched(
    tx: Tx<'_>,
    id: CallbackId,
    waiting: &Waiting,
    callback: Callback,
) -> Result<(), StoreError> {
    if OffsetDateTime::now_utc() - waiting.received_at > LOOKED_FOR {
        let content = json(&bounds::redacted(callback))?;
        if callbacks::lock(&tx, id).await? {
            callbacks::settle(&tx, id, failed("order_unknown", &content)).await?;
        }
    } else {
        let for_s = 2.0_f64.powi(waiting.tries.clamp(0, 12)).min(WAIT_S_MAX);
        callbacks::wait(&tx, id, for_s).await?;
    }
    tx.commit().await
}

/// Learn what was said, and tell the platform what it comes to, if that is something else than before.
async fn report(
    tx: &Tx<'_>,
    id: CallbackId,
    waiting: &Waiting,
    callback: Callback,
    locked: &LockedOrder,
) -> Result<Vec<Emitted>, StoreError> {
    let order = Order::from_stored(&locked.body).map_err(unreadable)?;
    let captured = order.share(&waiting.slug).total;
    let mut facts: Facts = match reports::facts(tx, locked.id, waiting.partner).await? {
        Some((facts, _)) => serde_json::from_str(&facts).map_err(unreadable)?,
        None => Facts::default(),
    };
    let before = facts.report(captured);
    let learnt = facts.learn(&callback);
    let mut content = waiting.content.clone();
    if order.is_redacted() {
        facts.redact();
        content = json(&bounds::redacted(callback))?;
    }
    let settled = Settled {
        order: Some(locked.id),
        ..match learnt {
            Learnt::Applied => applied(&content),
            Learnt::Outdated => Settled {
                state: "ignored",
                detail: Some("outdated"),
                ..applied(&content)
            },
        }
    };
    callbacks::settle(tx, id, settled).await?;
    let after = facts.report(captured);
    let (known, told) = (json(&facts)?, json(&after)?);
    reports::save(tx, locked.id, waiting.partner, &known, &told).await?;
    let events = events(tx, waiting, locked, &order, &before, &after).await?;
    emit(tx, &events).await
}

/// One event for each kind of thing that has changed.
async fn events(
    tx: &Tx<'_>,
    waiting: &Waiting,
    locked: &LockedOrder,
    order: &Order,
    before: &Report,
    after: &Report,
) -> Result<Vec<Emit>, StoreError> {
    let kinds = kinds(before, after);
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let platform = platform(tx).await?;
    let first = locked.next_sequence(platform);
    let emit = |(kind, sequence): (EventType, i32)| {
        let data = ReportData {
            order_id: order.order_id().to_owned(),
            order: locked.id,
            partner: waiting.slug.clone(),
            sequence: sequence.unsigned_abs(),
            test: order.is_test(),
            currency: order.currency(),
            report: after.clone(),
        };
        Ok(Emit {
            id: EventId::generate(),
            order: Some((locked.id, sequence)),
            partner: platform,
            kind,
            data: json(&data)?,
            test: order.is_test(),
        })
    };
    kinds.into_iter().zip(first..).map(emit).collect()
}

fn kinds(before: &Report, after: &Report) -> Vec<EventType> {
    let moved = before.fulfilment != after.fulfilment;
    let paid_back = before.refunded != after.refunded;
    let rest = |report: &Report| {
        (
            report.cancelled.clone(),
            report.disputed.clone(),
            report.warnings.clone(),
        )
    };
    let otherwise = rest(before) != rest(after);
    let kinds = [
        (moved && has_begun(after), EventType::OrderFulfilled),
        (paid_back, EventType::RefundUpdated),
        (
            otherwise || (moved && !has_begun(after)),
            EventType::OrderUpdated,
        ),
    ];
    let kinds = kinds.into_iter();
    kinds
        .filter_map(|(is_so, kind)| is_so.then_some(kind))
        .collect()
}

/// Levels of stock are the partner's, of whatever order it speaks. A clock that is ahead must not silence later levels.
async fn save_stock(tx: &Tx<'_>, waiting: &Waiting, callback: &Callback) -> Result<(), StoreError> {
    let said = callback.updates.iter().filter_map(|update| match update {
        Update::Stock { item_id, quantity } => Some((item_id.clone(), i64::from(*quantity))),
        _ => None,
    });
    // Of an item that is named twice the last level counts.
    let levels: BTreeMap<_, _> = said.collect();
    if levels.is_empty() {
        return Ok(());
    }
    let levels: Vec<_> = levels
        .into_iter()
        .map(|(item_id, quantity)| Level { item_id, quantity })
        .collect();
    let at = callback.occurred_at.unwrap_or(waiting.received_at);
    let at = at.min(waiting.received_at);
    reports::save_stock(tx, waiting.partner, &levels, at).await
}

fn applied(content: &str) -> Settled<'_> {
    Settled {
        state: "applied",
        detail: None,
        order: None::<OrderId>,
        content,
    }
}

fn failed<'a>(detail: &'static str, content: &'a str) -> Settled<'a> {
    Settled {
        state: "failed",
        detail: Some(detail),
        ..applied(content)
    }
}

fn unreadable(_: serde_json::Error) -> StoreError {
    StoreError::Misuse("a stored order or report cannot be read".into())
}
