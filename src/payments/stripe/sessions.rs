//! Sessions: Stripe's Checkout Sessions on the hosted page.
//!
//! Promises: the page asks for exactly the quoted sum, in the quoted currency; a page on another host is refused.

use buywire_checkout::machine::CaptureMethod;
use serde_json::{Value, json};

use super::amounts::{currency_from_wire, currency_to_wire, from_wire, to_wire};
use super::client::Client;
use super::payments;
use super::wire::{CHECKOUT_KEY, Expandable, WireSession, checkout_id, unix_time};
use crate::payments::error::PaymentError;
use crate::payments::ids::{IdempotencyKey, ProcessorPaymentId, SessionId};
use crate::payments::processor::Amount;
use crate::payments::sessions::{NamedAmount, NewSession, Session, SessionLine, SessionStatus};

const SESSIONS: &str = "/v1/checkout/sessions";
const EXPAND: &str = "payment_intent.latest_charge";

/// Stripe's bound for the lines of a page.
const LINES_MAX: usize = 100;

/// Stripe shows about this much of a title.
const TITLE_CHARS_MAX: usize = 250;

/// The languages of Stripe's hosted page.
const LOCALES: [&str; 41] = [
    "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR",
    "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW", "auto",
];

pub(super) async fn create(
    client: &Client,
    new: &NewSession,
    key: &IdempotencyKey,
) -> Result<Session, PaymentError> {
    new.check_sum()?;
    let wire = client.post(SESSIONS, &params(new)?, key).await?;
    let session = facts(client, wire).await?;
    match session.amount == new.amount && session.currency == new.currency {
        true => Ok(session),
        // Its page is given to nobody, so nobody pays the other sum.
        false => Err(PaymentError::refused("amount_differs", Some("amount"))),
    }
}

pub(super) async fn read(client: &Client, id: &SessionId) -> Result<Session, PaymentError> {
    let path = format!("{SESSIONS}/{id}");
    let wire = client.get(&path, &json!({"expand": [EXPAND]})).await?;
    facts(client, wire).await
}

pub(super) async fn expire(
    client: &Client,
    id: &SessionId,
    key: &IdempotencyKey,
) -> Result<Session, PaymentError> {
    let path = format!("{SESSIONS}/{id}/expire");
    match client.post(&path, &json!({"expand": [EXPAND]}), key).await {
        Ok(wire) => facts(client, wire).await,
        // Stripe has no code for this. There is nothing else in the request that it could refuse.
        Err(PaymentError::Refused { code, param: None }) if code == "unspecified" => {
            Err(PaymentError::InvalidState {
                code: "session_not_open".to_owned(),
            })
        }
        Err(error) => Err(error),
    }
}

fn params(new: &NewSession) -> Result<Value, PaymentError> {
    let currency = currency_to_wire(new.currency);
    let line = |line: &SessionLine| line_params(new, line);
    let mut lines = new.lines.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    if let Some(NamedAmount { title, amount }) = &new.tax {
        let tax = SessionLine {
            title: title.clone(),
            quantity: 1,
            amount: *amount,
        };
        lines.push(line_params(new, &tax)?);
    }
    if lines.len() > LINES_MAX {
        return Err(PaymentError::refused("too_many_lines", Some("lines")));
    }
    let shipping = new.shipping.as_ref().map(|one| shipping_params(new, one));
    let shipping = shipping.transpose()?;
    let checkout = new.checkout_id.to_string();
    let mut metadata = json!(new.metadata);
    if let Some(members) = metadata.as_object_mut() {
        members.insert(CHECKOUT_KEY.to_owned(), checkout.clone().into());
    }
    let capture_method = match new.capture {
        CaptureMethod::Manual => "manual",
        CaptureMethod::Automatic => "automatic",
    };
    let locale = new
        .locale
        .as_deref()
        .filter(|locale| LOCALES.contains(locale));
    Ok(json!({
        "mode": "payment",
        "submit_type": "pay",
        "payment_method_types": new.redirect.map(|redirect| [redirect.name()]),
        "currency": currency,
        "line_items": lines,
        "shipping_options": shipping.map(|one| [one]),
        "success_url": new.success_url,
        "cancel_url": new.cancel_url,
        "client_reference_id": checkout,
        "customer_email": new.customer_email,
        "locale": locale.unwrap_or("auto"),
        "expires_at": new.expires_at.unix_timestamp(),
        // The buyer would pay in another currency than we quoted.
        "adaptive_pricing": {"enabled": false},
        "metadata": metadata,
        "payment_intent_data": {
            "capture_method": capture_method,
            "description": new.description,
            "metadata": metadata,
        },
    }))
}

fn line_params(new: &NewSession, line: &SessionLine) -> Result<Value, PaymentError> {
    let quantity = i64::from(line.quantity);
    let unit = (quantity > 0 && line.amount % quantity == 0).then(|| line.amount / quantity);
    // Three for 10.00 have no unit price: then the line is one piece, and its title has the quantity.
    let (quantity, title, amount) = match unit.map(|unit| wire_amount(new, unit)) {
        Some(Ok(unit)) => (quantity, line.title.clone(), unit),
        _ => {
            let title = format!("{quantity} × {}", line.title);
            (1, title, wire_amount(new, line.amount)?)
        }
    };
    Ok(json!({
        "quantity": quantity,
        "price_data": {
            "currency": currency_to_wire(new.currency),
            "unit_amount": amount,
            "product_data": {"name": shorten(&title)},
        },
    }))
}

fn shipping_params(new: &NewSession, shipping: &NamedAmount) -> Result<Value, PaymentError> {
    Ok(json!({"shipping_rate_data": {
        "type": "fixed_amount",
        "display_name": shorten(&shipping.title),
        "fixed_amount": {
            "amount": wire_amount(new, shipping.amount)?,
            "currency": currency_to_wire(new.currency),
        },
    }}))
}

fn wire_amount(new: &NewSession, minor: i64) -> Result<i64, PaymentError> {
    let currency = new.currency;
    to_wire(Amount { minor, currency })
}

fn shorten(title: &str) -> String {
    title.chars().take(TITLE_CHARS_MAX).collect()
}

async fn facts(client: &Client, wire: WireSession) -> Result<Session, PaymentError> {
    let status = match wire.status.as_deref() {
        Some("open") => SessionStatus::Open,
        Some("complete") => SessionStatus::Complete,
        Some("expired") => SessionStatus::Expired,
        _ => return Err(PaymentError::unreadable()),
    };
    let id = SessionId::parse(&wire.id).ok_or_else(PaymentError::unreadable)?;
    if let Some(url) = &wire.url
        && !client.is_hosted_page(url)
    {
        tracing::error!(session = %id, "payments.session: the page is not on the processor's hosts, refused");
        return Err(PaymentError::UnexpectedRedirect);
    }
    let currency = currency_from_wire(wire.currency.as_deref().unwrap_or_default())?;
    let amount = wire.amount_total.ok_or_else(PaymentError::unreadable)?;
    let (payment_id, payment) = match wire.payment_intent {
        Some(Expandable::Object(intent)) => {
            let payment = payments::facts(client, *intent, Some(id.clone())).await?;
            (Some(payment.id.clone()), Some(payment))
        }
        Some(Expandable::Id(intent)) => (ProcessorPaymentId::parse(&intent), None),
        None => (None, None),
    };
    Ok(Session {
        id,
        checkout_id: checkout_id(wire.metadata.as_ref()),
        status,
        amount: from_wire(amount, currency)?,
        currency,
        expires_at: unix_time(wire.expires_at)?,
        url: wire.url,
        payment_id,
        payment,
        is_live: wire.livemode,
    })
}
