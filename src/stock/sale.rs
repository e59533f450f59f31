//! Sale: the units that a checkout holds are its buyer's; and what ends without one.
//!
//! Promises: a buyer who has paid too late gets units if there are any; he is limited as everybody is, and his card,
//! which nobody knew when he took the hold, counts too.

use buywire_schemas::ids::CheckoutId;
use time::OffsetDateTime;

use super::allocate::{Allocation, has_room};
use super::ids;
use crate::db::{DatabaseError, Tx};
use crate::store::events::EmittedDelivery;
use crate::store::stock::StockKey;
use crate::store::stock::holds::{self, BuyerFingerprints, CheckoutHold, HoldState};

/// The end of a checkout's holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sale {
    /// Every unit is sold, now or before.
    Sold,
    /// The holds had ended, and of this item too few units are left. Nothing is sold.
    SoldOut(StockKey),
    /// The buyer would have more of this item than one buyer may. Nothing is sold.
    LimitReached(StockKey),
    /// The checkout holds nothing.
    NothingHeld,
}

/// Sells what a checkout holds, in the caller's transaction. `buyer`: with the card that has paid. Notify after the
/// commit.
pub(crate) async fn sell(
    tx: &Tx<'_>,
    checkout: CheckoutId,
    buyer: BuyerFingerprints,
    now: OffsetDateTime,
) -> Result<(Sale, Vec<EmittedDelivery>), DatabaseError> {
    let (stock, all) = holds::lock_checkout(tx, checkout).await?;
    if all.is_empty() {
        return Ok((Sale::NothingHeld, Vec::new()));
    }
    let fingerprints: Vec<_> = buyer.all().collect();
    let mut others = holds::of_buyers(tx, stock.keys(), &[], &fingerprints).await?;
    others.retain(|hold| hold.checkout != checkout);
    let allocation = Allocation::new(stock, others);
    if let Some(refused) = all
        .iter()
        .find_map(|hold| refusal(&allocation, hold, &buyer))
    {
        return Ok((refused, Vec::new()));
    }
    let mut changes = holds::sell(tx, &ids(&all, |state| state == HoldState::Held)).await?;
    changes.extend(holds::sell_ended(tx, &ids(&all, HoldState::has_ended)).await?);
    holds::remember(tx, &ids(&all, |_| true), &buyer).await?;
    let emitted = holds::apply(tx, &changes, now).await?;
    Ok((Sale::Sold, emitted))
}

/// Releases what a checkout holds, in the caller's transaction. What it has bought stays sold. Notify after the commit.
pub(crate) async fn release(
    tx: &Tx<'_>,
    checkout: CheckoutId,
    now: OffsetDateTime,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let (_, all) = holds::lock_checkout(tx, checkout).await?;
    let free = holds::release(tx, &ids(&all, |state| state == HoldState::Held)).await?;
    holds::apply(tx, &free, now).await
}

/// Returns what a checkout has bought to stock, in the caller's transaction: its order is cancelled before anything is
/// shipped. A second time changes nothing. Notify after the commit.
pub(crate) async fn return_sold(
    tx: &Tx<'_>,
    checkout: CheckoutId,
    now: OffsetDateTime,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let (_, all) = holds::lock_checkout(tx, checkout).await?;
    let back = holds::return_sold(tx, &ids(&all, |state| state == HoldState::Sold)).await?;
    holds::apply(tx, &back, now).await
}

fn refusal(
    allocation: &Allocation,
    hold: &CheckoutHold,
    buyer: &BuyerFingerprints,
) -> Option<Sale> {
    let stock = allocation.stock.get(&hold.item)?;
    // Units that are still held were counted with the buyer's contact and address when they were taken.
    let counted = match hold.state {
        HoldState::Sold => return None,
        HoldState::Held => BuyerFingerprints {
            card: buyer.card,
            ..BuyerFingerprints::default()
        },
        HoldState::Released | HoldState::Expired => *buyer,
    };
    if hold.state.has_ended() && !has_room(*stock, hold.quantity) {
        return Some(Sale::SoldOut(hold.item.clone()));
    }
    let limited = allocation.check_limit(&counted, &hold.item, hold.quantity, &[]);
    limited.err().map(|_| Sale::LimitReached(hold.item.clone()))
}
