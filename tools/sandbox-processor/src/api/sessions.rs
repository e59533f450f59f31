//! Checkout Sessions over the API.

use serde_json::Value;

use super::call::ApiCall;
use super::error::ApiError;
use super::lists::{fits, page};
use super::params::{integer, list, owned, text};
use crate::clock::{new_id, random_text};
use crate::flows;
use crate::machine::{CaptureMethod, SessionState};
use crate::objects;
use crate::store::{Line, Payer, Session, ShippingOption, Store};

const EXPIRES_AFTER_SECONDS_MIN: i64 = 30 * 60;
const EXPIRES_AFTER_SECONDS_MAX: i64 = 24 * 3_600;
/// A client reads its clock before it sends the request.
const CLOCK_SLACK_SECONDS: i64 = 10;
/// Stripe's limit for a sum.
const AMOUNT_MAX: i64 = 99_999_999;
const QUANTITY_MAX: i64 = 999_999;

/// `POST /v1/checkout/sessions`
pub(super) fn create(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    let lines = list(params, "/line_items").iter().enumerate();
    let lines = lines.map(|(index, line)| read_line(index, line));
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    let currency = currency(params)?;
    let shipping = list(params, "/shipping_options").iter().map(read_shipping);
    let session = Session {
        id: format!("cs_test_{}", random_text(58)),
        created: call.now_s,
        expires_at: expires_at(call)?,
        state: SessionState::OPEN,
        method_types: method_types(params, &currency)?,
        currency,
        lines,
        shipping: shipping.collect(),
        chosen_shipping: 0,
        payer: Payer {
            name: None,
            email: owned(params, "/customer_email"),
        },
        payment_intent: None,
        params: params.clone(),
    };
    check_sum(&session)?;
    let document = objects::session(store, &session);
    flows::open_session(store, session);
    Ok(document)
}

fn read_line(index: usize, line: &Value) -> Result<Line, ApiError> {
    let quantity = integer(line, "/quantity").unwrap_or_default();
    let unit_amount = integer(line, "/price_data/unit_amount").unwrap_or_default();
    let within = |name: &str, value: i64, min: i64, max: i64| {
        if (min..=max).contains(&value) {
            return Ok(());
        }
        let param = format!("line_items[{index}]{name}");
        let message = format!("Invalid {param}: must be {min} to {max}");
        Err(ApiError::parameter(
            Some("parameter_invalid_integer"),
            &param,
            message,
        ))
    };
    within("[quantity]", quantity, 1, QUANTITY_MAX)?;
    within("[price_data][unit_amount]", unit_amount, 0, AMOUNT_MAX)?;
    Ok(Line {
        id: new_id("li_"),
        price: new_id("price_"),
        product: new_id("prod_"),
        name: owned(line, "/price_data/product_data/name").unwrap_or_default(),
        unit_amount,
        quantity,
        params: line.clone(),
    })
}

fn read_shipping(option: &Value) -> ShippingOption {
    let amount = integer(option, "/shipping_rate_data/fixed_amount/amount");
    ShippingOption {
        rate: new_id("shr_"),
        display_name: owned(option, "/shipping_rate_data/display_name").unwrap_or_default(),
        amount: amount.unwrap_or_default(),
    }
}

/// Every line and way of shipping has the same one.
fn currency(params: &Value) -> Result<String, ApiError> {
    let lines = list(params, "/line_items").iter();
    let lines = lines.filter_map(|line| text(line, "/price_data/currency"));
    let shipping = list(params, "/shipping_options").iter();
    let shipping =
        shipping.filter_map(|one| text(one, "/shipping_rate_data/fixed_amount/currency"));
    let mut all = lines.chain(shipping).chain(text(params, "/currency"));
    let first = all.next().ok_or_else(|| ApiError::missing("line_items"))?;
    if !all.all(|other| other.eq_ignore_ascii_case(first)) {
        let message = "All lines and shipping options must have the same currency.";
        return Err(ApiError::parameter(None, "line_items", message));
    }
    read_currency(first, "line_items[0][price_data][currency]")
}

/// Three letters, small in replies.
pub(super) fn read_currency(text: &str, param: &str) -> Result<String, ApiError> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    match is_code {
        true => Ok(text.to_ascii_lowercase()),
        false => {
            let message = format!("Invalid currency: {param} is a code of three letters.");
            Err(ApiError::parameter(None, param, message))
        }
    }
}

fn expires_at(call: &ApiCall<'_>) -> Result<i64, ApiError> {
    let default = call.now_s.saturating_add(EXPIRES_AFTER_SECONDS_MAX);
    let at = integer(&call.params, "/expires_at").unwrap_or(default);
    let ahead = at.saturating_sub(call.now_s);
    let earliest = EXPIRES_AFTER_SECONDS_MIN - CLOCK_SLACK_SECONDS;
    let latest = EXPIRES_AFTER_SECONDS_MAX + CLOCK_SLACK_SECONDS;
    match (earliest..=latest).contains(&ahead) {
        true => Ok(at),
        false => {
            let message =
                "The expires_at timestamp must be between 30 minutes and 24 hours from now.";
            Err(ApiError::parameter(None, "expires_at", message))
        }
    }
}

/// A bank redirect is captured at once, and iDEAL pays euros only: it is not offered then, and refused when demanded.
fn method_types(params: &Value, currency: &str) -> Result<Vec<String>, ApiError> {
    let capture = CaptureMethod::parse(text(params, "/payment_intent_data/capture_method"));
    let may_redirect = currency == "eur" && capture != CaptureMethod::Manual;
    let demanded = list(params, "/payment_method_types").iter();
    let demanded: Vec<_> = demanded
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let has_ideal = demanded.iter().any(|kind| kind == "ideal");
    match (demanded.is_empty(), may_redirect) {
        (true, true) => Ok(vec!["card".to_owned(), "ideal".to_owned()]),
        (true, false) => Ok(vec!["card".to_owned()]),
        (false, false) if has_ideal => {
            let message =
                "ideal needs the currency eur, and cannot be used with capture_method manual.";
            Err(ApiError::parameter(None, "payment_method_types", message))
        }
        (false, _) => Ok(demanded),
    }
}

fn check_sum(session: &Session) -> Result<(), ApiError> {
    let may_be = session
        .shipping
        .iter()
        .all(|option| (0..=AMOUNT_MAX).contains(&option.amount));
    match session.total() {
        1..=AMOUNT_MAX if may_be => Ok(()),
        ..=0 => {
            let message = "The sum of a session is at least 1.";
            Err(ApiError::parameter(
                Some("amount_too_small"),
                "line_items",
                message,
            ))
        }
        _ => {
            let message = "The sum of a session is at most 99999999.";
            Err(ApiError::parameter(
                Some("amount_too_large"),
                "line_items",
                message,
            ))
        }
    }
}

fn find<'a>(store: &'a Store, call: &ApiCall<'_>) -> Result<&'a Session, ApiError> {
    let session = store.sessions.get(call.id());
    session.ok_or_else(|| ApiError::no_object("checkout.session", "session"))
}

/// `GET /v1/checkout/sessions/{session}`
pub(super) fn retrieve(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    find(store, call).map(|session| objects::session(store, session))
}

/// `GET /v1/checkout/sessions/{session}/line_items`
pub(super) fn line_items(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    find(store, call).map(objects::line_items)
}

/// `GET /v1/checkout/sessions`
pub(super) fn list_all(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let passes = |session: &Session| {
        fits(call, "payment_intent", session.payment_intent.as_deref())
            && fits(call, "status", Some(session.state.status.as_str()))
    };
    page(call, store.sessions.newest_first(), passes, |session| {
        objects::session(store, session)
    })
}

/// `POST /v1/checkout/sessions/{session}/expire`
pub(super) fn expire(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    find(store, call)?;
    flows::expire_session(store, call.now_s, call.id()).map_err(ApiError::session)?;
    retrieve(store, call)
}
