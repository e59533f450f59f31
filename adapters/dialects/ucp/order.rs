//! Renders events as order snapshots of the capability `dev.ucp.shopping.order`.
//!
//! Promises: the current order, never a difference; returned money is negative. Must not report fulfillment: the partner
//! reports that.

use std::collections::BTreeMap;

use buywire_schemas::event::{Event, EventType, LineData, OrderData, OrderStatus};
use buywire_schemas::money::AMOUNT_MAX;
use buywire_schemas::order::Address;
use buywire_schemas::refund::Refund;
use serde::Serialize;
use serde_json::{Value, json};

use crate::contract::request::RenderError;
use crate::toolkit::order_math::{
    added_tax, format_rfc3339, is_redacted, line_subtotal, lines_tax, net_of, order_url_or_urn,
    scalar_text, subtotal,
};

/// The release to name unless the settings name another.
pub(super) const VERSION: &str = "2026-04-08";

#[derive(Serialize)]
struct Snapshot<'a> {
    ucp: Value,
    id: String,
    label: &'a str,
    checkout_id: &'a str,
    permalink_url: String,
    line_items: Vec<LineItem<'a>>,
    fulfillment: Fulfillment<'a>,
    adjustments: Vec<Adjustment<'a>>,
    currency: &'static str,
    totals: Vec<Total>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message<'a>>,
    attribution: Attribution<'a>,
}

#[derive(Serialize)]
struct LineItem<'a> {
    id: String,
    item: Item<'a>,
    quantity: Quantity,
    totals: [Total; 3],
    status: &'static str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    title: &'a str,
    price: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<SelectedOption<'a>>,
}

#[derive(Serialize)]
struct SelectedOption<'a> {
    name: &'a str,
    label: String,
}

#[derive(Serialize)]
struct Quantity {
    original: i64,
    total: i64,
    fulfilled: i64,
}

#[derive(Serialize)]
struct Fulfillment<'a> {
    expectations: Vec<Expectation<'a>>,
}

#[derive(Serialize)]
struct Expectation<'a> {
    id: &'static str,
    line_items: Vec<LineReference>,
    method_type: &'static str,
    /// Empty for lines that are not shipped.
    destination: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
struct LineReference {
    id: String,
    quantity: i64,
}

#[derive(Serialize)]
struct Adjustment<'a> {
    id: String,
    r#type: &'static str,
    occurred_at: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    line_items: Vec<LineReference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    totals: Vec<Total>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

#[derive(Serialize)]
struct Total {
    r#type: &'static str,
    display_text: &'static str,
    amount: i64,
}

#[derive(Serialize)]
struct Message<'a> {
    r#type: &'static str,
    code: &'static str,
    content: &'a str,
}

/// The origin of the order, which a partner returns unchanged.
#[derive(Serialize)]
struct Attribution<'a> {
    order_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_url: Option<&'a str>,
}

/// The body of one delivery.
pub(super) fn body(event: &Event, settings: &Value) -> Result<Vec<u8>, RenderError> {
    match event.kind {
        EventType::OrderConfirmed
        | EventType::OrderCancelled
        | EventType::OrderRefunded
        | EventType::BuyerRedacted => {}
        unknown => return Err(RenderError::UnsupportedEvent(unknown)),
    }
    let order = event.order()?;
    check_amounts(&order)?;
    Ok(serde_json::to_vec(&Snapshot::of(&order, event, settings)?)?)
}

/// Intake bounds single amounts, but not these sums.
pub(super) fn check_amounts(order: &OrderData) -> Result<(), RenderError> {
    if subtotal(order).saturating_add(added_tax(order, order.tax)) > AMOUNT_MAX {
        return Err(RenderError::NotRepresentable("subtotal"));
    }
    Ok(())
}

impl<'a> Snapshot<'a> {
    fn of(order: &'a OrderData, event: &Event, settings: &'a Value) -> Result<Self, RenderError> {
        let version = version(settings);
        let lines = order.lines.iter();
        let post = order.post.as_ref();
        Ok(Self {
            ucp: json!({
                "version": version,
                "capabilities": {"dev.ucp.shopping.order": [{"version": version}]},
            }),
            id: order.order.to_string(),
            label: &order.order_id,
            checkout_id: &order.payment.reference,
            permalink_url: order_url_or_urn(order, settings),
            line_items: lines.map(|line| LineItem::of(line, order)).collect(),
            fulfillment: Fulfillment {
                expectations: Expectation::of(order).into_iter().collect(),
            },
            adjustments: adjustments(order, event)?,
            currency: order.currency.code(),
            totals: totals(order),
            messages: messages(order),
            attribution: Attribution {
                order_id: &order.order_id,
                post_id: post.map(|post| post.id.as_str()),
                post_url: post.map(|post| post.url.as_str()),
            },
        })
    }
}

/// The release from the settings, if it is a date, or else the default.
fn version(settings: &Value) -> &str {
    let requested = settings.get("version").and_then(Value::as_str);
    requested.filter(|text| is_date(text)).unwrap_or(VERSION)
}

fn is_date(text: &str) -> bool {
    let dash = |at: usize| at == 4 || at == 7;
    let fits = |(at, byte): (usize, u8)| match dash(at) {
        true => byte == b'-',
        false => byte.is_ascii_digit(),
    };
    text.len() == VERSION.len() && text.bytes().enumerate().all(fits)
}

impl<'a> LineItem<'a> {
    /// The dialect states tax beside prices without tax. Of a price that contains it, `item.price` stays what the
    /// buyer saw, because one unit's tax is no whole number.
    fn of(line: &'a LineData, order: &OrderData) -> Self {
        let price = line_subtotal(line.unit_price, line.quantity);
        let subtotal = net_of(order, price, line.tax);
        let (total, status) = match order.status {
            OrderStatus::Confirmed => (line.quantity, "processing"),
            OrderStatus::Cancelled => (0, "removed"),
        };
        let options = line.attributes.iter().map(|(name, value)| SelectedOption {
            name,
            label: scalar_text(value),
        });
        Self {
            id: line_id(line.line),
            item: Item {
                id: &line.item_id,
                title: &line.title,
                price: line.unit_price,
                options: options.collect(),
            },
            quantity: Quantity {
                original: line.quantity,
                total,
                fulfilled: 0,
            },
            totals: [
                Total::of("subtotal", "Subtotal", subtotal),
                Total::of("tax", "Tax", line.tax),
                Total::of("total", "Total", subtotal.saturating_add(line.tax)),
            ],
            status,
        }
    }
}

fn line_id(line: usize) -> String {
    format!("li_{line}")
}

impl<'a> Expectation<'a> {
    /// What the buyer can expect: nothing once the order is cancelled, and nothing that we may disclose once the buyer's data
    /// is redacted.
    fn of(order: &'a OrderData) -> Option<Self> {
        let is_current = order.status == OrderStatus::Confirmed && !is_redacted(order);
        let lines = order.lines.iter().map(|line| LineReference {
            id: line_id(line.line),
            quantity: line.quantity,
        });
        let (method_type, destination) = match &order.ship_to {
            Some(address) => ("shipping", destination(address, order)),
            None => ("digital", BTreeMap::new()),
        };
        is_current.then(|| Self {
            id: "exp_1",
            line_items: lines.collect(),
            method_type,
            destination,
        })
    }
}

/// A name is never split: `last_name` holds all of it.
fn destination<'a>(address: &'a Address, order: &'a OrderData) -> BTreeMap<&'static str, &'a str> {
    let members = [
        ("extended_address", address.line2.as_deref()),
        ("street_address", Some(address.line1.as_str())),
        ("address_locality", Some(&address.city)),
        ("address_region", address.region.as_deref()),
        ("address_country", Some(&address.country)),
        ("postal_code", Some(&address.postal_code)),
        ("last_name", Some(&address.name)),
        ("phone_number", order.buyer.phone.as_deref()),
    ];
    let optional = members.into_iter();
    optional
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn adjustments<'a>(
    order: &'a OrderData,
    event: &Event,
) -> Result<Vec<Adjustment<'a>>, RenderError> {
    let refunds = order.refunds.iter();
    let mut adjustments: Vec<_> = refunds.map(Adjustment::refund).collect::<Result<_, _>>()?;
    if order.status == OrderStatus::Cancelled {
        let cancelled_at = format_rfc3339(order.cancelled_at.unwrap_or(event.occurred_at))?;
        adjustments.push(Adjustment::cancellation(order, cancelled_at));
    }
    Ok(adjustments)
}

impl<'a> Adjustment<'a> {
    fn refund(refund: &'a Refund) -> Result<Self, RenderError> {
        let lines = refund.lines.iter().map(|line| LineReference {
            id: line_id(line.line),
            quantity: line.quantity.saturating_neg(),
        });
        let refunded = refund.amount.saturating_neg();
        Ok(Self {
            id: refund.refund_id.clone(),
            r#type: "refund",
            occurred_at: format_rfc3339(refund.refunded_at)?,
            status: "completed",
            line_items: lines.collect(),
            totals: vec![Total::of("total", "Refund", refunded)],
            description: refund.reason.as_deref(),
        })
    }

    /// Removes the items from the order. A refund returns the money.
    fn cancellation(order: &'a OrderData, cancelled_at: String) -> Self {
        let lines = order.lines.iter().map(|line| LineReference {
            id: line_id(line.line),
            quantity: line.quantity.saturating_neg(),
        });
        Self {
            // No refund has such an id, because refund ids contain no slash.
            id: format!("{}/cancellation", order.order),
            r#type: "cancellation",
            occurred_at: cancelled_at,
            status: "completed",
            line_items: lines.collect(),
            totals: Vec::new(),
            description: order.cancel_reason.as_deref(),
        }
    }
}

/// The amounts paid, with adjustments elsewhere. A zero discount is left out, because the schema requires a negative one.
fn totals(order: &OrderData) -> Vec<Total> {
    let discount = (order.discount != 0)
        .then(|| Total::of("discount", "Discount", order.discount.saturating_neg()));
    let mut totals = vec![Total::of(
        "subtotal",
        "Subtotal",
        net_of(order, subtotal(order), lines_tax(order)),
    )];
    totals.extend(discount);
    totals.push(Total::of(
        "fulfillment",
        "Shipping",
        net_of(order, order.shipping, order.shipping_tax),
    ));
    totals.push(Total::of("tax", "Tax", order.tax));
    totals.push(Total::of("total", "Total", order.total));
    totals
}

impl Total {
    const fn of(r#type: &'static str, display_text: &'static str, amount: i64) -> Self {
        Self {
            r#type,
            display_text,
            amount,
        }
    }
}

/// What a person should read and the dialect has no member for.
fn messages(order: &OrderData) -> Vec<Message<'_>> {
    let test_notice = order.test.then_some(Message {
        r#type: "warning",
        code: "test_order",
        content: "Test order: do not ship.",
    });
    let note = order.note.as_deref().map(|content| Message {
        r#type: "info",
        code: "order_note",
        content,
    });
    test_notice.into_iter().chain(note).collect()
}
