//! Routes for bulk posts and post rules.

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::RuleId;

use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::{Page, PageQuery};
use crate::http::server::body::{BODY_BYTES_MAX, read};
use crate::idempotency::AnswerSlot;

/// `POST /v1/posts/bulk`
pub(crate) async fn bulk(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let outcome = state.posts.bulk(caller.actor(), &body, &slot).await?;
    Ok(HttpResponse::Ok().json(outcome))
}

/// `POST /v1/post-rules`
pub(crate) async fn create(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let rule = state.posts.add_rule(caller.actor(), &body, &slot).await?;
    Ok(HttpResponse::Created().json(rule))
}

/// `GET /v1/post-rules`
pub(crate) async fn list(
    state: Data<AppState>,
    query: Query<PageQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::<RuleId>::parse(query, |text| text.parse().ok())?;
    let rules = state.posts.rules(page.after, page.fetch_limit()).await?;
    Ok(page.respond(rules, |rule| rule.id.to_string()))
}

/// `GET /v1/post-rules/{id}`
pub(crate) async fn show(
    state: Data<AppState>,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let rule = state.posts.rule(rule_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(rule))
}

/// `PATCH /v1/post-rules/{id}`
pub(crate) async fn change(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let id = rule_id(&id)?;
    let body = read(payload, BODY_BYTES_MAX).await?;
    let rule = state.posts.change_rule(caller.actor(), id, &body).await?;
    Ok(HttpResponse::Ok().json(rule))
}

/// `DELETE /v1/post-rules/{id}`
pub(crate) async fn delete(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    state
        .posts
        .delete_rule(caller.actor(), rule_id(&id)?)
        .await?;
    Ok(HttpResponse::NoContent())
}

fn rule_id(text: &str) -> Result<RuleId, ApiError> {
    text.parse().map_err(|_| ApiError::new(Kind::NotFound))
}
