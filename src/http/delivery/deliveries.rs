//! Routes for deliveries. A partner sees its own, and the platform those of the reserved partner.

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{DeliveryId, EndpointId, EventId, PartnerId};
use buywire_schemas::read::{Reader, flag, prose};
use buywire_schemas::text::Slug;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::delivery::replay::{self, DeliveryReplay, ReplayError};
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::{Page, PageResponse};
use crate::http::server::body::{BODY_BYTES_MAX, read};
use crate::idempotency::AnswerSlot;
use crate::store::delivery::counting::MatchCount;
use crate::store::delivery::list::{AttemptView, Behind, DeliveryFilter, DeliveryView};
use crate::store::orders::acknowledgements::PartnerAcknowledgement;
use crate::store::orders::locked::OrderKey;

/// Characters of a replay's reason: one or two sentences.
pub(crate) const REASON_CHARS_MAX: usize = 500;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListDeliveriesQuery {
    pub(in crate::http) status: Option<DeliveryStatus>,
    pub(in crate::http) partner: Option<String>,
    pub(in crate::http) endpoint: Option<EndpointId>,
    pub(in crate::http) order: Option<String>,
    pub(in crate::http) event_type: Option<EventType>,
    pub(in crate::http) error: Option<String>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(in crate::http) since: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(in crate::http) until: Option<OffsetDateTime>,
    pub(in crate::http) limit: Option<String>,
    pub(in crate::http) cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum DeliveryStatus {
    Pending,
    Delivered,
    Dead,
}

impl DeliveryStatus {
    pub(in crate::http) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// A delivery with its attempts.
#[derive(Serialize)]
struct DeliveryDetails {
    #[serde(flatten)]
    delivery: DeliveryView,
    waiting_for: Option<String>,
    /// The partner's id of the order, from its latest reply.
    acknowledgement: Option<PartnerAcknowledgement>,
    attempts: Vec<AttemptView>,
}

/// `GET /v1/deliveries`: newest first. A page reads a bounded number of deliveries, so a filtered page may
/// be short and still have a next one.
pub(crate) async fn list(
    state: Data<AppState>,
    caller: Caller,
    query: Query<ListDeliveriesQuery>,
) -> Result<impl Responder, ApiError> {
    Ok(HttpResponse::Ok().json(find_page(&state, &caller, &query).await?))
}

/// The page of a query, for the API and for the console.
pub(in crate::http) async fn find_page(
    state: &AppState,
    caller: &Caller,
    query: &ListDeliveriesQuery,
) -> Result<PageResponse<DeliveryView>, ApiError> {
    let page = Page::new(
        query.limit.as_deref(),
        query.cursor.as_deref(),
        decode_cursor,
    )?;
    let Some(filter) = filter(state, caller, query).await? else {
        return Ok(page.page_of(Vec::new(), delivery_cursor));
    };
    if let Some(order) = &query.order {
        let all = order_deliveries(state, order, &filter, page.after).await?;
        return Ok(page.page_of(all, delivery_cursor));
    }
    let found = state
        .store
        .deliveries(&filter, page.after, page.limit())
        .await?;
    Ok(PageResponse {
        data: found.data,
        next_cursor: found.next.map(encode_cursor),
    })
}

/// How many deliveries a query matches, on all of its pages.
pub(in crate::http) async fn count_matches(
    state: &AppState,
    caller: &Caller,
    query: &ListDeliveriesQuery,
) -> Result<MatchCount, ApiError> {
    let Some(filter) = filter(state, caller, query).await? else {
        return Ok(MatchCount::default());
    };
    if let Some(order) = &query.order {
        let all = order_deliveries(state, order, &filter, None).await?;
        return Ok(MatchCount::exact(all.len()));
    }
    Ok(state.store.count_deliveries(&filter).await?)
}

/// What a query selects. None when nothing can match.
async fn filter(
    state: &AppState,
    caller: &Caller,
    query: &ListDeliveriesQuery,
) -> Result<Option<DeliveryFilter>, ApiError> {
    let partner = partner_filter(state, caller, query.partner.as_deref()).await?;
    Ok(partner.map(|partner| DeliveryFilter {
        status: query.status.map(DeliveryStatus::as_str),
        partner,
        endpoint: query.endpoint,
        event_type: query.event_type.map(EventType::as_str),
        error: query.error.clone(),
        since: query.since,
        until: query.until,
    }))
}

/// `GET /v1/deliveries/{id}`
pub(crate) async fn show(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let id: DeliveryId = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let owner = owner(&state, &caller).await?.map(|(id, _)| id);
    let delivery = state
        .store
        .delivery(id, owner)
        .await?
        .ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let attempts = state.store.attempts(&[id]).await?;
    let acknowledged = match delivery.order {
        Some(order) => state.store.acknowledgements(order).await?,
        None => Vec::new(),
    };
    let mut acknowledged = acknowledged.into_iter();
    Ok(HttpResponse::Ok().json(DeliveryDetails {
        acknowledgement: acknowledged.find(|named| named.partner == delivery.partner),
        delivery,
        waiting_for: state.store.waiting_for(id).await?,
        attempts: attempts.into_iter().map(|(_, attempt)| attempt).collect(),
    }))
}

/// `POST /v1/deliveries/{id}/replay`
pub(crate) async fn replay(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    id: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let (reason, include_superseded) =
        parse_replay(&body).map_err(|refused| ApiError::refused(Kind::BodyInvalid, refused))?;
    let id: DeliveryId = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let request = DeliveryReplay {
        id,
        owner: owner(&state, &caller).await?.map(|(id, _)| id),
        reason: &reason,
        actor: caller.actor(),
        include_superseded,
    };
    let replayed = replay::replay_one(&state.store, &state.notifier, &request, &slot).await?;
    Ok(HttpResponse::Accepted().json(replayed))
}

fn parse_replay(body: &[u8]) -> Result<(String, bool), buywire_schemas::problem::BodyError> {
    let mut body = Reader::object(body)?;
    let reason = body.required("reason", prose(1..=REASON_CHARS_MAX));
    let include = body.optional("include_superseded", flag).unwrap_or(false);
    body.finish(|| Some((reason?, include)))
}

/// The partner whose deliveries the caller has. `None`: an operator has all.
pub(in crate::http) async fn owner(
    state: &AppState,
    caller: &Caller,
) -> Result<Option<(PartnerId, Slug)>, ApiError> {
    if !caller.is_platform() {
        return Ok(caller.partner().map(|(id, slug)| (id, slug.clone())));
    }
    let reserved = Slug::parse(Slug::PLATFORM).map_err(|_| ApiError::new(Kind::Internal))?;
    let id = state.store.partner_id(&reserved).await?;
    let id = id.ok_or_else(|| ApiError::new(Kind::Internal))?;
    Ok(Some((id, reserved)))
}

/// The partner to filter by: a partner sees its own. None when nothing can match.
async fn partner_filter(
    state: &AppState,
    caller: &Caller,
    named: Option<&str>,
) -> Result<Option<Option<PartnerId>>, ApiError> {
    match (owner(state, caller).await?, named) {
        (Some((id, own)), named) => Ok(named
            .is_none_or(|named| named == own.as_str())
            .then_some(Some(id))),
        (None, None) => Ok(Some(None)),
        (None, Some(named)) => {
            let Ok(named) = Slug::parse(named) else {
                return Ok(None);
            };
            Ok(state.store.partner_id(&named).await?.map(Some))
        }
    }
}

/// An order has few deliveries: all of them are read, newest event first.
async fn order_deliveries(
    state: &AppState,
    order: &str,
    filter: &DeliveryFilter,
    after: Option<Behind>,
) -> Result<Vec<DeliveryView>, ApiError> {
    let Some(key) = OrderKey::parse(order) else {
        return Ok(Vec::new());
    };
    let Some(order) = state.store.order_id(&key).await? else {
        return Ok(Vec::new());
    };
    let mut all = state
        .store
        .deliveries_of_order(order, filter.partner)
        .await?;
    all.retain(|delivery| filter.matches(delivery));
    all.retain(|delivery| after.is_none_or(|after| delivery.cursor() < after));
    all.reverse();
    Ok(all)
}

fn delivery_cursor(delivery: &DeliveryView) -> String {
    encode_cursor(delivery.cursor())
}

fn encode_cursor(position: Behind) -> String {
    let (event, id) = (position.event.uuid(), position.id.uuid());
    format!("{}{}", event.as_simple(), id.as_simple())
}

fn decode_cursor(cursor: &str) -> Option<Behind> {
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
            ReplayError::Superseded => Self::with_detail(
                Kind::StateConflict,
                "The endpoint has accepted a later event of this order. Send `\"include_superseded\": true` to send this one anyway.",
            ),
            ReplayError::EndpointDeleted => {
                Self::with_detail(Kind::StateConflict, "The endpoint has been deleted.")
            }
            ReplayError::Ended => {
                Self::with_detail(Kind::StateConflict, "The replay is done or cancelled.")
            }
            ReplayError::MatchesChanged => Self::with_detail(
                Kind::StateConflict,
                "Far more or fewer deliveries match than expected. Count again.",
            ),
            ReplayError::Trial(refused) => refused.into(),
            ReplayError::Idempotency(error) => error.into(),
            ReplayError::Store(error) => error.into(),
        }
    }
}
