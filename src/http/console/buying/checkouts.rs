//! The list of checkouts, those that do not get on first.

use actix_web::web::{Data, Query};
use buywire_checkout::machine::State as CheckoutState;
use buywire_checkout::pricing::Pricing;
use buywire_schemas::ids::{CheckoutId, OrderId, PaymentId};
use buywire_schemas::text::Slug;
use serde::Deserialize;
use time::OffsetDateTime;

use super::parts::{FETCH_LIMIT, ROWS, parse_cursor};
use super::situation::sentence;
use super::words::{checkout_state, effect};
use crate::ambient;
use crate::console::Moment;
use crate::console::buying::checkouts::{CheckoutRow, CheckoutsPage, StuckRow};
use crate::console::format::counted;
use crate::console::frame::Section;
use crate::console::state::State;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::BASE;
use crate::http::console::lists::{ListUrl, cut};
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::ApiError;
use crate::store::checkouts::{Channel, CheckoutFilter, StoredCheckout};

/// After this a checkout that waits for somebody else than its buyer is stuck.
const STUCK_SECONDS: f64 = 600.0;
const STUCK_MAX: i64 = 20;
/// Titles in a row of the list.
const TITLES_MAX: usize = 2;
const STATES: [(&str, &str); 11] = [
    ("", "All"),
    ("open", "Open"),
    ("priced", "Priced"),
    ("paying", "Paying"),
    ("closing", "Closing"),
    ("authorised", "Being ordered"),
    ("placed", "Ordered"),
    ("captured", "Paid and ordered"),
    ("returning", "Returning"),
    ("expired", "Expired"),
    ("cancelled", "Cancelled"),
];

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct CheckoutsQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    partner: String,
    /// An id to search for.
    #[serde(default)]
    q: String,
    #[serde(default)]
    cursor: String,
}

/// `GET /console/checkouts`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<CheckoutsQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let url = ListUrl::new(
        "/console/checkouts",
        vec![
            ("state", &query.state),
            ("q", &query.q),
            ("partner", &query.partner),
        ],
    );
    let (mut rows, mut next, mut error) = (Vec::new(), None, None);
    if let Some(found) = search(&state, query.q.trim()).await? {
        return Ok(see_other(&format!("{BASE}/checkouts/{found}")));
    }
    match query.filter()? {
        Ok(filter) => {
            let found = state.store.checkouts(&filter).await?;
            (rows, next) = cut(found, ROWS, |checkout| checkout.id.to_string());
        }
        Err(fault) => error = Some(fault.to_owned()),
    }
    let is_first = query.cursor.is_empty();
    let stuck = match is_first {
        true => stuck(&state, now).await?,
        false => Vec::new(),
    };
    let frame = match is_first {
        true => visitor.live_frame(&state, Section::Checkouts),
        false => visitor.frame(&state, Section::Checkouts),
    };
    page(&CheckoutsPage {
        frame,
        stuck,
        chips: url.chips("state", &STATES),
        state: query.state.clone(),
        partner: query.partner.clone(),
        text: query.q.clone(),
        error,
        pager: url.pager(
            rows.len(),
            ("checkout", "checkouts"),
            &query.cursor,
            next.as_deref(),
        ),
        rows: rows.iter().map(|checkout| row(checkout, now)).collect(),
        is_filtered: url.is_filtered(),
    })
}

impl CheckoutsQuery {
    fn filter(&self) -> Result<Result<CheckoutFilter, &'static str>, ApiError> {
        let after: Option<CheckoutId> = parse_cursor(&self.cursor)?;
        if !self.q.trim().is_empty() {
            return Ok(Err(
                "No checkout, order or payment has this id. Of an order, the platform's own id will do too.",
            ));
        }
        if !STATES.iter().any(|(name, _)| *name == self.state) {
            return Ok(Err(
                "There is no such state of a checkout. Choose one above.",
            ));
        }
        let partner = match self.partner.trim() {
            "" => None,
            text => match Slug::parse(text) {
                Ok(slug) => Some(slug),
                Err(_) => {
                    return Ok(Err(
                        "A partner's name is the one in its URLs, such as acme.",
                    ));
                }
            },
        };
        Ok(Ok(CheckoutFilter {
            after,
            state: (!self.state.is_empty()).then(|| self.state.clone()),
            partner,
            limit: FETCH_LIMIT,
        }))
    }
}

/// The checkout that an id names: its own, its order's or its payment's.
async fn search(state: &AppState, text: &str) -> Result<Option<CheckoutId>, ApiError> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(id) = text.parse::<CheckoutId>() {
        return Ok(state.store.checkout(id).await?.map(|found| found.id));
    }
    if let Ok(id) = text.parse::<PaymentId>() {
        return Ok(state.store.payment(id).await?.map(|found| found.checkout));
    }
    let order = text.parse::<OrderId>().ok();
    Ok(state.store.checkout_by_order(order, text).await?)
}

async fn stuck(state: &AppState, now: OffsetDateTime) -> Result<Vec<StuckRow>, ApiError> {
    let mut rows = Vec::new();
    for one in state
        .store
        .stuck_checkouts(STUCK_SECONDS, STUCK_MAX)
        .await?
    {
        let Some(found) = state.store.checkout(one.id).await? else {
            continue;
        };
        let trouble = match (&one.action, one.attempts) {
            (Some(action), attempts @ 1..) => format!(
                "It has failed {} to {}; the first time was",
                counted(attempts.into(), "time", "times"),
                effect(action)
            ),
            (Some(action), _) => format!("It should {} since", effect(action)),
            (None, _) => "It should have gone on by itself".to_owned(),
        };
        rows.push(StuckRow {
            id: one.id.to_string(),
            title: titles(&found),
            sentence: sentence(&found.machine),
            trouble,
            since: Moment::new(one.since, now),
        });
    }
    Ok(rows)
}

fn row(checkout: &StoredCheckout, now: OffsetDateTime) -> CheckoutRow {
    let mut partners: Vec<_> = checkout
        .cart
        .lines
        .iter()
        .map(|line| line.partner.as_str())
        .collect();
    partners.dedup();
    CheckoutRow {
        id: checkout.id.to_string(),
        state: shown_state(checkout),
        lines: titles(checkout),
        partners: partners.join(", "),
        total: total(checkout).unwrap_or_default(),
        channel: channel(checkout.channel),
        is_test: checkout.test,
        created_at: Moment::new(checkout.created_at, now),
        updated_at: Moment::new(checkout.updated_at, now),
    }
}

/// Its state; one that is stopped by a switch, or whose refund has failed, is marked.
pub(super) fn shown_state(checkout: &StoredCheckout) -> State {
    use buywire_checkout::machine::PageSituation;
    let machine = &checkout.machine;
    match (machine.page_situation(), machine.state()) {
        (PageSituation::RefundFailed, _) => State::bad("Refund failed"),
        (PageSituation::Stopped, _) => State::warn("Stopped"),
        (_, CheckoutState::Returning(_)) if machine.page_situation() == PageSituation::Refunded => {
            State::idle("Given back")
        }
        (_, state) => checkout_state(state.name()),
    }
}

/// The first titles, with how many of each.
pub(super) fn titles(checkout: &StoredCheckout) -> String {
    let lines = checkout.cart.lines.iter();
    let titles: Vec<_> = lines
        .take(TITLES_MAX)
        .map(|line| match line.quantity {
            1 => line.title.clone(),
            quantity => format!("{quantity} × {}", line.title),
        })
        .collect();
    let more = checkout.cart.lines.len().saturating_sub(TITLES_MAX);
    match more {
        0 => titles.join(", "),
        more => format!("{} and {more} more", titles.join(", ")),
    }
}

/// What is to pay, once it is known.
pub(super) fn total(checkout: &StoredCheckout) -> Option<String> {
    let quote = checkout.pricing.as_ref().and_then(Pricing::quote)?;
    Some(checkout.cart.currency.format_amount(quote.total()))
}

pub(super) const fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Page => "Page",
        Channel::Acp => "Agent, ACP",
        Channel::Ucp => "Agent, UCP",
    }
}
