//! An ACP session, complete: agents replace what they know by it.

use buywire_checkout::machine::AcpStatus;
use buywire_checkout::pricing::DeliveryChoice;
use buywire_checkout::tables::{DeliveryKind, DeliveryOption};
use serde_json::{Map, Value, json};

use super::amounts::{of_line, of_session, total};
use super::messages::messages;
use super::order;
use super::release::{HANDLER, VERSION};
use crate::agents::details::{SessionDetails, filled};
use crate::agents::session::{AgentSession, SessionLine, option_id, rfc3339};

/// The session's document.
pub(crate) fn render(session: &AgentSession) -> Value {
    let view = &session.view;
    let (details, stored) = (&session.details, &view.stored);
    let status = session.acp_status();
    let mut lines: Vec<_> = session
        .lines()
        .iter()
        .map(|one| line(session, one))
        .collect();
    lines.extend(refused_lines(details));
    let mut document = json!({
        "id": view.id(),
        "protocol": {"version": VERSION},
        "capabilities": capabilities(session),
        "buyer": buyer(details),
        "status": status,
        "currency": session.currency().to_ascii_lowercase(),
        "locale": details.locale,
        "timezone": details.echo.get("timezone"),
        "line_items": lines,
        "fulfillment_details": fulfillment_details(details),
        "fulfillment_options": options(session),
        "selected_fulfillment_options": selected(session),
        "totals": of_session(session),
        "messages": messages(&session.problems),
        "links": links(session),
        "created_at": rfc3339(stored.created_at),
        "updated_at": rfc3339(stored.updated_at),
        "expires_at": rfc3339(stored.machine.expires_at()),
        "continue_url": continue_url(session, status),
        "metadata": details.echo.get("metadata"),
        "discounts": discounts(details),
    });
    if status == AcpStatus::Completed
        && let Some(members) = document.as_object_mut()
    {
        members.insert("order".to_owned(), json!(order::order(session)));
    }
    without_null(&mut document);
    document
}

fn line(session: &AgentSession, one: &SessionLine<'_>) -> Value {
    let line = one.line;
    let options = line.options.iter();
    let options = options.map(|(name, value)| json!({"name": name, "value": value}));
    let options: Vec<_> = options.collect();
    let seller = session
        .sellers
        .iter()
        .find(|seller| seller.partner == line.partner);
    let seller = seller.and_then(|seller| seller.policy.seller.as_ref());
    json!({
        "id": one.id,
        "item": {"id": one.item_id, "name": line.title, "unit_amount": line.unit_price},
        "quantity": line.quantity,
        "name": line.title,
        "images": line.image.as_ref().map(|url| [url]),
        "unit_amount": line.unit_price,
        "product_id": line.product,
        "marketplace_seller_details":
            {"name": seller.map_or(line.seller.as_str(), |seller| seller.name.as_str())},
        "variant_options": (!options.is_empty()).then_some(options),
        "availability_status": "in_stock",
        "totals": of_line(one),
    })
}

/// What cannot be bought is shown as it was requested, without a price.
fn refused_lines(details: &SessionDetails) -> Vec<Value> {
    let refused = details.refused.iter().filter_map(|refused| {
        let line = details.lines.get(refused.line)?;
        Some(json!({
            "id": format!("li_refused_{}", refused.line),
            "item": {"id": line.id},
            "quantity": line.quantity,
            "availability_status": "out_of_stock",
            "totals": [],
        }))
    });
    refused.collect()
}

fn capabilities(session: &AgentSession) -> Value {
    let handlers: Vec<_> = session.processor.iter().map(|psp| handler(psp)).collect();
    let supported = session.details.echo.pointer("/supported");
    let knows_3ds = supported
        .and_then(Value::as_array)
        .is_some_and(|all| all.iter().any(|one| one == "3ds"));
    let supported: &[&str] = if knows_3ds { &["3ds"] } else { &[] };
    json!({
        "payment": {"handlers": handlers},
        "interventions": {"supported": supported, "required": [], "enforcement": "conditional"},
    })
}

/// A card's token, granted at the processor.
fn handler(psp: &str) -> Value {
    json!({
        "id": HANDLER,
        "name": "dev.acp.tokenized.card",
        "display_name": "Card",
        "version": "2026-01-22",
        "spec": "https://acp.dev/handlers/tokenized.card",
        "requires_delegate_payment": true,
        "requires_pci_compliance": false,
        "psp": psp,
        "config_schema": "https://acp.dev/schemas/handlers/tokenized.card/config.json",
        "instrument_schemas": ["https://acp.dev/schemas/handlers/tokenized.card/instrument.json"],
        "config": {"psp": psp, "accepted_brands": ["visa", "mastercard", "amex", "discover"], "supports_3ds": true},
    })
}

/// The schema requires an address; without one, the contact is the fulfilment's.
fn buyer(details: &SessionDetails) -> Option<Value> {
    let person = &details.person;
    let email = filled(person.email.as_deref())?;
    Some(json!({
        "first_name": person.first_name,
        "last_name": person.last_name,
        "full_name": person.full_name,
        "email": email,
        "phone_number": person.phone,
    }))
}

fn fulfillment_details(details: &SessionDetails) -> Option<Value> {
    let person = &details.person;
    let to = details.destination.as_ref();
    let address = to.map(|to| {
        json!({
            "name": to.name,
            "line_one": to.line1,
            "line_two": filled(Some(&to.line2)),
            "city": to.city,
            "state": to.region,
            "country": to.country,
            "postal_code": to.postal_code,
        })
    });
    let is_known = to.is_some() || person.email.is_some() || person.name().is_some();
    is_known.then(|| {
        json!({
            "name": person.name(),
            "phone_number": person.phone,
            "email": filled(person.email.as_deref()),
            "address": address,
        })
    })
}

fn options(session: &AgentSession) -> Vec<Value> {
    let of_choice = |choice: &DeliveryChoice| {
        let options = choice.options.iter();
        let options = options.map(|option| {
            json!({
                "type": kind(option),
                "id": option_id(&choice.partner, &option.id),
                "title": option.title,
                "description": days(option),
                "totals": [
                    total("fulfillment", "Delivery", option.price),
                    total("total", "Total", option.price),
                ],
            })
        });
        options.collect::<Vec<_>>()
    };
    session.deliveries().iter().flat_map(of_choice).collect()
}

fn days(option: &DeliveryOption) -> Option<String> {
    option.days.map(|(from, to)| match from == to {
        true => format!("{to} days"),
        false => format!("{from} to {to} days"),
    })
}

fn selected(session: &AgentSession) -> Vec<Value> {
    let chosen = session.deliveries().iter().filter_map(|choice| {
        let option = choice.options.iter().find(|one| one.id == choice.chosen)?;
        Some(json!({
            "type": kind(option),
            "option_id": option_id(&choice.partner, &option.id),
            "item_ids": session.line_ids(&choice.partner),
        }))
    });
    chosen.collect()
}

fn kind(option: &DeliveryOption) -> &'static str {
    match option.kind {
        DeliveryKind::Shipping => "shipping",
        DeliveryKind::Digital => "digital",
        DeliveryKind::Pickup => "pickup",
    }
}

fn links(session: &AgentSession) -> Vec<Value> {
    let of_seller = session.sellers.iter().flat_map(|seller| {
        let links = &seller.policy.links;
        let named = [
            ("terms_of_use", &links.terms_of_use),
            ("privacy_policy", &links.privacy_policy),
            ("return_policy", &links.return_policy),
            ("shipping_policy", &links.shipping_policy),
        ];
        named
            .into_iter()
            .filter_map(|(kind, url)| Some(json!({"type": kind, "url": url.as_ref()?})))
    });
    of_seller.collect()
}

/// Where the buyer goes on: at the bank, or on our page.
fn continue_url(session: &AgentSession, status: AcpStatus) -> Option<&str> {
    match status {
        AcpStatus::AuthenticationRequired => session.action_url.as_deref(),
        AcpStatus::InProgress | AcpStatus::CompleteInProgress | AcpStatus::Completed => {
            Some(&session.order_page)
        }
        AcpStatus::NotReadyForPayment
        | AcpStatus::ReadyForPayment
        | AcpStatus::Canceled
        | AcpStatus::Expired => None,
    }
}

fn discounts(details: &SessionDetails) -> Option<Value> {
    let rejected = details.codes.iter();
    let rejected = rejected.map(|code| json!({"code": code, "reason": "discount_code_invalid"}));
    let rejected: Vec<_> = rejected.collect();
    (!rejected.is_empty())
        .then(|| json!({"codes": details.codes, "applied": [], "rejected": rejected}))
}

/// The schema knows absent members, and none that are null.
fn without_null(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let all = std::mem::take(members);
            let kept = all.into_iter().filter(|(_, member)| !member.is_null());
            *members = kept
                .map(|(name, mut member)| {
                    if name != "metadata" {
                        without_null(&mut member);
                    }
                    (name, member)
                })
                .collect::<Map<_, _>>();
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}
