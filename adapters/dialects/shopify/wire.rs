//! Shopify's resources, as far as an order fills them. Members that are always null or empty are here because typed libraries
//! require them.
//!
//! Must not decide what goes in: that is `order.rs`.

use buywire_schemas::money::Currency;
use serde::{Serialize, Serializer};

/// An amount: a decimal in major units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amount {
    pub(super) minor: i64,
    pub(super) currency: Currency,
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.currency.to_decimal(self.minor).as_str())
    }
}

/// An amount in the shop's currency and in the buyer's, which are the same here.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct MoneySet {
    shop_money: Money,
    presentment_money: Money,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Money {
    amount: Amount,
    currency_code: Currency,
}

impl From<Amount> for MoneySet {
    fn from(amount: Amount) -> Self {
        let money = Money {
            amount,
            currency_code: amount.currency,
        };
        Self {
            shop_money: money,
            presentment_money: money,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Order<'a> {
    pub(super) id: u64,
    pub(super) admin_graphql_api_id: String,
    pub(super) billing_address: (),
    pub(super) buyer_accepts_marketing: bool,
    pub(super) cancel_reason: Option<&'static str>,
    pub(super) cancelled_at: Option<String>,
    pub(super) confirmed: bool,
    pub(super) contact_email: Option<&'a str>,
    pub(super) created_at: &'a str,
    pub(super) currency: Currency,
    pub(super) current_total_price: Amount,
    pub(super) current_total_price_set: MoneySet,
    pub(super) customer: Customer<'a>,
    pub(super) discount_applications: Vec<DiscountApplication>,
    pub(super) discount_codes: [(); 0],
    pub(super) email: Option<&'a str>,
    pub(super) financial_status: &'static str,
    pub(super) fulfillment_status: (),
    pub(super) fulfillments: [(); 0],
    pub(super) line_items: Vec<LineItem<'a>>,
    pub(super) name: &'a str,
    pub(super) note: Option<&'a str>,
    pub(super) note_attributes: Vec<NameValue<'a>>,
    pub(super) number: u64,
    pub(super) order_number: u64,
    pub(super) order_status_url: Option<String>,
    pub(super) payment_gateway_names: [&'a str; 1],
    pub(super) phone: Option<&'a str>,
    pub(super) presentment_currency: Currency,
    pub(super) processed_at: &'a str,
    pub(super) reference: &'a str,
    pub(super) refunds: Vec<Refund<'a>>,
    pub(super) shipping_address: Option<Address<'a>>,
    pub(super) shipping_lines: Vec<ShippingLine>,
    pub(super) source_identifier: &'a str,
    pub(super) source_name: &'static str,
    pub(super) source_url: Option<&'a str>,
    pub(super) subtotal_price: Amount,
    pub(super) subtotal_price_set: MoneySet,
    pub(super) tags: &'static str,
    pub(super) tax_lines: Vec<TaxLine>,
    pub(super) taxes_included: bool,
    pub(super) test: bool,
    pub(super) token: String,
    pub(super) total_discounts: Amount,
    pub(super) total_discounts_set: MoneySet,
    pub(super) total_line_items_price: Amount,
    pub(super) total_line_items_price_set: MoneySet,
    pub(super) total_outstanding: Amount,
    pub(super) total_price: Amount,
    pub(super) total_price_set: MoneySet,
    pub(super) total_shipping_price_set: MoneySet,
    pub(super) total_tax: Amount,
    pub(super) total_tax_set: MoneySet,
    pub(super) updated_at: &'a str,
}

#[derive(Clone, Serialize)]
pub(super) struct NameValue<'a> {
    pub(super) name: &'a str,
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct Customer<'a> {
    pub(super) id: u64,
    pub(super) admin_graphql_api_id: String,
    pub(super) email: Option<&'a str>,
    pub(super) first_name: (),
    /// The whole name, because names are never split.
    pub(super) last_name: Option<&'a str>,
    pub(super) phone: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Address<'a> {
    pub(super) first_name: (),
    pub(super) last_name: &'a str,
    pub(super) name: &'a str,
    pub(super) company: (),
    pub(super) address1: &'a str,
    pub(super) address2: Option<&'a str>,
    pub(super) city: &'a str,
    pub(super) province: Option<&'a str>,
    pub(super) province_code: Option<&'a str>,
    pub(super) zip: &'a str,
    pub(super) country: &'a str,
    pub(super) country_code: &'a str,
    pub(super) phone: Option<&'a str>,
    pub(super) latitude: (),
    pub(super) longitude: (),
}

#[derive(Serialize)]
pub(super) struct DiscountApplication {
    pub(super) target_type: &'static str,
    pub(super) r#type: &'static str,
    pub(super) value: Amount,
    pub(super) value_type: &'static str,
    pub(super) allocation_method: &'static str,
    pub(super) target_selection: &'static str,
    pub(super) title: &'static str,
}

#[derive(Clone, Serialize)]
pub(super) struct DiscountAllocation {
    pub(super) amount: Amount,
    pub(super) amount_set: MoneySet,
    pub(super) discount_application_index: usize,
}

#[derive(Clone, Serialize)]
pub(super) struct TaxLine {
    pub(super) channel_liable: (),
    pub(super) price: Amount,
    pub(super) price_set: MoneySet,
    pub(super) rate: (),
    pub(super) title: &'static str,
}

#[derive(Clone, Serialize)]
pub(super) struct LineItem<'a> {
    pub(super) id: u64,
    pub(super) admin_graphql_api_id: String,
    pub(super) current_quantity: i64,
    pub(super) discount_allocations: Vec<DiscountAllocation>,
    pub(super) duties: [(); 0],
    pub(super) fulfillable_quantity: i64,
    pub(super) fulfillment_service: &'static str,
    pub(super) fulfillment_status: (),
    pub(super) gift_card: bool,
    pub(super) grams: u32,
    pub(super) name: &'a str,
    pub(super) price: Amount,
    pub(super) price_set: MoneySet,
    pub(super) product_exists: bool,
    pub(super) product_id: (),
    pub(super) properties: Vec<NameValue<'a>>,
    pub(super) quantity: i64,
    pub(super) requires_shipping: bool,
    pub(super) sku: &'a str,
    pub(super) tax_lines: Vec<TaxLine>,
    pub(super) taxable: bool,
    pub(super) title: &'a str,
    pub(super) total_discount: Amount,
    pub(super) total_discount_set: MoneySet,
    pub(super) variant_id: Option<u64>,
    pub(super) variant_inventory_management: (),
    pub(super) variant_title: (),
    pub(super) vendor: (),
}

#[derive(Serialize)]
pub(super) struct ShippingLine {
    pub(super) id: u64,
    pub(super) carrier_identifier: (),
    pub(super) code: &'static str,
    pub(super) discount_allocations: Vec<DiscountAllocation>,
    pub(super) discounted_price: Amount,
    pub(super) discounted_price_set: MoneySet,
    pub(super) phone: (),
    pub(super) price: Amount,
    pub(super) price_set: MoneySet,
    pub(super) requested_fulfillment_service_id: (),
    pub(super) source: (),
    pub(super) tax_lines: Vec<TaxLine>,
    pub(super) title: &'static str,
}

#[derive(Serialize)]
pub(super) struct Refund<'a> {
    pub(super) id: u64,
    pub(super) admin_graphql_api_id: String,
    pub(super) created_at: &'a str,
    pub(super) duties: [(); 0],
    pub(super) note: Option<&'a str>,
    pub(super) order_adjustments: Vec<OrderAdjustment>,
    pub(super) order_id: u64,
    pub(super) processed_at: &'a str,
    pub(super) refund_line_items: Vec<RefundLineItem<'a>>,
    pub(super) restock: bool,
    pub(super) transactions: [Transaction<'a>; 1],
    pub(super) user_id: (),
}

#[derive(Serialize)]
pub(super) struct OrderAdjustment {
    pub(super) id: u64,
    pub(super) amount: Amount,
    pub(super) amount_set: MoneySet,
    pub(super) kind: &'static str,
    pub(super) order_id: u64,
    pub(super) reason: &'static str,
    pub(super) refund_id: u64,
    pub(super) tax_amount: Amount,
    pub(super) tax_amount_set: MoneySet,
}

#[derive(Serialize)]
pub(super) struct RefundLineItem<'a> {
    pub(super) id: u64,
    pub(super) line_item: LineItem<'a>,
    pub(super) line_item_id: u64,
    pub(super) location_id: (),
    pub(super) quantity: i64,
    pub(super) restock_type: &'static str,
    pub(super) subtotal: Amount,
    pub(super) subtotal_set: MoneySet,
    pub(super) total_tax: Amount,
    pub(super) total_tax_set: MoneySet,
}

#[derive(Serialize)]
pub(super) struct Transaction<'a> {
    pub(super) id: u64,
    pub(super) admin_graphql_api_id: String,
    pub(super) amount: Amount,
    pub(super) created_at: &'a str,
    pub(super) currency: Currency,
    pub(super) gateway: &'a str,
    pub(super) kind: &'static str,
    pub(super) order_id: u64,
    pub(super) parent_id: (),
    pub(super) payment_id: &'a str,
    pub(super) processed_at: &'a str,
    pub(super) status: &'static str,
    pub(super) test: bool,
}

#[derive(Serialize)]
pub(super) struct CustomersRedact<'a> {
    pub(super) shop_id: u64,
    pub(super) shop_domain: &'a str,
    pub(super) customer: RedactedCustomer,
    pub(super) orders_to_redact: [u64; 1],
}

/// Only the id, because the rest must be redacted.
#[derive(Serialize)]
pub(super) struct RedactedCustomer {
    pub(super) id: u64,
    pub(super) email: (),
    pub(super) phone: (),
}
