//! Deliveries as operators see them, and partners their own.

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{DeliveryId, EndpointId, EventId, PartnerId};
use buywire_schemas::read::{Reader, flag, prose};
use buywire_schemas::text::Slug;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Desk;
use super::auth::Caller;
use super::body::{BODY_BYTES_MAX, read};
use super::page::{Answer, Page};
use super::problem::{ApiError, Kind};
use crate::delivery::replay::{self, Ask, ReplayError};
use crate::store::acknowledgements::Acknowledged;
use crate::store::deliveries::{Attempt, Behind, Delivery, Wanted};
use crate::store::follow_up::OrderKey;

/// Characters of a replay's reason: a sentence or two for a person.
pub(super) const REASON_CHARS_MAX: usize = 500;

/// Which deliveries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    status: Option<Status>,
    partner: Option<String>,
    endpoint: Option<EndpointId>,
    order: Option<String>,
    event_type: Option<EventType>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    since: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    until: Option<OffsetDateTime>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Delivered,
    Dead,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// One delivery, with everything that happened to it.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    delivery: Delivery,
    waiting_for: Option<String>,
    /// What its partner calls the order, by the latest reply that said so.
    acknowledgement: Option<Acknowledged>,
    attempts: Vec<Attempt>,
}

/// `GET /v1/deliveries`: newest first. A page looks at so many deliveries at most, so that with a filter
/// it may be short and still have a next one.
pub async fn list(
    desk: Data<Desk>,
    caller: Caller,
    asked: Query<Asked>,
) -> Result<impl Responder, ApiError> {
    let page = Page::of(asked.limit.as_deref(), asked.cursor.as_deref(), place)?;
    let Some(partner) = partner(&desk, &caller, asked.partner.as_deref()).await? else {
        return Ok(page.answer(Vec::new(), cursor));
    };
    let wanted = Wanted {
        status: asked.status.map(Status::as_str),
        partner,
        endpoint: asked.endpoint,
        event_type: asked.event_type.map(EventType::as_str),
        since: asked.since,
        until: asked.until,
    };
    if let Some(order) = &asked.order {
        let all = of_order(&desk, order, &wanted, page.after).await?;
        return Ok(page.answer(all, cursor));
    }
    let found = desk
        .store
        .deliveries(&wanted, page.after, page.limit())
        .await?;
    Ok(HttpResponse::Ok().json(Answer {
        data: found.data,
        next_cursor: found.next.map(spelled),
    }))
}

/// `GET /v1/deliveries/{id}`
pub async fn one(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let id: DeliveryId = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let of = caller.partner().map(|(id, _)| id);
    let delivery = desk
        .store
        .delivery(id, of)
        .await?
        .ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let attempts = desk.store.attempts(&[id]).await?;
    let acknowledged = match delivery.order {
        Some(order) => desk.store.acknowledgements(order).await?,
        None => Vec::new(),
    };
    let mut acknowledged = acknowledged.into_iter();
    Ok(HttpResponse::Ok().json(Told {
        acknowledgement: acknowledged.find(|named| named.partner == delivery.partner),
        delivery,
        waiting_for: desk.store.waiting_for(id).await?,
        attempts: attempts.into_iter().map(|(_, attempt)| attempt).collect(),
    }))
}

/// `POST /v1/deliveries/{id}/replay`
pub async fn replay(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let (reason, include_superseded) =
        asked(&body).map_err(|refused| ApiError::refused(Kind::BodyInvalid, refused))?;
    let id: DeliveryId = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let ask = Ask {
        id,
        of: caller.partner().map(|(id, _)| id),
        reason: &reason,
        who: caller.author(),
        include_superseded,
    };
    let was = replay::one(&desk.store, &desk.bell, &ask).await?;
    Ok(HttpResponse::Accepted().json(json!({"id": id, "status": "pending", "was": was})))
}

fn asked(body: &[u8]) -> Result<(String, bool), buywire_schemas::problem::Refused> {
    let mut body = Reader::object(body)?;
    let reason = body.required("reason", prose(1..=REASON_CHARS_MAX));
    let include = body.optional("include_superseded", flag).unwrap_or(false);
    body.finish(|| Some((reason?, include)))
}

/// Whose deliveries: a partner's own, whoever it names. None when there can be none.
async fn partner(
    desk: &Desk,
    caller: &Caller,
    named: Option<&str>,
) -> Result<Option<Option<PartnerId>>, ApiError> {
    match (caller.partner(), named) {
        (Some((id, own)), named) => Ok(named
            .is_none_or(|named| named == own.as_str())
            .then_some(Some(id))),
        (None, None) => Ok(Some(None)),
        (None, Some(named)) => {
            let Ok(named) = Slug::parse(named) else {
                return Ok(None);
            };
            Ok(desk.store.partner_named(&named).await?.map(Some))
        }
    }
}

/// An order has few deliveries: all of them are read, newest event first.
async fn of_order(
    desk: &Desk,
    order: &str,
    wanted: &Wanted,
    behind: Option<Behind>,
) -> Result<Vec<Delivery>, ApiError> {
    let Some(key) = OrderKey::parse(order) else {
        return Ok(Vec::new());
    };
    let Some(order) = desk.store.order_id(&key).await? else {
        return Ok(Vec::new());
    };
    let mut all = desk
        .store
        .deliveries_of_order(order, wanted.partner)
        .await?;
    all.retain(|delivery| wanted.has(delivery));
    all.retain(|delivery| behind.is_none_or(|behind| delivery.place() < behind));
    all.reverse();
    Ok(all)
}

fn cursor(delivery: &Delivery) -> String {
    spelled(delivery.place())
}

fn spelled(place: Behind) -> String {
    let (event, id) = (place.event.uuid(), place.id.uuid());
    format!("{}{}", event.as_simple(), id.as_simple())
}

fn place(cursor: &str) -> Option<Behind> {
    let (event, id) = cursor.split_at_checked(32)?;
    Some(Behind {
        event: EventId::from_uuid(Uuid::try_parse(event).ok()?),
        id: DeliveryId::from_uuid(Uuid::try_parse(id).ok()?),
    })
}

impl From<ReplayError> for ApiError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::NotFound => Self::new(Kind::NotFound),
            ReplayError::Superseded => Self::detailed(
                Kind::StateConflict,
                "The endpoint has accepted a later event of this order. Send `\"include_superseded\": true` to send this one all the same.",
            ),
            ReplayError::EndpointDeleted => {
                Self::detailed(Kind::StateConflict, "The endpoint has been deleted.")
            }
            ReplayError::Ended => {
                Self::detailed(Kind::StateConflict, "The replay is done or cancelled.")
            }
            ReplayError::Store(error) => error.into(),
        }
    }
}
