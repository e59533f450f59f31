//! Changes of an order: cancellation, refund, redaction. Each commits together with its events.
//!
//! Promises: a repeated request changes nothing and gets the same answer; the sequence of an order's events has no gaps,
//! because its row is locked first. Must not send anything.

use buywire_schemas::event::{EventType, OrderData, OrderState, OrderStatus, redact_event_data};
use buywire_schemas::ids::{EventId, OrderId};
use buywire_schemas::instant::truncate_to_ms;
use buywire_schemas::order::Order;
use buywire_schemas::problem::FieldError;
use buywire_schemas::refund::{Refund, RefundOutcome, RefundRequest};
use buywire_schemas::request::{CancelRequest, RedactRequest};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::json;

use super::redaction_notices::add_redaction_notices;
use super::{Accepted, EventReceipt, OrderError, Orders, intake, record_audit};
use crate::ambient;
use crate::callbacks::redact_buyer;
use crate::db::{DatabaseError, Tx};
use crate::notifier::Notification;
use crate::store::audit::Actor;
use crate::store::checkouts::shred_order;
use crate::store::events::{EmittedDelivery, NewEvent, emit};
use crate::store::orders::history::StoredEvent;
use crate::store::orders::locked::{LockedOrder, OrderKey};
use crate::store::orders::order_partner;

/// The answer to an accepted change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ChangeReceipt {
    pub id: OrderId,
    /// The platform's id of the order.
    pub order_id: String,
    /// `confirmed` or `cancelled`.
    pub status: &'static str,
    /// Of a refund.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<String>,
    pub events: Vec<EventReceipt>,
    /// What was normalised in the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FieldError>,
}

/// What a change of an order emits, and to whom.
struct OrderChange {
    kind: EventType,
    /// Emit to this partner only; otherwise to every partner of the order.
    only_partner: Option<Slug>,
    /// The refund, and its event.
    refund: Option<(String, EventId)>,
    warnings: Vec<FieldError>,
}

impl Orders {
    pub(crate) async fn cancel(
        &self,
        actor: &Actor,
        key: &OrderKey,
        body: &[u8],
    ) -> Result<Accepted<ChangeReceipt>, OrderError> {
        let (request, warnings) = CancelRequest::parse(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let (locked, mut state) = lock(&tx, key).await?;
        let change = OrderChange {
            kind: EventType::OrderCancelled,
            only_partner: None,
            refund: None,
            warnings,
        };
        if state.cancelled_at.is_some() {
            // Reading the receipt takes a connection of the same pool.
            drop(tx);
            drop(conn);
            return self.replay_receipt(&state, &change).await;
        }
        let at = truncate_to_ms(ambient::now());
        state.cancelled_at = Some(at);
        // Free text may name the buyer.
        state.cancel_reason = request.reason.filter(|_| !state.order.is_redacted());
        let reason = state.cancel_reason.as_deref();
        locked.cancel(&tx, at, reason).await?;
        record_audit(
            &tx,
            actor,
            "order.cancel",
            locked.id,
            json!({"reason": reason}),
        )
        .await?;
        self.emit_and_commit(tx, &locked, state, change)
            .await
            .map(Accepted::Created)
    }

    /// Refund an order in part or in whole.
    pub(crate) async fn refund(
        &self,
        actor: &Actor,
        key: &OrderKey,
        body: &[u8],
    ) -> Result<Accepted<ChangeReceipt>, OrderError> {
        let (request, warnings) = RefundRequest::parse_with_warnings(body)?;
        let refund_id = request.refund_id().to_owned();
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let (locked, mut state) = lock(&tx, key).await?;
        let change = |only_partner, event| OrderChange {
            kind: EventType::OrderRefunded,
            only_partner,
            refund: Some((refund_id.clone(), event)),
            warnings,
        };
        let now = truncate_to_ms(ambient::now());
        match request.evaluate(&state.order, &state.refunds, now)? {
            RefundOutcome::Replayed => {
                drop(tx);
                drop(conn);
                let event = self.store.refund_event(state.id, &refund_id).await?;
                let event = event.ok_or(OrderError::Busy)?;
                self.replay_receipt(&state, &change(None, event)).await
            }
            RefundOutcome::Conflict => Err(OrderError::Conflict(
                "another refund was accepted under this refund_id".into(),
            )),
            RefundOutcome::Created(refund) => {
                let event = EventId::generate();
                locked.add_refund(&tx, &refund, event).await?;
                let details = json!({"refund_id": refund.refund_id, "partner": refund.partner, "amount": refund.amount});
                record_audit(&tx, actor, "order.refund", locked.id, details).await?;
                let change = change(Some(refund.partner.clone()), event);
                state.refunds.push(refund);
                self.emit_and_commit(tx, &locked, state, change)
                    .await
                    .map(Accepted::Created)
            }
        }
    }

    /// Remove the buyer and free text from the order, its events and the stored replies, and tell the partners to do the
    /// same.
    pub(crate) async fn redact(
        &self,
        actor: &Actor,
        key: &OrderKey,
        body: &[u8],
    ) -> Result<Accepted<ChangeReceipt>, OrderError> {
        let (request, warnings) = RedactRequest::parse(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let (locked, mut state) = lock(&tx, key).await?;
        let change = OrderChange {
            kind: EventType::BuyerRedacted,
            only_partner: None,
            refund: None,
            warnings,
        };
        if state.order.is_redacted() {
            drop(tx);
            drop(conn);
            return self.replay_receipt(&state, &change).await;
        }
        let redacted = state.order.redacted().map_err(unreadable)?;
        let original = std::mem::replace(&mut state.order, redacted);
        let refunds = std::mem::take(&mut state.refunds);
        state.refunds = refunds.into_iter().map(Refund::redacted).collect();
        state.cancel_reason = None;
        for (event, data) in locked.event_data(&tx).await? {
            let data = redact_event_data(&data).map_err(unreadable)?;
            locked.replace_event_data(&tx, event, &data).await?;
        }
        redact_buyer(&tx, locked.id).await?;
        shred_order(&tx, locked.id).await?;
        let mut buyer_terms = original.buyer_identifiers();
        buyer_terms.push(original.order_id());
        let id = locked.id.to_string();
        buyer_terms.push(&id);
        locked
            .redact(&tx, state.order.canonical(), &state.refunds, &buyer_terms)
            .await?;
        let details = json!({"reason": request.reason});
        record_audit(&tx, actor, "order.redact", locked.id, details).await?;
        let receipt = self.emit_and_commit(tx, &locked, state, change).await?;
        self.notifier.notify(Notification::Redacted(receipt.id));
        Ok(Accepted::Created(receipt))
    }

    /// Emit the change's events, commit, and notify.
    async fn emit_and_commit(
        &self,
        tx: Tx<'_>,
        locked: &LockedOrder,
        state: OrderState,
        change: OrderChange,
    ) -> Result<ChangeReceipt, OrderError> {
        let mut events = Vec::new();
        let mut slugs = Vec::new();
        for slug in state.order.partners() {
            if change
                .only_partner
                .as_ref()
                .is_some_and(|only| only != slug)
            {
                continue;
            }
            let Some(partner) = order_partner(&tx, slug).await? else {
                continue;
            };
            let sequence = locked.next_sequence(partner.id);
            let data = state.data_for(slug, sequence.unsigned_abs(), partner.contact_allowed);
            events.push(NewEvent {
                id: change
                    .refund
                    .as_ref()
                    .map_or_else(EventId::generate, |(_, event)| *event),
                order: Some((state.id, sequence)),
                partner: partner.id,
                kind: change.kind,
                data: intake::to_json(&data)?,
                test: state.order.is_test(),
            });
            slugs.push(slug.clone());
        }
        let emitted = emit(&tx, &events).await?;
        add_redaction_notices(&tx, state.id, &events, &emitted).await?;
        tx.commit().await?;
        self.notifier.notify_due(&emitted);
        let receipts = events
            .iter()
            .zip(slugs)
            .map(|(event, slug)| event_receipt(event, slug, &emitted))
            .collect();
        Ok(change_receipt(
            &state,
            &change,
            status(state.cancelled_at.is_some()),
            receipts,
        ))
    }

    /// The answer to the first request, from the events that it emitted.
    async fn replay_receipt(
        &self,
        state: &OrderState,
        change: &OrderChange,
    ) -> Result<Accepted<ChangeReceipt>, OrderError> {
        let belongs = |event: &StoredEvent| match &change.refund {
            Some((_, id)) => event.id == *id,
            None => event.kind == change.kind,
        };
        let events = self.store.events_of_order(state.id).await?;
        let deliveries = self.store.deliveries_of_order(state.id, None).await?;
        let mut receipts = Vec::new();
        let mut was_cancelled = false;
        for event in events.into_iter().filter(belongs) {
            let data: OrderData = serde_json::from_str(&event.data).map_err(unreadable)?;
            was_cancelled = data.status == OrderStatus::Cancelled;
            let own = deliveries.iter().filter(|own| own.event == event.id);
            receipts.extend(event.partner.map(|partner| EventReceipt {
                id: event.id,
                kind: event.kind,
                partner,
                deliveries: own.map(|delivery| delivery.id).collect(),
            }));
        }
        let receipt = change_receipt(state, change, status(was_cancelled), receipts);
        Ok(Accepted::Replayed(receipt))
    }
}

async fn lock(tx: &Tx<'_>, key: &OrderKey) -> Result<(LockedOrder, OrderState), OrderError> {
    let locked = LockedOrder::lock(tx, key)
        .await?
        .ok_or(OrderError::NotFound)?;
    let state = OrderState {
        id: locked.id,
        order: Order::from_stored(&locked.body).map_err(unreadable)?,
        cancelled_at: locked.cancelled_at,
        cancel_reason: locked.cancel_reason.clone(),
        refunds: locked
            .refunds
            .iter()
            .map(|body| serde_json::from_str(body))
            .collect::<Result<_, _>>()
            .map_err(unreadable)?,
    };
    Ok((locked, state))
}

fn change_receipt(
    state: &OrderState,
    change: &OrderChange,
    status: &'static str,
    events: Vec<EventReceipt>,
) -> ChangeReceipt {
    ChangeReceipt {
        id: state.id,
        order_id: state.order.order_id().to_owned(),
        status,
        refund_id: change.refund.as_ref().map(|(id, _)| id.clone()),
        events,
        warnings: change.warnings.clone(),
    }
}

const fn status(cancelled: bool) -> &'static str {
    if cancelled { "cancelled" } else { "confirmed" }
}

fn event_receipt(event: &NewEvent, partner: Slug, emitted: &[EmittedDelivery]) -> EventReceipt {
    let own = emitted.iter().filter(|delivery| delivery.event == event.id);
    let mut deliveries: Vec<_> = own.map(|delivery| delivery.id).collect();
    // In the order in which a repeated request reads them.
    deliveries.sort_unstable();
    EventReceipt {
        id: event.id,
        kind: event.kind,
        partner,
        deliveries,
    }
}

fn unreadable(_: serde_json::Error) -> OrderError {
    OrderError::Store(DatabaseError::Misuse(
        "a stored order cannot be read".into(),
    ))
}
