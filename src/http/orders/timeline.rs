//! Route for an order with its events, deliveries, attempts and reports.

use std::collections::HashMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::{DeliveryId, EventId, OrderId};
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::http::AppState;
use crate::http::orders::order_key;
use crate::http::orders::reports::{PartnerReport, reports};
use crate::http::problem::{ApiError, Kind};
use crate::store::delivery::list::{AttemptView, DeliveryView};
use crate::store::orders::acknowledgements::PartnerAcknowledgement;
use crate::store::orders::history::{StoredEvent, StoredOrder};

/// An order with everything that came of it.
#[derive(Serialize)]
pub(in crate::http) struct Timeline {
    pub(in crate::http) id: OrderId,
    pub(in crate::http) order_id: String,
    pub(in crate::http) status: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(in crate::http) created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(in crate::http) cancelled_at: Option<OffsetDateTime>,
    pub(in crate::http) cancel_reason: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(in crate::http) redacted_at: Option<OffsetDateTime>,
    pub(in crate::http) order: Box<RawValue>,
    pub(in crate::http) refunds: Vec<Box<RawValue>>,
    pub(in crate::http) events: Vec<TimelineEvent>,
    /// What partners reported.
    pub(in crate::http) reports: Vec<PartnerReport>,
    /// The partners' ids of the order.
    pub(in crate::http) acknowledgements: Vec<PartnerAcknowledgement>,
}

#[derive(Serialize)]
pub(in crate::http) struct TimelineEvent {
    pub(in crate::http) id: EventId,
    #[serde(rename = "type")]
    pub(in crate::http) kind: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    pub(in crate::http) timestamp: OffsetDateTime,
    pub(in crate::http) partner: Option<String>,
    pub(in crate::http) sequence: Option<i32>,
    pub(in crate::http) deliveries: Vec<TimelineDelivery>,
}

#[derive(Serialize)]
pub(in crate::http) struct TimelineDelivery {
    #[serde(flatten)]
    pub(in crate::http) delivery: DeliveryView,
    pub(in crate::http) attempts: Vec<AttemptView>,
}

/// `GET /v1/orders/{id}`, by our id or the platform's.
pub(crate) async fn show(
    state: Data<AppState>,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    Ok(HttpResponse::Ok().json(read(&state, &id).await?))
}

/// Everything about an order, for the API and for the console.
pub(in crate::http) async fn read(state: &AppState, id: &str) -> Result<Timeline, ApiError> {
    let order = state.store.order(&order_key(id)?).await?;
    let order = order.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let events = state.store.events_of_order(order.id).await?;
    let deliveries = state.store.deliveries_of_order(order.id, None).await?;
    let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.id).collect();
    let mut attempts: HashMap<DeliveryId, Vec<AttemptView>> = HashMap::new();
    for (delivery, attempt) in state.store.attempts(&ids).await? {
        attempts.entry(delivery).or_default().push(attempt);
    }
    let mut by_event: HashMap<EventId, Vec<TimelineDelivery>> = HashMap::new();
    for delivery in deliveries {
        let attempts = attempts.remove(&delivery.id).unwrap_or_default();
        let event_deliveries = by_event.entry(delivery.event).or_default();
        event_deliveries.push(TimelineDelivery { delivery, attempts });
    }
    let reports = reports(state, order.id).await?;
    let acknowledgements = state.store.acknowledgements(order.id).await?;
    let events = events.into_iter().map(|event| {
        let deliveries = by_event.remove(&event.id).unwrap_or_default();
        timeline_event(event, deliveries)
    });
    timeline(order, events.collect(), reports, acknowledgements)
}

fn timeline(
    order: StoredOrder,
    events: Vec<TimelineEvent>,
    reports: Vec<PartnerReport>,
    acknowledgements: Vec<PartnerAcknowledgement>,
) -> Result<Timeline, ApiError> {
    let raw = |text| RawValue::from_string(text).map_err(|_| ApiError::new(Kind::Internal));
    Ok(Timeline {
        id: order.id,
        order_id: order.platform_id,
        status: order.status,
        created_at: order.created_at,
        cancelled_at: order.cancelled_at,
        cancel_reason: order.cancel_reason,
        redacted_at: order.redacted_at,
        order: raw(order.body)?,
        refunds: order
            .refunds
            .into_iter()
            .map(raw)
            .collect::<Result<_, _>>()?,
        events,
        reports,
        acknowledgements,
    })
}

fn timeline_event(event: StoredEvent, deliveries: Vec<TimelineDelivery>) -> TimelineEvent {
    TimelineEvent {
        id: event.id,
        kind: event.kind.as_str(),
        timestamp: event.occurred_at,
        partner: event.partner.map(|slug| slug.to_string()),
        sequence: event.sequence,
        deliveries,
    }
}
