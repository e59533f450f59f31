//! The counter for buyable tweets.

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::PostId;
use buywire_schemas::post::{Post, State};
use buywire_schemas::rollout::Viewer;
use buywire_schemas::text::Slug;
use serde::Deserialize;

use super::Desk;
use super::auth::Caller;
use super::body::{BODY_BYTES_MAX, read};
use super::page::{Answer, Page};
use super::problem::{ApiError, Kind};
use crate::posts::Place;
use crate::store::posts::Wanted;

/// What can be asked of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    limit: Option<String>,
    cursor: Option<String>,
    state: Option<String>,
    partner: Option<String>,
    product: Option<String>,
}

/// Who looks at the timeline.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looking {
    limit: Option<String>,
    cursor: Option<String>,
    viewer: Option<String>,
    country: Option<String>,
    platform: Option<String>,
    lang: Option<String>,
}

/// `POST /v1/posts`
pub async fn create(
    desk: Data<Desk>,
    caller: Caller,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let post = desk.posts.create(caller.author(), &body).await?;
    Ok(HttpResponse::Created().json(post))
}

/// `GET /v1/posts`
pub async fn list(desk: Data<Desk>, asked: Query<Asked>) -> Result<impl Responder, ApiError> {
    let page = Page::<PostId>::of(asked.limit.as_deref(), asked.cursor.as_deref(), |text| {
        text.parse().ok()
    })?;
    let state = asked.state.as_deref().map(|text| {
        State::parse(text).ok_or_else(|| {
            let all: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
            let detail = format!("Give as `state` one of: {}.", all.join(", "));
            ApiError::detailed(Kind::QueryInvalid, detail)
        })
    });
    let product = asked.product.as_deref().map(|text| {
        let detail = "Give as `product` a product's id.";
        text.parse()
            .map_err(|_| ApiError::detailed(Kind::QueryInvalid, detail))
    });
    let named = asked.partner.as_deref().map(|text| {
        let detail = "Give as `partner` a partner's slug.";
        Slug::parse(text).map_err(|_| ApiError::detailed(Kind::QueryInvalid, detail))
    });
    let mut wanted = Wanted {
        after: page.after,
        state: state.transpose()?,
        partner: None,
        product: product.transpose()?,
        limit: page.fetch(),
    };
    if let Some(named) = named.transpose()? {
        wanted.partner = desk.store.partner_named(&named).await?;
        if wanted.partner.is_none() {
            return Ok(page.answer(Vec::<Post>::new(), |_| String::new()));
        }
    }
    let posts = desk.store.posts(&wanted).await?;
    Ok(page.answer(posts, |post| post.id.to_string()))
}

/// `GET /v1/posts/{id}`
pub async fn show(desk: Data<Desk>, id: Path<String>) -> Result<impl Responder, ApiError> {
    let post = desk.store.post(post_id(&id)?).await?;
    let post = post.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    Ok(HttpResponse::Ok().json(post))
}

/// `PATCH /v1/posts/{id}`
pub async fn change(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let post = desk
        .posts
        .change(caller.author(), post_id(&id)?, &body)
        .await?;
    Ok(HttpResponse::Ok().json(post))
}

/// `POST /v1/posts/{id}/publish`
pub async fn publish(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let post = desk.posts.publish(caller.author(), post_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(post))
}

/// `POST /v1/posts/{id}/withdraw`
pub async fn withdraw(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let post = desk.posts.withdraw(caller.author(), post_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(post))
}

/// `GET /v1/timeline`
pub async fn timeline(desk: Data<Desk>, asked: Query<Looking>) -> Result<impl Responder, ApiError> {
    let page = Page::of(
        asked.limit.as_deref(),
        asked.cursor.as_deref(),
        Place::parse,
    )?;
    let viewer = Viewer {
        id: asked.viewer.as_deref(),
        country: asked.country.as_deref(),
        platform: asked.platform.as_deref(),
        language: asked.lang.as_deref(),
    };
    let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
    let part = desk.posts.timeline(&viewer, page.after, limit).await?;
    Ok(HttpResponse::Ok().json(Answer {
        data: part.posts,
        next_cursor: part.next.map(|place| place.to_string()),
    }))
}

fn post_id(text: &str) -> Result<PostId, ApiError> {
    text.parse().map_err(|_| ApiError::new(Kind::NotFound))
}
