//! The orders of a benchmark: real in shape and size, and different only in their ids.
//!
//! They are rendered once. Only the digits of the id change per order, so that an order costs the sender nothing.

use std::sync::Arc;

use anyhow::{Context, bail};
use buywire_schemas::event::OrderState;
use buywire_schemas::ids::OrderId;
use buywire_schemas::order::Order;
use buywire_schemas::text::Slug;
use memchr::memmem;

/// The partner that sells everything here.
pub(crate) const PARTNER: &str = "bench";

/// Smaller orders would flatter the figures.
const BYTES_MIN: usize = 800;

/// The id begins with these letters. One digit for the phase and seven for the order follow.
const ID_PREFIX: &[u8] = b"buywire-bench-";
const ID_DIGITS: usize = 8;
/// Orders per phase.
pub(crate) const ORDERS_MAX: usize = 10_000_000;

const EXAMPLES: [&str; 4] = [
    include_str!("orders/clothes.json"),
    include_str!("orders/books.json"),
    include_str!("orders/coffee.json"),
    include_str!("orders/record.json"),
];

/// Stands for the partner of a spread order.
const PARTNER_PLACEHOLDER: &str = "bench-0000";
/// Partners over which orders can be spread.
pub(crate) const SPREAD_MAX: usize = 5_000;

/// The slug of one of the partners that take the orders in turn.
pub(crate) fn spread_partner(number: usize) -> String {
    format!("{PARTNER}-{number:04}")
}

/// A text that contains an order's id.
#[derive(Clone)]
pub(crate) struct OrderTemplate {
    bytes: Vec<u8>,
    /// Where the id's digits begin.
    id_offset: usize,
    /// Where each partner's digits begin.
    partner_offsets: Vec<usize>,
    spread: Option<usize>,
}

impl OrderTemplate {
    pub(crate) fn new(bytes: Vec<u8>, spread: Option<usize>) -> anyhow::Result<Self> {
        let id_offset = find_id(&bytes).context("no order id to change")?;
        // With its quote, because the order's id contains the same letters.
        let digits = format!("\"{}", PARTNER_PLACEHOLDER.trim_end_matches('0'));
        let partners = memmem::find_iter(&bytes, &digits).map(|at| at + digits.len());
        Ok(Self {
            id_offset,
            partner_offsets: partners.collect(),
            spread,
            bytes,
        })
    }

    /// Returns the text of one order.
    pub(crate) fn fill(&mut self, phase: u8, order: usize) -> &[u8] {
        let mut rest = order;
        let digits = self
            .bytes
            .get_mut(self.id_offset..self.id_offset + ID_DIGITS);
        if let Some([first, others @ ..]) = digits {
            *first = b'0' + phase % 10;
            for digit in others.iter_mut().rev() {
                *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
                rest /= 10;
            }
        }
        if let Some(spread) = self.spread {
            let partner = format!("{:04}", order % spread.max(1));
            for at in &self.partner_offsets {
                if let Some(digits) = self.bytes.get_mut(*at..at + partner.len()) {
                    digits.copy_from_slice(partner.as_bytes());
                }
            }
        }
        &self.bytes
    }
}

/// The phase and number of the order in a body.
pub(crate) fn find_order(body: &[u8]) -> Option<(u8, usize)> {
    let at = find_id(body)?;
    let (phase, order) = body.get(at..at + ID_DIGITS)?.split_first()?;
    let order = std::str::from_utf8(order).ok()?.parse().ok()?;
    Some((phase.checked_sub(b'0')?, order))
}

/// Uses a search that is fast in long bodies: some dialects put the order's id last, and CPU time of the
/// receiver is taken from the gateway on the same machine.
fn find_id(body: &[u8]) -> Option<usize> {
    let at = memmem::find(body, ID_PREFIX)?;
    Some(at + ID_PREFIX.len())
}

/// The example orders, in canonical form.
pub(crate) fn bodies(spread: Option<usize>) -> anyhow::Result<Vec<String>> {
    let named = |name: &str| format!("\"partner\":\"{name}\"");
    examples()?
        .iter()
        .map(|order| match order.canonical() {
            body if body.len() >= BYTES_MIN => Ok(match spread {
                Some(_) => body.replace(&named(PARTNER), &named(PARTNER_PLACEHOLDER)),
                None => body.to_owned(),
            }),
            body => bail!(
                "an example order has only {} bytes, fewer than {BYTES_MIN}",
                body.len()
            ),
        })
        .collect()
}

/// What the gateway stores as the event's data: the baseline starts from it.
pub(crate) fn event_data() -> anyhow::Result<Vec<Arc<str>>> {
    let partner = Slug::parse(PARTNER).map_err(|_| anyhow::anyhow!("the partner's name"))?;
    examples()?
        .into_iter()
        .map(|order| {
            let state = OrderState {
                id: OrderId::generate(),
                order,
                cancelled_at: None,
                cancel_reason: None,
                refunds: Vec::new(),
            };
            Ok(serde_json::to_string(&state.data_for(&partner, 1, false))?.into())
        })
        .collect()
}

fn examples() -> anyhow::Result<Vec<Order>> {
    let parse = |text: &&str| Order::parse(text.as_bytes()).context("an example order");
    EXAMPLES.iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_has_its_own_id_and_a_real_size() {
        for body in bodies(None).unwrap() {
            let mut template = OrderTemplate::new(body.into_bytes(), None).unwrap();
            for (phase, order) in [(0, 0), (3, 1), (9, ORDERS_MAX - 1)] {
                let text = template.fill(phase, order);
                assert!(text.len() >= BYTES_MIN);
                assert_eq!(find_order(text), Some((phase, order)));
                assert!(Order::parse(text).is_ok());
            }
        }
    }

    #[test]
    fn spread_orders_go_to_one_partner_after_the_other() {
        let spread = Some(300);
        for body in bodies(spread).unwrap() {
            let mut template = OrderTemplate::new(body.into_bytes(), spread).unwrap();
            for (order, partner) in [(0, "bench-0000"), (299, "bench-0299"), (601, "bench-0001")] {
                let text = template.fill(1, order);
                assert_eq!(find_order(text), Some((1, order)));
                let parsed = Order::parse(text).unwrap();
                let partners: Vec<_> = parsed.partners().into_iter().map(Slug::as_str).collect();
                assert_eq!(partners, [partner]);
                assert_eq!(partner, spread_partner(order % 300));
            }
        }
    }

    #[test]
    fn what_partners_get_names_the_order() {
        for data in event_data().unwrap() {
            assert_eq!(find_order(data.as_bytes()), Some((0, 0)));
        }
    }
}
