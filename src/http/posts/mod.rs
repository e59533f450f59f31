//! Routes for posts and the timeline.

pub(super) mod rules;

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::PostId;
use buywire_schemas::post::{Post, State};
use buywire_schemas::rollout::Viewer;
use buywire_schemas::text::Slug;
use serde::Deserialize;

use super::AppState;
use super::problem::{ApiError, Kind};
use super::query::page::{Page, PageResponse};
use crate::http::access::auth::Caller;
use crate::http::server::body::{BODY_BYTES_MAX, read};
use crate::idempotency::AnswerSlot;
use crate::posts::TimelineCursor;
use crate::store::posts::PostFilter;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListPostsQuery {
    limit: Option<String>,
    cursor: Option<String>,
    state: Option<String>,
    partner: Option<String>,
    product: Option<String>,
}

/// The viewer of the timeline.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimelineQuery {
    limit: Option<String>,
    cursor: Option<String>,
    viewer: Option<String>,
    country: Option<String>,
    platform: Option<String>,
    lang: Option<String>,
}

/// `POST /v1/posts`
pub(super) async fn create(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let post = state.posts.create(caller.actor(), &body, &slot).await?;
    Ok(HttpResponse::Created().json(post))
}

/// `GET /v1/posts`
pub(super) async fn list(
    state: Data<AppState>,
    query: Query<ListPostsQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::<PostId>::new(query.limit.as_deref(), query.cursor.as_deref(), |text| {
        text.parse().ok()
    })?;
    let state_filter = query.state.as_deref().map(|text| {
        State::parse(text).ok_or_else(|| {
            let all: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
            let detail = format!("`state` must be one of: {}.", all.join(", "));
            ApiError::with_detail(Kind::QueryInvalid, detail)
        })
    });
    let product = query.product.as_deref().map(|text| {
        let detail = "`product` must be a product's id.";
        text.parse()
            .map_err(|_| ApiError::with_detail(Kind::QueryInvalid, detail))
    });
    let slug = query.partner.as_deref().map(|text| {
        let detail = "`partner` must be a partner's slug.";
        Slug::parse(text).map_err(|_| ApiError::with_detail(Kind::QueryInvalid, detail))
    });
    let mut filter = PostFilter {
        after: page.after,
        state: state_filter.transpose()?,
        partner: None,
        product: product.transpose()?,
        limit: page.fetch_limit(),
    };
    if let Some(slug) = slug.transpose()? {
        filter.partner = state.store.partner_id(&slug).await?;
        if filter.partner.is_none() {
            return Ok(page.respond(Vec::<Post>::new(), |_| String::new()));
        }
    }
    let posts = state.store.posts(&filter).await?;
    Ok(page.respond(posts, |post| post.id.to_string()))
}

/// `GET /v1/posts/{id}`
pub(super) async fn show(
    state: Data<AppState>,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let post = state.store.post(post_id(&id)?).await?;
    let post = post.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    Ok(HttpResponse::Ok().json(post))
}

/// `PATCH /v1/posts/{id}`
pub(super) async fn change(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let post = state
        .posts
        .change(caller.actor(), post_id(&id)?, &body)
        .await?;
    Ok(HttpResponse::Ok().json(post))
}

/// `POST /v1/posts/{id}/publish`
pub(super) async fn publish(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let post = state.posts.publish(caller.actor(), post_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(post))
}

/// `POST /v1/posts/{id}/withdraw`
pub(super) async fn withdraw(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let post = state.posts.withdraw(caller.actor(), post_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(post))
}

/// `GET /v1/timeline`
pub(super) async fn timeline(
    state: Data<AppState>,
    query: Query<TimelineQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::new(
        query.limit.as_deref(),
        query.cursor.as_deref(),
        TimelineCursor::parse,
    )?;
    let viewer = Viewer {
        id: query.viewer.as_deref(),
        country: query.country.as_deref(),
        platform: query.platform.as_deref(),
        language: query.lang.as_deref(),
    };
    let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
    let page_of_posts = state.posts.timeline(&viewer, page.after, limit).await?;
    Ok(HttpResponse::Ok().json(PageResponse {
        data: page_of_posts.posts,
        next_cursor: page_of_posts.next.map(|cursor| cursor.to_string()),
    }))
}

fn post_id(text: &str) -> Result<PostId, ApiError> {
    text.parse().map_err(|_| ApiError::new(Kind::NotFound))
}
