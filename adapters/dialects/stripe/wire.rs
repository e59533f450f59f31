//! Stripe's objects, as far as an order fills them. Members that are always null are here because typed libraries require
//! them.
//!
//! Must not decide what goes in: that is `order.rs`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

pub(super) type Metadata<'a> = BTreeMap<&'static str, Cow<'a, str>>;

#[derive(Serialize)]
pub(super) struct Event<'a> {
    pub(super) id: String,
    pub(super) object: &'static str,
    pub(super) api_version: &'a str,
    pub(super) created: i64,
    pub(super) data: Data<'a>,
    pub(super) livemode: bool,
    pub(super) pending_webhooks: u32,
    pub(super) request: Request,
    pub(super) r#type: &'static str,
}

/// Always null: no request of the partner caused the event.
#[derive(Default, Serialize)]
pub(super) struct Request {
    id: (),
    idempotency_key: (),
}

#[derive(Serialize)]
pub(super) struct Data<'a> {
    pub(super) object: Object<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) previous_attributes: Option<Previous>,
}

#[derive(Serialize)]
pub(super) struct Previous {
    pub(super) amount_refunded: i64,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Object<'a> {
    Session(Box<Session<'a>>),
    Charge(Box<Charge<'a>>),
    Customer(Box<Customer<'a>>),
}

#[derive(Serialize)]
pub(super) struct Session<'a> {
    pub(super) id: String,
    pub(super) object: &'static str,
    pub(super) amount_subtotal: i64,
    pub(super) amount_total: i64,
    pub(super) automatic_tax: AutomaticTax,
    pub(super) client_reference_id: &'a str,
    pub(super) collected_information: Option<CollectedInformation<'a>>,
    pub(super) created: i64,
    pub(super) currency: &'a str,
    pub(super) custom_fields: [(); 0],
    pub(super) custom_text: CustomText,
    pub(super) customer: String,
    pub(super) customer_details: Option<CustomerDetails<'a>>,
    pub(super) customer_email: (),
    pub(super) expires_at: i64,
    pub(super) line_items: List<LineItem<'a>>,
    pub(super) livemode: bool,
    pub(super) metadata: Metadata<'a>,
    pub(super) mode: &'static str,
    pub(super) payment_intent: Option<&'a str>,
    pub(super) payment_method_types: [(); 0],
    pub(super) payment_status: &'static str,
    pub(super) shipping_cost: ShippingCost,
    /// Its place in releases before 2025-03-31.
    pub(super) shipping_details: Option<Shipping<'a>>,
    pub(super) shipping_options: [(); 0],
    pub(super) status: &'static str,
    pub(super) total_details: TotalDetails,
    pub(super) url: (),
}

#[derive(Default, Serialize)]
pub(super) struct AutomaticTax {
    enabled: bool,
    liability: (),
    status: (),
}

#[derive(Serialize)]
pub(super) struct CollectedInformation<'a> {
    pub(super) shipping_details: Shipping<'a>,
}

#[derive(Default, Serialize)]
pub(super) struct CustomText {
    after_submit: (),
    shipping_address: (),
    submit: (),
    terms_of_service_acceptance: (),
}

#[derive(Serialize)]
pub(super) struct CustomerDetails<'a> {
    pub(super) address: (),
    pub(super) email: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) phone: Option<&'a str>,
    pub(super) tax_exempt: &'static str,
    pub(super) tax_ids: [(); 0],
}

#[derive(Clone, Serialize)]
pub(super) struct Shipping<'a> {
    pub(super) address: Address<'a>,
    pub(super) name: &'a str,
}

#[derive(Clone, Serialize)]
pub(super) struct Address<'a> {
    pub(super) city: &'a str,
    pub(super) country: &'a str,
    pub(super) line1: &'a str,
    pub(super) line2: Option<&'a str>,
    pub(super) postal_code: &'a str,
    pub(super) state: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct ShippingCost {
    pub(super) amount_subtotal: i64,
    pub(super) amount_tax: i64,
    pub(super) amount_total: i64,
    pub(super) shipping_rate: (),
}

#[derive(Serialize)]
pub(super) struct TotalDetails {
    pub(super) amount_discount: i64,
    pub(super) amount_shipping: i64,
    pub(super) amount_tax: i64,
}

#[derive(Serialize)]
pub(super) struct List<T> {
    pub(super) object: &'static str,
    pub(super) data: Vec<T>,
    pub(super) has_more: bool,
    pub(super) url: String,
}

impl<T> List<T> {
    pub(super) fn of(data: Vec<T>, url: String) -> Self {
        Self {
            object: "list",
            data,
            has_more: false,
            url,
        }
    }
}

#[derive(Serialize)]
pub(super) struct LineItem<'a> {
    pub(super) id: String,
    pub(super) object: &'static str,
    pub(super) amount_discount: i64,
    pub(super) amount_subtotal: i64,
    pub(super) amount_tax: i64,
    pub(super) amount_total: i64,
    pub(super) currency: &'a str,
    pub(super) description: &'a str,
    pub(super) price: Price<'a>,
    pub(super) quantity: i64,
}

#[derive(Serialize)]
pub(super) struct Price<'a> {
    pub(super) id: &'a str,
    pub(super) object: &'static str,
    pub(super) active: bool,
    pub(super) billing_scheme: &'static str,
    pub(super) created: i64,
    pub(super) currency: &'a str,
    pub(super) custom_unit_amount: (),
    pub(super) livemode: bool,
    pub(super) lookup_key: &'a str,
    pub(super) metadata: BTreeMap<&'a str, String>,
    pub(super) nickname: (),
    pub(super) product: &'a str,
    pub(super) recurring: (),
    pub(super) tax_behavior: &'static str,
    pub(super) tiers_mode: (),
    pub(super) transform_quantity: (),
    pub(super) r#type: &'static str,
    pub(super) unit_amount: i64,
    pub(super) unit_amount_decimal: String,
}

#[derive(Serialize)]
pub(super) struct Charge<'a> {
    pub(super) id: String,
    pub(super) object: &'static str,
    pub(super) amount: i64,
    pub(super) amount_captured: i64,
    pub(super) amount_refunded: i64,
    pub(super) billing_details: BillingDetails<'a>,
    pub(super) captured: bool,
    pub(super) created: i64,
    pub(super) currency: &'a str,
    pub(super) customer: String,
    pub(super) disputed: bool,
    pub(super) livemode: bool,
    pub(super) metadata: Metadata<'a>,
    pub(super) paid: bool,
    pub(super) payment_intent: Option<&'a str>,
    pub(super) refunded: bool,
    pub(super) refunds: List<Refund<'a>>,
    pub(super) shipping: Option<Shipping<'a>>,
    pub(super) status: &'static str,
}

#[derive(Serialize)]
pub(super) struct BillingDetails<'a> {
    pub(super) address: (),
    pub(super) email: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) phone: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Refund<'a> {
    pub(super) id: String,
    pub(super) object: &'static str,
    pub(super) amount: i64,
    pub(super) charge: String,
    pub(super) created: i64,
    pub(super) currency: &'a str,
    pub(super) metadata: Metadata<'a>,
    pub(super) payment_intent: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
    pub(super) status: &'static str,
}

#[derive(Serialize)]
pub(super) struct Customer<'a> {
    pub(super) id: String,
    pub(super) object: &'static str,
    pub(super) address: (),
    pub(super) created: i64,
    pub(super) default_source: (),
    pub(super) description: (),
    pub(super) email: (),
    pub(super) livemode: bool,
    pub(super) metadata: Metadata<'a>,
    pub(super) name: (),
    pub(super) phone: (),
    pub(super) shipping: (),
}
