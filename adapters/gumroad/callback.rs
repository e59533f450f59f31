//! What a seller's Gumroad account sends back: pings, and the sale's record.
//!
//! Promises: of an unsigned ping nothing is believed but the id to ask for,
//! and a record counts only if it is that id's. Must not guess an amount: a
//! ping tells that something was refunded, and not how much.

use buywire_schemas::money::Currency;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::callback::{
    Callback, CallbackRefusal, OrderRef, Refetch, RefundSaid, Shipment, Tells, Update,
};
use crate::form::{Field, field};
use crate::progress::{key, order_ref, unknown};
use crate::share::web_link;

const API: &str = "https://api.gumroad.com/v2";

/// Far longer than the ids that Gumroad makes.
const SALE_ID_BYTES_MAX: usize = 128;

/// The fields that say who cancelled. One of them is true.
const CANCELLERS: [&str; 4] = [
    "cancelled_by_admin",
    "cancelled_by_buyer",
    "cancelled_by_seller",
    "cancelled_due_to_payment_failures",
];

/// Reads a ping that is known to be the partner's.
pub(super) fn read(body: &[u8]) -> Result<Callback, CallbackRefusal> {
    let ping = Ping(body);
    let sale_id = ping.sale_id()?;
    let resource = ping.said("resource_name")?;
    let resource = resource.as_deref().unwrap_or("sale");
    let mut state = format!("{sale_id}/{resource}");
    let mut updates = Vec::new();
    match resource {
        "sale" => {}
        "refund" => {
            let (part, update) = ping.refund()?;
            state = format!("{state}/{part}");
            updates.push(update);
        }
        "dispute" => updates.push(Update::Disputed { reason: None }),
        "cancellation" => updates.push(Update::Cancelled {
            reason: ping.canceller().map(str::to_owned),
        }),
        other => updates.push(unknown("resource_name".to_owned(), other)),
    }
    if ping.is("shipped") {
        state.push_str("/shipped");
        updates.push(shipped(ping.said("tracking_url")?));
    }
    Ok(Callback {
        key: state,
        order: Some(order_ref(sale_id, ping.said("url_params[order_id]")?)),
        occurred_at: None,
        tells: Tells::Change,
        updates,
    })
}

/// The sale's record, by its id alone.
pub(super) fn refetch(body: &[u8], settings: &Value) -> Result<Refetch, CallbackRefusal> {
    let sale_id = Ping(body).sale_id()?;
    let api = web_link(settings, "api_url", str::to_owned);
    let malformed = CallbackRefusal::Malformed("api_url");
    let mut url = Url::parse(api.as_deref().unwrap_or(API)).map_err(|_| malformed.clone())?;
    url.path_segments_mut()
        .map_err(|()| malformed)?
        .pop_if_empty()
        .extend(["sales", &sale_id]);
    Ok(Refetch::bearer(url, sale_id))
}

/// Reads the record: all that is true of the sale by now.
pub(super) fn refetched(body: &[u8], record: &[u8]) -> Result<Callback, CallbackRefusal> {
    let sale_id = Ping(body).sale_id()?;
    let record: Record = serde_json::from_slice(record)?;
    let sale = record.sale.ok_or(CallbackRefusal::Missing("sale"))?;
    if sale.id != sale_id {
        return Err(CallbackRefusal::Malformed("sale.id"));
    }
    let updates = sale.updates();
    let state = key(&serde_json::to_vec(&updates)?);
    Ok(Callback {
        key: format!("{sale_id}/{state}"),
        // Nothing of the ping: whoever made it up could name any order.
        order: Some(OrderRef::Theirs(sale_id)),
        occurred_at: None,
        tells: Tells::Change,
        updates,
    })
}

fn shipped(tracking_url: Option<String>) -> Update {
    Update::Shipped(Shipment {
        tracking_url: tracking_url.filter(|url| !url.is_empty()),
        ..Shipment::default()
    })
}

/// A ping's body.
struct Ping<'a>(&'a [u8]);

impl Ping<'_> {
    fn said(&self, name: &'static str) -> Result<Option<String>, CallbackRefusal> {
        match field(self.0, name) {
            Field::Absent => Ok(None),
            Field::Once(value) => Ok(Some(value)),
            Field::Ambiguous => Err(CallbackRefusal::Malformed(name)),
        }
    }

    fn is(&self, name: &str) -> bool {
        matches!(field(self.0, name), Field::Once(value) if value == "true")
    }

    /// Letters, digits, `-`, `_` and `=`: nothing that means something in a
    /// path, because it becomes a part of one.
    fn sale_id(&self) -> Result<String, CallbackRefusal> {
        let id = self.said("sale_id")?;
        let id = id.ok_or(CallbackRefusal::Missing("sale_id"))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte);
        let fits = (1..=SALE_ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(plain);
        if fits {
            Ok(id)
        } else {
            Err(CallbackRefusal::Malformed("sale_id"))
        }
    }

    /// How much went back, as a part of the key and as an update. Gumroad says
    /// `refunded` when all of it did; a partner that words pings as we do says
    /// the sum.
    fn refund(&self) -> Result<(String, Update), CallbackRefusal> {
        const SUM: &str = "amount_refunded";
        if self.is("refunded") {
            return Ok(("all".to_owned(), all_refunded()));
        }
        let Some(sum) = self.said(SUM)? else {
            let raw = self.said("refunded")?.unwrap_or_default();
            return Ok(("part".to_owned(), unknown("refunded".to_owned(), &raw)));
        };
        let amount = sum.parse().ok().filter(|amount| *amount > 0);
        let amount = amount.ok_or(CallbackRefusal::Malformed(SUM))?;
        Ok((sum, so_far(amount)))
    }

    fn canceller(&self) -> Option<&'static str> {
        CANCELLERS.into_iter().find(|name| self.is(name))
    }
}

const fn all_refunded() -> Update {
    Update::Refunded(RefundSaid {
        reference: None,
        amount: None,
        cumulative: false,
    })
}

const fn so_far(amount: i64) -> Update {
    Update::Refunded(RefundSaid {
        reference: None,
        amount: Some(amount),
        cumulative: true,
    })
}

/// `GET /v2/sales/{id}`. A sale that is not there is a 200 without one.
#[derive(Deserialize)]
struct Record {
    sale: Option<Sale>,
}

/// The members that tell what became of it. Absent ones are not so.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sale {
    id: String,
    /// In US cents, whatever currency it was shown in.
    price: Option<i64>,
    currency_symbol: Option<String>,
    /// In whole units of that currency, such as `1,234.50`.
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
        let raw = |member: &str| Update::Unknown {
            at: format!("sale.{member}"),
            raw: true.into(),
        };
        let mut updates = Vec::new();
        if is(self.refunded) {
            updates.push(all_refunded());
        } else if is(self.partially_refunded) {
            let part = self.refunded_cents().map(so_far);
            updates.push(part.unwrap_or_else(|| raw("partially_refunded")));
        }
        match (is(self.disputed), is(self.dispute_won)) {
            (true, false) => updates.push(Update::Disputed { reason: None }),
            (_, true) => updates.push(raw("dispute_won")),
            (false, false) => {}
        }
        if is(self.shipped) {
            updates.push(shipped(self.tracking_url.clone()));
        }
        if is(self.cancelled) {
            updates.push(raw("cancelled"));
        }
        updates
    }

    /// What went back of a sale in dollars. In other currencies the record
    /// tells the price in dollars and the rest in the other: no difference of
    /// these is an amount.
    fn refunded_cents(&self) -> Option<i64> {
        let dollars = self.currency_symbol.as_deref()? == "$";
        let left = self.amount_refundable_in_currency.as_deref()?;
        let left = Currency::parse("USD").ok()?.minor(&left.replace(',', ""))?;
        let price = self.price?;
        (dollars && 0 < left && left < price).then(|| price - left)
    }
}
