//! The life of a run: queued, running, and one of six ends.

use buywire_schemas::catalog::issue::{Code, Issue, Severity};
use buywire_schemas::catalog::report::{Finding, FindingChange, ItemCounts, RunReport, RunStatus};
use buywire_schemas::ids::{PartnerId, RunId};
use deadpool_postgres::GenericClient;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::{DatabaseError, Db};
use crate::store::Store;

/// How much of the catalog a feed covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All of it: absent products are missing.
    Full,
    /// Only the items it has and those it removes.
    Upsert,
    /// The price and stock of existing items.
    Inventory,
    /// The descriptions of existing items.
    Supplemental,
}

/// A run to be created.
#[derive(Debug, Clone)]
pub struct NewRun {
    pub id: RunId,
    pub partner: PartnerId,
    pub mode: Mode,
    /// Whether the run only reports what it would do.
    pub dry_run: bool,
    /// The size of the document.
    pub bytes: u64,
    pub sha256: [u8; 32],
    /// The label of the key that uploaded the document.
    pub actor: String,
    /// Digest of everything that decides how the bytes are read.
    pub reading_digest: [u8; 32],
}

/// A stored run.
#[derive(Debug, Clone)]
pub struct Run {
    pub partner: PartnerId,
    pub mode: Mode,
    /// Whether the run only reports what it would do.
    pub dry_run: bool,
    /// The catalog version that a held run was compared with.
    pub base_version: Option<i64>,
    /// The run as reports show it.
    pub report: RunReport,
}

/// How a run ends.
#[derive(Debug, Clone)]
pub struct RunOutcome {
    pub status: RunStatus,
    pub reason: Option<String>,
    /// The result of reading; `None` keeps what is stored.
    pub read_summary: Option<ReadSummary>,
    /// For a held run: the catalog version it was compared with.
    pub base_version: Option<i64>,
}

/// The result of reading a feed.
#[derive(Debug, Clone)]
pub struct ReadSummary {
    pub format: Option<String>,
    /// The number of items.
    pub items: ItemCounts,
    pub findings: Vec<Finding>,
    /// Which findings are new and which are fixed.
    pub changes: Vec<FindingChange>,
}

/// A finding that is stored on its own.
#[derive(Debug, Clone, Serialize)]
pub struct StoredIssue {
    /// The position among the run's findings; serves as cursor.
    #[serde(skip)]
    pub n: i32,
    #[serde(flatten)]
    pub issue: Issue,
    pub severity: Severity,
    /// How to fix it.
    pub help: &'static str,
}

impl Mode {
    /// The mode's name in the tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Upsert => "upsert",
            Self::Inventory => "inventory",
            Self::Supplemental => "supplemental",
        }
    }
}

impl Store {
    /// Queues a run under a lease of this node.
    pub async fn add_run(
        &self,
        run: &NewRun,
        node: Uuid,
        lease_seconds: f64,
    ) -> Result<(), DatabaseError> {
        let conn = self.general().await?;
        let partner = run.partner.uuid();
        let open = include_str!("../sql/catalog/add_feed.sql");
        conn.execute(open, &[&partner]).await?;
        let bytes = i64::try_from(run.bytes).unwrap_or(i64::MAX);
        conn.execute(
            include_str!("../sql/catalog/add_run.sql"),
            &[
                &run.id.uuid(),
                &partner,
                &run.mode.as_str(),
                &run.dry_run,
                &bytes,
                &run.sha256.as_slice(),
                &run.actor,
                &run.reading_digest.as_slice(),
                &node,
                &lease_seconds,
            ],
        )
        .await
        .map(drop)
    }

    /// Starts a queued run if it is next. Returns the catalog's version.
    pub async fn start_run(&self, run: RunId) -> Result<Option<i64>, DatabaseError> {
        let conn = self.general().await?;
        let sql = include_str!("../sql/catalog/start_run.sql");
        let row = none_if_running(conn.query_opt(sql, &[&run.uuid()]).await)?;
        Ok(row.map(|row| row.try_get("version")).transpose()?)
    }

    /// Restarts a held run unless a run of its feed is running. Returns the version it was compared with.
    pub async fn start_approval(
        &self,
        run: RunId,
        node: Uuid,
        lease_seconds: f64,
    ) -> Result<Option<i64>, DatabaseError> {
        let conn = self.general().await?;
        let sql = include_str!("../sql/catalog/start_approval.sql");
        let row = conn
            .query_opt(sql, &[&run.uuid(), &node, &lease_seconds])
            .await;
        Ok(none_if_running(row)?
            .map(|row| row.try_get("base_version"))
            .transpose()?)
    }

    /// Reads one run of a partner.
    pub async fn run(&self, id: RunId, partner: PartnerId) -> Result<Option<Run>, DatabaseError> {
        let sql = include_str!("../sql/catalog/find_run.sql");
        let row = self
            .general()
            .await?
            .query_opt(sql, &[&id.uuid(), &partner.uuid()])
            .await?;
        row.as_ref().map(run).transpose()
    }

    /// Lists a partner's runs older than `before`, newest first.
    pub async fn runs(
        &self,
        partner: PartnerId,
        before: Option<RunId>,
        limit: i64,
    ) -> Result<Vec<Run>, DatabaseError> {
        let sql = include_str!("../sql/catalog/list_runs.sql");
        let before = before.map(RunId::uuid);
        let rows = self
            .general()
            .await?
            .query(sql, &[&partner.uuid(), &before, &limit])
            .await?;
        rows.iter().map(run).collect()
    }

    /// Lists a run's findings after a position.
    pub async fn issues(
        &self,
        run: RunId,
        after: i32,
        limit: i64,
    ) -> Result<Vec<StoredIssue>, DatabaseError> {
        let sql = include_str!("../sql/catalog/issues.sql");
        let rows = self
            .general()
            .await?
            .query(sql, &[&run.uuid(), &after, &limit])
            .await?;
        rows.iter().map(issue).collect()
    }

    /// Reads the findings of the previous run.
    pub async fn previous_findings(
        &self,
        partner: PartnerId,
        id: RunId,
    ) -> Result<Vec<Finding>, DatabaseError> {
        let sql = include_str!("../sql/catalog/previous_findings.sql");
        let row = self
            .general()
            .await?
            .query_opt(sql, &[&partner.uuid(), &id.uuid()])
            .await?;
        let text = row
            .map(|row| row.try_get::<_, String>("findings"))
            .transpose()?;
        Ok(text
            .as_deref()
            .map(from_json)
            .transpose()?
            .unwrap_or_default())
    }

    /// Fails a run that cannot continue. Returns `None` if it had already ended.
    pub async fn fail_run(&self, id: RunId, reason: &str) -> Result<Option<Run>, DatabaseError> {
        let sql = include_str!("../sql/catalog/fail_run.sql");
        let row = self
            .general()
            .await?
            .query_opt(sql, &[&id.uuid(), &reason])
            .await?;
        row.as_ref().map(run).transpose()
    }
}

/// Ends a run. Returns `None` if it is no longer running; its caller must then roll back.
pub(super) async fn end(
    db: &Db<impl GenericClient>,
    id: RunId,
    outcome: &RunOutcome,
) -> Result<Option<Run>, DatabaseError> {
    let summary = outcome.read_summary.as_ref();
    let items = summary.map(|summary| to_json(&summary.items)).transpose()?;
    let findings = summary
        .map(|summary| to_json(&summary.findings))
        .transpose()?;
    let changes = summary
        .map(|summary| to_json(&summary.changes))
        .transpose()?;
    let format = summary.and_then(|summary| summary.format.as_deref());
    let row = db
        .query_opt(
            include_str!("../sql/catalog/end_run.sql"),
            &[
                &id.uuid(),
                &outcome.status.as_str(),
                &outcome.reason,
                &format,
                &items,
                &findings,
                &changes,
                &outcome.base_version,
            ],
        )
        .await?;
    row.as_ref().map(run).transpose()
}

/// Stores findings one by one.
pub(super) async fn add_issues(
    db: &Db<impl GenericClient>,
    run: RunId,
    issues: &[Issue],
) -> Result<(), DatabaseError> {
    const SLICE: usize = 5_000;
    for (slice, issues) in issues.chunks(SLICE).enumerate() {
        let first = slice * SLICE;
        let n: Vec<_> = (first..first + issues.len())
            .map(|n| i32::try_from(n + 1).unwrap_or(i32::MAX))
            .collect();
        let codes: Vec<_> = issues.iter().map(|one| one.code.as_str()).collect();
        let attributes: Vec<_> = issues.iter().map(|one| one.attribute.as_deref()).collect();
        let lines: Vec<_> = issues
            .iter()
            .map(|one| one.row.and_then(|row| i64::try_from(row).ok()))
            .collect();
        let ids: Vec<_> = issues.iter().map(|one| one.item_id.as_deref()).collect();
        let values: Vec<_> = issues.iter().map(|one| one.value.as_deref()).collect();
        let sql = include_str!("../sql/catalog/add_issues.sql");
        db.execute(
            sql,
            &[&run.uuid(), &n, &codes, &attributes, &lines, &ids, &values],
        )
        .await?;
    }
    Ok(())
}

/// It is not an error that another run of the feed was a moment earlier.
fn none_if_running(row: Result<Option<Row>, DatabaseError>) -> Result<Option<Row>, DatabaseError> {
    match row {
        Err(error) if error.constraint() == Some("feed_runs_one_running") => Ok(None),
        other => other,
    }
}

pub(super) fn mode(row: &Row) -> Result<Mode, DatabaseError> {
    Ok(match row.try_get("mode")? {
        "full" => Mode::Full,
        "upsert" => Mode::Upsert,
        "inventory" => Mode::Inventory,
        _ => Mode::Supplemental,
    })
}

pub(super) fn status(row: &Row) -> Result<RunStatus, DatabaseError> {
    let status: &str = row.try_get("status")?;
    let mut all = RunStatus::ALL.into_iter();
    all.find(|one| one.as_str() == status)
        .ok_or_else(|| DatabaseError::Misuse("unknown run status".into()))
}

pub(super) fn run(row: &Row) -> Result<Run, DatabaseError> {
    let items: Option<&str> = row.try_get("items")?;
    let findings: Option<&str> = row.try_get("findings")?;
    let changes: Option<&str> = row.try_get("changes")?;
    Ok(Run {
        partner: PartnerId::from_uuid(row.try_get("partner")?),
        mode: mode(row)?,
        dry_run: row.try_get("dry_run")?,
        base_version: row.try_get("base_version")?,
        report: RunReport {
            id: RunId::from_uuid(row.try_get("id")?),
            status: status(row)?,
            reason: row.try_get("reason")?,
            format: row.try_get("format")?,
            items: items.map(from_json).transpose()?.unwrap_or_default(),
            issues: findings.map(from_json).transpose()?.unwrap_or_default(),
            changes: changes.map(from_json).transpose()?.unwrap_or_default(),
            started_at: row.try_get("started_at")?,
            finished_at: row.try_get("finished_at")?,
        },
    })
}

fn issue(row: &Row) -> Result<StoredIssue, DatabaseError> {
    let code: &str = row.try_get("code")?;
    let code: Code = code
        .parse()
        .map_err(|_| DatabaseError::Misuse("unknown finding code".into()))?;
    let line: Option<i64> = row.try_get("line")?;
    Ok(StoredIssue {
        n: row.try_get("n")?,
        severity: code.severity(),
        help: code.help(),
        issue: Issue {
            code,
            attribute: row.try_get("attribute")?,
            row: line.and_then(|line| u64::try_from(line).ok()),
            item_id: row.try_get("item_id")?,
            value: row.try_get("value")?,
        },
    })
}

pub(super) fn to_json(value: &impl Serialize) -> Result<String, DatabaseError> {
    serde_json::to_string(value)
        .map_err(|_| DatabaseError::Misuse("the report cannot be serialized".into()))
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, DatabaseError> {
    serde_json::from_str(text)
        .map_err(|_| DatabaseError::Misuse("a stored report cannot be parsed".into()))
}
