//! Renders events as Stripe's: a paid order is a Checkout Session, a refund is a Charge, and a redacted buyer is a deleted
//! Customer.
//!
//! Promises: a session's lines and shipping add up exactly to its total. Must not use ids that exist at Stripe, except the
//! payment's: all others are derived from ours.

use std::borrow::Cow;

use buywire_schemas::event::{Event, EventType, LineData, OrderData, OrderStatus};
use buywire_schemas::order;
use buywire_schemas::refund;
use serde_json::Value;

use super::money::to_stripe_amounts;
use super::wire::{
    Address, AutomaticTax, BillingDetails, Charge, CollectedInformation, CustomText, Customer,
    CustomerDetails, Data, Event as Envelope, LineItem, List, Metadata, Object, Previous, Price,
    Refund, Request, Session, Shipping, ShippingCost, TotalDetails,
};
use crate::contract::request::RenderError;
use crate::toolkit::order_math::{
    added_tax, allocate_discount, format_rfc3339, is_redacted, line_subtotal, refunded_total,
    scalar_text, subtotal,
};

/// The API release of the Checkout Session.
const VERSION: &str = "2025-03-31.basil";

/// The body of one delivery.
pub(super) fn body(event: &Event, settings: &Value) -> Result<Vec<u8>, RenderError> {
    let r#type = match event.kind {
        EventType::OrderConfirmed => "checkout.session.completed",
        EventType::OrderCancelled => "checkout.session.expired",
        EventType::OrderRefunded => "charge.refunded",
        EventType::BuyerRedacted => "customer.deleted",
        unknown => return Err(RenderError::UnsupportedEvent(unknown)),
    };
    let (order, step) = to_stripe_amounts(event.order()?)?;
    let share = Share {
        currency: order.currency.code().to_ascii_lowercase(),
        order: &order,
        event,
        step,
    };
    let envelope = Envelope {
        id: event.id.to_string(),
        object: "event",
        api_version: version(settings),
        created: event.occurred_at.unix_timestamp(),
        data: share.data()?,
        livemode: !order.test,
        pending_webhooks: 1,
        request: Request::default(),
        r#type,
    };
    Ok(serde_json::to_vec(&envelope)?)
}

fn version(settings: &Value) -> &str {
    let requested = settings.get("api_version").and_then(Value::as_str);
    requested.filter(|text| !text.is_empty()).unwrap_or(VERSION)
}

/// The partner's share, in Stripe's scale.
struct Share<'a> {
    order: &'a OrderData,
    event: &'a Event,
    currency: String,
    step: i64,
}

impl Share<'_> {
    fn data(&self) -> Result<Data<'_>, RenderError> {
        let (object, previous_attributes) = match self.event.kind {
            EventType::OrderRefunded => (Object::Charge(self.charge()?.into()), self.previous()),
            EventType::BuyerRedacted => (Object::Customer(self.customer()?.into()), None),
            _ => (Object::Session(self.session()?.into()), None),
        };
        Ok(Data {
            object,
            previous_attributes,
        })
    }

    /// An id in Stripe's form that is the same in every event of the order.
    fn id(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.order.order.uuid().as_simple())
    }

    fn session_id(&self) -> String {
        self.id(if self.order.test {
            "cs_test"
        } else {
            "cs_live"
        })
    }

    fn created(&self) -> i64 {
        self.order.confirmed_at.unix_timestamp()
    }

    fn payment_intent(&self) -> Option<&str> {
        let reference = self.order.payment.reference.as_str();
        reference.starts_with("pi_").then_some(reference)
    }

    fn session(&self) -> Result<Session<'_>, RenderError> {
        let order = self.order;
        let shipping = self.shipping();
        let discounts = allocate_discount(order, self.step);
        let lines = order.lines.iter().zip(discounts.lines);
        let url = format!("/v1/checkout/sessions/{}/line_items", self.session_id());
        Ok(Session {
            id: self.session_id(),
            object: "checkout.session",
            amount_subtotal: subtotal(order),
            amount_total: order.total,
            automatic_tax: AutomaticTax::default(),
            client_reference_id: &order.order_id,
            collected_information: shipping
                .clone()
                .map(|shipping_details| CollectedInformation { shipping_details }),
            created: self.created(),
            currency: &self.currency,
            custom_fields: [],
            custom_text: CustomText::default(),
            customer: self.id("cus"),
            customer_details: self.customer_details(),
            customer_email: (),
            expires_at: self.created(),
            line_items: List::of(lines.map(|(line, off)| self.line(line, off)).collect(), url),
            livemode: !order.test,
            metadata: self.metadata()?,
            mode: "payment",
            payment_intent: self.payment_intent(),
            payment_method_types: [],
            payment_status: "paid",
            shipping_cost: ShippingCost {
                amount_subtotal: order.shipping,
                amount_tax: order.shipping_tax,
                amount_total: order
                    .shipping
                    .saturating_add(added_tax(order, order.shipping_tax))
                    .saturating_sub(discounts.shipping),
                shipping_rate: (),
            },
            shipping_details: shipping,
            shipping_options: [],
            status: match order.status {
                OrderStatus::Confirmed => "complete",
                OrderStatus::Cancelled => "expired",
            },
            total_details: TotalDetails {
                amount_discount: order.discount,
                amount_shipping: order.shipping,
                amount_tax: order.tax,
            },
            url: (),
        })
    }

    fn line<'a>(&'a self, line: &'a LineData, off: i64) -> LineItem<'a> {
        let subtotal = line_subtotal(line.unit_price, line.quantity);
        LineItem {
            id: format!("{}_{}", self.id("li"), line.line),
            object: "item",
            amount_discount: off,
            amount_subtotal: subtotal,
            amount_tax: line.tax,
            amount_total: subtotal
                .saturating_add(added_tax(self.order, line.tax))
                .saturating_sub(off),
            currency: &self.currency,
            description: &line.title,
            price: self.price(line),
            quantity: line.quantity,
        }
    }

    fn price<'a>(&'a self, line: &'a LineData) -> Price<'a> {
        let attributes = line.attributes.iter();
        Price {
            id: &line.item_id,
            object: "price",
            active: true,
            billing_scheme: "per_unit",
            created: self.created(),
            currency: &self.currency,
            custom_unit_amount: (),
            livemode: !self.order.test,
            lookup_key: &line.item_id,
            metadata: attributes
                .map(|(name, value)| (name.as_str(), scalar_text(value)))
                .collect(),
            nickname: (),
            product: &line.item_id,
            recurring: (),
            tax_behavior: match self.order.tax_included {
                true => "inclusive",
                false => "exclusive",
            },
            tiers_mode: (),
            transform_quantity: (),
            r#type: "one_time",
            unit_amount: line.unit_price,
            unit_amount_decimal: line.unit_price.to_string(),
        }
    }

    fn customer_details(&self) -> Option<CustomerDetails<'_>> {
        let buyer = &self.order.buyer;
        (!is_redacted(self.order)).then_some(CustomerDetails {
            address: (),
            email: buyer.email.as_deref(),
            name: buyer.name.as_deref(),
            phone: buyer.phone.as_deref(),
            tax_exempt: "none",
            tax_ids: [],
        })
    }

    fn shipping(&self) -> Option<Shipping<'_>> {
        self.order.ship_to.as_ref().map(|to| Shipping {
            address: address(to),
            name: &to.name,
        })
    }

    fn charge(&self) -> Result<Charge<'_>, RenderError> {
        let order = self.order;
        let buyer = &order.buyer;
        let newest_first = order.refunds.iter().rev();
        let url = format!("/v1/charges/{}/refunds", self.id("ch"));
        Ok(Charge {
            id: self.id("ch"),
            object: "charge",
            amount: order.total,
            amount_captured: order.total,
            amount_refunded: refunded_total(order),
            billing_details: BillingDetails {
                address: (),
                email: buyer.email.as_deref(),
                name: buyer.name.as_deref(),
                phone: buyer.phone.as_deref(),
            },
            captured: true,
            created: self.created(),
            currency: &self.currency,
            customer: self.id("cus"),
            disputed: false,
            livemode: !order.test,
            metadata: self.metadata()?,
            paid: true,
            payment_intent: self.payment_intent(),
            refunded: refunded_total(order) >= order.total,
            refunds: List::of(
                newest_first.map(|refund| self.refund(refund)).collect(),
                url,
            ),
            shipping: self.shipping(),
            status: "succeeded",
        })
    }

    /// The amount refunded before the refund of this event.
    fn previous(&self) -> Option<Previous> {
        let newest = self.order.refunds.last()?;
        Some(Previous {
            amount_refunded: refunded_total(self.order).saturating_sub(newest.amount),
        })
    }

    fn refund<'a>(&'a self, refund: &'a refund::Refund) -> Refund<'a> {
        let reason = refund.reason.as_deref();
        let mut metadata = Metadata::from([("refund_id", Cow::from(&refund.refund_id))]);
        metadata.extend(reason.map(|reason| ("reason", reason.into())));
        Refund {
            id: format!("{}_{}", self.id("re"), refund.refund_id),
            object: "refund",
            amount: refund.amount,
            charge: self.id("ch"),
            created: self.event.occurred_at.unix_timestamp(),
            currency: &self.currency,
            metadata,
            payment_intent: self.payment_intent(),
            reason: reason.filter(|reason| is_stripe_reason(reason)),
            status: "succeeded",
        }
    }

    fn customer(&self) -> Result<Customer<'_>, RenderError> {
        Ok(Customer {
            id: self.id("cus"),
            object: "customer",
            address: (),
            created: self.created(),
            default_source: (),
            description: (),
            email: (),
            livemode: !self.order.test,
            metadata: self.metadata()?,
            name: (),
            phone: (),
            shipping: (),
        })
    }

    /// What the dialect has no member for, and the order's ids in every object.
    fn metadata(&self) -> Result<Metadata<'_>, RenderError> {
        let order = self.order;
        let post = order.post.as_ref();
        let cancelled_at = order.cancelled_at.map(format_rfc3339).transpose()?;
        let entries = [
            (
                "cancel_reason",
                order.cancel_reason.as_deref().map(Cow::from),
            ),
            ("cancelled_at", cancelled_at.map(Cow::from)),
            ("note", order.note.as_deref().map(Cow::from)),
            ("order", Some(order.order.to_string().into())),
            ("order_id", Some(order.order_id.as_str().into())),
            ("payment_processor", Some((&order.payment.processor).into())),
            ("payment_reference", Some((&order.payment.reference).into())),
            ("post_id", post.map(|post| post.id.as_str().into())),
            ("post_url", post.map(|post| post.url.as_str().into())),
            ("sequence", Some(order.sequence.to_string().into())),
        ];
        let entries = entries.into_iter();
        Ok(entries
            .filter_map(|(name, value)| Some((name, value?)))
            .collect())
    }
}

fn is_stripe_reason(reason: &str) -> bool {
    matches!(reason, "duplicate" | "fraudulent" | "requested_by_customer")
}

fn address(to: &order::Address) -> Address<'_> {
    Address {
        city: &to.city,
        country: &to.country,
        line1: &to.line1,
        line2: to.line2.as_deref(),
        postal_code: &to.postal_code,
        state: to.region.as_deref(),
    }
}
