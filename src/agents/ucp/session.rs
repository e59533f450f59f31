//! A UCP checkout, complete.

use buywire_checkout::machine::UcpStatus;
use buywire_checkout::quote::Quote;
use serde_json::{Map, Value, json};

use super::envelope::{failure, success};
use super::fulfillment::fulfillment;
use super::messages::messages;
use crate::agents::session::{AgentSession, SessionLine, line_price, rfc3339};

/// The checkout's document; of one that can have no line, the error instead.
pub(crate) fn render(session: &AgentSession) -> Value {
    let view = &session.view;
    if view.stored.cart.lines.is_empty() {
        return nothing(session);
    }
    let status = session.ucp_status();
    let expires_at = rfc3339(view.stored.machine.expires_at());
    let lines: Vec<_> = session.lines().iter().map(line).collect();
    let members = [
        ("ucp", Some(success(session.processor))),
        ("id", Some(json!(view.id()))),
        ("status", Some(json!(status))),
        ("currency", Some(json!(session.currency()))),
        ("line_items", Some(json!(lines))),
        ("buyer", buyer(session)),
        ("fulfillment", fulfillment(session)),
        ("totals", Some(json!(totals(session)))),
        ("messages", Some(json!(messages(&session.problems)))),
        ("links", Some(json!(links(session)))),
        ("expires_at", expires_at.map(Value::from)),
        (
            "continue_url",
            continue_url(session, status).map(Value::from),
        ),
        ("payment", Some(json!({"instruments": []}))),
        ("order", order(session, status)),
    ];
    let given = members.into_iter();
    let given = given.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect::<Map<_, _>>())
}

/// Nothing of it can be bought: there is no checkout to show.
fn nothing(session: &AgentSession) -> Value {
    let mut document = failure(
        "item_unavailable",
        "None of the items can be bought.",
        "unrecoverable",
    );
    let details = messages(&session.problems);
    if let Some(all) = document.get_mut("messages").and_then(Value::as_array_mut) {
        all.extend(details);
    }
    document
}

fn line(one: &SessionLine<'_>) -> Value {
    let quantity = one.line.quantity;
    json!({"id": one.id, "item": item(one), "quantity": quantity, "totals": line_totals(one)})
}

/// What is bought, at its price.
pub(super) fn item(one: &SessionLine<'_>) -> Value {
    let line = one.line;
    let mut item = json!({"id": one.item_id, "title": line.title, "price": line.unit_price});
    if let (Some(image), Some(members)) = (&line.image, item.as_object_mut()) {
        members.insert("image_url".to_owned(), json!(image));
    }
    item
}

/// A line's totals.
pub(super) fn line_totals(one: &SessionLine<'_>) -> Vec<Value> {
    match &one.quoted {
        Some(quoted) => vec![
            total("subtotal", "Subtotal", quoted.net),
            total("tax", "Tax", quoted.tax),
            total("total", "Total", quoted.total),
        ],
        None => {
            let price = line_price(one.line);
            vec![
                total("subtotal", "Subtotal", price),
                total("total", "Total", price),
            ]
        }
    }
}

fn total(kind: &str, text: &str, amount: i64) -> Value {
    json!({"type": kind, "display_text": text, "amount": amount})
}

/// The totals of all of it.
pub(super) fn totals(session: &AgentSession) -> Vec<Value> {
    match session.quote() {
        Some(quote) => of_quote(quote),
        None => {
            let sum = session.lines_sum();
            vec![
                total("subtotal", "Subtotal", sum),
                total("total", "Total", sum),
            ]
        }
    }
}

/// Everything but the total adds up to it. A discount is negative, and left out where there is none.
fn of_quote(quote: &Quote) -> Vec<Value> {
    let lines_tax = quote.tax() - quote.shipping_tax();
    let (lines_included, shipping_included) = match quote.tax_included() {
        true => (lines_tax, quote.shipping_tax()),
        false => (0, 0),
    };
    let mut totals = vec![total(
        "subtotal",
        "Subtotal",
        quote.subtotal() - lines_included,
    )];
    if quote.discount() > 0 {
        totals.push(total(
            "discount",
            "Discount",
            quote.discount().saturating_neg(),
        ));
    }
    totals.extend([
        total(
            "fulfillment",
            "Delivery",
            quote.shipping() - shipping_included,
        ),
        total("tax", "Tax", quote.tax()),
        total("total", "Total", quote.total()),
    ]);
    totals
}

fn buyer(session: &AgentSession) -> Option<Value> {
    let person = &session.details.person;
    let members = [
        ("email", &person.email),
        ("first_name", &person.first_name),
        ("last_name", &person.last_name),
        ("full_name", &person.full_name),
        ("phone_number", &person.phone),
    ];
    let given = members.into_iter();
    let given = given.filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?))));
    let given: Map<_, _> = given.collect();
    (!given.is_empty()).then_some(Value::Object(given))
}

fn links(session: &AgentSession) -> Vec<Value> {
    let of_seller = session.sellers.iter().flat_map(|seller| {
        let links = &seller.policy.links;
        let named = [
            ("terms_of_service", &links.terms_of_use),
            ("privacy_policy", &links.privacy_policy),
            ("refund_policy", &links.return_policy),
            ("shipping_policy", &links.shipping_policy),
        ];
        named
            .into_iter()
            .filter_map(|(kind, url)| Some(json!({"type": kind, "url": url.as_ref()?})))
    });
    of_seller.collect()
}

fn continue_url(session: &AgentSession, status: UcpStatus) -> Option<&str> {
    match status {
        UcpStatus::RequiresEscalation => {
            Some(session.action_url.as_deref().unwrap_or(&session.order_page))
        }
        UcpStatus::CompleteInProgress => Some(&session.order_page),
        UcpStatus::Incomplete
        | UcpStatus::ReadyForComplete
        | UcpStatus::Completed
        | UcpStatus::Canceled => None,
    }
}

fn order(session: &AgentSession, status: UcpStatus) -> Option<Value> {
    let id = session.order().filter(|_| status == UcpStatus::Completed)?;
    Some(json!({
        "id": id,
        "label": session.view.order_number(),
        "permalink_url": session.order_page,
    }))
}
