//! Route for the list of orders.

use actix_web::web::{Data, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::OrderId;
use buywire_schemas::text::Slug;
use serde::Deserialize;
use time::OffsetDateTime;

use crate::http::AppState;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::{Page, PageResponse};
use crate::store::delivery::counting::MatchCount;
use crate::store::orders::list::{OrderFilter, OrderSummary};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListOrdersQuery {
    pub(in crate::http) status: Option<Status>,
    pub(in crate::http) partner: Option<String>,
    pub(in crate::http) test: Option<bool>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(in crate::http) since: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(in crate::http) until: Option<OffsetDateTime>,
    pub(in crate::http) limit: Option<String>,
    pub(in crate::http) cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum Status {
    Confirmed,
    Cancelled,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// `GET /v1/orders`: newest first. A page reads a bounded number of orders, so a filtered page may be short
/// and still have a next one.
pub(crate) async fn list(
    state: Data<AppState>,
    query: Query<ListOrdersQuery>,
) -> Result<impl Responder, ApiError> {
    Ok(HttpResponse::Ok().json(find_page(&state, &query).await?))
}

/// The page of a query, for the API and for the console.
pub(in crate::http) async fn find_page(
    state: &AppState,
    query: &ListOrdersQuery,
) -> Result<PageResponse<OrderSummary>, ApiError> {
    let page = Page::<OrderId>::new(query.limit.as_deref(), query.cursor.as_deref(), |text| {
        text.parse().ok()
    })?;
    let Some(filter) = filter(state, query).await? else {
        return Ok(page.page_of(Vec::new(), |_| String::new()));
    };
    let found = state
        .store
        .orders(&filter, page.after, page.limit())
        .await?;
    Ok(PageResponse {
        data: found.data,
        next_cursor: found.next.map(|id| id.to_string()),
    })
}

/// How many orders a query matches, on all of its pages.
pub(in crate::http) async fn count_matches(
    state: &AppState,
    query: &ListOrdersQuery,
) -> Result<MatchCount, ApiError> {
    match filter(state, query).await? {
        Some(filter) => Ok(state.store.count_orders(&filter).await?),
        None => Ok(MatchCount::default()),
    }
}

/// What a query selects. None when nothing can match.
async fn filter(
    state: &AppState,
    query: &ListOrdersQuery,
) -> Result<Option<OrderFilter>, ApiError> {
    let slug = query.partner.as_deref().map(Slug::parse).transpose();
    let named = slug.map_err(|_| {
        ApiError::with_detail(Kind::QueryInvalid, "`partner` must be a partner's slug.")
    })?;
    let partner = match named {
        None => None,
        Some(slug) => match state.store.partner_id(&slug).await? {
            Some(id) => Some(id),
            None => return Ok(None),
        },
    };
    Ok(Some(OrderFilter {
        status: query.status.map(Status::as_str),
        partner,
        test: query.test,
        since: query.since,
        until: query.until,
    }))
}
