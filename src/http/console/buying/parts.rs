//! What the pages of this group share: their tabs, the size of a page, ids in paths and cursors.

use crate::console::lists::Tab;
use crate::http::console::links::BASE;
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};

/// Rows of a page.
pub(super) const ROWS: usize = 50;
pub(super) const FETCH_LIMIT: i64 = 51;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StockTab {
    Stock,
    Switches,
}

/// Stock is a partner's and an operator's, switches are the platform's and an operator's.
pub(super) fn tabs(visitor: &Visitor, current: StockTab) -> Vec<Tab> {
    if !visitor.caller.is_operator() {
        return Vec::new();
    }
    let tabs = [
        (StockTab::Stock, "Units", "/stock"),
        (StockTab::Switches, "Kill switches", "/stock/switches"),
    ];
    let tabs = tabs.into_iter().map(|(tab, text, path)| Tab {
        text: text.to_owned(),
        href: format!("{BASE}{path}"),
        is_current: tab == current,
    });
    tabs.collect()
}

/// An id in a path.
pub(super) fn parse<T: std::str::FromStr>(id: &str) -> Result<T, ApiError> {
    id.parse().map_err(|_| ApiError::new(Kind::NotFound))
}

/// A cursor; none for the first page.
pub(super) fn parse_cursor<T: std::str::FromStr>(text: &str) -> Result<Option<T>, ApiError> {
    match text {
        "" => Ok(None),
        text => parse(text).map(Some),
    }
}
