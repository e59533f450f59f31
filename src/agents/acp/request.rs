//! Reads ACP requests into the neutral details. Members that are not ours are ignored: agents send more than the schema has.
//!
//! `quantity` is not in the schema of requests since 2026-01-30, and agents send it: it counts. So does the older `items`.

use serde_json::{Value, json};

use super::release::HANDLER;
use crate::agents::details::{Destination, Person, RequestedLine, SessionDetails};
use crate::agents::error::AgentError;
use crate::agents::read::{array, member, object, quantity, refuse_cards, text};
use crate::agents::session::parse_option_id;
use crate::agents::sessions::LINES_MAX;
use crate::payments::PaymentToken;

/// A request to complete.
pub(crate) struct Complete {
    pub(crate) token: PaymentToken,
    pub(crate) has_authentication: bool,
    /// The details with what came along.
    pub(crate) details: SessionDetails,
}

/// A new session.
pub(crate) fn read_create(body: &Value) -> Result<SessionDetails, AgentError> {
    must_be_object(body)?;
    refuse_cards(body, "")?;
    let mut details = SessionDetails::default();
    let lines = lines(body)?;
    details.lines = lines.ok_or_else(|| missing("/line_items"))?;
    if details.lines.is_empty() {
        return Err(missing("/line_items"));
    }
    details.currency = Some(text(body, "", "currency")?.ok_or_else(|| missing("/currency"))?);
    details.locale = text(body, "", "locale")?;
    let timezone = text(body, "", "timezone")?;
    let metadata = object(body, "", "metadata")?;
    let capabilities = object(body, "", "capabilities")?;
    let supported = capabilities.and_then(|one| one.pointer("/interventions/supported"));
    details.echo = json!({"timezone": timezone, "metadata": metadata, "supported": supported});
    merge(&mut details, body)?;
    Ok(details)
}

/// A session with what is given replaced.
pub(crate) fn read_update(
    body: &Value,
    current: &SessionDetails,
) -> Result<SessionDetails, AgentError> {
    must_be_object(body)?;
    refuse_cards(body, "")?;
    let mut details = current.clone();
    if let Some(lines) = lines(body)? {
        details.lines = lines;
    }
    merge(&mut details, body)?;
    Ok(details)
}

/// The token, and what is known better at the end.
pub(crate) fn read_complete(
    body: &Value,
    current: &SessionDetails,
) -> Result<Complete, AgentError> {
    must_be_object(body)?;
    refuse_cards(body, "")?;
    let data = object(body, "", "payment_data")?.ok_or_else(|| missing("/payment_data"))?;
    if let Some(handler) = text(data, "/payment_data", "handler_id")?
        && handler != HANDLER
    {
        let detail = "Send the id of one of `capabilities.payment.handlers`.";
        let pointer = "/payment_data/handler_id";
        return Err(AgentError::invalid(pointer, "invalid", detail));
    }
    let instrument = object(data, "/payment_data", "instrument")?;
    let credential = instrument.and_then(|one| member(one, "credential"));
    let pointer = "/payment_data/instrument/credential/token";
    let token = match credential {
        Some(credential) => text(credential, "/payment_data/instrument/credential", "token")?,
        // As releases before 2026-01-30 have it.
        None => text(data, "/payment_data", "token")?,
    };
    let token = token.ok_or_else(|| missing(pointer))?;
    let token = PaymentToken::parse(&token)
        .ok_or_else(|| AgentError::invalid(pointer, "invalid", "This is no payment token."))?;
    let mut details = current.clone();
    merge_buyer(&mut details, body)?;
    Ok(Complete {
        token,
        has_authentication: object(body, "", "authentication_result")?.is_some(),
        details,
    })
}

fn merge(details: &mut SessionDetails, body: &Value) -> Result<(), AgentError> {
    merge_buyer(details, body)?;
    if let Some(given) = object(body, "", "fulfillment_details")? {
        merge_fulfillment(details, given)?;
    }
    if let Some(codes) = codes(body)? {
        details.codes = codes;
    }
    let selected = array(body, "", "selected_fulfillment_options")?;
    for (index, one) in selected.unwrap_or_default().iter().enumerate() {
        let at = format!("/selected_fulfillment_options/{index}");
        let id = text(one, &at, "option_id")?.ok_or_else(|| missing(&format!("{at}/option_id")))?;
        let (partner, option) = parse_option_id(&id).ok_or_else(|| {
            let pointer = format!("{at}/option_id");
            AgentError::invalid(
                pointer,
                "invalid",
                "Send the id of one of `fulfillment_options`.",
            )
        })?;
        details.delivery.insert(partner, option);
    }
    Ok(())
}

fn merge_buyer(details: &mut SessionDetails, body: &Value) -> Result<(), AgentError> {
    let Some(buyer) = object(body, "", "buyer")? else {
        return Ok(());
    };
    let of = |name| text(buyer, "/buyer", name);
    let given = Person {
        email: of("email")?,
        first_name: of("first_name")?,
        last_name: of("last_name")?,
        full_name: of("full_name")?,
        phone: of("phone_number")?,
    };
    // A name that is given replaces the old one in all its parts.
    let person = &mut details.person;
    if given.name().is_some() {
        person.first_name = given.first_name;
        person.last_name = given.last_name;
        person.full_name = given.full_name;
    }
    person.email = given.email.or(person.email.take());
    person.phone = given.phone.or(person.phone.take());
    details.buyer_id = of("customer_id")?.or(details.buyer_id.take());
    Ok(())
}

fn merge_fulfillment(details: &mut SessionDetails, given: &Value) -> Result<(), AgentError> {
    const AT: &str = "/fulfillment_details";
    let name = text(given, AT, "name")?;
    let person = &mut details.person;
    if person.name().is_none() {
        person.full_name.clone_from(&name);
    }
    person.email = person.email.take().or(text(given, AT, "email")?);
    person.phone = person.phone.take().or(text(given, AT, "phone_number")?);
    let Some(address) = object(given, AT, "address")? else {
        return Ok(());
    };
    let of = |member: &str| -> Result<String, AgentError> {
        let at = format!("{AT}/address");
        Ok(text(address, &at, member)?.unwrap_or_default())
    };
    let recipient = of("name")?;
    details.destination = Some(Destination {
        id: None,
        name: match recipient.trim().is_empty() {
            true => name.unwrap_or_default(),
            false => recipient,
        },
        line1: of("line_one")?,
        line2: of("line_two")?,
        city: of("city")?,
        region: of("state")?,
        postal_code: of("postal_code")?,
        country: of("country")?,
    });
    Ok(())
}

/// `discounts.codes`, or the older `coupons`.
fn codes(body: &Value) -> Result<Option<Vec<String>>, AgentError> {
    let discounts = object(body, "", "discounts")?;
    let (given, at) = match discounts {
        Some(discounts) => (array(discounts, "/discounts", "codes")?, "/discounts/codes"),
        None => (array(body, "", "coupons")?, "/coupons"),
    };
    let Some(given) = given else { return Ok(None) };
    let code = |(index, code): (usize, &Value)| {
        let pointer = format!("{at}/{index}");
        let code = code.as_str().filter(|code| code.len() <= 100);
        code.map(str::to_owned).ok_or_else(|| {
            AgentError::invalid(pointer, "invalid", "Send a text of at most 100 bytes.")
        })
    };
    let codes: Result<Vec<_>, _> = given.iter().take(20).enumerate().map(code).collect();
    codes.map(Some)
}

fn lines(body: &Value) -> Result<Option<Vec<RequestedLine>>, AgentError> {
    let (given, name) = match array(body, "", "line_items")? {
        Some(given) => (Some(given), "line_items"),
        None => (array(body, "", "items")?, "items"),
    };
    let Some(given) = given else { return Ok(None) };
    if given.len() > LINES_MAX {
        let detail = format!("Send at most {LINES_MAX} lines.");
        return Err(AgentError::invalid(format!("/{name}"), "invalid", detail));
    }
    let line = |(index, line): (usize, &Value)| {
        let at = format!("/{name}/{index}");
        // Some agents send lines as they read them: with the item inside.
        let item = member(line, "item")
            .filter(|item| item.is_object())
            .unwrap_or(line);
        let id = text(item, &at, "id")?.ok_or_else(|| missing(&format!("{at}/id")))?;
        let quantity = quantity(line, &at)?;
        Ok(RequestedLine {
            id,
            item: None,
            quantity,
        })
    };
    let lines: Result<Vec<_>, AgentError> = given.iter().enumerate().map(line).collect();
    lines.map(Some)
}

fn must_be_object(body: &Value) -> Result<(), AgentError> {
    match body.is_object() {
        true => Ok(()),
        false => Err(AgentError::invalid("", "invalid", "Send a JSON object.")),
    }
}

fn missing(pointer: &str) -> AgentError {
    AgentError::invalid(pointer, "missing", "This member is required.")
}
