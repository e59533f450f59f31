//! What partners state about selling here: shipping table, tax table and policy, each a document as it was given.
//!
//! Must not read what a document says: the room that saves it has validated it.

use buywire_schemas::ids::PartnerId;
use buywire_schemas::text::Slug;

use super::decision_hooks::{DecisionHook, hook};
use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// Which document of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TermsKind {
    Shipping,
    Taxes,
    Policy,
}

impl TermsKind {
    /// The name in the table.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Shipping => "shipping",
            Self::Taxes => "taxes",
            Self::Policy => "policy",
        }
    }
}

/// All that quotes for one partner depend on. The documents are JSON.
#[derive(Debug)]
pub(crate) struct SellingTermsRow {
    pub partner: PartnerId,
    pub slug: Slug,
    pub shipping: Option<String>,
    pub taxes: Option<String>,
    pub policy: Option<String>,
    pub hook: Option<DecisionHook>,
}

/// Whether a partner sells here, and what states its taxes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StatedTaxes {
    pub sells_here: bool,
    pub has_table: bool,
    pub has_hook: bool,
}

impl Store {
    /// Reads one document of a partner. `None` if there is no such partner or document.
    pub(crate) async fn selling_document(
        &self,
        slug: &Slug,
        kind: TermsKind,
    ) -> Result<Option<String>, DatabaseError> {
        let sql = include_str!("../sql/selling/find.sql");
        let db = self.general().await?;
        let row = db.query_opt(sql, &[&slug.as_str(), &kind.as_str()]).await?;
        Ok(row.map(|row| row.try_get("document")).transpose()?)
    }

    /// Reads the terms of these partners. Unknown partners are left out.
    pub(crate) async fn selling_terms(
        &self,
        partners: &[&Slug],
    ) -> Result<Vec<SellingTermsRow>, DatabaseError> {
        let sql = include_str!("../sql/selling/of_partners.sql");
        let slugs: Vec<_> = partners.iter().map(|slug| slug.as_str()).collect();
        let rows = self.general().await?.query(sql, &[&slugs]).await?;
        let terms = rows.iter().map(|row| {
            let slug = Slug::parse(row.try_get("slug")?);
            let has_hook = row.try_get::<_, Option<&str>>("url")?.is_some();
            Ok(SellingTermsRow {
                partner: PartnerId::from_uuid(row.try_get("id")?),
                slug: slug
                    .map_err(|_| DatabaseError::Misuse("partners.slug cannot be parsed".into()))?,
                shipping: row.try_get("shipping")?,
                taxes: row.try_get("taxes")?,
                policy: row.try_get("policy")?,
                hook: has_hook.then(|| hook(row)).transpose()?,
            })
        });
        terms.collect()
    }
}

/// Saves a document of a locked partner. Returns it as it is stored.
pub(crate) async fn save(
    tx: &Tx<'_>,
    partner: PartnerId,
    kind: TermsKind,
    document: &str,
) -> Result<String, DatabaseError> {
    let sql = include_str!("../sql/selling/save.sql");
    let row = tx
        .query_one(sql, &[&partner.uuid(), &kind.as_str(), &document])
        .await?;
    Ok(row.try_get("document")?)
}

/// Deletes a document of a locked partner. Returns whether there was one.
pub(crate) async fn delete(
    tx: &Tx<'_>,
    partner: PartnerId,
    kind: TermsKind,
) -> Result<bool, DatabaseError> {
    let sql = include_str!("../sql/selling/delete.sql");
    let deleted = tx.execute(sql, &[&partner.uuid(), &kind.as_str()]).await?;
    Ok(deleted > 0)
}

/// Reads what a change to a locked partner must not break.
pub(crate) async fn stated_taxes(
    tx: &Tx<'_>,
    partner: PartnerId,
) -> Result<StatedTaxes, DatabaseError> {
    let sql = include_str!("../sql/selling/stated_taxes.sql");
    let row = tx.query_one(sql, &[&partner.uuid()]).await?;
    Ok(StatedTaxes {
        sells_here: row.try_get("sells_here")?,
        has_table: row.try_get("has_table")?,
        has_hook: row.try_get("has_hook")?,
    })
}
