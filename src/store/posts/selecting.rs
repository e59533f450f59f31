//! Items that a selection may match, read in slices and locked while posts are made of them.

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

/// An item that may match.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub product: PostProduct,
    /// It has a post that is neither ended nor withdrawn.
    pub has_post: bool,
    /// A variant of its group has such a post.
    pub group_has_post: bool,
    pub updated_at: OffsetDateTime,
}

/// The range to scan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CandidateQuery<'a> {
    /// The partner whose catalog is scanned.
    pub partner: PartnerId,
    /// After this item.
    pub after: &'a str,
    /// For a rule: its id, and the time since which items have changed.
    pub rule: Option<(Uuid, OffsetDateTime)>,
    /// The size of the slice.
    pub limit: usize,
}

impl Store {
    /// Lists the catalogs that a selection covers: one partner's or all.
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

    /// Counts the posts that a bulk request has made so far.
    pub async fn posts_made_in_bulk(&self, request: Uuid) -> Result<usize, DatabaseError> {
        let sql = include_str!("../sql/posts/made_in_bulk.sql");
        let conn = self.general().await?;
        let row = conn.query_one(sql, &[&request.to_string()]).await?;
        let made: i64 = row.try_get("made")?;
        Ok(usize::try_from(made).unwrap_or_default())
    }
}

/// Locks a catalog: until the commit, no feed is applied there and no posts are made in bulk.
pub(crate) async fn hold_catalog(tx: &Tx<'_>, partner: PartnerId) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/catalog/lock_feed.sql");
    tx.query_one(sql, &[&partner.uuid()]).await.map(drop)
}

/// Lists items that a selection may match, by id: [`Selection::matches`] decides.
pub(crate) async fn candidates(
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

/// Locks these items until the commit and reads them as they are now.
pub(crate) async fn hold_products(
    tx: &Tx<'_>,
    items: &[ProductId],
) -> Result<Vec<PostProduct>, DatabaseError> {
    let ids: Vec<_> = items.iter().map(|id| id.uuid()).collect();
    let sql = include_str!("../sql/posts/hold_products.sql");
    let rows = tx.query(sql, &[&ids]).await?;
    rows.iter().map(post_product).collect()
}

/// Emits the events of new posts to the platform. Notify after the commit.
pub(crate) async fn emit_created(
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

/// Escapes a text as inside a JSON string.
fn as_in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.trim_matches('"').to_owned()
}
