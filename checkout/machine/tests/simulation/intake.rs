//! The order intake: one order per key, which partners may fulfil and which can be cancelled.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum OrderStatus {
    Live,
    Fulfilled,
    Cancelled,
}

/// Orders by checkout and attempt.
#[derive(Default)]
pub(in super::super) struct Intake {
    pub(in super::super) orders: BTreeMap<(usize, u32), OrderStatus>,
    /// Cancelled before they were placed.
    pub(in super::super) revoked: BTreeSet<(usize, u32)>,
}

impl Intake {
    pub(in super::super) fn live(&self, checkout: usize) -> usize {
        let own = self.orders.iter().filter(|(key, _)| key.0 == checkout);
        own.filter(|(_, status)| **status != OrderStatus::Cancelled)
            .count()
    }

    pub(in super::super) fn of(&self, checkout: usize) -> usize {
        self.orders.keys().filter(|key| key.0 == checkout).count()
    }

    /// Whether the order is cancelled now, and whether it was before.
    pub(in super::super) fn cancel(
        &mut self,
        order: (usize, u32),
        only_unfulfilled: bool,
    ) -> (bool, bool) {
        let Some(status) = self.orders.get_mut(&order) else {
            self.revoked.insert(order);
            return (true, true);
        };
        let before = *status;
        if before == OrderStatus::Fulfilled && only_unfulfilled {
            return (false, false);
        }
        *status = OrderStatus::Cancelled;
        (true, before == OrderStatus::Cancelled)
    }
}
