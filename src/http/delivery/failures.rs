//! The route for failure groups. A partner sees its own.

use actix_web::web::{Data, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::{EndpointId, FailureGroupId, PartnerId};
use buywire_schemas::text::Slug;
use serde::Deserialize;
use time::OffsetDateTime;

use crate::delivery::failures::Cause;
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::{Page, PageResponse};
use crate::store::delivery::counting::MatchCount;
use crate::store::delivery::failures::{AfterFailure, FailureFilter, FailureGroup};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListFailuresQuery {
    pub(in crate::http) partner: Option<String>,
    pub(in crate::http) endpoint: Option<EndpointId>,
    pub(in crate::http) cause: Option<Cause>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(in crate::http) since: Option<OffsetDateTime>,
    pub(in crate::http) limit: Option<String>,
    pub(in crate::http) cursor: Option<String>,
}

/// `GET /v1/failures`: the last seen first. A filtered page may be short and still have a next one.
pub(crate) async fn list(
    state: Data<AppState>,
    caller: Caller,
    query: Query<ListFailuresQuery>,
) -> Result<impl Responder, ApiError> {
    Ok(HttpResponse::Ok().json(find_page(&state, &caller, &query).await?))
}

/// The page of a query, for the API and for the console.
pub(in crate::http) async fn find_page(
    state: &AppState,
    caller: &Caller,
    query: &ListFailuresQuery,
) -> Result<PageResponse<FailureGroup>, ApiError> {
    let page = Page::new(
        query.limit.as_deref(),
        query.cursor.as_deref(),
        decode_cursor,
    )?;
    let filter = filter(state, caller, query).await?;
    let found = state
        .store
        .failure_groups(&filter, page.after, page.limit())
        .await?;
    Ok(PageResponse {
        data: found.data,
        next_cursor: found.next.map(encode_cursor),
    })
}

/// How many groups a query matches, on all of its pages.
pub(in crate::http) async fn count_matches(
    state: &AppState,
    caller: &Caller,
    query: &ListFailuresQuery,
) -> Result<MatchCount, ApiError> {
    let filter = filter(state, caller, query).await?;
    Ok(state.store.count_failure_groups(&filter).await?)
}

async fn filter(
    state: &AppState,
    caller: &Caller,
    query: &ListFailuresQuery,
) -> Result<FailureFilter, ApiError> {
    let partner = visible_partner(state, caller, query.partner.as_deref()).await?;
    check_endpoint(state, caller, query.endpoint).await?;
    Ok(FailureFilter {
        partner,
        endpoint: query.endpoint,
        cause: query.cause.map(Cause::as_str),
        since: query.since,
    })
}

/// The partner to look at: a partner's own, or the one that an operator names. None: all of them.
pub(super) async fn visible_partner(
    state: &AppState,
    caller: &Caller,
    named: Option<&str>,
) -> Result<Option<PartnerId>, ApiError> {
    let not_found = || ApiError::new(Kind::NotFound);
    match (caller.partner(), named) {
        (Some((_, own)), Some(named)) if named != own.as_str() => Err(not_found()),
        (Some((own, _)), _) => Ok(Some(own)),
        (None, None) => Ok(None),
        (None, Some(named)) => {
            let slug = Slug::parse(named).map_err(|_| not_found())?;
            let found = state.store.partner_id(&slug).await?;
            found.map(Some).ok_or_else(not_found)
        }
    }
}

/// Refuses a partner another's endpoint.
pub(super) async fn check_endpoint(
    state: &AppState,
    caller: &Caller,
    endpoint: Option<EndpointId>,
) -> Result<(), ApiError> {
    if let (Some((_, own)), Some(endpoint)) = (caller.partner(), endpoint) {
        state.partners.endpoint(own, endpoint).await?;
    }
    Ok(())
}

fn encode_cursor(after: AfterFailure) -> String {
    let micros = after.last_seen_at.unix_timestamp_nanos() / 1_000;
    format!("{micros}{}", after.id)
}

fn decode_cursor(cursor: &str) -> Option<AfterFailure> {
    let (micros, id) = cursor.split_at_checked(cursor.find(FailureGroupId::PREFIX)?)?;
    let nanos = micros.parse::<i64>().ok().map(i128::from)? * 1_000;
    Some(AfterFailure {
        last_seen_at: OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?,
        id: id.parse().ok()?,
    })
}
