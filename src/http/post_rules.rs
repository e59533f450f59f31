//! The counter for many posts at once: in bulk now, and by rules from now on.

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::RuleId;

use super::Desk;
use super::auth::Caller;
use super::body::{BODY_BYTES_MAX, read};
use super::page::{Asked, Page};
use super::problem::{ApiError, Kind};

/// `POST /v1/posts/bulk`
pub async fn bulk(
    desk: Data<Desk>,
    caller: Caller,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let outcome = desk.posts.bulk(caller.author(), &body).await?;
    Ok(HttpResponse::Ok().json(outcome))
}

/// `POST /v1/post-rules`
pub async fn create(
    desk: Data<Desk>,
    caller: Caller,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let rule = desk.posts.add_rule(caller.author(), &body).await?;
    Ok(HttpResponse::Created().json(rule))
}

/// `GET /v1/post-rules`
pub async fn list(desk: Data<Desk>, asked: Query<Asked>) -> Result<impl Responder, ApiError> {
    let page = Page::<RuleId>::parse(asked, |text| text.parse().ok())?;
    let rules = desk.posts.rules(page.after, page.fetch()).await?;
    Ok(page.answer(rules, |rule| rule.id.to_string()))
}

/// `GET /v1/post-rules/{id}`
pub async fn show(desk: Data<Desk>, id: Path<String>) -> Result<impl Responder, ApiError> {
    let rule = desk.posts.rule(rule_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(rule))
}

/// `PATCH /v1/post-rules/{id}`
pub async fn change(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let id = rule_id(&id)?;
    let body = read(payload, BODY_BYTES_MAX).await?;
    let rule = desk.posts.change_rule(caller.author(), id, &body).await?;
    Ok(HttpResponse::Ok().json(rule))
}

/// `DELETE /v1/post-rules/{id}`
pub async fn delete(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    desk.posts
        .delete_rule(caller.author(), rule_id(&id)?)
        .await?;
    Ok(HttpResponse::NoContent())
}

fn rule_id(text: &str) -> Result<RuleId, ApiError> {
    text.parse().map_err(|_| ApiError::new(Kind::NotFound))
}
