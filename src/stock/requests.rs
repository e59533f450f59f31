//! What a checkout asks for, and what it is answered.

use std::collections::BTreeMap;
use std::time::Duration;

use buywire_schemas::ids::CheckoutId;
use time::OffsetDateTime;

use crate::store::stock::StockKey;
use crate::store::stock::holds::BuyerFingerprints;

/// Units to hold for a checkout: all of them or none.
#[derive(Debug, Clone)]
pub struct HoldRequest {
    pub(super) checkout: CheckoutId,
    /// Each item once.
    pub(super) lines: BTreeMap<StockKey, i64>,
    pub(super) buyer: BuyerFingerprints,
    pub(super) duration: Duration,
}

impl HoldRequest {
    /// Asks for these units. Lines of the same item are summed: a limit is never evaded by splitting a line.
    /// `None`: a quantity is not positive, or a sum is too large.
    #[must_use]
    pub fn new(
        checkout: CheckoutId,
        lines: impl IntoIterator<Item = (StockKey, i64)>,
        buyer: BuyerFingerprints,
        duration: Duration,
    ) -> Option<Self> {
        let mut sums = BTreeMap::new();
        for (key, quantity) in lines {
            let sum: &mut i64 = sums.entry(key).or_default();
            *sum = sum.checked_add(quantity).filter(|_| quantity > 0)?;
        }
        (!sums.is_empty()).then_some(Self {
            checkout,
            lines: sums,
            buyer,
            duration,
        })
    }
}

/// Units that are held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// When the first of them are free again.
    pub until: OffsetDateTime,
    /// Other checkouts of the same buyer whose holds were released for this one: their payments must end.
    pub replaced: Vec<CheckoutId>,
}

/// Why nothing is held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoldRefused {
    /// Fewer units are left.
    #[error("{} of {} left", .left, .item.item_id)]
    SoldOut {
        item: StockKey,
        left: i64,
        /// Units that others hold: they may come back.
        held: i64,
    },
    /// The buyer would have more than one buyer may.
    #[error("at most {} of {} per buyer", .max, .item.item_id)]
    LimitReached {
        item: StockKey,
        max: i64,
        /// What the buyer has already.
        has: i64,
    },
    /// The partner's catalog does not have the item.
    #[error("unknown item {}", .0.item_id)]
    ItemUnknown(StockKey),
    /// The checkout has bought before.
    #[error("the checkout has been paid")]
    AlreadySold,
    /// Nothing was held, or it is unknown whether it was. Repeating the request is safe.
    #[error("busy: repeat the request")]
    Busy,
}

/// The answer to a [`HoldRequest`].
pub type HoldOutcome = Result<Held, HoldRefused>;
