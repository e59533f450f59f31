//! The one transaction in which a run meets the live catalog: compare, let the caller decide, apply.
//!
//! The contents of items stay in the spill file until the plan is made. Then those of changed items are loaded into
//! the session, and new products go directly into their table or into that of held runs.

use buywire_schemas::catalog::issue::Issue;
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{PartnerId, RunId};
use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use super::copy::{HEADER, TRAILER};
use super::history;
use super::runs::{self, Run, RunOutcome};
use super::spill::{PREFIX_BYTES, RowShape, SpillFile};
use super::staging::{PlanCounts, Staging, count, numbers};
use crate::ambient;
use crate::db::{DatabaseError, Tx};
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::events::{EmittedDelivery, emit_operational};
use crate::store::stock::changes as stock;
use crate::store::{Store, posts};

/// A run's transaction on the live catalog. Dropping it without an end changes nothing.
pub struct LiveCatalog<'a> {
    pub(super) tx: Tx<'a>,
    pub(super) partner: PartnerId,
    /// The spilled contents; `None` for a held run.
    spill: Option<&'a SpillFile>,
    /// The prefix of the ids of new products.
    prefix: Uuid,
    /// The record numbers of new products, sorted.
    new_numbers: Vec<u32>,
}

/// The state of a locked catalog.
#[derive(Debug, Clone, Copy)]
pub struct LockedFeed {
    /// Grows with every applied run.
    pub version: i64,
    /// The number of products that are neither missing nor removed.
    pub live: u64,
}

/// The statements that apply a plan to live rows, in this order. Sibling hashes come first, because the others change
/// what identifies the siblings.
const PLAN_STEPS: [&str; 6] = [
    include_str!("../sql/catalog/update_products.sql"),
    include_str!("../sql/catalog/describe_products.sql"),
    include_str!("../sql/catalog/update_raw_hashes.sql"),
    include_str!("../sql/catalog/block_products.sql"),
    include_str!("../sql/catalog/mark_missing.sql"),
    include_str!("../sql/catalog/remove_products.sql"),
];

/// The statements that load a held run.
const RESTORE_STEPS: [&str; 3] = [
    include_str!("../sql/catalog/restore_staged.sql"),
    include_str!("../sql/catalog/restore_contents.sql"),
    include_str!("../sql/catalog/restore_plan.sql"),
];
const ANALYZE_STEPS: [&str; 3] = [
    include_str!("../sql/catalog/analyze_staged.sql"),
    include_str!("../sql/catalog/analyze_contents.sql"),
    include_str!("../sql/catalog/analyze_plan.sql"),
];
/// The statements that delete what held runs stored.
const DROP_HELD_STEPS: [&str; 3] = [
    include_str!("../sql/catalog/drop_held_staged.sql"),
    include_str!("../sql/catalog/drop_held_contents.sql"),
    include_str!("../sql/catalog/drop_held_plan.sql"),
];

impl Staging {
    /// Locks the live catalog.
    pub async fn live(&mut self) -> Result<(LiveCatalog<'_>, LockedFeed), DatabaseError> {
        let partner = self.partner;
        let tx = self.conn.begin().await?;
        let sql = include_str!("../sql/catalog/lock_feed.sql");
        let row = tx.query_one(sql, &[&partner.uuid()]).await?;
        let feed = LockedFeed {
            version: row.try_get("version")?,
            live: count(row.try_get("live")?),
        };
        let live = LiveCatalog {
            tx,
            partner,
            spill: self.spill.as_ref(),
            prefix: ambient::new_uuid(),
            new_numbers: Vec::new(),
        };
        Ok((live, feed))
    }
}

impl<'a> LiveCatalog<'a> {
    pub(in crate::store) fn tx(&self) -> &Tx<'a> {
        &self.tx
    }

    pub(in crate::store) fn partner(&self) -> PartnerId {
        self.partner
    }
}

impl LiveCatalog<'_> {
    /// Compares what was read with what is live. In a full feed, absent products are missing.
    pub async fn compare(&mut self, is_full: bool) -> Result<(), DatabaseError> {
        let partner = self.partner.uuid();
        let staged = include_str!("../sql/catalog/plan_staged.sql");
        let prefix = self.id_prefix();
        self.tx
            .execute(staged, &[&partner, &is_full, &prefix])
            .await?;
        if is_full {
            let missing = include_str!("../sql/catalog/plan_missing.sql");
            self.tx.execute(missing, &[&partner]).await?;
        }
        self.tx
            .execute(include_str!("../sql/catalog/analyze_plan.sql"), &[])
            .await?;
        self.load_contents().await
    }

    /// Loads the contents of changed items into the session and notes which items are new.
    pub(super) async fn load_contents(&mut self) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/catalog/planned_numbers.sql");
        let planned = self.tx.query_one(sql, &[]).await?;
        self.new_numbers = numbers(planned.try_get("new")?);
        self.new_numbers.sort_unstable();
        let mut changed = numbers(planned.try_get("changed")?);
        changed.sort_unstable();
        let into = include_str!("../sql/catalog/copy_contents.sql");
        self.copy_rows(&changed, RowShape::Content, into).await?;
        self.tx
            .execute(include_str!("../sql/catalog/analyze_contents.sql"), &[])
            .await
            .map(drop)
    }

    /// Copies spilled records into a table.
    async fn copy_rows(
        &self,
        numbers: &[u32],
        shape: RowShape,
        into: &str,
    ) -> Result<(), DatabaseError> {
        let Some(spill) = self.spill.filter(|_| !numbers.is_empty()) else {
            return Ok(());
        };
        let mut rows = spill.rows(numbers, shape);
        let mut sink = self.tx.copy_in(into).await?;
        sink.send(Bytes::from_static(HEADER)).await?;
        while let Some(batch) = rows.recv().await {
            sink.send(batch?.into()).await?;
        }
        sink.send(Bytes::from_static(TRAILER)).await?;
        let written = sink.finish().await?;
        // Whatever ended the rows early, a run never has fewer products than it reports.
        match written == numbers.len() as u64 {
            true => Ok(()),
            false => Err(DatabaseError::Misuse("spilled rows are missing".into())),
        }
    }

    /// The hex digits before the record number: the time and random digits.
    fn id_prefix(&self) -> String {
        let mut digits = self.prefix.simple().to_string();
        digits.truncate(2 * PREFIX_BYTES);
        digits
    }

    /// Counts the plan's changes.
    pub async fn count_plan(&self) -> Result<PlanCounts, DatabaseError> {
        let plan = self
            .tx
            .query_one(include_str!("../sql/catalog/count_plan.sql"), &[])
            .await?;
        let staged = self
            .tx
            .query_one(include_str!("../sql/catalog/staged_counts.sql"), &[])
            .await?;
        let plan_count = |name: &str| Ok::<_, DatabaseError>(count(plan.try_get(name)?));
        Ok(PlanCounts {
            read: count(staged.try_get("read")?),
            invalid: count(staged.try_get("invalid")?),
            inserted: plan_count("inserted")?,
            updated: plan_count("updated")?,
            unchanged: plan_count("unchanged")?,
            removed: plan_count("removed")?,
            repriced: plan_count("repriced")?,
            jumped: plan_count("jumped")?,
            stopped: plan_count("stopped")?,
            moved: plan_count("moved")?,
            renamed: plan_count("renamed")?,
            gained: plan_count("gained")?,
            lost: plan_count("lost")?,
        })
    }

    /// Applies the plan.
    pub async fn apply(&self, run: RunId, counts: PlanCounts) -> Result<(), DatabaseError> {
        let partner = self.partner.uuid();
        let siblings = include_str!("../sql/catalog/reset_sibling_hashes.sql");
        self.tx.execute(siblings, &[&partner]).await?;
        // Stock before products: a buyer who takes the last unit locks them in this order.
        let counted = stock::lock_of_plan(&self.tx, self.partner).await?;
        self.insert().await?;
        for step in PLAN_STEPS {
            self.tx.execute(step, &[]).await?;
        }
        stock::follow_catalog(&self.tx, self.partner, counted, ambient::now()).await?;
        history::add_of_plan(&self.tx, self.spill.map(SpillFile::detailed)).await?;
        posts::settle_for_plan(&self.tx, self.partner, ambient::now()).await?;
        let live_change = difference(counts.gained, counts.lost);
        let sql = include_str!("../sql/catalog/advance_feed.sql");
        self.tx.execute(sql, &[&partner, &live_change]).await?;
        let sql = include_str!("../sql/catalog/supersede_runs.sql");
        let rows = self.tx.query(sql, &[&partner, &run.uuid()]).await?;
        let superseded = rows.iter().map(|row| row.try_get("id"));
        let mut ended: Vec<Uuid> = superseded.collect::<Result<_, _>>()?;
        ended.push(run.uuid());
        drop_held(&self.tx, &ended).await
    }

    /// Inserts the new products.
    async fn insert(&self) -> Result<(), DatabaseError> {
        if self.spill.is_none() {
            let sql = include_str!("../sql/catalog/insert_products.sql");
            return self
                .tx
                .execute(sql, &[&self.partner.uuid()])
                .await
                .map(drop);
        }
        let shape = RowShape::Product {
            partner: self.partner,
            prefix: self.prefix,
        };
        let into = include_str!("../sql/catalog/copy_products.sql");
        self.copy_rows(&self.new_numbers, shape, into).await
    }

    /// Stores what was read and planned until an operator decides: everything if `all`, otherwise what the plan
    /// needs.
    pub async fn hold(&self, run: RunId, all: bool) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/catalog/hold_staged.sql");
        self.tx.execute(sql, &[&run.uuid(), &all]).await?;
        let into = include_str!("../sql/catalog/copy_held.sql");
        self.copy_rows(&self.new_numbers, RowShape::Held(run), into)
            .await?;
        let sql = include_str!("../sql/catalog/hold_contents.sql");
        self.tx.execute(sql, &[&run.uuid()]).await?;
        self.tx
            .execute(include_str!("../sql/catalog/hold_plan.sql"), &[&run.uuid()])
            .await
            .map(drop)
    }

    /// Loads a held run.
    pub async fn restore(&self, run: RunId) -> Result<(), DatabaseError> {
        for step in RESTORE_STEPS {
            self.tx.execute(step, &[&run.uuid()]).await?;
        }
        for step in ANALYZE_STEPS {
            self.tx.execute(step, &[]).await?;
        }
        Ok(())
    }

    /// Deletes what held runs stored that can no longer be applied.
    pub async fn drop_held_run(&self, run: RunId) -> Result<(), DatabaseError> {
        drop_held(&self.tx, &[run.uuid()]).await
    }

    /// Writes the decision to the audit log.
    pub async fn audit(
        &self,
        actor: &Actor,
        action: &'static str,
        run: RunId,
    ) -> Result<(), DatabaseError> {
        record_audit(&self.tx, actor, action, run).await
    }

    /// Ends the run, emits its event and commits. Returns `None` and rolls back if the run was lost.
    pub async fn end(
        self,
        run: RunId,
        outcome: &RunOutcome,
        issues: &[Issue],
        event: Option<(EventType, &Value)>,
    ) -> Result<Option<(Run, Vec<EmittedDelivery>)>, DatabaseError> {
        let Some(ended) = runs::end(&self.tx, run, outcome).await? else {
            self.tx.rollback().await?;
            return Ok(None);
        };
        runs::add_issues(&self.tx, run, issues).await?;
        let emitted = match event {
            Some((kind, data)) => emit_operational(&self.tx, self.partner, kind, data).await?,
            None => Vec::new(),
        };
        self.tx.commit().await?;
        Ok(Some((ended, emitted)))
    }

    /// Rolls back.
    pub async fn rollback(self) -> Result<(), DatabaseError> {
        self.tx.rollback().await
    }
}

impl Store {
    /// Discards a held run. Returns whether it was held.
    pub async fn discard_run(&self, run: RunId, actor: &Actor) -> Result<bool, DatabaseError> {
        let mut conn = self.general().await?;
        let tx = conn.begin().await?;
        let sql = include_str!("../sql/catalog/discard_run.sql");
        let was_held = tx.query_opt(sql, &[&run.uuid()]).await?.is_some();
        if was_held {
            drop_held(&tx, &[run.uuid()]).await?;
            record_audit(&tx, actor, "feed.discard", run).await?;
        }
        tx.commit().await?;
        Ok(was_held)
    }

    /// Emits the event of a run that could not end in its own transaction.
    pub async fn emit_run_event(
        &self,
        partner: PartnerId,
        kind: EventType,
        data: &Value,
    ) -> Result<Vec<EmittedDelivery>, DatabaseError> {
        emit_operational(&self.general().await?, partner, kind, data).await
    }
}

async fn record_audit(
    tx: &Tx<'_>,
    actor: &Actor,
    action: &'static str,
    run: RunId,
) -> Result<(), DatabaseError> {
    let change = NewAuditEntry {
        actor,
        action,
        subject: &run.to_string(),
        details: json!({}),
    };
    audit::record(tx, change).await
}

pub(super) async fn drop_held(tx: &Tx<'_>, runs: &[Uuid]) -> Result<(), DatabaseError> {
    for step in DROP_HELD_STEPS {
        tx.execute(step, &[&runs]).await?;
    }
    Ok(())
}

fn difference(more: u64, less: u64) -> i64 {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    signed(more).saturating_sub(signed(less))
}
