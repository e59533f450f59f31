//! One timeline of everything that happened to an order, newest first.

use buywire_schemas::instant::truncate_to_ms;
use buywire_schemas::money::Currency;
use buywire_schemas::refund::Refund;
use time::OffsetDateTime;

use super::money::money;
use crate::console::Moment;
use crate::console::format::millis;
use crate::console::orders::order::TimelineRow;
use crate::http::console::links::BASE;
use crate::http::console::request::visitor::Visitor;
use crate::http::orders::timeline::{Timeline, TimelineDelivery, TimelineEvent};
use crate::store::audit::AuditEntry;
use crate::store::checkouts::StoredCheckout;
use crate::store::delivery::list::AttemptView;
use crate::store::payments::StoredPayment;

/// Where the entries come from.
pub(super) struct Facts<'a> {
    /// Pages that may not exist, or not for everybody, are linked for whoever may open them.
    pub visitor: &'a Visitor,
    pub order: &'a Timeline,
    pub currency: Currency,
    /// The order's own entries, for operators.
    pub audit: &'a [AuditEntry],
    pub checkout: Option<&'a StoredCheckout>,
    pub payments: &'a [StoredPayment],
}

/// One entry with its time.
struct Entry {
    at: OffsetDateTime,
    class: &'static str,
    text: String,
    partner: Option<String>,
    detail: Option<String>,
    href: Option<String>,
}

impl Entry {
    fn new(at: OffsetDateTime, text: impl Into<String>) -> Self {
        Self {
            at,
            class: "",
            text: text.into(),
            partner: None,
            detail: None,
            href: None,
        }
    }

    fn class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }

    fn partner(self, partner: Option<&str>) -> Self {
        let partner = partner.map(str::to_owned);
        Self { partner, ..self }
    }

    fn detail(self, detail: Option<String>) -> Self {
        Self { detail, ..self }
    }

    fn href(self, href: Option<String>) -> Self {
        Self { href, ..self }
    }
}

/// All entries, newest first.
pub(super) fn rows(facts: &Facts<'_>, now: OffsetDateTime) -> Vec<TimelineRow> {
    let mut entries = changes(facts);
    entries.extend(facts.order.events.iter().flat_map(of_event));
    entries.extend(reported(facts));
    entries.extend(bought(facts));
    // Of the same millisecond, what is collected later also happened later.
    entries.sort_by_key(|entry| truncate_to_ms(entry.at));
    entries.reverse();
    let rows = entries.into_iter().map(|entry| TimelineRow {
        at: Moment::new(entry.at, now),
        class: entry.class,
        text: entry.text,
        partner: entry.partner,
        detail: entry.detail,
        href: entry.href,
    });
    rows.collect()
}

/// What the platform or operators did.
fn changes(facts: &Facts<'_>) -> Vec<Entry> {
    let order = facts.order;
    let mut entries = vec![Entry::new(order.created_at, "Order accepted")];
    if let Some(at) = order.cancelled_at {
        let detail = explained(facts, "order.cancel", order.cancel_reason.as_deref());
        entries.push(
            Entry::new(at, "Order cancelled")
                .class("warn")
                .detail(detail),
        );
    }
    if let Some(at) = order.redacted_at {
        let detail = explained(facts, "order.redact", None);
        entries.push(Entry::new(at, "Buyer redacted").detail(detail));
    }
    let refunds = order.refunds.iter();
    let refunds = refunds.filter_map(|raw| serde_json::from_str::<Refund>(raw.get()).ok());
    entries.extend(refunds.map(|refund| {
        let amount = money(facts.currency, refund.amount);
        let entry = Entry::new(refund.refunded_at, format!("Refund of {amount}"));
        let reason = match refund.reason {
            Some(reason) => format!("{}: {reason}", refund.refund_id),
            None => refund.refund_id,
        };
        entry
            .partner(Some(refund.partner.as_str()))
            .detail(Some(reason))
    }));
    entries
}

/// Why, and by whom: the audit log knows.
fn explained(facts: &Facts<'_>, action: &str, reason: Option<&str>) -> Option<String> {
    let entry = facts.audit.iter().find(|entry| entry.action == action);
    let audited = entry.and_then(|entry| entry.details.get("reason")?.as_str());
    match (entry, reason.or(audited)) {
        (Some(entry), Some(reason)) => Some(format!("by {}: {reason}", entry.actor)),
        (Some(entry), None) => Some(format!("by {}", entry.actor)),
        (None, reason) => reason.map(str::to_owned),
    }
}

/// An event and what came of its deliveries.
fn of_event(event: &TimelineEvent) -> Vec<Entry> {
    let partner = event.partner.as_deref();
    let emitted = Entry::new(event.timestamp, format!("{} emitted", event.kind));
    let mut entries = vec![emitted.partner(partner)];
    for one in &event.deliveries {
        entries.extend(of_delivery(event.kind, partner, one));
    }
    entries
}

fn of_delivery(kind: &str, partner: Option<&str>, one: &TimelineDelivery) -> Vec<Entry> {
    let id = one.delivery.id;
    let attempt = |(at, attempt): (usize, &AttemptView)| {
        let number = at + 1;
        let is_success = attempt.error.is_none()
            && attempt
                .status_code
                .is_some_and(|status| (200..300).contains(&status));
        let result = match (attempt.status_code, &attempt.error) {
            (Some(status), _) => format!("answered {status}"),
            (None, Some(error)) => format!("failed: {}", error.replace('_', " ")),
            (None, None) => "did not end".to_owned(),
        };
        let text = match number {
            1 => format!("{kind} {result}"),
            _ => format!("{kind} {result}, attempt {number}"),
        };
        Entry::new(attempt.at, text)
            .class(if is_success { "ok" } else { "bad" })
            .partner(partner)
            .detail(Some(format!(
                "after {}",
                millis(attempt.duration_ms.into())
            )))
            .href(Some(format!("{BASE}/deliveries/{id}?attempt={number}")))
    };
    let mut entries: Vec<_> = one.attempts.iter().enumerate().map(attempt).collect();
    if let Some(at) = one.delivery.died_at {
        let reason = one.delivery.reason.as_ref();
        let entry = Entry::new(at, format!("{kind} is dead")).class("bad");
        let entry = entry.detail(reason.map(|reason| reason.replace('_', " ")));
        let href = Some(format!("{BASE}/deliveries/{id}"));
        entries.push(entry.partner(partner).href(href));
    }
    entries
}

/// What partners said.
fn reported(facts: &Facts<'_>) -> Vec<Entry> {
    let order = facts.order;
    let mut entries = Vec::new();
    for named in &order.acknowledgements {
        let id = named.number.as_ref().or(named.order_id.as_ref());
        let text = match id {
            Some(id) => format!("The partner calls it {id}"),
            None => "The partner acknowledged it".to_owned(),
        };
        let href = format!("{BASE}/deliveries/{}", named.delivery);
        let entry = Entry::new(named.at, text).partner(Some(&named.partner));
        entries.push(entry.href(Some(href)));
    }
    for report in &order.reports {
        for callback in &report.callbacks {
            let class = match callback.state.as_str() {
                "failed" => "bad",
                "unmatched" => "warn",
                _ => "",
            };
            let id = callback.id.to_string();
            let entry = Entry::new(callback.received_at, format!("Callback {}", callback.state));
            let detail = callback.detail.as_ref();
            entries.push(
                entry
                    .class(class)
                    .partner(Some(&report.partner))
                    .detail(detail.map(|detail| detail.replace('_', " ")))
                    .href(facts.visitor.page_href("/callbacks/{id}", "", &id)),
            );
        }
    }
    entries
}

/// What the buyer did on our own pages.
fn bought(facts: &Facts<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    if let Some(checkout) = facts.checkout {
        let id = checkout.id.to_string();
        let entry = Entry::new(checkout.created_at, "Checkout opened");
        entries.push(entry.href(facts.visitor.page_href("/checkouts/{id}", "", &id)));
    }
    for payment in facts.payments {
        let id = payment.id.to_string();
        let amount = money(payment.currency, payment.amount);
        let entry = Entry::new(payment.created_at, format!("Payment of {amount} begun"));
        let detail = payment.status.replace('_', " ");
        entries.push(
            entry
                .detail(Some(format!("now {detail}")))
                .href(facts.visitor.page_href("/payments/{id}", "", &id)),
        );
    }
    entries
}
