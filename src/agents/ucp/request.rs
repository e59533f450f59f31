//! Reads UCP requests into the neutral details. A request replaces the whole checkout: what is not sent is not kept.

use buywire_schemas::text::Slug;
use serde_json::Value;

use super::envelope::HANDLER;
use super::fulfillment::{METHOD_PREFIX, is_given};
use crate::agents::details::{Destination, Person, RequestedLine, SessionDetails};
use crate::agents::error::AgentError;
use crate::agents::read::{array, member, object, quantity, refuse_cards, text};
use crate::agents::sessions::LINES_MAX;
use crate::payments::PaymentToken;

/// A new checkout, or all of one.
pub(crate) fn read_checkout(
    body: &Value,
    locale: Option<String>,
) -> Result<SessionDetails, AgentError> {
    if !body.is_object() {
        return Err(AgentError::invalid("", "invalid", "Send a JSON object."));
    }
    refuse_cards(body, "")?;
    let mut details = SessionDetails {
        lines: lines(body)?,
        locale,
        ..SessionDetails::default()
    };
    if let Some(buyer) = object(body, "", "buyer")? {
        let of = |name| text(buyer, "/buyer", name);
        details.person = Person {
            email: of("email")?,
            first_name: of("first_name")?,
            last_name: of("last_name")?,
            full_name: of("full_name")?,
            phone: of("phone_number")?,
        };
    }
    if let Some(context) = object(body, "", "context")? {
        let language = text(context, "/context", "language")?;
        details.locale = language.or(details.locale);
        details.country = text(context, "/context", "address_country")?;
        let claims = array(context, "/context", "eligibility")?.unwrap_or_default();
        let claims = claims.iter().take(20).filter_map(Value::as_str);
        details.claims = claims.map(str::to_owned).collect();
    }
    if let Some(fulfillment) = object(body, "", "fulfillment")? {
        read_fulfillment(&mut details, fulfillment)?;
    }
    if let Some(discounts) = object(body, "", "discounts")? {
        let codes = array(discounts, "/discounts", "codes")?.unwrap_or_default();
        let codes = codes.iter().take(20).filter_map(Value::as_str);
        details.codes = codes.map(str::to_owned).collect();
    }
    Ok(details)
}

/// The token of the selected instrument, or of the first.
pub(crate) fn read_complete(body: &Value) -> Result<PaymentToken, AgentError> {
    const INSTRUMENTS: &str = "/payment/instruments";
    if !body.is_object() {
        return Err(AgentError::invalid("", "invalid", "Send a JSON object."));
    }
    refuse_cards(body, "")?;
    let payment = object(body, "", "payment")?.ok_or_else(|| missing("/payment"))?;
    let instruments = array(payment, "/payment", "instruments")?.unwrap_or_default();
    let is_selected = |one: &&Value| one.get("selected") == Some(&Value::Bool(true));
    let chosen = instruments
        .iter()
        .find(is_selected)
        .or_else(|| instruments.first());
    let chosen = chosen.ok_or_else(|| missing(INSTRUMENTS))?;
    let at = format!("{INSTRUMENTS}/0/credential");
    if let Some(handler) = text(chosen, INSTRUMENTS, "handler_id")?
        && handler != HANDLER
    {
        let pointer = format!("{INSTRUMENTS}/0/handler_id");
        let detail = "Send the id of one of `payment_handlers`.";
        return Err(AgentError::invalid(pointer, "invalid", detail));
    }
    let credential = member(chosen, "credential").ok_or_else(|| missing(&at))?;
    let token = text(credential, &at, "token")?.ok_or_else(|| missing(&format!("{at}/token")))?;
    PaymentToken::parse(&token).ok_or_else(|| {
        AgentError::invalid(
            format!("{at}/token"),
            "invalid",
            "This is no payment token.",
        )
    })
}

fn lines(body: &Value) -> Result<Vec<RequestedLine>, AgentError> {
    let given = array(body, "", "line_items")?.ok_or_else(|| missing("/line_items"))?;
    if given.is_empty() {
        return Err(missing("/line_items"));
    }
    if given.len() > LINES_MAX {
        let detail = format!("Send at most {LINES_MAX} lines.");
        return Err(AgentError::invalid("/line_items", "invalid", detail));
    }
    let line = |(index, line): (usize, &Value)| {
        let at = format!("/line_items/{index}");
        let item = object(line, &at, "item")?.ok_or_else(|| missing(&format!("{at}/item")))?;
        let id = text(item, &at, "id")?.ok_or_else(|| missing(&format!("{at}/item/id")))?;
        if member(line, "quantity").is_none() {
            return Err(missing(&format!("{at}/quantity")));
        }
        let quantity = quantity(line, &at)?;
        Ok(RequestedLine {
            id,
            item: None,
            quantity,
        })
    };
    given.iter().enumerate().map(line).collect()
}

fn read_fulfillment(details: &mut SessionDetails, given: &Value) -> Result<(), AgentError> {
    let methods = array(given, "/fulfillment", "methods")?.unwrap_or_default();
    for (index, method) in methods.iter().enumerate() {
        let at = format!("/fulfillment/methods/{index}");
        let destinations = array(method, &at, "destinations")?.unwrap_or_default();
        let selected = text(method, &at, "selected_destination_id")?;
        let is_selected = |one: &&Value| {
            let id = one.get("id").and_then(Value::as_str);
            selected.is_some() && id == selected.as_deref()
        };
        let chosen = destinations
            .iter()
            .find(is_selected)
            .or_else(|| destinations.first());
        if let Some(chosen) = chosen.filter(|one| one.is_object()) {
            details.destination = Some(destination(chosen, &format!("{at}/destinations"))?);
        }
        let id = text(method, &at, "id")?.unwrap_or_default();
        let groups = array(method, &at, "groups")?.unwrap_or_default();
        for group in groups {
            let Some(option) = text(group, &format!("{at}/groups"), "selected_option_id")? else {
                continue;
            };
            // Our own ids name the seller. In a new checkout the ids are the agent's, and one choice is for all.
            match id.strip_prefix(METHOD_PREFIX).map(Slug::parse) {
                Some(Ok(partner)) => {
                    details.delivery.insert(partner, option);
                }
                _ => details.delivery_of_all = Some(option),
            }
        }
    }
    Ok(())
}

fn destination(given: &Value, at: &str) -> Result<Destination, AgentError> {
    let of = |name: &str| text(given, at, name).map(Option::unwrap_or_default);
    let names = [of("first_name")?, of("last_name")?];
    let names: Vec<_> = names
        .iter()
        .filter(|name| is_given(name))
        .map(String::as_str)
        .collect();
    Ok(Destination {
        id: text(given, at, "id")?,
        name: names.join(" "),
        line1: of("street_address")?,
        line2: of("extended_address")?,
        city: of("address_locality")?,
        region: of("address_region")?,
        postal_code: of("postal_code")?,
        country: of("address_country")?,
    })
}

fn missing(pointer: &str) -> AgentError {
    AgentError::invalid(pointer, "missing", "This member is required.")
}
