//! One order.

use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::PostId;
use serde::Deserialize;
use time::OffsetDateTime;

use super::body::OrderBody;
use super::money::money;
use super::shares::shares;
use super::timeline::{Facts, rows};
use crate::ambient;
use crate::console::Moment;
use crate::console::format::{counted, span};
use crate::console::frame::Section;
use crate::console::orders::order::{CheckoutFacts, Fact, OrderPage, PaymentRow, PostLink};
use crate::console::state::State;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::{BASE, link};
use crate::http::console::request::visitor::{Visitor, flash};
use crate::http::orders::timeline::{Timeline, read};
use crate::http::problem::ApiError;
use crate::store::audit::{AuditEntry, AuditFilter};
use crate::store::checkouts::StoredCheckout;
use crate::store::payments::StoredPayment;

/// The newest entries of a timeline. Real orders have far fewer.
const TIMELINE_MAX: usize = 300;
/// An order's own audit entries.
const AUDIT_MAX: i64 = 100;

const DONE: [(&str, &str, &str); 6] = [
    (
        "cancelled",
        "ok",
        "The order is cancelled. Its partners are told by order.cancelled.",
    ),
    (
        "redacted",
        "ok",
        "The buyer's data has been removed. The partners are told by buyer.redacted.",
    ),
    (
        "refunded",
        "ok",
        "The refund is recorded. The partner is told by order.refunded.",
    ),
    (
        "already",
        "warn",
        "Nothing was changed: somebody else had done it already.",
    ),
    (
        "changed",
        "warn",
        "Nothing was changed: the order has been refunded since your page was made. Look at it again.",
    ),
    (
        "conflict",
        "bad",
        "Nothing was changed: another refund has this id.",
    ),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct ShowOrderQuery {
    done: Option<String>,
}

/// `GET /console/orders/{id}`, by our id or the platform's.
pub(in crate::http) async fn show(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
    query: Query<ShowOrderQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let order = read(&state, &id).await?;
    let body = OrderBody::parse(order.order.get())?;
    let audit = audit(&state, &visitor, &order).await?;
    let bought = checkout(&state, &order).await?;
    let facts = Facts {
        visitor: &visitor,
        order: &order,
        currency: body.currency,
        audit: &audit,
        checkout: bought.as_ref().map(|(checkout, _)| checkout),
        payments: bought.as_ref().map_or(&[], |(_, payments)| payments),
    };
    let mut timeline = rows(&facts, now);
    let is_cut = timeline.len() > TIMELINE_MAX;
    timeline.truncate(TIMELINE_MAX);
    let (outcome, sentence, has_dead) = outcome(&order, now);
    let is_redacted = order.redacted_at.is_some();
    let id = order.id.to_string();
    let mut frame = visitor.live_frame(&state, Section::Orders);
    frame.flash = flash(query.done.as_deref(), &DONE);
    page(&OrderPage {
        frame,
        dead_href: has_dead.then(|| {
            let pairs = [("status", "dead"), ("order", id.as_str())];
            link(&format!("{BASE}/deliveries"), pairs.into_iter())
        }),
        platform_id: order.order_id.clone(),
        state: outcome,
        sentence,
        may_cancel: order.cancelled_at.is_none(),
        may_redact: !is_redacted,
        may_refund: true,
        is_test: body.test,
        created_at: Moment::new(order.created_at, now),
        total: body.money(body.total),
        payment: body.payment(),
        post: body.post.as_ref().map(|post| PostLink {
            id: post.id.clone(),
            href: post_href(&visitor, &post.id),
        }),
        lines: body.lines(),
        sums: body.sums(),
        buyer: body.buyer(),
        shares: shares(&order, &body, now),
        checkout: bought.map(|(checkout, payments)| checkout_facts(&visitor, &checkout, &payments)),
        timeline,
        is_cut,
        id,
    })
}

/// Orders name posts of other networks, too.
fn post_href(visitor: &Visitor, id: &str) -> Option<String> {
    let id: PostId = id.parse().ok()?;
    visitor.page_href("/posts/{id}", "", &id.to_string())
}

/// Who changed the order: for operators, who alone read the audit log.
async fn audit(
    state: &AppState,
    visitor: &Visitor,
    order: &Timeline,
) -> Result<Vec<AuditEntry>, ApiError> {
    if !visitor.caller.is_operator() {
        return Ok(Vec::new());
    }
    let filter = AuditFilter {
        subject: Some(order.id.to_string()),
        ..AuditFilter::default()
    };
    Ok(state.store.audit_entries(&filter, None, AUDIT_MAX).await?)
}

async fn checkout(
    state: &AppState,
    order: &Timeline,
) -> Result<Option<(StoredCheckout, Vec<StoredPayment>)>, ApiError> {
    let Some(id) = state.store.checkout_of_order(order.id, None).await? else {
        return Ok(None);
    };
    let Some(checkout) = state.store.checkout(id).await? else {
        return Ok(None);
    };
    let payments = state.store.payments_of(id).await?;
    Ok(Some((checkout, payments)))
}

/// The state, what came of the order in a sentence, and whether anything is dead.
fn outcome(order: &Timeline, now: OffsetDateTime) -> (State, String, bool) {
    let deliveries = || order.events.iter().flat_map(|event| &event.deliveries);
    let count = |status: &str| {
        let count = deliveries().filter(|one| one.delivery.status == status);
        i64::try_from(count.count()).unwrap_or(i64::MAX)
    };
    let (dead, pending, delivered) = (count("dead"), count("pending"), count("delivered"));
    let all = dead + pending + delivered;
    let redacted = match order.redacted_at {
        Some(_) => " The buyer is redacted.",
        None => "",
    };
    let arrived = match (all, dead, pending) {
        (0, ..) => "no partner has an endpoint for it".to_owned(),
        (_, 0, 0) => format!(
            "{} accepted",
            match all {
                1 => "its delivery is".to_owned(),
                _ => format!("all {all} deliveries are"),
            }
        ),
        (_, 0, _) => format!("{delivered} of {} accepted, {pending} waiting", name(all)),
        (_, _, 0) => format!("{dead} of {} dead", name(all)),
        _ => format!("{dead} of {} dead, {pending} waiting", name(all)),
    };
    let (word, since) = match order.cancelled_at {
        Some(at) => ("Cancelled", at),
        None => ("Confirmed", order.created_at),
    };
    let reason = match &order.cancel_reason {
        Some(reason) => format!(" ({reason})"),
        None => String::new(),
    };
    let ago = span(now - since);
    let sentence = format!("{ago} ago{reason}, {arrived}.{redacted}");
    let state = match (dead, pending, order.cancelled_at) {
        (1.., ..) => State::bad(word),
        (_, 1.., _) => State::waiting(word),
        (_, _, Some(_)) => State::idle(word),
        _ => State::ok(word),
    };
    (state, sentence, dead > 0)
}

fn name(all: i64) -> String {
    counted(all, "delivery", "deliveries")
}

fn checkout_facts(
    visitor: &Visitor,
    checkout: &StoredCheckout,
    payments: &[StoredPayment],
) -> CheckoutFacts {
    let id = checkout.id.to_string();
    let row = |payment: &StoredPayment| {
        let id = payment.id.to_string();
        let money = |minor| money(payment.currency, minor);
        PaymentRow {
            href: visitor.page_href("/payments/{id}", "", &id),
            id,
            status: payment.status.replace('_', " "),
            amount: money(payment.amount),
            captured: money(payment.amount_captured),
            refunded: money(payment.amount_refunded),
            processor: payment.processor.clone(),
        }
    };
    CheckoutFacts {
        href: visitor.page_href("/checkouts/{id}", "", &id),
        id,
        facts: vec![
            Fact {
                name: "State",
                value: checkout.machine.state().name().to_owned(),
            },
            Fact {
                name: "Bought",
                value: match checkout.channel.as_str() {
                    "page" => "on the buyers' page".to_owned(),
                    agent => format!("by an agent, over {}", agent.to_uppercase()),
                },
            },
        ],
        payments: payments.iter().map(row).collect(),
    }
}
