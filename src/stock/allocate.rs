//! Allocation: which requests get units, decided in the order in which they arrived.
//!
//! Promises: a pure function; what it takes fits what is left; a buyer never has more than the item's limit, whichever
//! of his contact, address or card recognises him; a hold that the same buyer left behind does not stand in his way.

use std::collections::{BTreeMap, BTreeSet};

use buywire_schemas::ids::{CheckoutId, HoldId};
use time::OffsetDateTime;

use super::requests::{HoldRefused, HoldRequest};
use crate::store::stock::holds::{BuyerFingerprints, CurrentHold};
use crate::store::stock::{LockedStock, StockKey};

/// What is known while requests are decided. Each decision changes the stock for the next.
pub(super) struct Allocation {
    pub(super) stock: BTreeMap<StockKey, LockedStock>,
    /// The current holds of everybody who asks.
    pub(super) holds: Vec<CurrentHold>,
    /// What was taken since these were read.
    taken: Vec<TakenUnits>,
}

/// Units that were just taken, for the buyer's limit.
struct TakenUnits {
    buyer: BuyerFingerprints,
    item: StockKey,
    quantity: i64,
}

/// What a request gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// Its units, after these holds of the same buyer are released.
    Take {
        released: Vec<HoldId>,
        replaced: BTreeSet<CheckoutId>,
    },
    /// What it holds already.
    Keep {
        until: OffsetDateTime,
    },
    Refuse(HoldRefused),
}

/// Whether so many units are left.
pub(super) fn has_room(stock: LockedStock, quantity: i64) -> bool {
    stock.left().is_none_or(|left| left >= quantity)
}

impl Allocation {
    pub(super) fn new(stock: BTreeMap<StockKey, LockedStock>, holds: Vec<CurrentHold>) -> Self {
        let taken = Vec::new();
        Self {
            stock,
            holds,
            taken,
        }
    }

    /// Decides one request. Requests of one checkout, or of one buyer who could replace his own hold, are never decided
    /// together: what this one takes is not among the holds.
    pub(super) fn decide(&mut self, request: &HoldRequest) -> Decision {
        let own = self
            .holds
            .iter()
            .filter(|hold| hold.checkout == request.checkout);
        let own: Vec<_> = own.cloned().collect();
        if own.iter().any(|hold| hold.is_sold) {
            return Decision::Refuse(HoldRefused::AlreadySold);
        }
        if let Some(until) = same_units(&own, request) {
            return Decision::Keep { until };
        }
        let stale = self.stale_holds_of(request);
        // What the checkout itself holds of other units is always given back; other holds of its buyer only if they
        // stand in the way.
        let released = match self.check(request, &own) {
            Ok(()) => own,
            Err(refused) => {
                let all: Vec<_> = own.into_iter().chain(stale).collect();
                match self.check(request, &all) {
                    Ok(()) => all,
                    Err(_) => return Decision::Refuse(refused),
                }
            }
        };
        self.take(request, &released);
        let others = released.iter().map(|hold| hold.checkout);
        Decision::Take {
            replaced: others.filter(|id| *id != request.checkout).collect(),
            released: released.iter().map(|hold| hold.id).collect(),
        }
    }

    /// What the same buyer holds of these items in other checkouts. An e-mail address alone does not prove who he is:
    /// anybody could release anybody's holds.
    fn stale_holds_of(&self, request: &HoldRequest) -> Vec<CurrentHold> {
        let Some(identity) = request.buyer.identity() else {
            return Vec::new();
        };
        let stale = self.holds.iter().filter(|hold| {
            !hold.is_sold
                && hold.checkout != request.checkout
                && request.lines.contains_key(&hold.item)
                && hold.buyer.identity() == Some(identity)
        });
        stale.cloned().collect()
    }

    /// Checks that a request fits if these holds are released.
    fn check(&self, request: &HoldRequest, released: &[CurrentHold]) -> Result<(), HoldRefused> {
        for (item, quantity) in &request.lines {
            let Some(stock) = self.stock.get(item) else {
                return Err(HoldRefused::ItemUnknown(item.clone()));
            };
            let back = released.iter().filter(|hold| hold.item == *item);
            let back: i64 = back.map(|hold| hold.quantity).sum();
            let free = LockedStock {
                held: stock.held - back,
                ..*stock
            };
            if !has_room(free, *quantity) {
                return Err(HoldRefused::SoldOut {
                    item: item.clone(),
                    left: free.left().unwrap_or_default().max(0),
                    held: free.held,
                });
            }
            self.check_limit(&request.buyer, item, *quantity, released)?;
        }
        Ok(())
    }

    /// Checks that a buyer may have so many units more if these holds are released.
    pub(super) fn check_limit(
        &self,
        buyer: &BuyerFingerprints,
        item: &StockKey,
        quantity: i64,
        released: &[CurrentHold],
    ) -> Result<(), HoldRefused> {
        let Some(max) = self.stock.get(item).and_then(|stock| stock.per_buyer_max) else {
            return Ok(());
        };
        let counted = self.holds.iter().filter(|hold| {
            hold.item == *item
                && is_same_buyer(&hold.buyer, buyer)
                && !released.iter().any(|one| one.id == hold.id)
        });
        let has: i64 = counted.map(|hold| hold.quantity).sum();
        let taken = self
            .taken
            .iter()
            .filter(|one| one.item == *item && is_same_buyer(&one.buyer, buyer));
        let has = has + taken.map(|one| one.quantity).sum::<i64>();
        match has.saturating_add(quantity) <= max {
            true => Ok(()),
            false => Err(HoldRefused::LimitReached {
                item: item.clone(),
                max,
                has,
            }),
        }
    }

    fn take(&mut self, request: &HoldRequest, released: &[CurrentHold]) {
        for hold in released {
            if let Some(stock) = self.stock.get_mut(&hold.item) {
                stock.held -= hold.quantity;
            }
            self.holds.retain(|one| one.id != hold.id);
        }
        for (item, quantity) in &request.lines {
            if let Some(stock) = self.stock.get_mut(item) {
                stock.held += quantity;
            }
            self.taken.push(TakenUnits {
                buyer: request.buyer,
                item: item.clone(),
                quantity: *quantity,
            });
        }
    }
}

/// Whether a request must see what an earlier one holds before it is decided: it is of the same checkout, or could
/// replace its hold.
pub(super) fn must_wait(request: &HoldRequest, earlier: &HoldRequest) -> bool {
    let identity = request.buyer.identity();
    request.checkout == earlier.checkout
        || identity.is_some() && identity == earlier.buyer.identity()
}

/// Until when a checkout holds exactly what it asks for.
fn same_units(own: &[CurrentHold], request: &HoldRequest) -> Option<OffsetDateTime> {
    let held: BTreeMap<_, _> = own.iter().map(|hold| (&hold.item, hold.quantity)).collect();
    let requested: BTreeMap<_, _> = request.lines.iter().map(|(item, n)| (item, *n)).collect();
    let until = own.iter().map(|hold| hold.expires_at).min();
    until.filter(|_| held == requested)
}

/// Whether any fingerprint says that two are the same buyer.
fn is_same_buyer(one: &BuyerFingerprints, other: &BuyerFingerprints) -> bool {
    let same = |a: Option<_>, b: Option<_>| a.is_some() && a == b;
    same(one.contact, other.contact)
        || same(one.address, other.address)
        || same(one.card, other.card)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use buywire_schemas::ids::PartnerId;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    /// A buyer's request: the item, how many units, and the numbers of the checkout, contact and address.
    type Request = (u8, i64, u128, u8, u8);

    fn key(item: u8) -> StockKey {
        StockKey {
            partner: PartnerId::from_uuid(Uuid::nil()),
            item_id: item.to_string(),
        }
    }

    fn request((item, quantity, checkout, contact, address): Request) -> HoldRequest {
        let buyer = BuyerFingerprints {
            contact: Some([contact; 32]),
            address: Some([address; 32]),
            card: None,
        };
        let checkout = CheckoutId::from_uuid(Uuid::from_u128(checkout));
        let duration = Duration::from_secs(600);
        HoldRequest::new(checkout, [(key(item), quantity)], buyer, duration).unwrap()
    }

    /// What the database would do after a batch.
    fn store(allocation: &mut Allocation, taken: Vec<(HoldRequest, u128)>) {
        allocation.taken.clear();
        for (request, n) in taken {
            for (item, quantity) in &request.lines {
                allocation.holds.push(CurrentHold {
                    id: HoldId::from_uuid(Uuid::from_u128(n)),
                    checkout: request.checkout,
                    item: item.clone(),
                    quantity: *quantity,
                    is_sold: false,
                    expires_at: OffsetDateTime::UNIX_EPOCH,
                    buyer: request.buyer,
                });
            }
        }
    }

    /// Requests that can be decided together.
    fn together(requests: Vec<HoldRequest>) -> Vec<HoldRequest> {
        let mut batch: Vec<HoldRequest> = Vec::new();
        for request in requests {
            if !batch.iter().any(|earlier| must_wait(&request, earlier)) {
                batch.push(request);
            }
        }
        batch
    }

    proptest! {
        #[test]
        fn whatever_is_requested_no_unit_is_held_twice_and_no_buyer_has_too_many(
            totals in prop::array::uniform2(0..12_i64),
            max in 1..5_i64,
            batches in prop::collection::vec(
                prop::collection::vec((0..2_u8, 1..4_i64, 0..12_u128, 0..4_u8, 0..4_u8), 1..8),
                1..20,
            ),
        ) {
            let limits = [Some(max), None];
            let stock = (0..2_u8).zip(totals).zip(limits).map(|((item, total), per_buyer_max)| {
                let stock = LockedStock { total: Some(total), held: 0, sold: 0, per_buyer_max };
                (key(item), stock)
            });
            let (stock, mut n) = (stock.collect(), 0);
            let mut allocation = Allocation::new(stock, Vec::new());
            for requests in batches {
                let mut taken = Vec::new();
                for request in together(requests.into_iter().map(request).collect()) {
                    let before = allocation.holds.clone();
                    n += 1;
                    match allocation.decide(&request) {
                        Decision::Take { .. } => taken.push((request, n)),
                        Decision::Keep { .. } => prop_assert!(!before.is_empty()),
                        Decision::Refuse(_) => prop_assert_eq!(&before, &allocation.holds),
                    }
                }
                store(&mut allocation, taken);
                for (item, stock) in &allocation.stock {
                    let held: Vec<_> = allocation.holds.iter().filter(|hold| hold.item == *item).collect();
                    prop_assert_eq!(stock.held, held.iter().map(|hold| hold.quantity).sum::<i64>());
                    prop_assert!(stock.left() >= Some(0));
                    for one in held.iter().filter(|_| stock.per_buyer_max.is_some()) {
                        for is_same in [
                            |one: &CurrentHold, other: &CurrentHold| one.buyer.contact == other.buyer.contact,
                            |one: &CurrentHold, other: &CurrentHold| one.buyer.address == other.buyer.address,
                        ] {
                            let same = held.iter().filter(|other| is_same(one, other));
                            prop_assert!(same.map(|hold| hold.quantity).sum::<i64>() <= max);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn two_who_share_an_address_are_decided_together_within_their_limit() {
        let stock = LockedStock {
            total: Some(10),
            held: 0,
            sold: 0,
            per_buyer_max: Some(3),
        };
        let mut allocation = Allocation::new([(key(0), stock)].into(), Vec::new());
        let (ada, bob) = (request((0, 2, 1, 1, 7)), request((0, 2, 2, 2, 7)));
        assert!(!must_wait(&bob, &ada));
        assert!(matches!(allocation.decide(&ada), Decision::Take { .. }));
        let limit = HoldRefused::LimitReached {
            item: key(0),
            max: 3,
            has: 2,
        };
        assert_eq!(allocation.decide(&bob), Decision::Refuse(limit));
        let again = request((0, 2, 3, 1, 7));
        assert!(must_wait(&again, &ada), "she could replace her own hold");
    }
}
