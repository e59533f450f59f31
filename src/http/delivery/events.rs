//! Reconciliation: a partner pages through its own events, delivered or not.

use actix_web::Responder;
use actix_web::web::{Data, Path, Query};
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{EventId, OrderId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::http::AppState;
use crate::http::partners::parse_slug;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::Page;
use crate::store::orders::history::StoredEvent;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListEventsQuery {
    after: Option<String>,
    /// An alias of `after`, as in every list.
    cursor: Option<String>,
    limit: Option<String>,
}

/// An event as sent, with its order and sequence.
#[derive(Serialize)]
struct EventView {
    #[serde(rename = "type")]
    kind: EventType,
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
    id: EventId,
    order: Option<OrderId>,
    order_id: Option<String>,
    sequence: Option<i32>,
    data: Box<RawValue>,
}

impl TryFrom<StoredEvent> for EventView {
    type Error = ApiError;

    fn try_from(event: StoredEvent) -> Result<Self, ApiError> {
        Ok(Self {
            kind: event.kind,
            timestamp: event.occurred_at,
            id: event.id,
            order: event.order,
            order_id: event.order_id,
            sequence: event.sequence,
            data: RawValue::from_string(event.data).map_err(|_| ApiError::new(Kind::Internal))?,
        })
    }
}

/// `GET /v1/partners/{slug}/events?after=&limit=`. The cursor is an event's id, so a partner that stores its
/// last one can ask for newer events at any time.
pub(crate) async fn list(
    state: Data<AppState>,
    partner: Path<String>,
    query: Query<ListEventsQuery>,
) -> Result<impl Responder, ApiError> {
    let after = query.cursor.as_deref().or(query.after.as_deref());
    let page = Page::new(query.limit.as_deref(), after, |text| {
        text.parse::<EventId>().ok()
    })?;
    let partner = state.store.partner_id(&parse_slug(&partner)?).await?;
    let partner = partner.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let events = state
        .store
        .events_after(partner, page.after, page.fetch_limit())
        .await?;
    let events = events.ok_or_else(|| {
        ApiError::with_detail(
            Kind::QueryInvalid,
            "`after` must be the id of an event of this partner.",
        )
    })?;
    let views = events.into_iter().map(EventView::try_from);
    let views: Vec<_> = views.collect::<Result<_, _>>()?;
    Ok(page.respond(views, |event| event.id.to_string()))
}
