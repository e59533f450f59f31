//! Runs that end without reading: nothing came, or what came is what the catalog was made of.
//!
//! Promises: no product is written; the run and what is told of it commit together. A run that was not read has the
//! findings of the one that was, so that nothing counts as new or fixed.

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

/// A run as it is told of, and whom it was told.
pub type EndedRun = (Run, Vec<EmittedDelivery>);

/// A pull that came to no document, or to the one that is known.
#[derive(Debug)]
pub struct Pull {
    /// The run to be made of it.
    pub run: RunId,
    /// Whose feed.
    pub partner: PartnerId,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// Who is named as having brought it.
    pub actor: &'static str,
}

impl Store {
    /// Ends a running run by the last applied one, if that has read the same and the catalog is as it left it.
    /// `about`: what is told of such an end, given its counts.
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

    /// The document is still the one that `read` has read; none when that is no longer what the catalog is made of.
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

    /// A pull that brought nothing, and why.
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

/// Everything that is live, as a run that found it so counts it. The catalog cannot change until the commit.
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

/// A newer feed says what the catalog says: what was held is not wanted any more.
async fn supersede(tx: &Tx<'_>, partner: PartnerId, run: RunId) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/catalog/supersede_runs.sql");
    let rows = tx.query(sql, &[&partner.uuid(), &run.uuid()]).await?;
    let superseded: Result<Vec<Uuid>, _> = rows.iter().map(|row| row.try_get("id")).collect();
    drop_held(tx, &superseded?).await
}
