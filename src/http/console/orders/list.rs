//! The list of orders.

use actix_web::web::{Data, Query};
use buywire_schemas::money::Currency;
use buywire_schemas::text::Slug;
use serde::Deserialize;
use time::OffsetDateTime;

use super::money::money;
use crate::ambient;
use crate::console::Moment;
use crate::console::frame::Section;
use crate::console::orders::list::{OrderFields, OrderRow, OrdersPage};
use crate::console::state::State;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::{BASE, since};
use crate::http::console::lists::{ListUrl, matching};
use crate::http::console::request::visitor::Visitor;
use crate::http::orders::list::{ListOrdersQuery, Status, count_matches, find_page};
use crate::store::delivery::counting::MatchCount;
use crate::store::orders::list::OrderSummary;

/// The query of the page. A form sends its empty fields too.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct OrdersQuery {
    status: String,
    partner: String,
    test: String,
    since: String,
    cursor: String,
}

const STATES: [(&str, &str); 3] = [
    ("", "All"),
    ("confirmed", "Confirmed"),
    ("cancelled", "Cancelled"),
];

/// `GET /console/orders`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<OrdersQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let mut error = None;
    let (mut rows, mut next, mut count) = (Vec::new(), None, MatchCount::default());
    match query.parse(now) {
        Ok(parsed) => {
            let found = find_page(&state, &parsed).await?;
            count = count_matches(&state, &parsed).await?;
            rows = found.data;
            next = found.next_cursor;
        }
        Err(fault) => error = Some(fault.to_owned()),
    }
    let frame = match query.cursor.is_empty() {
        true => visitor.live_frame(&state, Section::Orders),
        false => visitor.frame(&state, Section::Orders),
    };
    page(&OrdersPage {
        frame,
        chips: query.url().chips("status", &STATES),
        fields: query.fields(),
        error,
        pager: query.url().pager_saying(
            matching(count, ("order", "orders")),
            &query.cursor,
            next.as_deref(),
        ),
        is_filtered: query.pairs().iter().any(|(_, value)| !value.is_empty()),
        rows: rows.into_iter().map(|found| row(found, now)).collect(),
    })
}

fn row(found: OrderSummary, now: OffsetDateTime) -> OrderRow {
    let currency = Currency::parse(&found.currency);
    OrderRow {
        id: found.id.to_string(),
        state: match (found.status.as_str(), found.redacted_at) {
            ("cancelled", _) => State::idle("Cancelled"),
            (_, Some(_)) => State::ok("Confirmed, redacted"),
            _ => State::ok("Confirmed"),
        },
        platform_id: found.order_id,
        is_test: found.test,
        total: currency.map_or_else(|_| String::new(), |currency| money(currency, found.total)),
        partners: found.partners.join(", "),
        created_at: Moment::new(found.created_at, now),
    }
}

impl OrdersQuery {
    fn parse(&self, now: OffsetDateTime) -> Result<ListOrdersQuery, &'static str> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let partner = given(&self.partner);
        if partner
            .as_deref()
            .is_some_and(|slug| Slug::parse(slug).is_err())
        {
            return Err("A partner's name has lower-case letters, digits and hyphens.");
        }
        Ok(ListOrdersQuery {
            status: match self.status.as_str() {
                "" => None,
                "confirmed" => Some(Status::Confirmed),
                "cancelled" => Some(Status::Cancelled),
                _ => return Err("A state is confirmed or cancelled."),
            },
            partner,
            test: match self.test.as_str() {
                "" => None,
                "true" => Some(true),
                "false" => Some(false),
                _ => return Err("Test is true or false."),
            },
            since: since(&self.since, now)?,
            cursor: given(&self.cursor),
            ..ListOrdersQuery::default()
        })
    }

    fn pairs(&self) -> [(&'static str, &str); 4] {
        [
            ("status", &self.status),
            ("partner", &self.partner),
            ("test", &self.test),
            ("since", &self.since),
        ]
    }

    /// This list as a URL.
    fn url(&self) -> ListUrl<'_> {
        ListUrl::new(&format!("{BASE}/orders"), self.pairs().to_vec())
    }

    fn fields(&self) -> OrderFields {
        OrderFields {
            status: self.status.clone(),
            partner: self.partner.clone(),
            test: self.test.clone(),
            since: self.since.clone(),
        }
    }
}
