//! What agentic dialects work out from a partner's share of an order: sums,
//! times, the link that they demand.
//!
//! Promises: no arithmetic wraps, whatever a stored event holds. Must not know
//! any dialect's words.

use buywire_schemas::event::OrderData;
use buywire_schemas::order::Scalar;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};
use url::Url;

use crate::contract::Unrenderable;

/// A time as RFC 3339 writes it, in UTC.
pub(crate) fn rfc3339(at: OffsetDateTime) -> Result<String, Unrenderable> {
    at.checked_to_offset(UtcOffset::UTC)
        .and_then(|utc| utc.format(&Rfc3339).ok())
        .ok_or(Unrenderable::Unspeakable("occurred_at"))
}

/// What the pieces of a line cost, without tax.
pub(crate) fn goods(unit_price: i64, quantity: i64) -> i64 {
    unit_price.saturating_mul(quantity)
}

/// What all goods of the share cost, without tax.
pub(crate) fn subtotal(order: &OrderData) -> i64 {
    let goods = order
        .lines
        .iter()
        .map(|line| goods(line.unit_price, line.quantity));
    goods.fold(0, i64::saturating_add)
}

/// What went back to the buyer so far.
pub(crate) fn refunded(order: &OrderData) -> i64 {
    let amounts = order.refunds.iter().map(|refund| refund.amount);
    amounts.fold(0, i64::saturating_add)
}

/// Whether the buyer was blanked. A missing address then says nothing about
/// how the goods travel.
pub(crate) fn is_redacted(order: &OrderData) -> bool {
    order.buyer.name.is_none()
}

/// The value of an attribute, as people read it.
pub(crate) fn plain(value: &Scalar) -> String {
    match value {
        Scalar::Flag(flag) => flag.to_string(),
        Scalar::Number(number) => number.to_string(),
        Scalar::Text(text) => text.clone(),
    }
}

/// The link to the order: the partner's `permalink_url` with `{order_id}` and
/// `{order}` filled in. Without a usable one, a name that is no page: nobody
/// is sent to a page that nobody made.
pub(crate) fn permalink(order: &OrderData, settings: &Value) -> String {
    web_link(settings, "permalink_url", |template| {
        template
            .replace("{order_id}", &order.order_id)
            .replace("{order}", &order.order.to_string())
    })
    .unwrap_or_else(|| format!("urn:uuid:{}", order.order.uuid()))
}

/// A setting that, filled in, is the address of a page.
pub(crate) fn web_link(
    settings: &Value,
    name: &str,
    fill: impl FnOnce(&str) -> String,
) -> Option<String> {
    let filled = fill(settings.get(name)?.as_str()?);
    let url = Url::parse(&filled).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn link(template: &str) -> Option<String> {
        let settings = json!({ "permalink_url": template });
        web_link(&settings, "permalink_url", |text| {
            text.replace("{order_id}", "P-1")
        })
    }

    #[test]
    fn only_an_address_of_a_page_is_a_link() {
        assert_eq!(
            link("https://shop.example/orders/{order_id}?from=post"),
            Some("https://shop.example/orders/P-1?from=post".to_owned())
        );
        for no_page in [
            "",
            "/orders/{order_id}",
            "javascript:alert(1)",
            "shop.example",
        ] {
            assert_eq!(link(no_page), None, "{no_page}");
        }
    }
}
