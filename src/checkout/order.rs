//! The order that a paid checkout becomes, and the session that asks for its money: both from the one quote.
//!
//! Promises: what is charged is what was shown and what the order says.

use std::collections::BTreeMap;

use buywire_checkout::machine::{CaptureMethod, PaymentTerms};
use buywire_checkout::payment_method::PaymentMethod;
use buywire_checkout::pricing::Pricing;
use buywire_checkout::quote::Quote;
use buywire_schemas::ids::CheckoutId;
use buywire_schemas::post::Post;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::buyer::Buyer;
use super::shared::{CheckoutError, Checkouts};
use crate::payments::{NamedAmount, NewSession, SessionLine};
use crate::store::checkouts::StoredCheckout;
use crate::store::payments::StoredPayment;

/// Crockford's digits: no letter that is read as a number.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The order's number: as short as it can be read out, and the same however often it is made.
pub(super) fn order_number(id: CheckoutId) -> String {
    // The random end of the id.
    let mut rest = id.uuid().as_u128();
    let mut digits = Vec::with_capacity(12);
    for _ in 0..12 {
        let digit = usize::try_from(rest % 32).unwrap_or_default();
        digits.push(char::from(DIGITS.get(digit).copied().unwrap_or(b'0')));
        rest /= 32;
    }
    let groups: Vec<String> = digits
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    format!("BW-{}", groups.join("-"))
}

impl Checkouts {
    /// The session of an attempt. The same attempt always gives the same one. `None`: the checkout has no quote or buyer.
    pub(super) fn new_session(
        &self,
        checkout: &StoredCheckout,
        payment: &StoredPayment,
        terms: PaymentTerms,
        method: PaymentMethod,
        instructions: Option<String>,
    ) -> Result<Option<NewSession>, CheckoutError> {
        let quote = checkout.pricing.as_ref().and_then(Pricing::quote);
        let Some(quote) = quote.filter(|quote| quote.digest() == terms.quote()) else {
            return Ok(None);
        };
        let Some(buyer) = self.buyer(checkout)? else {
            return Ok(None);
        };
        let page = self.order_page(&self.token(checkout)?);
        let metadata = [
            Some(("buywire_attempt", payment.attempt.to_string())),
            checkout.post.map(|post| ("buywire_post", post.to_string())),
        ];
        let number = order_number(checkout.id);
        Ok(Some(NewSession {
            checkout_id: checkout.id,
            amount: quote.total(),
            currency: quote.currency(),
            lines: session_lines(checkout, quote),
            shipping: delivery_amount(checkout, quote),
            tax: added_tax(quote),
            success_url: page.clone(),
            cancel_url: page,
            customer_email: Some(buyer.email),
            locale: Some(checkout.language.clone()),
            expires_at: payment.session_ends_at,
            capture: CaptureMethod::of(method),
            redirect: match method {
                PaymentMethod::Card | PaymentMethod::Invoice { .. } => None,
                PaymentMethod::BankRedirect(redirect) => Some(redirect),
            },
            instructions,
            description: format!("Order {number}"),
            metadata: BTreeMap::from_iter(metadata.into_iter().flatten()),
        }))
    }
}

/// The order as it is given to the intake. `None`: something of it cannot be written.
pub(super) fn order_body(
    checkout: &StoredCheckout,
    quote: &Quote,
    buyer: &Buyer,
    payment: &StoredPayment,
    post: Option<&Post>,
    confirmed_at: OffsetDateTime,
) -> Option<Vec<u8>> {
    let mut order = serde_json::to_value(quote.order_amounts()).ok()?;
    let lines = order.get_mut("lines")?.as_array_mut()?;
    for (line, sold) in lines.iter_mut().zip(&checkout.cart.lines) {
        let options = sold.options.iter();
        let options = options.map(|(name, value)| (name.clone(), json!(value)));
        let members = line.as_object_mut()?;
        members.insert("title".to_owned(), json!(sold.title));
        members.insert("attributes".to_owned(), Value::Object(options.collect()));
    }
    let post = post.map(|post| json!({"id": post.id, "url": post.url}));
    let rest = json!({
        "order_id": order_number(checkout.id),
        "confirmed_at": confirmed_at.format(&Rfc3339).ok()?,
        "buyer": {
            "name": buyer.name,
            "email": buyer.email,
            "phone": buyer.phone,
            // It was given for the carrier, on this seller's request.
            "share_phone": buyer.phone.is_some(),
        },
        "ship_to": buyer.ship_to,
        "payment": {
            "processor": payment.processor,
            "reference": payment.payment_id.as_ref().or(payment.session_id.as_ref())?,
            "brand": payment.card_brand,
            "last4": payment.card_last4,
        },
        "metadata": {"checkout": checkout.id},
        "test": checkout.test,
    });
    let order = order.as_object_mut()?;
    order.extend(rest.as_object().cloned().unwrap_or_else(Map::new));
    if let Some(post) = post {
        order.insert("post".to_owned(), post);
    }
    serde_json::to_vec(order).ok()
}

/// Each line after its discount: a hosted page has no negative lines.
fn session_lines(checkout: &StoredCheckout, quote: &Quote) -> Vec<SessionLine> {
    let lines = checkout.cart.lines.iter().zip(quote.lines());
    let lines = lines.map(|(line, quoted)| SessionLine {
        title: line.title.clone(),
        quantity: u32::try_from(line.quantity).unwrap_or(1),
        amount: quoted.subtotal - quoted.discount,
    });
    lines.collect()
}

fn delivery_amount(checkout: &StoredCheckout, quote: &Quote) -> Option<NamedAmount> {
    let Some(Pricing::Quoted { deliveries, .. }) = &checkout.pricing else {
        return None;
    };
    let titles = deliveries.iter().filter_map(|delivery| {
        let mut options = delivery.options.iter();
        let chosen = options.find(|option| option.id == delivery.chosen)?;
        Some(chosen.title.as_str())
    });
    let titles: Vec<_> = titles.collect();
    (!titles.is_empty()).then(|| NamedAmount {
        title: titles.join(", "),
        amount: quote.shipping(),
    })
}

fn added_tax(quote: &Quote) -> Option<NamedAmount> {
    let is_added = !quote.tax_included() && quote.tax() > 0;
    is_added.then(|| NamedAmount {
        title: "Tax".to_owned(),
        amount: quote.tax(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_number_is_short_and_stable() {
        let id = CheckoutId::generate();
        let number = order_number(id);
        assert_eq!(number, order_number(id));
        assert_eq!(number.len(), "BW-XXXX-XXXX-XXXX".len());
        assert_ne!(number, order_number(CheckoutId::generate()));
        assert!(!number.contains(['I', 'L', 'O', 'U']), "{number}");
    }
}
