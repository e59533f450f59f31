//! Decision hooks: one per partner at most.
//!
//! Must not send anything. Only sees sealed secrets.

use buywire_schemas::ids::PartnerId;
use buywire_schemas::text::Slug;
use deadpool_postgres::GenericClient;
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Db, Tx};
use crate::store::Store;

/// A decision hook's row.
#[derive(Debug, Clone)]
pub(crate) struct DecisionHook {
    /// The URL without its secrets.
    pub url: String,
    /// The whole URL, sealed, if it holds a secret.
    pub sealed_url: Option<Vec<u8>>,
    /// Who saved the URL: `operator` or `partner`.
    pub url_saved_by: String,
    /// Whether the partner's prices contain their tax, where it has no tax table.
    pub tax_included: bool,
    /// The sealed secret.
    pub secret: Vec<u8>,
    /// The sealed secret before the last rotation, and until when it signs as well.
    pub previous: Option<(Vec<u8>, OffsetDateTime)>,
    pub updated_at: OffsetDateTime,
}

impl Store {
    /// Reads a partner's decision hook. `None` if there is no such partner or it has none.
    pub(crate) async fn decision_hook(
        &self,
        slug: &Slug,
    ) -> Result<Option<DecisionHook>, DatabaseError> {
        find(&self.general().await?, slug).await
    }
}

pub(crate) async fn find(
    db: &Db<impl GenericClient>,
    slug: &Slug,
) -> Result<Option<DecisionHook>, DatabaseError> {
    let sql = include_str!("../sql/decision_hooks/find.sql");
    let row = db.query_opt(sql, &[&slug.as_str()]).await?;
    row.as_ref().map(hook).transpose()
}

/// Saves the hook of a locked partner. Returns the time of the change.
pub(crate) async fn save(
    tx: &Tx<'_>,
    partner: PartnerId,
    hook: &DecisionHook,
) -> Result<OffsetDateTime, DatabaseError> {
    let (previous, valid_until) = hook.previous.clone().unzip();
    let row = tx
        .query_one(
            include_str!("../sql/decision_hooks/save.sql"),
            &[
                &partner.uuid(),
                &hook.url,
                &hook.sealed_url,
                &hook.url_saved_by,
                &hook.tax_included,
                &hook.secret,
                &previous,
                &valid_until,
            ],
        )
        .await?;
    Ok(row.try_get("updated_at")?)
}

/// Deletes the hook of a locked partner. Returns whether there was one.
pub(crate) async fn delete(tx: &Tx<'_>, partner: PartnerId) -> Result<bool, DatabaseError> {
    let sql = include_str!("../sql/decision_hooks/delete.sql");
    Ok(tx.execute(sql, &[&partner.uuid()]).await? > 0)
}

/// Reads the columns of a hook, which may stand among others.
pub(super) fn hook(row: &Row) -> Result<DecisionHook, DatabaseError> {
    let previous: Option<Vec<u8>> = row.try_get("previous_secret")?;
    let valid_until: Option<OffsetDateTime> = row.try_get("previous_valid_until")?;
    Ok(DecisionHook {
        url: row.try_get("url")?,
        sealed_url: row.try_get("sealed_url")?,
        url_saved_by: row.try_get("url_saved_by")?,
        tax_included: row.try_get("tax_included")?,
        secret: row.try_get("secret")?,
        previous: previous.zip(valid_until),
        updated_at: row.try_get("updated_at")?,
    })
}
