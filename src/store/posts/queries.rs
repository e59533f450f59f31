//! Reads and writes posts, and the products they sell.

use buywire_schemas::catalog::{Item, ProductState};
use buywire_schemas::ids::{PartnerId, PostId, ProductId};
use buywire_schemas::post::{Merchant, Post, SettledPost, SoldProduct, State};
use buywire_schemas::rollout::Rollout;
use deadpool_postgres::GenericClient;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::super::Store;
use super::super::events::{self, EmittedDelivery, NewEvent};
use super::row;
use crate::db::{DatabaseError, Db, Tx};
use crate::store::catalog::products::product_state;
use buywire_schemas::event::EventType;
use buywire_schemas::ids::EventId;

/// Which posts; every member narrows.
#[derive(Debug, Clone, Default)]
pub struct PostFilter {
    /// Older than this one.
    pub after: Option<PostId>,
    /// In this state.
    pub state: Option<State>,
    /// Of this partner's products.
    pub partner: Option<PartnerId>,
    /// Of this product.
    pub product: Option<ProductId>,
    /// At most so many.
    pub limit: i64,
}

/// By what a product is named.
#[derive(Debug, Clone)]
pub enum ProductKey {
    /// Our id.
    Id(ProductId),
    /// The partner's slug and its own id.
    Item(String, String),
}

/// A product as a post needs it.
#[derive(Debug, Clone)]
pub struct PostProduct {
    /// Its id.
    pub id: ProductId,
    /// Whose it is.
    pub owner: PartnerId,
    /// The partner's own id.
    pub item_id: String,
    /// What is sold.
    pub snapshot: ProductSnapshot,
}

/// What the catalog knows of a product.
#[derive(Debug, Clone)]
pub struct ProductSnapshot {
    /// The last good data.
    pub item: Item,
    /// What counts beside it.
    pub state: ProductState,
    /// Who sells it.
    pub merchant: Merchant,
}

/// A live post as the timeline looks at it.
#[derive(Debug, Clone)]
pub struct TimelineRow {
    /// Which.
    pub id: PostId,
    /// Who may buy.
    pub rollout: Rollout,
    /// Its place.
    pub shown_at: OffsetDateTime,
}

impl ProductSnapshot {
    /// As the rule asks for it.
    #[must_use]
    pub const fn sold_product(&self) -> SoldProduct<'_> {
        SoldProduct {
            item: &self.item,
            state: self.state,
            merchant: &self.merchant,
        }
    }
}

impl Store {
    /// One post.
    pub async fn post(&self, id: PostId) -> Result<Option<Post>, DatabaseError> {
        let posts = read(&self.general().await?, &[id.uuid()]).await?;
        Ok(posts.into_iter().next())
    }

    /// The post of that short name, and what it sells.
    pub async fn post_by_slug(
        &self,
        slug: &str,
    ) -> Result<Option<(Post, ProductSnapshot)>, DatabaseError> {
        let conn = self.general().await?;
        let sql = include_str!("../sql/posts/find_by_slug.sql");
        let Some(row) = conn.query_opt(sql, &[&slug]).await? else {
            return Ok(None);
        };
        let ids = [row.try_get::<_, Uuid>("id")?];
        let post = read(&conn, &ids).await?.into_iter().next();
        let snapshot = snapshots(&conn, &ids).await?.into_iter().next();
        Ok(post.zip(snapshot.map(|(_, snapshot)| snapshot)))
    }

    /// Posts, the newest first.
    pub async fn posts(&self, filter: &PostFilter) -> Result<Vec<Post>, DatabaseError> {
        let conn = self.general().await?;
        let rows = conn
            .query(
                include_str!("../sql/posts/page.sql"),
                &[
                    &filter.after.map(PostId::uuid),
                    &filter.state.map(State::as_str),
                    &filter.partner.map(PartnerId::uuid),
                    &filter.product.map(ProductId::uuid),
                    &filter.limit,
                ],
            )
            .await?;
        in_order(&conn, &ids(&rows)?).await
    }

    /// These posts, in this order; those that are not there are left out.
    pub async fn posts_by_id(&self, ids: &[PostId]) -> Result<Vec<Post>, DatabaseError> {
        let uuids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        in_order(&self.general().await?, &uuids).await
    }

    /// Live posts behind a place in the timeline, the newest first.
    pub async fn timeline(
        &self,
        (at, id): (OffsetDateTime, PostId),
        limit: i64,
    ) -> Result<Vec<TimelineRow>, DatabaseError> {
        let sql = include_str!("../sql/posts/timeline.sql");
        let rows = self
            .general()
            .await?
            .query(sql, &[&at, &id.uuid(), &limit])
            .await?;
        rows.iter().map(row::timeline_row).collect()
    }

    /// When the next post changes by itself.
    pub async fn post_changes_at(&self) -> Result<Option<OffsetDateTime>, DatabaseError> {
        let sql = include_str!("../sql/posts/next_at.sql");
        let row = self.general().await?.query_one(sql, &[]).await?;
        Ok(row.try_get("next_at")?)
    }
}

/// The product that a post is to sell, held until the commit. Of several, take them in one transaction that
/// holds their partner's row in `feeds`: a feed locks products in an order of its own.
pub async fn hold_product(
    tx: &Tx<'_>,
    key: &ProductKey,
) -> Result<Option<PostProduct>, DatabaseError> {
    let (id, partner, item) = match key {
        ProductKey::Id(id) => (Some(id.uuid()), None, None),
        ProductKey::Item(partner, item) => (None, Some(partner), Some(item)),
    };
    let sql = include_str!("../sql/posts/hold_product.sql");
    let row = tx.query_opt(sql, &[&id, &partner, &item]).await?;
    row.as_ref().map(post_product).transpose()
}

/// Adds a post; false when its slug is taken.
pub async fn add(
    tx: &Tx<'_>,
    owner: PartnerId,
    rule: Option<Uuid>,
    new: &SettledPost,
) -> Result<bool, DatabaseError> {
    row::add(tx, owner, rule, new).await.map(|added| added == 1)
}

/// One post and what it sells, the post held until the commit.
pub async fn lock(
    tx: &Tx<'_>,
    id: PostId,
) -> Result<Option<(Post, ProductSnapshot)>, DatabaseError> {
    let sql = include_str!("../sql/posts/lock.sql");
    if tx.query_opt(sql, &[&id.uuid()]).await?.is_none() {
        return Ok(None);
    }
    let post = read(tx, &[id.uuid()]).await?.into_iter().next();
    let snapshot = snapshots(tx, &[id.uuid()]).await?.into_iter().next();
    Ok(post.zip(snapshot.map(|(_, snapshot)| snapshot)))
}

/// Saves a post that is held, and tells the platform what it should hear. Ring the bell after the commit.
pub async fn save(
    tx: &Tx<'_>,
    settled: &SettledPost,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    row::save(tx, std::slice::from_ref(settled)).await?;
    match settled.event {
        Some(kind) => emit_updates(tx, &[(kind, &settled.post)]).await,
        None => Ok(Vec::new()),
    }
}

/// Tells the platform.
pub(super) async fn emit_updates(
    tx: &Tx<'_>,
    updates: &[(EventType, &Post)],
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let platform = events::platform_partner(tx).await?;
    let event = |(kind, post): &(EventType, &Post)| {
        Ok(NewEvent {
            id: EventId::generate(),
            order: None,
            partner: platform,
            kind: *kind,
            data: row::json(post)?,
            test: false,
        })
    };
    let events: Vec<_> = updates
        .iter()
        .map(event)
        .collect::<Result<_, DatabaseError>>()?;
    events::emit(tx, &events).await
}

pub(super) async fn read(
    db: &Db<impl GenericClient>,
    ids: &[Uuid],
) -> Result<Vec<Post>, DatabaseError> {
    let sql = include_str!("../sql/posts/read.sql");
    let rows = db.query(sql, &[&ids]).await?;
    rows.iter().map(row::post).collect()
}

pub(super) async fn in_order(
    db: &Db<impl GenericClient>,
    ids: &[Uuid],
) -> Result<Vec<Post>, DatabaseError> {
    let mut posts = read(db, ids).await?;
    posts.sort_by_cached_key(|post| ids.iter().position(|id| *id == post.id.uuid()));
    Ok(posts)
}

pub(super) async fn snapshots(
    db: &Db<impl GenericClient>,
    posts: &[Uuid],
) -> Result<Vec<(Uuid, ProductSnapshot)>, DatabaseError> {
    let sql = include_str!("../sql/posts/snapshots.sql");
    let rows = db.query(sql, &[&posts]).await?;
    let keyed = |row: &Row| Ok((row.try_get("post")?, snapshot(row)?));
    rows.iter().map(keyed).collect()
}

pub(super) fn post_product(row: &Row) -> Result<PostProduct, DatabaseError> {
    Ok(PostProduct {
        id: ProductId::from_uuid(row.try_get("id")?),
        owner: PartnerId::from_uuid(row.try_get("partner")?),
        item_id: row.try_get("item_id")?,
        snapshot: snapshot(row)?,
    })
}

pub(super) fn snapshot(row: &Row) -> Result<ProductSnapshot, DatabaseError> {
    Ok(ProductSnapshot {
        item: row::parsed(row.try_get("item")?, "products.item")?,
        state: product_state(row)?,
        merchant: Merchant {
            name: row.try_get("name")?,
            slug: row.try_get("slug")?,
        },
    })
}

pub(super) fn ids(rows: &[Row]) -> Result<Vec<Uuid>, DatabaseError> {
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}
