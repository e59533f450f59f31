//! Catalogs as operators look at them: runs of all partners, and what a held run would change.
//!
//! Promises: no statement reads more than 20,000 rows, however many runs there are and however long a plan is.

use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::report::{ItemCounts, RunStatus};
use buywire_schemas::ids::{PartnerId, ProductId, RunId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Mode;
use super::runs::{from_json, mode, status};
use crate::db::DatabaseError;
use crate::store::Store;

/// Which runs to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunFilter {
    pub partner: Option<PartnerId>,
    /// Older than this run.
    pub before: Option<RunId>,
    pub status: Option<RunStatus>,
    pub limit: i64,
}

/// A run without its findings.
#[derive(Debug, Clone)]
pub struct RunSummary {
    pub id: RunId,
    /// The partner's slug.
    pub partner: String,
    pub mode: Mode,
    pub dry_run: bool,
    pub status: RunStatus,
    /// The code of the finding that decided, or another word.
    pub reason: Option<String>,
    /// `None` until they are known.
    pub items: Option<ItemCounts>,
    /// The label of the key that uploaded the document.
    pub actor: String,
    pub created_at: OffsetDateTime,
    pub finished_at: Option<OffsetDateTime>,
}

/// How a run came about.
#[derive(Debug, Clone)]
pub struct RunOrigin {
    /// The partner's slug.
    pub partner: String,
    pub mode: Mode,
    pub actor: String,
    /// The size of the document.
    pub bytes: i64,
    pub created_at: OffsetDateTime,
    pub dry_run: bool,
    /// The run with the same document, whose findings these are.
    pub identical_to: Option<RunId>,
}

/// A product that a held run would change.
#[derive(Debug, Clone)]
pub struct HeldChange {
    pub kind: HeldChangeKind,
    pub product: ProductId,
    pub item_id: String,
    pub before: Item,
    /// `None` if it would be missing, or is not among the contents that were read.
    pub after: Option<Item>,
}

/// What would become of it, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldChangeKind {
    /// It would not be live any more.
    Lost,
    /// Its title changes beyond recognition.
    Renamed,
    /// Its link leads to another host.
    Moved,
    /// Its price changes by more than half.
    Repriced,
    /// It could not be bought any more.
    Stopped,
}

impl Store {
    /// Lists runs, newest first, among the latest 20,000 after the cursor.
    pub async fn all_runs(&self, filter: RunFilter) -> Result<Vec<RunSummary>, DatabaseError> {
        let sql = include_str!("../sql/catalog/all_runs.sql");
        let partner = filter.partner.map(PartnerId::uuid);
        let before = filter.before.map(RunId::uuid);
        let status = filter.status.map(RunStatus::as_str);
        let conn = self.general().await?;
        let rows = conn
            .query(sql, &[&partner, &before, &status, &filter.limit])
            .await?;
        rows.iter().map(summary).collect()
    }

    /// Lists at most `limit` runs that wait for approval, newest first.
    pub async fn held_runs(
        &self,
        partner: Option<PartnerId>,
        limit: i64,
    ) -> Result<Vec<RunSummary>, DatabaseError> {
        let sql = include_str!("../sql/catalog/held_runs.sql");
        let partner = partner.map(PartnerId::uuid);
        let rows = self
            .general()
            .await?
            .query(sql, &[&partner, &limit])
            .await?;
        rows.iter().map(summary).collect()
    }

    /// Reads how a run came about.
    pub async fn run_origin(&self, run: RunId) -> Result<Option<RunOrigin>, DatabaseError> {
        let sql = include_str!("../sql/catalog/run_origin.sql");
        let row = self.general().await?.query_opt(sql, &[&run.uuid()]).await?;
        row.as_ref().map(origin).transpose()
    }

    /// Reads at most `each` products of every kind of change that a held run would make.
    pub async fn held_changes(
        &self,
        run: RunId,
        each: i64,
    ) -> Result<Vec<HeldChange>, DatabaseError> {
        let sql = include_str!("../sql/catalog/held_changes.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&run.uuid(), &each]).await?;
        rows.iter().map(change).collect()
    }
}

fn summary(row: &Row) -> Result<RunSummary, DatabaseError> {
    let items: Option<&str> = row.try_get("items")?;
    Ok(RunSummary {
        id: RunId::from_uuid(row.try_get("id")?),
        partner: row.try_get("slug")?,
        mode: mode(row)?,
        dry_run: row.try_get("dry_run")?,
        status: status(row)?,
        reason: row.try_get("reason")?,
        items: items.map(from_json).transpose()?,
        actor: row.try_get("actor")?,
        created_at: row.try_get("created_at")?,
        finished_at: row.try_get("finished_at")?,
    })
}

fn origin(row: &Row) -> Result<RunOrigin, DatabaseError> {
    let identical_to: Option<Uuid> = row.try_get("identical_to")?;
    Ok(RunOrigin {
        partner: row.try_get("slug")?,
        mode: mode(row)?,
        actor: row.try_get("actor")?,
        bytes: row.try_get("bytes")?,
        created_at: row.try_get("created_at")?,
        dry_run: row.try_get("dry_run")?,
        identical_to: identical_to.map(RunId::from_uuid),
    })
}

fn change(row: &Row) -> Result<HeldChange, DatabaseError> {
    let after: Option<&str> = row.try_get("item_after")?;
    Ok(HeldChange {
        kind: match row.try_get("kind")? {
            "lost" => HeldChangeKind::Lost,
            "renamed" => HeldChangeKind::Renamed,
            "moved" => HeldChangeKind::Moved,
            "repriced" => HeldChangeKind::Repriced,
            _ => HeldChangeKind::Stopped,
        },
        product: ProductId::from_uuid(row.try_get("id")?),
        item_id: row.try_get("item_id")?,
        before: from_json(row.try_get("item")?)?,
        after: after.map(from_json).transpose()?,
    })
}
