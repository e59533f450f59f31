//! Holds: taken for many buyers in one transaction, ended one checkout at a time.

use std::collections::{BTreeMap, BTreeSet};

use buywire_schemas::ids::{CheckoutId, HoldId};
use deadpool_postgres::GenericClient;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{KeyColumns, LockedStock, StockChange, StockChanges, StockKey, change, key, locked};
use crate::db::{DatabaseError, Db, Tx};
use crate::store::events::EmittedDelivery;
use crate::store::stock::settling::settle;

/// A keyed hash that recognises a buyer again and says nothing about him.
pub(crate) type Fingerprint = [u8; 32];

/// By what a buyer is recognised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BuyerFingerprints {
    /// Of the e-mail address.
    pub contact: Option<Fingerprint>,
    /// Of the postal address.
    pub address: Option<Fingerprint>,
    /// Of the card, as the processor recognises it.
    pub card: Option<Fingerprint>,
}

/// A hold that has not ended, or whose units are sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CurrentHold {
    pub id: HoldId,
    pub checkout: CheckoutId,
    pub item: StockKey,
    pub quantity: i64,
    pub is_sold: bool,
    pub expires_at: OffsetDateTime,
    pub buyer: BuyerFingerprints,
}

/// A hold to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewHold {
    pub id: HoldId,
    pub checkout: CheckoutId,
    pub item: StockKey,
    pub quantity: i64,
    pub seconds: f64,
    pub buyer: BuyerFingerprints,
}

/// A hold of a checkout, in any state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CheckoutHold {
    pub id: HoldId,
    pub item: StockKey,
    pub quantity: i64,
    pub state: HoldState,
}

/// A hold's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HoldState {
    Held,
    Sold,
    Released,
    Expired,
}

impl HoldState {
    /// Whether its units went back.
    pub(crate) fn has_ended(self) -> bool {
        matches!(self, Self::Released | Self::Expired)
    }
}

impl BuyerFingerprints {
    fn by_kind(&self) -> impl Iterator<Item = (&'static str, Fingerprint)> {
        let all = [
            ("contact", self.contact),
            ("address", self.address),
            ("card", self.card),
        ];
        all.into_iter().filter_map(|(kind, one)| Some((kind, one?)))
    }

    /// Contact and address together: enough to replace a hold that the same buyer left behind.
    pub(crate) fn identity(&self) -> Option<(Fingerprint, Fingerprint)> {
        self.contact.zip(self.address)
    }

    /// Every fingerprint.
    pub(crate) fn all(&self) -> impl Iterator<Item = Fingerprint> {
        self.by_kind().map(|(_, one)| one)
    }
}

/// Locks the stock of these items, except of those that another transaction has locked.
pub(crate) async fn lock_free(
    tx: &Tx<'_>,
    items: &BTreeSet<StockKey>,
) -> Result<BTreeMap<StockKey, LockedStock>, DatabaseError> {
    let KeyColumns { partners, items } = KeyColumns::of(items);
    let sql = include_str!("../sql/stock/lock_free.sql");
    locked(&tx.query(sql, &[&partners, &items]).await?)
}

/// Locks the stock of a checkout's items, and reads its holds.
pub(crate) async fn lock_checkout(
    tx: &Tx<'_>,
    checkout: CheckoutId,
) -> Result<(BTreeMap<StockKey, LockedStock>, Vec<CheckoutHold>), DatabaseError> {
    let sql = include_str!("../sql/stock/lock_of_checkout.sql");
    let stock = locked(&tx.query(sql, &[&checkout.uuid()]).await?)?;
    let sql = include_str!("../sql/stock/holds_of_checkout.sql");
    let rows = tx.query(sql, &[&checkout.uuid()]).await?;
    let holds = rows.iter().map(checkout_hold).collect::<Result<_, _>>()?;
    Ok((stock, holds))
}

/// Adds the stock of items that have none yet. Returns those that exist at all.
pub(crate) async fn add_from_catalog(
    tx: &Tx<'_>,
    items: &BTreeSet<StockKey>,
) -> Result<BTreeSet<StockKey>, DatabaseError> {
    let KeyColumns { partners, items } = KeyColumns::of(items);
    let sql = include_str!("../sql/stock/add_from_catalog.sql");
    let rows = tx.query(sql, &[&partners, &items]).await?;
    rows.iter().map(key).collect()
}

/// Ends the holds of locked items whose time is over. Returns the units that are free again.
pub(crate) async fn expire(
    tx: &Tx<'_>,
    items: impl IntoIterator<Item = &StockKey>,
) -> Result<StockChanges, DatabaseError> {
    let KeyColumns { partners, items } = KeyColumns::of(items);
    let sql = include_str!("../sql/stock/expire.sql");
    let rows = tx.query(sql, &[&partners, &items]).await?;
    forget_buyers(tx, &rows).await?;
    changes(&rows, |quantity| StockChange {
        held: -quantity,
        sold: 0,
    })
}

/// The items with holds whose time is over; at most `limit`.
pub(crate) async fn due_items(
    db: &Db<impl GenericClient>,
    limit: i64,
) -> Result<BTreeSet<StockKey>, DatabaseError> {
    let sql = include_str!("../sql/stock/due_items.sql");
    let rows = db.query(sql, &[&limit]).await?;
    rows.iter().map(key).collect()
}

/// The current holds of locked items by these checkouts or buyers.
pub(crate) async fn of_buyers(
    tx: &Tx<'_>,
    items: impl IntoIterator<Item = &StockKey>,
    checkouts: &[CheckoutId],
    fingerprints: &[Fingerprint],
) -> Result<Vec<CurrentHold>, DatabaseError> {
    let KeyColumns { partners, items } = KeyColumns::of(items);
    let checkouts: Vec<_> = checkouts.iter().map(|id| id.uuid()).collect();
    let fingerprints: Vec<&[u8]> = fingerprints.iter().map(<[u8; 32]>::as_slice).collect();
    let sql = include_str!("../sql/stock/holds_of_buyers.sql");
    let rows = tx
        .query(sql, &[&partners, &items, &checkouts, &fingerprints])
        .await?;
    rows.iter().map(current_hold).collect()
}

/// Adds holds of locked items. Returns when each ends.
pub(crate) async fn add(
    tx: &Tx<'_>,
    holds: &[NewHold],
) -> Result<BTreeMap<(CheckoutId, StockKey), OffsetDateTime>, DatabaseError> {
    let ids: Vec<_> = holds.iter().map(|hold| hold.id.uuid()).collect();
    let checkouts: Vec<_> = holds.iter().map(|hold| hold.checkout.uuid()).collect();
    let KeyColumns { partners, items } = KeyColumns::of(holds.iter().map(|hold| &hold.item));
    let quantities: Vec<_> = holds.iter().map(|hold| hold.quantity).collect();
    let seconds: Vec<_> = holds.iter().map(|hold| hold.seconds).collect();
    let sql = include_str!("../sql/stock/add_holds.sql");
    let rows = tx
        .query(
            sql,
            &[&ids, &checkouts, &partners, &items, &quantities, &seconds],
        )
        .await?;
    let mut added = BTreeMap::new();
    let mut stored = BTreeMap::new();
    for row in &rows {
        let checkout = CheckoutId::from_uuid(row.try_get("checkout")?);
        let own = (checkout, key(row)?);
        added.insert(own.clone(), row.try_get("expires_at")?);
        stored.insert(own, row.try_get::<_, Uuid>("id")?);
    }
    if stored.len() != holds.len() {
        return Err(DatabaseError::Misuse("a hold was taken twice".into()));
    }
    let buyers = holds.iter().filter_map(|hold| {
        let id = stored.get(&(hold.checkout, hold.item.clone()))?;
        Some((*id, &hold.buyer))
    });
    let buyers: Vec<_> = buyers.collect();
    add_buyers(tx, buyers.into_iter()).await?;
    Ok(added)
}

async fn add_buyers<'a>(
    tx: &Tx<'_>,
    holds: impl Iterator<Item = (Uuid, &'a BuyerFingerprints)>,
) -> Result<(), DatabaseError> {
    let (mut ids, mut kinds, mut fingerprints) = (Vec::new(), Vec::new(), Vec::new());
    for (id, buyer) in holds {
        for (kind, fingerprint) in buyer.by_kind() {
            ids.push(id);
            kinds.push(kind);
            fingerprints.push(fingerprint.to_vec());
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let sql = include_str!("../sql/stock/add_buyers.sql");
    tx.execute(sql, &[&ids, &kinds, &fingerprints])
        .await
        .map(drop)
}

/// Releases holds of locked items. Returns the units that are free again.
pub(crate) async fn release(tx: &Tx<'_>, holds: &[HoldId]) -> Result<StockChanges, DatabaseError> {
    let rows = end(tx, holds, "released").await?;
    forget_buyers(tx, &rows).await?;
    changes(&rows, |quantity| StockChange {
        held: -quantity,
        sold: 0,
    })
}

/// Sells what is held of locked items.
pub(crate) async fn sell(tx: &Tx<'_>, holds: &[HoldId]) -> Result<StockChanges, DatabaseError> {
    let rows = end(tx, holds, "sold").await?;
    changes(&rows, |quantity| StockChange {
        held: -quantity,
        sold: quantity,
    })
}

/// Sells what was held of locked items: the caller has found that there are units.
pub(crate) async fn sell_ended(
    tx: &Tx<'_>,
    holds: &[HoldId],
) -> Result<StockChanges, DatabaseError> {
    let ids: Vec<_> = holds.iter().map(|hold| hold.uuid()).collect();
    let sql = include_str!("../sql/stock/take_again.sql");
    let rows = tx.query(sql, &[&ids]).await?;
    changes(&rows, |quantity| StockChange {
        held: 0,
        sold: quantity,
    })
}

/// Returns units of locked items to stock whose order was cancelled.
pub(crate) async fn return_sold(
    tx: &Tx<'_>,
    holds: &[HoldId],
) -> Result<StockChanges, DatabaseError> {
    let ids: Vec<_> = holds.iter().map(|hold| hold.uuid()).collect();
    let sql = include_str!("../sql/stock/return_sold.sql");
    let rows = tx.query(sql, &[&ids]).await?;
    forget_buyers(tx, &rows).await?;
    changes(&rows, |quantity| StockChange {
        held: 0,
        sold: -quantity,
    })
}

async fn end(tx: &Tx<'_>, holds: &[HoldId], state: &str) -> Result<Vec<Row>, DatabaseError> {
    let ids: Vec<_> = holds.iter().map(|hold| hold.uuid()).collect();
    let sql = include_str!("../sql/stock/end_holds.sql");
    tx.query(sql, &[&ids, &state]).await
}

/// Remembers whose holds these are.
pub(crate) async fn remember(
    tx: &Tx<'_>,
    holds: &[HoldId],
    buyer: &BuyerFingerprints,
) -> Result<(), DatabaseError> {
    let each = holds.iter().map(|hold| (hold.uuid(), buyer));
    add_buyers(tx, each).await
}

/// Extends the holds of a checkout, once. Returns when they end now, or `None` if they have ended or were extended.
pub(crate) async fn extend(
    db: &Db<impl GenericClient>,
    checkout: CheckoutId,
    seconds: f64,
) -> Result<Option<OffsetDateTime>, DatabaseError> {
    let sql = include_str!("../sql/stock/extend.sql");
    let rows = db.query(sql, &[&checkout.uuid(), &seconds]).await?;
    let ends = rows.iter().map(|row| row.try_get("expires_at"));
    let ends: Vec<OffsetDateTime> = ends.collect::<Result<_, _>>()?;
    Ok(ends.into_iter().min())
}

/// Writes changes of locked items, and settles what shows them. Notify after the commit.
pub(crate) async fn apply(
    tx: &Tx<'_>,
    changes: &StockChanges,
    now: OffsetDateTime,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    change(tx, changes).await?;
    settle(tx, changes.keys(), now).await
}

async fn forget_buyers(tx: &Tx<'_>, ended: &[Row]) -> Result<(), DatabaseError> {
    if ended.is_empty() {
        return Ok(());
    }
    let ids = ended.iter().map(|row| row.try_get("id"));
    let ids: Vec<Uuid> = ids.collect::<Result<_, _>>()?;
    let sql = include_str!("../sql/stock/forget_buyers.sql");
    tx.execute(sql, &[&ids]).await.map(drop)
}

fn changes(
    rows: &[Row],
    change: impl Fn(i64) -> StockChange,
) -> Result<StockChanges, DatabaseError> {
    let mut changes = StockChanges::new();
    for row in rows {
        let one = change(row.try_get("quantity")?);
        let sum = changes.entry(key(row)?).or_default();
        sum.held += one.held;
        sum.sold += one.sold;
    }
    Ok(changes)
}

/// Reads a keyed hash.
pub(in crate::store) fn fingerprint(
    row: &Row,
    column: &str,
) -> Result<Option<Fingerprint>, DatabaseError> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    Ok(bytes.and_then(|bytes| Fingerprint::try_from(bytes).ok()))
}

fn current_hold(row: &Row) -> Result<CurrentHold, DatabaseError> {
    Ok(CurrentHold {
        id: HoldId::from_uuid(row.try_get("id")?),
        checkout: CheckoutId::from_uuid(row.try_get("checkout")?),
        item: key(row)?,
        quantity: row.try_get("quantity")?,
        is_sold: row.try_get("sold")?,
        expires_at: row.try_get("expires_at")?,
        buyer: BuyerFingerprints {
            contact: fingerprint(row, "contact")?,
            address: fingerprint(row, "address")?,
            card: fingerprint(row, "card")?,
        },
    })
}

fn checkout_hold(row: &Row) -> Result<CheckoutHold, DatabaseError> {
    let state = match row.try_get("state")? {
        "held" => HoldState::Held,
        "sold" => HoldState::Sold,
        "released" => HoldState::Released,
        _ => HoldState::Expired,
    };
    Ok(CheckoutHold {
        id: HoldId::from_uuid(row.try_get("id")?),
        item: key(row)?,
        quantity: row.try_get("quantity")?,
        state,
    })
}
