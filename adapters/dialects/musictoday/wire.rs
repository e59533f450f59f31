//! The JSON of orders to Musictoday, with the names and their order from its store API where known; see NOTES.md.
//!
//! Amounts are JSON numbers written from integer minor units, so that their digits are exact. Must not hold rules: those
//! are in `order.rs`.

use std::collections::BTreeMap;

use buywire_schemas::money::Currency;
use buywire_schemas::order::{OrderPost, Scalar};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// A decimal as a JSON number with exactly these digits.
pub(super) type Amount = Box<RawValue>;

/// A new order or a change. They have different names, so that a system that expects orders does not take a change for a
/// new one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Message<'a> {
    Orders([Order<'a>; 1]),
    OrderUpdates([Order<'a>; 1]),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) store_id: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) channel: Option<&'a str>,
    pub(super) order_date: String,
    pub(super) client_order_id: &'a str,
    pub(super) client_customer_id: &'a str,
    pub(super) send_conf_email: bool,
    pub(super) send_digital_conf_email: bool,
    pub(super) apply_fraud_check: bool,
    pub(super) validate_only: bool,
    pub(super) tax_prepaid: bool,
    pub(super) billing: Billing<'a>,
    pub(super) currency: Currency,
    pub(super) destinations: Vec<Destination<'a>>,
    pub(super) line_items: Vec<LineItem<'a>>,
    pub(super) promotions: [(); 0],
    // The following names are ours.
    pub(super) reference: String,
    pub(super) sequence: u32,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cancel_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comments: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) post: Option<&'a OrderPost>,
    pub(super) refunds: Vec<RefundEntry<'a>>,
}

#[derive(Serialize)]
pub(super) struct Billing<'a> {
    pub(super) customer: Person<'a>,
    pub(super) payments: [Payment<'a>; 1],
    pub(super) totals: Totals,
}

/// A person, with an address if known. Absent members are left out.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Person<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) street: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) street2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) postal_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<&'a str>,
}

/// No card: the platform has collected the money.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment<'a> {
    pub(super) r#type: &'static str,
    pub(super) processor: &'a str,
    pub(super) reference_number: &'a str,
    pub(super) amount: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Totals {
    pub(super) subtotal: Amount,
    pub(super) shipping: Amount,
    pub(super) total_tax: Amount,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) tax_included: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shipping_tax: Option<Amount>,
    pub(super) discount: Amount,
    pub(super) total: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Destination<'a> {
    pub(super) requested_shipping_option: &'a str,
    pub(super) shipping_cost: Amount,
    pub(super) ship_to_bill_to: bool,
    pub(super) address: Person<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LineItem<'a> {
    pub(super) sku: &'a str,
    pub(super) name: &'a str,
    pub(super) qty: i64,
    pub(super) quantity: i64,
    pub(super) price: Amount,
    pub(super) tax: Amount,
    pub(super) total: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dest_index: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) variant_names: Vec<BTreeMap<&'a str, &'a Scalar>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ticket: Option<Ticket>,
}

/// A seat.
#[derive(Default, PartialEq, Eq, Serialize)]
pub(super) struct Ticket {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) section: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) row: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seat: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundEntry<'a> {
    pub(super) refund_id: &'a str,
    pub(super) amount: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'a str>,
    pub(super) line_items: Vec<RefundedItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundedItem {
    /// From 0, as `destIndex` is.
    pub(super) line_index: usize,
    pub(super) qty: i64,
}
