//! Renders events as `order_create` and `order_update`, each with the full Order of release 2026-04-17.
//!
//! Promises: the body keeps the published schema, which allows no members of our own. Must not report fulfillment: the
//! partner reports that.

use buywire_schemas::event::{Event, EventType, LineData, OrderData, OrderStatus};
use buywire_schemas::order::Address;
use buywire_schemas::refund::Refund;
use serde::Serialize;
use serde_json::Value;

use crate::contract::request::RenderError;
use crate::toolkit::order_math::{
    format_rfc3339, is_redacted, line_subtotal, lines_tax, net_of, order_url_or_urn,
    refunded_total, scalar_text, subtotal,
};

#[derive(Serialize)]
struct Webhook<'a> {
    r#type: &'static str,
    data: Order<'a>,
}

#[derive(Serialize)]
struct Order<'a> {
    r#type: &'static str,
    id: String,
    checkout_session_id: &'a str,
    order_number: &'a str,
    client_reference_id: &'a str,
    permalink_url: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<Confirmation>,
    line_items: Vec<LineItem<'a>>,
    fulfillments: Vec<Fulfillment<'a>>,
    adjustments: Vec<Adjustment<'a>>,
    totals: Vec<Total>,
}

#[derive(Serialize)]
struct Confirmation {
    order_notes: String,
}

#[derive(Serialize)]
struct LineItem<'a> {
    id: String,
    title: &'a str,
    product_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    quantity: Quantity,
    unit_price: i64,
    subtotal: i64,
    totals: [Total; 3],
    status: &'static str,
}

#[derive(Serialize)]
struct Quantity {
    ordered: i64,
    current: i64,
    fulfilled: i64,
}

#[derive(Serialize)]
struct Fulfillment<'a> {
    id: &'static str,
    r#type: &'static str,
    status: &'static str,
    line_items: Vec<LineReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<Destination<'a>>,
    events: [(); 0],
}

#[derive(Serialize)]
struct Destination<'a> {
    name: &'a str,
    line_one: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_two: Option<&'a str>,
    city: &'a str,
    /// Required even where the country has none; then it is empty.
    state: &'a str,
    country: &'a str,
    postal_code: &'a str,
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
    #[serde(flatten)]
    money: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

#[derive(Serialize)]
struct Money {
    amount: i64,
    /// In lower case, which the schema requires only here.
    currency: String,
}

#[derive(Serialize)]
struct Total {
    r#type: &'static str,
    display_text: &'static str,
    amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'static str>,
}

/// The body of one delivery.
pub(super) fn body(event: &Event, settings: &Value) -> Result<Vec<u8>, RenderError> {
    let r#type = match event.kind {
        EventType::OrderConfirmed => "order_create",
        EventType::OrderCancelled | EventType::OrderRefunded | EventType::BuyerRedacted => {
            "order_update"
        }
        unknown => return Err(RenderError::UnsupportedEvent(unknown)),
    };
    let order = event.order()?;
    let data = Order::of(&order, event, settings)?;
    Ok(serde_json::to_vec(&Webhook { r#type, data })?)
}

impl<'a> Order<'a> {
    fn of(order: &'a OrderData, event: &Event, settings: &Value) -> Result<Self, RenderError> {
        Ok(Self {
            r#type: "order",
            id: order.order.to_string(),
            checkout_session_id: &order.payment.reference,
            order_number: &order.order_id,
            client_reference_id: &order.order_id,
            permalink_url: order_url_or_urn(order, settings),
            status: status(order),
            confirmation: order_notes(order).map(|order_notes| Confirmation { order_notes }),
            line_items: order
                .lines
                .iter()
                .map(|line| LineItem::of(line, order))
                .collect(),
            fulfillments: Fulfillment::of(order).into_iter().collect(),
            adjustments: adjustments(order, event)?,
            totals: totals(order),
        })
    }
}

/// A test order is on hold, so that nobody ships it.
fn status(order: &OrderData) -> &'static str {
    match order.status {
        OrderStatus::Cancelled => "canceled",
        OrderStatus::Confirmed if order.test => "manual_review",
        OrderStatus::Confirmed => "confirmed",
    }
}

fn order_notes(order: &OrderData) -> Option<String> {
    let test_note = order.test.then_some("Test order: do not ship.");
    let notes: Vec<_> = test_note.into_iter().chain(order.note.as_deref()).collect();
    (!notes.is_empty()).then(|| notes.join("\n"))
}

impl<'a> LineItem<'a> {
    /// The dialect states tax beside prices without tax. Of a price that contains it, `unit_price` stays what the
    /// buyer saw, because one unit's tax is no whole number.
    fn of(line: &'a LineData, order: &OrderData) -> Self {
        let price = line_subtotal(line.unit_price, line.quantity);
        let subtotal = net_of(order, price, line.tax);
        let (current, status) = match order.status {
            OrderStatus::Confirmed => (line.quantity, "processing"),
            OrderStatus::Cancelled => (0, "removed"),
        };
        Self {
            id: line_id(line.line),
            title: &line.title,
            product_id: &line.item_id,
            description: description(line),
            quantity: Quantity {
                ordered: line.quantity,
                current,
                fulfilled: 0,
            },
            unit_price: line.unit_price,
            subtotal,
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

/// The attributes as text, because the dialect has no member for them: `size: M, gift: true`.
fn description(line: &LineData) -> Option<String> {
    let attributes = line.attributes.iter();
    let described: Vec<_> = attributes
        .map(|(name, value)| format!("{name}: {}", scalar_text(value)))
        .collect();
    (!described.is_empty()).then(|| described.join(", "))
}

/// Every line in its ordered quantity.
fn all_lines(order: &OrderData) -> Vec<LineReference> {
    let lines = order.lines.iter();
    lines
        .map(|line| LineReference {
            id: line_id(line.line),
            quantity: line.quantity,
        })
        .collect()
}

impl<'a> Fulfillment<'a> {
    /// How the goods are shipped; unknown once the buyer's data is redacted.
    fn of(order: &'a OrderData) -> Option<Self> {
        (!is_redacted(order)).then(|| Self {
            id: "ful_1",
            r#type: match order.ship_to {
                Some(_) => "shipping",
                None => "digital",
            },
            status: match order.status {
                OrderStatus::Confirmed => "pending",
                OrderStatus::Cancelled => "canceled",
            },
            line_items: all_lines(order),
            destination: order.ship_to.as_ref().map(Destination::of),
            events: [],
        })
    }
}

impl<'a> Destination<'a> {
    fn of(address: &'a Address) -> Self {
        Self {
            name: &address.name,
            line_one: &address.line1,
            line_two: address.line2.as_deref(),
            city: &address.city,
            state: address.region.as_deref().unwrap_or_default(),
            country: &address.country,
            postal_code: &address.postal_code,
        }
    }
}

fn adjustments<'a>(
    order: &'a OrderData,
    event: &Event,
) -> Result<Vec<Adjustment<'a>>, RenderError> {
    let mut adjustments: Vec<_> = order
        .refunds
        .iter()
        .map(|refund| Adjustment::refund(refund, order))
        .collect::<Result<_, _>>()?;
    if order.status == OrderStatus::Cancelled {
        let cancelled_at = format_rfc3339(order.cancelled_at.unwrap_or(event.occurred_at))?;
        adjustments.push(Adjustment::cancellation(order, cancelled_at));
    }
    Ok(adjustments)
}

impl<'a> Adjustment<'a> {
    fn refund(refund: &'a Refund, order: &OrderData) -> Result<Self, RenderError> {
        let lines = refund.lines.iter();
        Ok(Self {
            id: refund.refund_id.clone(),
            r#type: "refund",
            occurred_at: format_rfc3339(refund.refunded_at)?,
            status: "completed",
            line_items: lines
                .map(|line| LineReference {
                    id: line_id(line.line),
                    quantity: line.quantity,
                })
                .collect(),
            money: Some(Money {
                amount: refund.amount,
                currency: order.currency.code().to_ascii_lowercase(),
            }),
            description: refund.reason.as_deref(),
        })
    }

    /// Removes the items from the order. A refund returns the money.
    fn cancellation(order: &'a OrderData, cancelled_at: String) -> Self {
        Self {
            // No refund has such an id, because refund ids contain no slash.
            id: format!("{}/cancellation", order.order),
            r#type: "cancellation",
            occurred_at: cancelled_at,
            status: "completed",
            line_items: all_lines(order),
            money: None,
            description: order.cancel_reason.as_deref(),
        }
    }
}

/// `total` stays the amount paid, with refunds beside it. An Order has no member for its currency, so the total's
/// description names it.
fn totals(order: &OrderData) -> Vec<Total> {
    let mut totals = vec![
        Total::of(
            "subtotal",
            "Subtotal",
            net_of(order, subtotal(order), lines_tax(order)),
        ),
        Total::of("discount", "Discount", order.discount),
        Total::of(
            "fulfillment",
            "Shipping",
            net_of(order, order.shipping, order.shipping_tax),
        ),
        Total::of("tax", "Tax", order.tax),
        Total {
            description: Some(order.currency.code()),
            ..Total::of("total", "Total", order.total)
        },
    ];
    if !order.refunds.is_empty() {
        totals.push(Total::of(
            "amount_refunded",
            "Refunded",
            refunded_total(order),
        ));
    }
    totals
}

impl Total {
    const fn of(r#type: &'static str, display_text: &'static str, amount: i64) -> Self {
        Self {
            r#type,
            display_text,
            amount,
            description: None,
        }
    }
}
