//! The operators' list of partners who must be told by hand that a buyer was redacted.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::EventId;

use super::Desk;
use super::auth::Caller;
use super::page::{Asked, Page};
use super::problem::{ApiError, Kind};

/// `GET /v1/redactions`: who is still to be told.
pub async fn list(desk: Data<Desk>, asked: Query<Asked>) -> Result<impl Responder, ApiError> {
    let page = Page::parse(asked, |text| text.parse::<EventId>().ok())?;
    let notices = desk.store.redactions(page.after, page.fetch()).await?;
    Ok(page.answer(notices, |notice| notice.event.to_string()))
}

/// `POST /v1/redactions/{event}/told`: somebody has told the partner.
pub async fn told(
    desk: Data<Desk>,
    caller: Caller,
    event: Path<String>,
) -> Result<impl Responder, ApiError> {
    let event = event.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    desk.orders.told_by_hand(caller.author(), event).await?;
    Ok(HttpResponse::NoContent())
}
