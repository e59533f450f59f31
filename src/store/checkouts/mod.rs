//! Checkouts in the database: found by token, locked, saved with their effects.
//!
//! Whoever changes a checkout locks its row first.

pub(crate) mod effects;
pub(crate) mod fingerprint_key;
pub(crate) mod items;
pub(crate) mod overview;
pub(crate) mod withdrawals;

use std::fmt;

use buywire_checkout::cart::Cart;
use buywire_checkout::machine::Checkout;
use buywire_checkout::pricing::Pricing;
use buywire_schemas::ids::{CheckoutId, KeyId, OrderId, PostId};
use buywire_schemas::text::Slug;
use deadpool_postgres::GenericClient;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::db::{DatabaseError, Db, Tx};
use crate::store::Store;
use crate::store::stock::holds::{Fingerprint, fingerprint};

/// How a checkout came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A buyer on our page.
    Page,
    /// An agent that speaks the Agentic Commerce Protocol.
    Acp,
    /// An agent that speaks the Universal Commerce Protocol.
    Ucp,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::Page, Self::Acp, Self::Ucp];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Acp => "acp",
            Self::Ucp => "ucp",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// A checkout's row.
#[derive(Clone)]
pub struct StoredCheckout {
    pub id: CheckoutId,
    /// Sealed.
    pub token: Vec<u8>,
    pub channel: Channel,
    /// The API key of the agent that opened it.
    pub agent: Option<KeyId>,
    pub post: Option<PostId>,
    /// A language tag.
    pub language: String,
    pub cart: Cart,
    pub pricing: Option<Pricing>,
    /// Why the last attempt to pay came to nothing, as the room of checkouts writes it.
    pub setback: Option<Value>,
    pub machine: Checkout,
    /// Encrypted under `buyer_key`.
    pub buyer: Option<Vec<u8>>,
    /// Sealed. `None`: there is no buyer, or nobody can read it any more.
    pub buyer_key: Option<Vec<u8>>,
    pub contact: Option<Fingerprint>,
    pub address: Option<Fingerprint>,
    pub order: Option<OrderId>,
    /// What an agent has sent, encrypted under `buyer_key`.
    pub details: Option<Vec<u8>>,
    /// Sealed. Kept while the request that carries it may have to be sent again.
    pub payment_token: Option<Vec<u8>>,
    /// A hash of the agent's request that began the last attempt.
    pub payment_request: Option<Fingerprint>,
    pub test: bool,
    /// When the order was accepted.
    pub ordered_at: Option<OffsetDateTime>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

impl fmt::Debug for StoredCheckout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredCheckout")
            .field("id", &self.id)
            .field("state", &state_name(&self.machine))
            .finish_non_exhaustive()
    }
}

/// Which checkouts to list.
#[derive(Debug, Clone, Default)]
pub struct CheckoutFilter {
    pub after: Option<CheckoutId>,
    pub state: Option<String>,
    /// Those with lines of this partner.
    pub partner: Option<Slug>,
    pub limit: i64,
}

impl Store {
    /// Reads one checkout.
    pub async fn checkout(&self, id: CheckoutId) -> Result<Option<StoredCheckout>, DatabaseError> {
        find(&self.general().await?, Some(id), None).await
    }

    /// Reads the checkout whose token has this hash.
    pub async fn checkout_by_token(
        &self,
        hash: &[u8; 32],
    ) -> Result<Option<StoredCheckout>, DatabaseError> {
        find(&self.general().await?, None, Some(hash)).await
    }

    /// The checkout that became this order. With an agent, only one that this agent opened.
    pub async fn checkout_of_order(
        &self,
        order: OrderId,
        agent: Option<KeyId>,
    ) -> Result<Option<CheckoutId>, DatabaseError> {
        let sql = include_str!("../sql/checkouts/of_order.sql");
        let conn = self.general().await?;
        let row = conn
            .query_opt(sql, &[&order.uuid(), &agent.map(KeyId::uuid)])
            .await?;
        row.map(|row| Ok(CheckoutId::from_uuid(row.try_get("id")?)))
            .transpose()
    }

    /// Lists checkouts, newest first.
    pub async fn checkouts(
        &self,
        filter: &CheckoutFilter,
    ) -> Result<Vec<StoredCheckout>, DatabaseError> {
        let sql = include_str!("../sql/checkouts/page.sql");
        let after = filter.after.map(CheckoutId::uuid);
        let partner = filter.partner.as_ref().map(Slug::as_str);
        let conn = self.general().await?;
        let rows = conn
            .query(sql, &[&after, &filter.state, &partner, &filter.limit])
            .await?;
        rows.iter().map(checkout).collect()
    }

    /// Checkouts whose buyers are paying, after this one.
    pub async fn paying_checkouts(
        &self,
        after: Option<CheckoutId>,
        limit: i64,
    ) -> Result<Vec<CheckoutId>, DatabaseError> {
        let sql = include_str!("../sql/checkouts/paying.sql");
        let after = after.map_or(Uuid::nil(), CheckoutId::uuid);
        let rows = self.general().await?.query(sql, &[&after, &limit]).await?;
        rows.iter().map(checkout_id).collect()
    }

    /// Makes abandoned buyers unreadable whose checkout was left so many seconds ago. Returns how many.
    pub async fn shred_buyers(&self, seconds: f64, limit: i64) -> Result<u64, DatabaseError> {
        let sql = include_str!("../sql/checkouts/shred.sql");
        self.general()
            .await?
            .execute(sql, &[&seconds, &limit])
            .await
    }
}

/// Adds a checkout.
pub(crate) async fn add(
    tx: &Tx<'_>,
    new: &StoredCheckout,
    token_hash: &[u8; 32],
) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/checkouts/add.sql");
    tx.execute(
        sql,
        &[
            &new.id.uuid(),
            &token_hash.as_slice(),
            &new.token,
            &new.channel.as_str(),
            &new.agent.map(KeyId::uuid),
            &new.post.map(PostId::uuid),
            &new.language,
            &Json(&new.cart),
            &Json(&new.machine),
            &state_name(&new.machine),
            &new.test,
        ],
    )
    .await
    .map(drop)
}

/// Locks one checkout.
pub(crate) async fn lock(
    tx: &Tx<'_>,
    id: CheckoutId,
) -> Result<Option<StoredCheckout>, DatabaseError> {
    let sql = include_str!("../sql/checkouts/lock.sql");
    let row = tx.query_opt(sql, &[&id.uuid()]).await?;
    row.as_ref().map(checkout).transpose()
}

/// Saves a locked checkout.
pub(crate) async fn save(tx: &Tx<'_>, changed: &StoredCheckout) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/checkouts/save.sql");
    tx.execute(
        sql,
        &[
            &changed.id.uuid(),
            &changed.language,
            &Json(&changed.cart),
            &changed.pricing.as_ref().map(Json),
            &changed.setback,
            &Json(&changed.machine),
            &state_name(&changed.machine),
            &changed.buyer,
            &changed.buyer_key,
            &changed.contact.as_ref().map(<[u8; 32]>::as_slice),
            &changed.address.as_ref().map(<[u8; 32]>::as_slice),
            &changed.order.map(OrderId::uuid),
            &changed.machine.wakes_at(),
            &changed.test,
            &changed.details,
            &changed.payment_token,
            &changed.payment_request.as_ref().map(<[u8; 32]>::as_slice),
        ],
    )
    .await
    .map(drop)
}

/// Makes the buyer of a redacted order unreadable in its checkout.
pub(crate) async fn shred_order(tx: &Tx<'_>, order: OrderId) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/checkouts/shred_order.sql");
    tx.execute(sql, &[&order.uuid()]).await.map(drop)
}

/// The checkouts that time alone changes now.
pub(crate) async fn due(
    db: &Db<impl GenericClient>,
    limit: i64,
) -> Result<Vec<CheckoutId>, DatabaseError> {
    let sql = include_str!("../sql/checkouts/due.sql");
    let rows = db.query(sql, &[&limit]).await?;
    rows.iter().map(checkout_id).collect()
}

fn checkout_id(row: &Row) -> Result<CheckoutId, DatabaseError> {
    Ok(CheckoutId::from_uuid(row.try_get("id")?))
}

async fn find(
    db: &Db<impl GenericClient>,
    id: Option<CheckoutId>,
    token_hash: Option<&[u8; 32]>,
) -> Result<Option<StoredCheckout>, DatabaseError> {
    let sql = include_str!("../sql/checkouts/find.sql");
    let hash = token_hash.map(<[u8; 32]>::as_slice);
    let row = db
        .query_opt(sql, &[&id.map(CheckoutId::uuid), &hash])
        .await?;
    row.as_ref().map(checkout).transpose()
}

/// The machine's state, as lists filter by it.
fn state_name(machine: &Checkout) -> &'static str {
    machine.state().name()
}

fn checkout(row: &Row) -> Result<StoredCheckout, DatabaseError> {
    let channel = Channel::parse(row.try_get("channel")?);
    Ok(StoredCheckout {
        id: CheckoutId::from_uuid(row.try_get("id")?),
        token: row.try_get("token")?,
        channel: channel.ok_or_else(|| unreadable("channel"))?,
        agent: row
            .try_get::<_, Option<Uuid>>("agent")?
            .map(KeyId::from_uuid),
        post: row
            .try_get::<_, Option<Uuid>>("post")?
            .map(PostId::from_uuid),
        language: row.try_get("language")?,
        cart: json(row, "cart")?.ok_or_else(|| unreadable("cart"))?,
        pricing: json(row, "quote")?,
        setback: row.try_get("setback")?,
        machine: json(row, "machine")?.ok_or_else(|| unreadable("machine"))?,
        buyer: row.try_get("buyer")?,
        buyer_key: row.try_get("buyer_key")?,
        contact: fingerprint(row, "contact")?,
        address: fingerprint(row, "address")?,
        order: row
            .try_get::<_, Option<Uuid>>("order_id")?
            .map(OrderId::from_uuid),
        details: row.try_get("details")?,
        payment_token: row.try_get("payment_token")?,
        payment_request: fingerprint(row, "payment_request")?,
        test: row.try_get("test")?,
        ordered_at: row.try_get("ordered_at")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// Reads a JSON column. An error never quotes it.
pub(super) fn json<T: DeserializeOwned>(
    row: &Row,
    column: &'static str,
) -> Result<Option<T>, DatabaseError> {
    let value: Option<Value> = row.try_get(column)?;
    let parsed = value.map(serde_json::from_value).transpose();
    parsed.map_err(|_| unreadable(column))
}

fn unreadable(column: &str) -> DatabaseError {
    DatabaseError::Misuse(format!("checkouts.{column} cannot be parsed"))
}
