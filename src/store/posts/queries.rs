//! Reads and writes posts and the products they sell.

use std::collections::HashMap;

use buywire_schemas::catalog::countries_of_sale::CountriesOfSale;
use buywire_schemas::catalog::{Item, ProductState};
use buywire_schemas::ids::{PartnerId, PostId, ProductId};
use buywire_schemas::post::{Merchant, Post, SettledPost, SoldProduct, State};
use buywire_schemas::rollout::Rollout;
use deadpool_postgres::GenericClient;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::row;
use crate::db::{DatabaseError, Db, Tx};
use crate::store::Store;
use crate::store::catalog::products::product_state;
use crate::store::events::{self, EmittedDelivery, NewEvent};
use buywire_schemas::event::EventType;
use buywire_schemas::ids::EventId;

/// Filters for posts; every field narrows.
#[derive(Debug, Clone, Default)]
pub struct PostFilter {
    /// Older than this post.
    pub after: Option<PostId>,
    pub state: Option<State>,
    /// Selling products of this partner.
    pub partner: Option<PartnerId>,
    /// Selling this product.
    pub product: Option<ProductId>,
    /// The size of the page.
    pub limit: i64,
}

/// How a request names a product.
#[derive(Debug, Clone)]
pub enum ProductKey {
    Id(ProductId),
    /// The partner's slug and item id.
    Item(String, String),
}

/// A product that a post may sell.
#[derive(Debug, Clone)]
pub struct PostProduct {
    pub id: ProductId,
    pub owner: PartnerId,
    /// The partner's item id.
    pub item_id: String,
    /// The product's current data.
    pub snapshot: ProductSnapshot,
}

/// A product snapshot.
#[derive(Debug, Clone)]
pub struct ProductSnapshot {
    /// The last good data.
    pub item: Item,
    /// The state besides the item's own data.
    pub state: ProductState,
    /// The name of the partner.
    pub merchant: Merchant,
}

/// A live post, as far as the timeline needs it.
#[derive(Debug, Clone)]
pub struct TimelineRow {
    pub id: PostId,
    /// Who may buy.
    pub rollout: Rollout,
    /// Its position in the timeline.
    pub shown_at: OffsetDateTime,
}

impl ProductSnapshot {
    /// Converts to what the rules of posts take.
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
    /// Reads one post.
    pub async fn post(&self, id: PostId) -> Result<Option<Post>, DatabaseError> {
        let posts = read(&self.general().await?, &[id.uuid()]).await?;
        Ok(posts.into_iter().next())
    }

    /// Reads the post with this slug and its product snapshot.
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

    /// Lists posts, newest first.
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

    /// Reads these posts in this order. Missing ones are left out.
    pub async fn posts_by_id(&self, ids: &[PostId]) -> Result<Vec<Post>, DatabaseError> {
        let uuids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        in_order(&self.general().await?, &uuids).await
    }

    /// Lists live posts after a timeline cursor, newest first.
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

    /// Reads where the products of these posts are sold.
    pub async fn countries_of_sale(
        &self,
        ids: &[PostId],
    ) -> Result<HashMap<PostId, CountriesOfSale>, DatabaseError> {
        let uuids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let snapshots = snapshots(&self.general().await?, &uuids).await?;
        let countries = snapshots.into_iter().map(|(post, snapshot)| {
            let countries = snapshot.item.countries_of_sale();
            (PostId::from_uuid(post), countries)
        });
        Ok(countries.collect())
    }

    /// Reads when the next post is due to change.
    pub async fn post_changes_at(&self) -> Result<Option<OffsetDateTime>, DatabaseError> {
        let sql = include_str!("../sql/posts/next_at.sql");
        let row = self.general().await?.query_one(sql, &[]).await?;
        Ok(row.try_get("next_at")?)
    }
}

/// Locks the product that a post will sell, until the commit. To lock several, first lock the partner's row in
/// `feeds`, because a feed locks products in its own order.
pub(crate) async fn hold_product(
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

/// Adds a post. Returns false if its slug is taken.
pub(crate) async fn add(
    tx: &Tx<'_>,
    owner: PartnerId,
    rule: Option<Uuid>,
    new: &SettledPost,
) -> Result<bool, DatabaseError> {
    row::add(tx, owner, rule, new).await.map(|added| added == 1)
}

/// Locks one post and reads it with its product snapshot.
pub(crate) async fn lock(
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

/// Saves a locked post and emits its events. Notify after the commit.
pub(crate) async fn save(
    tx: &Tx<'_>,
    settled: &SettledPost,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    row::save(tx, std::slice::from_ref(settled)).await?;
    match settled.event {
        Some(kind) => emit_updates(tx, &[(kind, &settled.post)]).await,
        None => Ok(Vec::new()),
    }
}

/// Emits events to the platform.
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
