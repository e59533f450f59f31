//! Routes for redaction notices: partners that an operator must inform of a redaction.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::EventId;

use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::{Page, PageQuery};

/// `GET /v1/redactions`
pub(crate) async fn list(
    state: Data<AppState>,
    query: Query<PageQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::parse(query, |text| text.parse::<EventId>().ok())?;
    let notices = state
        .store
        .redaction_notices(page.after, page.fetch_limit())
        .await?;
    Ok(page.respond(notices, |notice| notice.event.to_string()))
}

/// `POST /v1/redactions/{event}/confirm`: an operator has informed the partner.
pub(crate) async fn mark_notified(
    state: Data<AppState>,
    caller: Caller,
    event: Path<String>,
) -> Result<impl Responder, ApiError> {
    let event = event.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    state
        .orders
        .close_redaction_notice(caller.actor(), event)
        .await?;
    Ok(HttpResponse::NoContent())
}
