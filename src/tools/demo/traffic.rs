//! Orders that keep coming while the demo stays up, so that the console has something to show.

use std::time::Duration;

use serde_json::{Value, json};

use crate::tools::demo::fixtures::ORDERS;

/// Between two orders.
pub(crate) const INTERVAL: Duration = Duration::from_secs(3);
/// An hour of orders: a demo that is forgotten does not fill the disk.
const ORDERS_MAX: usize = 1_200;
/// The number of the first one.
const FIRST: usize = 30_001;

/// The orders, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    sent: usize,
}

impl Traffic {
    /// The next order, if there is one more.
    pub(crate) fn next_order(&mut self) -> Option<Value> {
        if self.sent == ORDERS_MAX {
            return None;
        }
        let (_, text) = ORDERS.iter().cycle().nth(self.sent % ORDERS.len())?;
        let mut order: Value = serde_json::from_str(text).ok()?;
        *order.pointer_mut("/order_id")? = json!(format!("P-{}", FIRST + self.sent));
        self.sent += 1;
        Some(order)
    }

    /// Whether an order is one of these: the terminal would show nothing else.
    pub(crate) fn has(&self, order_id: &str) -> bool {
        let number = order_id
            .strip_prefix("P-")
            .and_then(|text| text.parse::<usize>().ok());
        number.is_some_and(|number| (FIRST..FIRST + self.sent).contains(&number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_have_ids_of_their_own_and_end() {
        let mut traffic = Traffic::default();
        let orders: Vec<_> = std::iter::from_fn(|| traffic.next_order()).collect();
        assert_eq!(orders.len(), ORDERS_MAX);
        assert_eq!(orders[0]["order_id"], "P-30001");
        assert_eq!(orders[1_199]["order_id"], "P-31200");
        assert!(traffic.has("P-31200") && !traffic.has("P-31201") && !traffic.has("P-10001"));
    }
}
