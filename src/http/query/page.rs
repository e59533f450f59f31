//! Lists in pages: `?limit=&cursor=` in, `{"data":[…],"next_cursor":…}` out.

use actix_web::HttpResponse;
use actix_web::web::Query;
use serde::{Deserialize, Serialize};

use crate::http::problem::{ApiError, Kind};

const LIMIT_DEFAULT: i64 = 50;
/// A page is held in memory whole.
const LIMIT_MAX: i64 = 500;

/// The parameters of every list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PageQuery {
    limit: Option<String>,
    cursor: Option<String>,
}

/// The answer.
#[derive(Serialize)]
pub(in crate::http) struct PageResponse<T> {
    /// The rows.
    pub data: Vec<T>,
    /// The cursor of the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// A requested page.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Page<C> {
    /// Where the previous page ended; none for the first.
    pub after: Option<C>,
    limit: i64,
}

impl<C> Page<C> {
    /// Parse `limit` and `cursor`.
    pub(in crate::http) fn parse(
        query: Query<PageQuery>,
        cursor: impl Fn(&str) -> Option<C>,
    ) -> Result<Self, ApiError> {
        Self::new(query.limit.as_deref(), query.cursor.as_deref(), cursor)
    }

    /// The same, for lists with further parameters.
    pub(in crate::http) fn new(
        limit: Option<&str>,
        cursor_text: Option<&str>,
        cursor: impl Fn(&str) -> Option<C>,
    ) -> Result<Self, ApiError> {
        let limit = limit.map_or(Ok(LIMIT_DEFAULT), parse_limit)?;
        let after = cursor_text.map(|text| {
            cursor(text).ok_or_else(|| {
                let detail = "`cursor` must be the `next_cursor` of a previous page.";
                ApiError::with_detail(Kind::QueryInvalid, detail)
            })
        });
        Ok(Self {
            after: after.transpose()?,
            limit,
        })
    }

    /// The number of rows to show.
    pub(in crate::http) fn limit(&self) -> i64 {
        self.limit
    }

    /// The number of rows to fetch: one more shows whether there is another page.
    pub(in crate::http) fn fetch_limit(&self) -> i64 {
        self.limit + 1
    }

    /// The answer, with the cursor of its last row if there are more.
    pub(in crate::http) fn respond<T: Serialize>(
        &self,
        rows: Vec<T>,
        cursor: impl Fn(&T) -> String,
    ) -> HttpResponse {
        HttpResponse::Ok().json(self.page_of(rows, cursor))
    }

    /// The same, not yet written.
    pub(in crate::http) fn page_of<T>(
        &self,
        rows: Vec<T>,
        cursor: impl Fn(&T) -> String,
    ) -> PageResponse<T> {
        let (data, next_cursor) = self.split_page(rows, cursor);
        PageResponse { data, next_cursor }
    }

    /// The same for rows that do not show their cursor.
    pub(in crate::http) fn respond_with_keys<K, T: Serialize>(
        &self,
        rows: Vec<(K, T)>,
        cursor: impl Fn(&K) -> String,
    ) -> HttpResponse {
        let (rows, next) = self.split_page(rows, |(key, _)| cursor(key));
        HttpResponse::Ok().json(PageResponse {
            data: rows.into_iter().map(|(_, row)| row).collect(),
            next_cursor: next,
        })
    }

    fn split_page<R>(
        &self,
        mut rows: Vec<R>,
        cursor: impl Fn(&R) -> String,
    ) -> (Vec<R>, Option<String>) {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(cursor);
        (rows, next)
    }
}

fn parse_limit(text: &str) -> Result<i64, ApiError> {
    let limit = text.parse().ok();
    limit
        .filter(|limit| (1..=LIMIT_MAX).contains(limit))
        .ok_or_else(|| {
            let detail = format!("`limit` must be a number from 1 to {LIMIT_MAX}.");
            ApiError::with_detail(Kind::QueryInvalid, detail)
        })
}
