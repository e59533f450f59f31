//! A delivery option as a buyer chooses it, from a stored table or from the partner's hook.

use std::collections::BTreeSet;

use buywire_schemas::problem::Violation;
use buywire_schemas::read::{Reader, choice, integer};
use serde::{Deserialize, Serialize};

/// Options that one partner offers for one address. Hosted pages show five; a buyer compares no more than a few.
pub const DELIVERY_OPTIONS_MAX: usize = 20;
/// Days until delivery: made to order takes months.
const DAYS_MAX: i64 = 365;

/// How something gets to the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryKind {
    /// A carrier brings it.
    Shipping,
    /// It is sent over the network.
    Digital,
    /// The buyer fetches it.
    Pickup,
}

/// One option with its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryOption {
    /// The partner's id of it.
    pub id: String,
    /// How.
    pub kind: DeliveryKind,
    /// What the buyer reads.
    pub title: String,
    /// What it costs, with tax where prices contain it.
    pub price: i64,
    /// The days that it takes, from and to.
    pub days: Option<(u16, u16)>,
}

pub(crate) fn kind(option: &mut Reader<'_>) -> Option<DeliveryKind> {
    const KINDS: &[(&str, DeliveryKind)] = &[
        ("shipping", DeliveryKind::Shipping),
        ("digital", DeliveryKind::Digital),
        ("pickup", DeliveryKind::Pickup),
    ];
    option.required("kind", choice(KINDS))
}

/// Both ends, or neither.
pub(crate) fn days(option: &mut Reader<'_>) -> Option<(u16, u16)> {
    let day = || integer(0..=DAYS_MAX);
    let has_both = option.has("days_from") == option.has("days_to");
    let from = option.optional("days_from", day());
    let to = option.optional("days_to", day());
    if !has_both || from.zip(to).is_some_and(|(from, to)| from > to) {
        let detail = "must be given with days_from, and be no less";
        option.refuse("/days_to", Violation::new("days_malformed", detail));
    }
    let (from, to) = from.zip(to)?;
    Some((u16::try_from(from).ok()?, u16::try_from(to).ok()?))
}

/// Refuses an id that an earlier option has.
pub(super) fn refuse_twins<'i>(body: &mut Reader<'_>, ids: impl Iterator<Item = &'i str>) {
    let mut earlier = BTreeSet::new();
    for (index, id) in ids.enumerate() {
        if !earlier.insert(id) {
            let detail = "must differ from the ids of the other options";
            let location = format!("/options/{index}/id");
            body.refuse(&location, Violation::new("duplicate_id", detail));
        }
    }
}
