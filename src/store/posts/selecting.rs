//! Items that a selection may mean, read in slices, and held while posts are made of them.

use buywire_schemas::ids::{PartnerId, ProductId};
use buywire_schemas::money::Currency;
use buywire_schemas::post::SettledPost;
use buywire_schemas::selection::{Selection, search_key};
use time::OffsetDateTime;
use uuid::Uuid;

use super::queries::{PostProduct, post_product};
use crate::db::{DatabaseError, Tx};
use crate::store::Store;
use crate::store::events::EmittedDelivery;

/// What may be meant.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The item.
    pub product: PostProduct,
    /// It has a post that is neither over nor taken back.
    pub has_post: bool,
    /// A variant of the same product has one.
    pub group_has_post: bool,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub struct CandidateQuery<'a> {
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
    pub async fn catalogs(
        &self,
        partner: Option<PartnerId>,
    ) -> Result<Vec<PartnerId>, DatabaseError> {
        let sql = include_str!("../sql/posts/catalogs.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&partner.map(PartnerId::uuid)]).await?;
        let partner = |row: &tokio_postgres::Row| row.try_get("partner").map(PartnerId::from_uuid);
        Ok(rows.iter().map(partner).collect::<Result<_, _>>()?)
    }
}

/// Holds a catalog: nobody applies a feed there or makes posts of it in bulk until the commit.
pub async fn hold_catalog(tx: &Tx<'_>, partner: PartnerId) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/catalog/lock_feed.sql");
    tx.query_one(sql, &[&partner.uuid()]).await.map(drop)
}

/// What a selection may mean, in the order of the items' ids: [`Selection::matches`] judges.
pub async fn candidates(
    tx: &Tx<'_>,
    selection: &Selection,
    query: CandidateQuery<'_>,
) -> Result<Vec<Candidate>, DatabaseError> {
    let currency = selection.price.as_ref().map(|price| price.currency);
    let (rule, since) = query.rule.unzip();
    let rows = tx
        .query(
            include_str!("../sql/posts/candidates.sql"),
            &[
                &query.partner.uuid(),
                &query.after,
                &currency.map(Currency::code),
                &selection.category_root().map(as_in_json),
                &selection.q.as_deref().map(search_key),
                &rule,
                &since,
                &i64::try_from(query.limit).unwrap_or(i64::MAX),
            ],
        )
        .await?;
    let candidates = rows.iter().map(|row| {
        Ok(Candidate {
            product: post_product(row)?,
            has_post: row.try_get("has_post")?,
            group_has_post: row.try_get("group_has_post")?,
            updated_at: row.try_get("updated_at")?,
        })
    });
    candidates.collect()
}

/// These items as they are now, held until the commit.
pub async fn hold_products(
    tx: &Tx<'_>,
    items: &[ProductId],
) -> Result<Vec<PostProduct>, DatabaseError> {
    let ids: Vec<_> = items.iter().map(|id| id.uuid()).collect();
    let sql = include_str!("../sql/posts/hold_products.sql");
    let rows = tx.query(sql, &[&ids]).await?;
    rows.iter().map(post_product).collect()
}

/// Tells the platform of posts that were made. Ring the bell after the commit.
pub async fn emit_created(
    tx: &Tx<'_>,
    created: &[SettledPost],
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let updates = created
        .iter()
        .filter_map(|new| Some((new.event?, &new.post)));
    let updates: Vec<_> = updates.collect();
    match updates.is_empty() {
        true => Ok(Vec::new()),
        false => super::queries::emit_updates(tx, &updates).await,
    }
}

/// A text as it stands inside of a JSON string.
fn as_in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.trim_matches('"').to_owned()
}
