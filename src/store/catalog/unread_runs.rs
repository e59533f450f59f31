//! Runs that end without reading, because nothing arrived or the document is what the catalog already holds.
//!
//! Promises: no product is written; the run and its event commit together. An unread run has the findings of the run
//! that was read, so that nothing counts as new or fixed.

use buywire_schemas::catalog::issue::{Code, Issue, Severity};
use buywire_schemas::catalog::report::{Finding, Findings, ItemCounts, RunStatus};
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{PartnerId, RunId};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::live::drop_held;
use super::runs::{self, Mode, ReadSummary, Run, RunOutcome};
use super::staging::count;
use crate::db::{DatabaseError, Tx};
use crate::store::Store;
use crate::store::events::{EmittedDelivery, emit_operational};

/// A run and its event deliveries.
pub(crate) type EndedRun = (Run, Vec<EmittedDelivery>);

/// A pull that fetched no document, or an unchanged one.
#[derive(Debug)]
pub struct Pull {
    /// The run to be created.
    pub run: RunId,
    pub partner: PartnerId,
    /// When the pull started.
    pub started_at: OffsetDateTime,
    /// The actor named in the run.
    pub actor: &'static str,
}

impl Store {
    /// Ends a running run by the last applied one, if that has read the same document and the catalog is still as
    /// that run left it. `event_data` makes the event from the counts.
    pub async fn end_unchanged_run(
        &self,
        id: RunId,
        partner: PartnerId,
        dry_run: bool,
        event_data: impl Fn(&ItemCounts) -> Value,
    ) -> Result<Option<EndedRun>, DatabaseError> {
        let mut conn = self.general().await?;
        let tx = conn.begin().await?;
        let items = live_counts(&tx, partner).await?;
        let sql = include_str!("../sql/catalog/find_unchanged_run.sql");
        let Some(previous) = tx.query_opt(sql, &[&id.uuid()]).await? else {
            return Ok(None);
        };
        let findings: Option<&str> = previous.try_get("findings")?;
        let findings: Vec<Finding> = findings
            .map(runs::from_json)
            .transpose()?
            .unwrap_or_default();
        let is_bad = |found: &Finding| found.severity == Severity::Error;
        if findings.iter().any(is_bad) {
            return Ok(None);
        }
        let status = if dry_run {
            RunStatus::DryRun
        } else {
            RunStatus::Applied
        };
        let outcome = RunOutcome {
            status,
            reason: Some(Code::SameContent.as_str().to_owned()),
            read_summary: Some(ReadSummary {
                format: previous.try_get("format")?,
                items,
                findings,
                changes: Vec::new(),
            }),
            base_version: None,
        };
        let previous_id: Uuid = previous.try_get("id")?;
        let sql = include_str!("../sql/catalog/link_unchanged_run.sql");
        tx.execute(sql, &[&id.uuid(), &previous_id]).await?;
        let Some(ended) = runs::end(&tx, id, &outcome).await? else {
            return Ok(None);
        };
        if dry_run {
            tx.commit().await?;
            return Ok(Some((ended, Vec::new())));
        }
        supersede(&tx, partner, id).await?;
        let emitted =
            emit_operational(&tx, partner, EventType::FeedApplied, &event_data(&items)).await?;
        tx.commit().await?;
        Ok(Some((ended, emitted)))
    }

    /// Records that the document is still the one that `read` has read. Returns `None` if the catalog no longer
    /// matches it.
    pub async fn add_unmodified_run(
        &self,
        pull: &Pull,
        last_run: RunId,
        event_data: impl Fn(&ItemCounts) -> Value,
    ) -> Result<Option<EndedRun>, DatabaseError> {
        let mut conn = self.general().await?;
        let tx = conn.begin().await?;
        let items = live_counts(&tx, pull.partner).await?;
        let row = tx
            .query_opt(
                include_str!("../sql/catalog/add_unmodified_run.sql"),
                &[
                    &pull.run.uuid(),
                    &pull.partner.uuid(),
                    &last_run.uuid(),
                    &Code::NotModified.as_str(),
                    &runs::to_json(&items)?,
                    &pull.actor,
                    &pull.started_at,
                ],
            )
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let emitted = emit_operational(
            &tx,
            pull.partner,
            EventType::FeedApplied,
            &event_data(&items),
        )
        .await?;
        tx.commit().await?;
        Ok(Some((runs::run(&row)?, emitted)))
    }

    /// Records a pull that fetched nothing, with its reason.
    pub async fn add_failed_run(
        &self,
        pull: &Pull,
        mode: Mode,
        reason: &str,
        issue: Option<Issue>,
        event_data: &Value,
    ) -> Result<EndedRun, DatabaseError> {
        let issues: Vec<_> = issue.into_iter().collect();
        let mut findings = Findings::default();
        issues.iter().cloned().for_each(|issue| findings.add(issue));
        let mut conn = self.general().await?;
        let tx = conn.begin().await?;
        let row = tx
            .query_one(
                include_str!("../sql/catalog/add_failed_run.sql"),
                &[
                    &pull.run.uuid(),
                    &pull.partner.uuid(),
                    &mode.as_str(),
                    &reason,
                    &runs::to_json(&ItemCounts::default())?,
                    &runs::to_json(&findings.into_list())?,
                    &pull.actor,
                    &pull.started_at,
                ],
            )
            .await?;
        runs::add_issues(&tx, pull.run, &issues).await?;
        let emitted =
            emit_operational(&tx, pull.partner, EventType::FeedFailed, event_data).await?;
        tx.commit().await?;
        Ok((runs::run(&row)?, emitted))
    }
}

/// Counts everything that is live as unchanged. The catalog cannot change until the commit.
async fn live_counts(tx: &Tx<'_>, partner: PartnerId) -> Result<ItemCounts, DatabaseError> {
    let sql = include_str!("../sql/catalog/lock_feed.sql");
    let live = count(
        tx.query_one(sql, &[&partner.uuid()])
            .await?
            .try_get("live")?,
    );
    Ok(ItemCounts {
        read: live,
        valid: live,
        unchanged: live,
        ..ItemCounts::default()
    })
}

/// Supersedes held runs: a newer feed defines the catalog.
async fn supersede(tx: &Tx<'_>, partner: PartnerId, run: RunId) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/catalog/supersede_runs.sql");
    let rows = tx.query(sql, &[&partner.uuid(), &run.uuid()]).await?;
    let superseded: Result<Vec<Uuid>, _> = rows.iter().map(|row| row.try_get("id")).collect();
    drop_held(tx, &superseded?).await
}
