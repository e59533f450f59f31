//! Runs that end without reading: nothing came, or what came is what the catalog was made of.
//!
//! Promises: no product is written; the run and what is told of it commit together. A run that was not read has the
//! findings of the one that was, so that nothing counts as new or fixed.

use buywire_schemas::catalog::issue::{Code, Issue, Severity};
use buywire_schemas::catalog::report::{Counts, Finding, Findings, Status};
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{PartnerId, RunId};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::live::drop_held;
use super::runs::{self, Ended, Ending, Mode, Run};
use super::staging::count;
use crate::store::events::{Emitted, tell};
use crate::store::{Store, StoreError, Tx};

/// A run as it is told of, and whom it was told.
pub type Told = (Run, Vec<Emitted>);

/// A pull that came to no document, or to the one that is known.
#[derive(Debug)]
pub struct Pull {
    /// The run to be made of it.
    pub run: RunId,
    /// Whose feed.
    pub partner: PartnerId,
    /// When it began.
    pub began: OffsetDateTime,
    /// Who is named as having brought it.
    pub who: &'static str,
}

impl Store {
    /// Ends a running run by the last applied one, if that has read the same and the catalog is as it left it.
    /// `about`: what is told of such an end, given its counts.
    pub async fn end_as_same(
        &self,
        id: RunId,
        partner: PartnerId,
        dry_run: bool,
        about: impl Fn(&Counts) -> Value,
    ) -> Result<Option<Told>, StoreError> {
        let mut conn = self.general().await?;
        let tx = conn.begin().await?;
        let items = live(&tx, partner).await?;
        let sql = include_str!("../sql/catalog/same_content.sql");
        let Some(same) = tx.query_opt(sql, &[&id.uuid()]).await? else {
            return Ok(None);
        };
        let findings: Option<&str> = same.try_get("findings")?;
        let findings: Vec<Finding> = findings.map(runs::read).transpose()?.unwrap_or_default();
        let is_bad = |found: &Finding| found.severity == Severity::Error;
        if findings.iter().any(is_bad) {
            return Ok(None);
        }
        let status = if dry_run {
            Status::DryRun
        } else {
            Status::Applied
        };
        let ending = Ending {
            status,
            reason: Some(Code::SameContent.as_str().to_owned()),
            ended: Some(Ended {
                format: same.try_get("format")?,
                items,
                findings,
                changes: Vec::new(),
            }),
            base_version: None,
        };
        let same: Uuid = same.try_get("id")?;
        let sql = include_str!("../sql/catalog/resemble_run.sql");
        tx.execute(sql, &[&id.uuid(), &same]).await?;
        let Some(ended) = runs::end(&tx, id, &ending).await? else {
            return Ok(None);
        };
        if dry_run {
            tx.commit().await?;
            return Ok(Some((ended, Vec::new())));
        }
        supersede(&tx, partner, id).await?;
        let emitted = tell(&tx, partner, EventType::FeedApplied, &about(&items)).await?;
        tx.commit().await?;
        Ok(Some((ended, emitted)))
    }

    /// The document is still the one that `read` has read; none when that is no longer what the catalog is made of.
    pub async fn add_unmodified_run(
        &self,
        pull: &Pull,
        read: RunId,
        about: impl Fn(&Counts) -> Value,
    ) -> Result<Option<Told>, StoreError> {
        let mut conn = self.general().await?;
        let tx = conn.begin().await?;
        let items = live(&tx, pull.partner).await?;
        let row = tx
            .query_opt(
                include_str!("../sql/catalog/add_unmodified_run.sql"),
                &[
                    &pull.run.uuid(),
                    &pull.partner.uuid(),
                    &read.uuid(),
                    &Code::NotModified.as_str(),
                    &runs::json(&items)?,
                    &pull.who,
                    &pull.began,
                ],
            )
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let emitted = tell(&tx, pull.partner, EventType::FeedApplied, &about(&items)).await?;
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
        about: &Value,
    ) -> Result<Told, StoreError> {
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
                    &runs::json(&Counts::default())?,
                    &runs::json(&findings.into_list())?,
                    &pull.who,
                    &pull.began,
                ],
            )
            .await?;
        runs::add_issues(&tx, pull.run, &issues).await?;
        let emitted = tell(&tx, pull.partner, EventType::FeedFailed, about).await?;
        tx.commit().await?;
        Ok((runs::run(&row)?, emitted))
    }
}

/// Everything that is live, as a run that found it so counts it. The catalog cannot change until the commit.
async fn live(tx: &Tx<'_>, partner: PartnerId) -> Result<Counts, StoreError> {
    let sql = include_str!("../sql/catalog/lock_feed.sql");
    let live = count(
        tx.query_one(sql, &[&partner.uuid()])
            .await?
            .try_get("live")?,
    );
    Ok(Counts {
        read: live,
        valid: live,
        unchanged: live,
        ..Counts::default()
    })
}

/// A newer feed says what the catalog says: what was held is not wanted any more.
async fn supersede(tx: &Tx<'_>, partner: PartnerId, run: RunId) -> Result<(), StoreError> {
    let sql = include_str!("../sql/catalog/supersede_runs.sql");
    let rows = tx.query(sql, &[&partner.uuid(), &run.uuid()]).await?;
    let superseded: Result<Vec<Uuid>, _> = rows.iter().map(|row| row.try_get("id")).collect();
    drop_held(tx, &superseded?).await
}
