//! Pings from a seller's Gumroad account, and the record of a sale that confirms them.
//!
//! Promises: nothing in an unsigned ping is believed but the sale's id, and a record counts only if it has that id. Must not
//! guess an amount: a ping reports a refund without its amount.

use buywire_schemas::money::Currency;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::Gumroad;
use crate::contract::callback::{
    Callback, CallbackKind, CallbackReadError, CallbackRequest, Callbacks, ConfirmationRequest,
    OrderRef, ReportedRefund, Shipment, Update,
};
use crate::toolkit::form::{FieldValue, read_field};
use crate::toolkit::fulfillment_snapshot::{body_key, parse_order_ref, unknown_value};
use crate::toolkit::order_math::web_url;

const API: &str = "https://api.gumroad.com/v2";

/// Far longer than Gumroad's ids.
const SALE_ID_BYTES_MAX: usize = 128;

/// The fields that say who cancelled; one of them is true.
const CANCELLATION_FIELDS: [&str; 4] = [
    "cancelled_by_admin",
    "cancelled_by_buyer",
    "cancelled_by_seller",
    "cancelled_due_to_payment_failures",
];

impl Callbacks for Gumroad {
    fn read(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        read(request.body)
    }

    fn confirmation_request(
        &self,
        request: &CallbackRequest<'_>,
        settings: &Value,
    ) -> Result<ConfirmationRequest, CallbackReadError> {
        confirmation_request(request.body, settings)
    }

    fn read_confirmation(
        &self,
        request: &CallbackRequest<'_>,
        record: &[u8],
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        read_confirmation(request.body, record)
    }
}

/// Reads a verified ping.
fn read(body: &[u8]) -> Result<Callback, CallbackReadError> {
    let ping = Ping(body);
    let sale_id = ping.sale_id()?;
    let resource = ping.value("resource_name")?;
    let resource = resource.as_deref().unwrap_or("sale");
    let mut dedup_key = format!("{sale_id}/{resource}");
    let mut updates = Vec::new();
    match resource {
        "sale" => {}
        "refund" => {
            let (part, update) = ping.refund()?;
            dedup_key = format!("{dedup_key}/{part}");
            updates.push(update);
        }
        "dispute" => updates.push(Update::Disputed { reason: None }),
        "cancellation" => updates.push(Update::Cancelled {
            reason: ping.cancelled_by().map(str::to_owned),
        }),
        other => updates.push(unknown_value("resource_name".to_owned(), other)),
    }
    if ping.is_true("shipped") {
        dedup_key.push_str("/shipped");
        updates.push(shipped_update(ping.value("tracking_url")?));
    }
    Ok(Callback {
        key: dedup_key,
        order: Some(parse_order_ref(
            sale_id,
            ping.value("url_params[order_id]")?,
        )),
        occurred_at: None,
        kind: CallbackKind::Change,
        updates,
    })
}

/// Names the sale's record by its id alone.
fn confirmation_request(
    body: &[u8],
    settings: &Value,
) -> Result<ConfirmationRequest, CallbackReadError> {
    let sale_id = Ping(body).sale_id()?;
    let api = web_url(settings, "api_url", str::to_owned);
    let malformed = CallbackReadError::Malformed("api_url");
    let mut url = Url::parse(api.as_deref().unwrap_or(API)).map_err(|_| malformed.clone())?;
    url.path_segments_mut()
        .map_err(|()| malformed)?
        .pop_if_empty()
        .extend(["sales", &sale_id]);
    Ok(ConfirmationRequest::bearer(url, sale_id))
}

/// Reads the record, which holds the sale's current state.
fn read_confirmation(body: &[u8], record: &[u8]) -> Result<Callback, CallbackReadError> {
    let sale_id = Ping(body).sale_id()?;
    let record: SaleResponse = serde_json::from_slice(record)?;
    let sale = record.sale.ok_or(CallbackReadError::Missing("sale"))?;
    if sale.id != sale_id {
        return Err(CallbackReadError::Malformed("sale.id"));
    }
    let updates = sale.updates();
    let content_key = body_key(&serde_json::to_vec(&updates)?);
    Ok(Callback {
        key: format!("{sale_id}/{content_key}"),
        // Nothing from the ping: its sender could name any order.
        order: Some(OrderRef::Partner(sale_id)),
        occurred_at: None,
        kind: CallbackKind::Change,
        updates,
    })
}

fn shipped_update(tracking_url: Option<String>) -> Update {
    Update::Shipped(Shipment {
        tracking_url: tracking_url.filter(|url| !url.is_empty()),
        ..Shipment::default()
    })
}

/// A ping's body.
struct Ping<'a>(&'a [u8]);

impl Ping<'_> {
    fn value(&self, name: &'static str) -> Result<Option<String>, CallbackReadError> {
        match read_field(self.0, name) {
            FieldValue::Absent => Ok(None),
            FieldValue::Once(value) => Ok(Some(value)),
            FieldValue::Ambiguous => Err(CallbackReadError::Malformed(name)),
        }
    }

    fn is_true(&self, name: &str) -> bool {
        matches!(read_field(self.0, name), FieldValue::Once(value) if value == "true")
    }

    /// Letters, digits, `-`, `_` and `=` only, because the id becomes part of a path.
    fn sale_id(&self) -> Result<String, CallbackReadError> {
        let id = self.value("sale_id")?;
        let id = id.ok_or(CallbackReadError::Missing("sale_id"))?;
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte);
        let fits = (1..=SALE_ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(is_allowed);
        if fits {
            Ok(id)
        } else {
            Err(CallbackReadError::Malformed("sale_id"))
        }
    }

    /// The refund, as a part of the key and as an update. Gumroad sends `refunded` for a full refund; a partner that sends
    /// pings in our form adds the amount.
    fn refund(&self) -> Result<(String, Update), CallbackReadError> {
        const SUM: &str = "amount_refunded";
        if self.is_true("refunded") {
            return Ok(("all".to_owned(), full_refund()));
        }
        let Some(sum) = self.value(SUM)? else {
            let raw = self.value("refunded")?.unwrap_or_default();
            return Ok((
                "part".to_owned(),
                unknown_value("refunded".to_owned(), &raw),
            ));
        };
        let amount = sum.parse().ok().filter(|amount| *amount > 0);
        let amount = amount.ok_or(CallbackReadError::Malformed(SUM))?;
        Ok((sum, cumulative_refund(amount)))
    }

    fn cancelled_by(&self) -> Option<&'static str> {
        CANCELLATION_FIELDS
            .into_iter()
            .find(|name| self.is_true(name))
    }
}

const fn full_refund() -> Update {
    Update::Refunded(ReportedRefund {
        reference: None,
        amount: None,
        cumulative: false,
    })
}

const fn cumulative_refund(amount: i64) -> Update {
    Update::Refunded(ReportedRefund {
        reference: None,
        amount: Some(amount),
        cumulative: true,
    })
}

/// `GET /v2/sales/{id}`. For a missing sale, the reply is a 200 without `sale`.
#[derive(Deserialize)]
struct SaleResponse {
    sale: Option<Sale>,
}

/// The members with the sale's state. An absent one is false.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sale {
    id: String,
    /// In US cents, whatever currency the buyer saw.
    price: Option<i64>,
    currency_symbol: Option<String>,
    /// In major units of that currency, such as `1,234.50`.
    amount_refundable_in_currency: Option<String>,
    refunded: Option<bool>,
    partially_refunded: Option<bool>,
    disputed: Option<bool>,
    dispute_won: Option<bool>,
    shipped: Option<bool>,
    tracking_url: Option<String>,
    cancelled: Option<bool>,
}

impl Sale {
    fn updates(&self) -> Vec<Update> {
        let is = |flag: Option<bool>| flag == Some(true);
        let unknown_flag = |member: &str| Update::Unknown {
            at: format!("sale.{member}"),
            raw: true.into(),
        };
        let mut updates = Vec::new();
        if is(self.refunded) {
            updates.push(full_refund());
        } else if is(self.partially_refunded) {
            let part = self.refunded_cents().map(cumulative_refund);
            updates.push(part.unwrap_or_else(|| unknown_flag("partially_refunded")));
        }
        match (is(self.disputed), is(self.dispute_won)) {
            (true, false) => updates.push(Update::Disputed { reason: None }),
            (_, true) => updates.push(unknown_flag("dispute_won")),
            (false, false) => {}
        }
        if is(self.shipped) {
            updates.push(shipped_update(self.tracking_url.clone()));
        }
        if is(self.cancelled) {
            updates.push(unknown_flag("cancelled"));
        }
        updates
    }

    /// The amount refunded on a sale in dollars. In other currencies the record has the price in dollars and the remainder
    /// in the other currency, so that their difference means nothing.
    fn refunded_cents(&self) -> Option<i64> {
        let dollars = self.currency_symbol.as_deref()? == "$";
        let refundable = self.amount_refundable_in_currency.as_deref()?;
        let refundable = Currency::parse("USD")
            .ok()?
            .parse_minor(&refundable.replace(',', ""))?;
        let price = self.price?;
        (dollars && 0 < refundable && refundable < price).then(|| price - refundable)
    }
}
