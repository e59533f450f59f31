//! Callbacks that somebody should look at.

use actix_web::web::{Data, Query};
use buywire_adapters::contract::callback::{Callback, OrderRef, Update};
use buywire_schemas::event::{OrderReport, ReportWarning};
use buywire_schemas::ids::CallbackId;
use serde::Deserialize;
use time::OffsetDateTime;

use crate::ambient;
use crate::console::Moment;
use crate::console::format::{counted, grouped, span};
use crate::console::frame::Section;
use crate::console::partners::callbacks::{CallbackRow, CallbacksPage};
use crate::console::state::State;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::{BASE, link};
use crate::http::console::lists::{ListUrl, partner_scope};
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::ApiError;
use crate::http::query::page::Page;
use crate::store::callbacks::review::{ReviewFilter, ReviewedCallback};

/// How many callbacks a page looks through.
const LOOKED_AT: i64 = 20_000;
/// Fewer where each callback's report is read as well.
const REPORTS_LOOKED_AT: i64 = 5_000;

const VIEWS: [(&str, &str); 5] = [
    ("", "Unmatched and failed"),
    ("unmatched", "Unmatched"),
    ("failed", "Failed"),
    ("warnings", "With warnings"),
    ("all", "All"),
];

/// The query of the page. A form sends its empty fields too.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::http) struct CallbacksQuery {
    /// Which callbacks: see [`VIEWS`].
    #[serde(default)]
    show: String,
    #[serde(default)]
    partner: String,
    #[serde(default)]
    cursor: String,
}

/// A page of callbacks.
#[derive(Default)]
struct Found {
    rows: Vec<ReviewedCallback>,
    /// Where the next page begins.
    next: Option<String>,
}

/// `GET /console/callbacks`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<CallbacksQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let mut error = None;
    let mut found = Found::default();
    match states(&query.show) {
        Some(states) => found = query.find(&state, &visitor, states).await?,
        None => error = Some("There is no such state. Choose one above.".to_owned()),
    }
    let mut frame = visitor.frame(&state, Section::Callbacks);
    if query.cursor.is_empty() {
        frame.live = Some(visitor.url.clone());
    }
    let has_orders = frame.has(Section::Orders);
    page(&CallbacksPage {
        frame,
        chips: query.url().chips("show", &VIEWS),
        show: query.show.clone(),
        partner: query.partner.clone(),
        has_partners: visitor.caller.partner().is_none(),
        error,
        is_filtered: query.url().is_filtered(),
        pager: query.url().pager(
            found.rows.len(),
            ("callback", "callbacks"),
            &query.cursor,
            found.next.as_deref(),
        ),
        lookback: format!(
            "A page looks through {} callbacks.",
            grouped(query.looked_at())
        ),
        rows: found
            .rows
            .into_iter()
            .map(|one| row(one, has_orders, now))
            .collect(),
    })
}

/// The states of a view.
fn states(show: &str) -> Option<&'static [&'static str]> {
    Some(match show {
        "" => &["unmatched", "failed"],
        "unmatched" => &["unmatched"],
        "failed" => &["failed"],
        "warnings" => &["applied", "ignored"],
        "all" => &["received", "unmatched", "applied", "ignored", "failed"],
        _ => return None,
    })
}

impl CallbacksQuery {
    fn looked_at(&self) -> i64 {
        match self.show.as_str() {
            "warnings" => REPORTS_LOOKED_AT,
            _ => LOOKED_AT,
        }
    }

    async fn find(
        &self,
        state: &AppState,
        visitor: &Visitor,
        states: &[&'static str],
    ) -> Result<Found, ApiError> {
        let Ok(scope) = partner_scope(state, visitor, &self.partner).await? else {
            return Ok(Found::default());
        };
        let cursor = Some(self.cursor.as_str()).filter(|cursor| !cursor.is_empty());
        let requested = Page::<CallbackId>::new(None, cursor, |text| text.parse().ok())?;
        let filter = ReviewFilter {
            states,
            with_warnings: self.show == "warnings",
            partner: scope.id(),
            before: requested.after,
        };
        let store = &state.store;
        let floor = store
            .review_floor(requested.after, self.looked_at())
            .await?;
        let rows = store.callbacks_to_review(filter, floor, requested.fetch_limit());
        let found = requested.page_of(rows.await?, |one| one.id.to_string());
        Ok(Found {
            rows: found.data,
            next: found.next_cursor.or_else(|| floor.map(|id| id.to_string())),
        })
    }

    fn pairs(&self) -> [(&'static str, &str); 2] {
        [("show", &self.show), ("partner", &self.partner)]
    }

    /// This list as a URL.
    fn url(&self) -> ListUrl<'_> {
        ListUrl::new(&format!("{BASE}/callbacks"), self.pairs().to_vec())
    }
}

fn row(found: ReviewedCallback, has_orders: bool, now: OffsetDateTime) -> CallbackRow {
    let callback = serde_json::from_str::<Callback>(&found.content).ok();
    let order = found.platform_id.clone();
    let order_href = order.as_deref().map(|id| order_href(id, has_orders));
    let named = callback.as_ref().and_then(|one| one.order.as_ref());
    let named = named.map(|order| match order {
        OrderRef::Ours(id) => id.to_string(),
        OrderRef::Platform(id) => id.clone(),
        OrderRef::Partner(id) => format!("{id} (their id)"),
    });
    CallbackRow {
        id: found.id.to_string(),
        state: own_state(&found.state, found.report.is_some()),
        reports: callback.as_ref().map_or_else(|| "–".to_owned(), reports),
        order: order.or(named).or_else(|| found.partner_order_id.clone()),
        order_href,
        problem: problem(&found, now),
        received_at: Moment::new(found.received_at, now),
        partner: found.partner,
    }
}

/// The page of an order, or its deliveries where the caller sees no orders.
fn order_href(order: &str, has_orders: bool) -> String {
    if !has_orders {
        let query = [("order", order)];
        return link(&format!("{BASE}/deliveries"), query.into_iter());
    }
    let id: String = url::form_urlencoded::byte_serialize(order.as_bytes()).collect();
    format!("{BASE}/orders/{}", id.replace('+', "%20"))
}

fn own_state(state: &str, has_warnings: bool) -> State {
    match state {
        "unmatched" => State::warn("Unmatched"),
        "failed" => State::bad("Failed"),
        _ if has_warnings => State::warn("Warning"),
        "applied" => State::ok("Applied"),
        "ignored" => State::idle("Ignored"),
        _ => State::waiting("Received"),
    }
}

/// What it reports, each kind once.
fn reports(callback: &Callback) -> String {
    let mut names: Vec<_> = callback
        .updates
        .iter()
        .map(|update| match update {
            Update::Shipped(_) => "shipped",
            Update::PartlyFulfilled(_) => "partly shipped",
            Update::Delivered(_) => "delivered",
            Update::Refunded(_) => "refunded",
            Update::Cancelled { .. } => "cancelled",
            Update::Disputed { .. } => "disputed",
            Update::Stock { .. } => "stock",
            Update::Unknown { .. } => "something unknown",
        })
        .collect();
    names.dedup();
    match names.is_empty() {
        true => "nothing".to_owned(),
        false => names.join(", "),
    }
}

/// What happened, and what to do.
fn problem(found: &ReviewedCallback, now: OffsetDateTime) -> String {
    match (found.state.as_str(), found.detail.as_deref()) {
        ("unmatched", _) => {
            let next = found.due_at.map_or_else(String::new, |at| {
                format!(", next in {}", span(at - now))
            });
            format!(
                "No order with lines of the partner has this id. Looked for {}{next}, for 3 days in all.",
                counted(found.attempts.into(), "time", "times")
            )
        }
        ("failed", Some("order_unknown")) => {
            "Its order was not found within 3 days. The partner names an order that it has no lines in.".to_owned()
        }
        ("failed", _) => "What was stored cannot be read by this version.".to_owned(),
        ("ignored", _) if found.report.is_none() => "A newer state of the order was there already.".to_owned(),
        _ => warnings(found.report.as_deref()),
    }
}

/// The warnings of a report. Values that nobody understood are not shown: they may name the buyer.
fn warnings(report: Option<&str>) -> String {
    let report = report.and_then(|text| serde_json::from_str::<OrderReport>(text).ok());
    let warnings = report.into_iter().flat_map(|report| report.warnings);
    let texts = warnings.map(|warning| match warning {
        ReportWarning::UnknownValue { at, .. } => {
            format!("{at} has a value that this version does not know.")
        }
        ReportWarning::RefundExceedsCaptured { .. } => {
            "The partner reports a larger refund than the buyer paid.".to_owned()
        }
    });
    texts.collect::<Vec<_>>().join(" ")
}
