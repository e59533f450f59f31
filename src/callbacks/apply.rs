//! Apply: one callback changes its order's report, and the platform gets an event, in one transaction.
//!
//! Promises: a callback is settled in the commit that applies it, so that it counts once; a change of the report and its
//! event commit together; each event has the whole report, in order per order. The order's row is locked before the
//! callback's. A redacted order stays redacted.

use std::collections::BTreeMap;

use buywire_adapters::contract::callback::{Callback, OrderRef, Update};
use buywire_schemas::event::{EventType, OrderReport, ReportData};
use buywire_schemas::ids::{CallbackId, EventId, OrderId};
use buywire_schemas::order::Order;
use time::Duration;

use super::receive::to_json;
use super::report_state::{ApplyOutcome, has_shipped};
use super::{Callbacks, PartnerReportState, sanitize};
use crate::ambient;
use crate::db::{DatabaseError, Tx};
use crate::store::callbacks::reports::{self, StockLevel};
use crate::store::callbacks::{self, CallbackOutcome, OrderLookup, PendingCallback};
use crate::store::events::{EmittedDelivery, NewEvent, emit, platform_partner};
use crate::store::orders::locked::{LockedOrder, OrderKey};
use crate::store::stock;

/// How long a callback waits for its order: a partner may report before its acceptance is recorded, or after an outage.
const MATCH_DEADLINE: Duration = Duration::days(3);
/// The longest delay between two tries.
const RETRY_DELAY_S_MAX: f64 = 3_600.0;

impl Callbacks {
    /// Apply a callback, unless it has been settled already.
    pub(super) async fn apply(&self, id: CallbackId) -> Result<(), DatabaseError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let Some(pending) = callbacks::find(&tx, id).await? else {
            return Ok(());
        };
        let Ok(callback) = serde_json::from_str::<Callback>(&pending.content) else {
            let failed = failed("unreadable", "{}");
            callbacks::settle(&tx, id, failed).await?;
            return tx.commit().await;
        };
        let order = match &callback.order {
            None => None,
            Some(order_ref) => match lock_order(&tx, &pending, order_ref).await? {
                Some(order) => Some(order),
                None => return retry_or_fail(tx, id, &pending, callback).await,
            },
        };
        if !callbacks::lock(&tx, id).await? {
            return Ok(());
        }
        let mut emitted = save_stock(&tx, &pending, &callback).await?;
        let reported = match &order {
            None => {
                callbacks::settle(&tx, id, applied(&pending.content)).await?;
                Vec::new()
            }
            Some(order) => update_report(&tx, id, &pending, callback, order).await?,
        };
        emitted.extend(reported);
        tx.commit().await?;
        self.notifier.notify_due(&emitted);
        Ok(())
    }
}

/// The order of the callback, locked. `None` if the partner has no lines in such an order.
async fn lock_order(
    tx: &Tx<'_>,
    pending: &PendingCallback,
    order_ref: &OrderRef,
) -> Result<Option<LockedOrder>, DatabaseError> {
    let (order, platform_id, partner_order_id) = match order_ref {
        OrderRef::Ours(id) => (Some(*id), None, None),
        OrderRef::Platform(id) => (None, Some(id.as_str()), None),
        OrderRef::Partner(id) => (None, None, Some(id.as_str())),
    };
    let lookup = OrderLookup {
        order,
        platform_id,
        partner_order_id,
    };
    match callbacks::resolve(tx, pending.partner, lookup).await? {
        Some(id) => LockedOrder::lock(tx, &OrderKey::Id(id)).await,
        None => Ok(None),
    }
}

/// Wait for the order. After the deadline the callback is stored redacted, because no redaction of an order would reach
/// it.
async fn retry_or_fail(
    tx: Tx<'_>,
    id: CallbackId,
    pending: &PendingCallback,
    callback: Callback,
) -> Result<(), DatabaseError> {
    if ambient::now() - pending.received_at > MATCH_DEADLINE {
        let content = to_json(&sanitize::redact_callback(callback))?;
        if callbacks::lock(&tx, id).await? {
            callbacks::settle(&tx, id, failed("order_unknown", &content)).await?;
        }
    } else {
        let delay_s = 2.0_f64
            .powi(pending.attempts.clamp(0, 12))
            .min(RETRY_DELAY_S_MAX);
        callbacks::retry_later(&tx, id, delay_s).await?;
    }
    tx.commit().await
}

/// Add the callback to the order's report, and emit events if the report changes.
async fn update_report(
    tx: &Tx<'_>,
    id: CallbackId,
    pending: &PendingCallback,
    callback: Callback,
    locked: &LockedOrder,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let order = Order::from_stored(&locked.body).map_err(unreadable)?;
    let captured = order.share(&pending.slug).total;
    let mut state: PartnerReportState = match reports::find(tx, locked.id, pending.partner).await? {
        Some((stored, _)) => serde_json::from_str(&stored).map_err(unreadable)?,
        None => PartnerReportState::default(),
    };
    let before = state.report(captured);
    let apply_outcome = state.apply(&callback);
    let mut content = pending.content.clone();
    if order.is_redacted() {
        state.redact();
        content = to_json(&sanitize::redact_callback(callback))?;
    }
    let outcome = CallbackOutcome {
        order: Some(locked.id),
        ..match apply_outcome {
            ApplyOutcome::Applied => applied(&content),
            ApplyOutcome::Outdated => CallbackOutcome {
                state: "ignored",
                detail: Some("outdated"),
                ..applied(&content)
            },
        }
    };
    callbacks::settle(tx, id, outcome).await?;
    let after = state.report(captured);
    let (state_json, report_json) = (to_json(&state)?, to_json(&after)?);
    reports::save(tx, locked.id, pending.partner, &state_json, &report_json).await?;
    let events = report_events(tx, pending, locked, &order, &before, &after).await?;
    emit(tx, &events).await
}

/// One event for each type whose part of the report has changed.
async fn report_events(
    tx: &Tx<'_>,
    pending: &PendingCallback,
    locked: &LockedOrder,
    order: &Order,
    before: &OrderReport,
    after: &OrderReport,
) -> Result<Vec<NewEvent>, DatabaseError> {
    let event_types = changed_event_types(before, after);
    if event_types.is_empty() {
        return Ok(Vec::new());
    }
    let platform = platform_partner(tx).await?;
    let first = locked.next_sequence(platform);
    let new_event = |(kind, sequence): (EventType, i32)| {
        let data = ReportData {
            order_id: order.order_id().to_owned(),
            order: locked.id,
            partner: pending.slug.clone(),
            sequence: sequence.unsigned_abs(),
            test: order.is_test(),
            currency: order.currency(),
            report: after.clone(),
        };
        Ok(NewEvent {
            id: EventId::generate(),
            order: Some((locked.id, sequence)),
            partner: platform,
            kind,
            data: to_json(&data)?,
            test: order.is_test(),
        })
    };
    event_types
        .into_iter()
        .zip(first..)
        .map(new_event)
        .collect()
}

fn changed_event_types(before: &OrderReport, after: &OrderReport) -> Vec<EventType> {
    let fulfilment_changed = before.fulfilment != after.fulfilment;
    let refunds_changed = before.refunded != after.refunded;
    let rest = |report: &OrderReport| {
        (
            report.cancelled.clone(),
            report.disputed.clone(),
            report.warnings.clone(),
        )
    };
    let other_changed = rest(before) != rest(after);
    let kinds = [
        (
            fulfilment_changed && has_shipped(after),
            EventType::OrderFulfilled,
        ),
        (refunds_changed, EventType::RefundUpdated),
        (
            other_changed || (fulfilment_changed && !has_shipped(after)),
            EventType::OrderUpdated,
        ),
    ];
    let kinds = kinds.into_iter();
    kinds
        .filter_map(|(applies, kind)| applies.then_some(kind))
        .collect()
}

/// Save stock levels, which belong to the partner, not to the order, and let items that are counted here follow them. A
/// partner's clock that is ahead must not silence later levels.
async fn save_stock(
    tx: &Tx<'_>,
    pending: &PendingCallback,
    callback: &Callback,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let reported = callback.updates.iter().filter_map(|update| match update {
        Update::Stock { item_id, quantity } => Some((item_id.clone(), i64::from(*quantity))),
        _ => None,
    });
    // If an item appears twice, the last level counts.
    let levels: BTreeMap<_, _> = reported.collect();
    if levels.is_empty() {
        return Ok(Vec::new());
    }
    let levels: Vec<_> = levels
        .into_iter()
        .map(|(item_id, quantity)| StockLevel { item_id, quantity })
        .collect();
    let at = callback.occurred_at.unwrap_or(pending.received_at);
    let at = at.min(pending.received_at);
    let newest = reports::save_stock(tx, pending.partner, &levels, at).await?;
    let newest = newest.into_iter();
    let newest = newest
        .map(|level| (level.item_id, level.quantity))
        .collect();
    stock::changes::follow_reports(tx, pending.partner, newest, ambient::now()).await
}

fn applied(content: &str) -> CallbackOutcome<'_> {
    CallbackOutcome {
        state: "applied",
        detail: None,
        order: None::<OrderId>,
        content,
    }
}

fn failed<'a>(detail: &'static str, content: &'a str) -> CallbackOutcome<'a> {
    CallbackOutcome {
        state: "failed",
        detail: Some(detail),
        ..applied(content)
    }
}

fn unreadable(_: serde_json::Error) -> DatabaseError {
    DatabaseError::Misuse("a stored order or report cannot be read".into())
}
