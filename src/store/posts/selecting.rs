//! Items that a selection may mean, read in slices, and held while posts are made of them.

use buywire_schemas::ids::{PartnerId, ProductId};
use buywire_schemas::money::Currency;
use buywire_schemas::post::Settled;
use buywire_schemas::selection::{Selection, searchable};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Goods, goods_of};
use crate::store::events::Emitted;
use crate::store::{Store, StoreError, Tx};

/// What may be meant.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The item.
    pub goods: Goods,
    /// It has a post that is neither over nor taken back.
    pub has_post: bool,
    /// A variant of the same product has one.
    pub group_has_post: bool,
    /// When it last changed.
    pub changed_at: OffsetDateTime,
}

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// In whose catalog.
    pub partner: PartnerId,
    /// Behind this item.
    pub after: &'a str,
    /// For a rule: which, and what has changed since when.
    pub rule: Option<(Uuid, OffsetDateTime)>,
    /// At most so many.
    pub limit: usize,
}

impl Store {
    /// The catalogs that a selection may mean: one partner's, or everybody's.
    pub async fn catalogs(&self, of: Option<PartnerId>) -> Result<Vec<PartnerId>, StoreError> {
        let sql = include_str!("../sql/posts/catalogs.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&of.map(PartnerId::uuid)]).await?;
        let partner = |row: &tokio_postgres::Row| row.try_get("partner").map(PartnerId::from_uuid);
        Ok(rows.iter().map(partner).collect::<Result<_, _>>()?)
    }
}

/// Holds a catalog: nobody applies a feed there or makes posts of it in bulk until the commit.
pub async fn hold_catalog(tx: &Tx<'_>, partner: PartnerId) -> Result<(), StoreError> {
    let sql = include_str!("../sql/catalog/lock_feed.sql");
    tx.query_one(sql, &[&partner.uuid()]).await.map(drop)
}

/// What a selection may mean, in the order of the items' ids: [`Selection::matches`] judges.
pub async fn candidates(
    tx: &Tx<'_>,
    selection: &Selection,
    look: Look<'_>,
) -> Result<Vec<Candidate>, StoreError> {
    let currency = selection.price.as_ref().map(|price| price.currency);
    let (rule, since) = look.rule.unzip();
    let rows = tx
        .query(
            include_str!("../sql/posts/candidates.sql"),
            &[
                &look.partner.uuid(),
                &look.after,
                &currency.map(Currency::code),
                &selection.category_root().map(as_in_json),
                &selection.q.as_deref().map(searchable),
                &rule,
                &since,
                &i64::try_from(look.limit).unwrap_or(i64::MAX),
            ],
        )
        .await?;
    let candidates = rows.iter().map(|row| {
        Ok(Candidate {
            goods: goods_of(row)?,
            has_post: row.try_get("has_post")?,
            group_has_post: row.try_get("group_has_post")?,
            changed_at: row.try_get("changed_at")?,
        })
    });
    candidates.collect()
}

/// These items as they are now, held until the commit.
pub async fn hold(tx: &Tx<'_>, items: &[ProductId]) -> Result<Vec<Goods>, StoreError> {
    let ids: Vec<_> = items.iter().map(|id| id.uuid()).collect();
    let sql = include_str!("../sql/posts/hold.sql");
    let rows = tx.query(sql, &[&ids]).await?;
    rows.iter().map(goods_of).collect()
}

/// Tells the platform of posts that were made. Ring the bell after the commit.
pub async fn tell(tx: &Tx<'_>, made: &[Settled]) -> Result<Vec<Emitted>, StoreError> {
    let news = made.iter().filter_map(|new| Some((new.news?, &new.post)));
    let news: Vec<_> = news.collect();
    match news.is_empty() {
        true => Ok(Vec::new()),
        false => super::tell(tx, &news).await,
    }
}

/// A text as it stands inside of a JSON string.
fn as_in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.trim_matches('"').to_owned()
}
