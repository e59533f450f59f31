//! The one transaction in which a run meets the live catalog: compared, judged by its caller, and applied.

use buywire_schemas::catalog::issue::Issue;
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{PartnerId, RunId};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::runs::{self, Ending, Run};
use super::staging::{Staging, Weights, count};
use crate::store::audit::{self, Change};
use crate::store::events::{Emitted, tell};
use crate::store::{Store, StoreError, Tx, posts};

/// See the module. Dropped without an end, it leaves everything as it was.
pub struct Live<'a> {
    pub(super) tx: Tx<'a>,
    pub(super) partner: PartnerId,
}

/// The catalog of a partner, held until the end.
#[derive(Debug, Clone, Copy)]
pub struct LockedFeed {
    /// Moved by every run that was applied.
    pub version: i64,
    /// Products that are not missing and not gone.
    pub live: u64,
}

/// What a plan does to the live rows, in this order. Siblings first: they are found by what the others change.
const STEPS: [&str; 8] = [
    include_str!("../sql/catalog/forget_siblings.sql"),
    include_str!("../sql/catalog/insert.sql"),
    include_str!("../sql/catalog/update.sql"),
    include_str!("../sql/catalog/describe.sql"),
    include_str!("../sql/catalog/touch.sql"),
    include_str!("../sql/catalog/block.sql"),
    include_str!("../sql/catalog/miss.sql"),
    include_str!("../sql/catalog/remove.sql"),
];
/// Of these, the ones that know the partner.
const OF_PARTNER: usize = 2;

impl Staging {
    /// Locks the live catalog.
    pub async fn live(&mut self) -> Result<(Live<'_>, LockedFeed), StoreError> {
        let partner = self.partner;
        let tx = self.conn.begin().await?;
        let sql = include_str!("../sql/catalog/lock_feed.sql");
        let row = tx.query_one(sql, &[&partner.uuid()]).await?;
        let feed = LockedFeed {
            version: row.try_get("version")?,
            live: count(row.try_get("live")?),
        };
        Ok((Live { tx, partner }, feed))
    }
}

impl<'a> Live<'a> {
    pub(in crate::store) fn tx(&self) -> &Tx<'a> {
        &self.tx
    }

    pub(in crate::store) fn partner(&self) -> PartnerId {
        self.partner
    }
}

impl Live<'_> {
    /// Compares what was read with what is live. In a full feed what is not there is missing.
    pub async fn compare(&self, is_full: bool) -> Result<(), StoreError> {
        let partner = self.partner.uuid();
        let staged = include_str!("../sql/catalog/plan_staged.sql");
        let prefix = product_prefix();
        self.tx
            .execute(staged, &[&partner, &is_full, &prefix])
            .await?;
        if is_full {
            let missing = include_str!("../sql/catalog/plan_missing.sql");
            self.tx.execute(missing, &[&partner]).await?;
        }
        self.tx
            .execute(include_str!("../sql/catalog/analyze_plan.sql"), &[])
            .await
            .map(drop)
    }

    /// The plan in figures.
    pub async fn weigh(&self) -> Result<Weights, StoreError> {
        let plan = self
            .tx
            .query_one(include_str!("../sql/catalog/weigh.sql"), &[])
            .await?;
        let staged = self
            .tx
            .query_one(include_str!("../sql/catalog/staged_counts.sql"), &[])
            .await?;
        let of = |name: &str| Ok::<_, StoreError>(count(plan.try_get(name)?));
        Ok(Weights {
            read: count(staged.try_get("read")?),
            invalid: count(staged.try_get("invalid")?),
            inserted: of("inserted")?,
            updated: of("updated")?,
            unchanged: of("unchanged")?,
            removed: of("removed")?,
            repriced: of("repriced")?,
            gained: of("gained")?,
            lost: of("lost")?,
        })
    }

    /// Makes the plan true.
    pub async fn apply(&self, run: RunId, weights: Weights) -> Result<(), StoreError> {
        let partner = self.partner.uuid();
        for (place, step) in STEPS.iter().enumerate() {
            let knows_partner = place < OF_PARTNER;
            match knows_partner {
                true => self.tx.execute(step, &[&partner]).await?,
                false => self.tx.execute(step, &[]).await?,
            };
        }
        posts::follow_plan(&self.tx, self.partner, OffsetDateTime::now_utc()).await?;
        let moved = difference(weights.gained, weights.lost);
        let sql = include_str!("../sql/catalog/move_feed.sql");
        self.tx.execute(sql, &[&partner, &moved]).await?;
        let sql = include_str!("../sql/catalog/supersede_runs.sql");
        let rows = self.tx.query(sql, &[&partner, &run.uuid()]).await?;
        let superseded = rows.iter().map(|row| row.try_get("id"));
        let mut ended: Vec<Uuid> = superseded.collect::<Result<_, _>>()?;
        ended.push(run.uuid());
        drop_held(&self.tx, &ended).await
    }

    /// Keeps what was read and would be done, until somebody decides; `all` that was read, or what the plan needs.
    pub async fn hold(&self, run: RunId, all: bool) -> Result<(), StoreError> {
        let sql = include_str!("../sql/catalog/hold_staged.sql");
        self.tx.execute(sql, &[&run.uuid(), &all]).await?;
        self.tx
            .execute(include_str!("../sql/catalog/hold_plan.sql"), &[&run.uuid()])
            .await
            .map(drop)
    }

    /// Takes up again what was held.
    pub async fn restore(&self, run: RunId) -> Result<(), StoreError> {
        self.tx
            .execute(
                include_str!("../sql/catalog/restore_staged.sql"),
                &[&run.uuid()],
            )
            .await?;
        self.tx
            .execute(
                include_str!("../sql/catalog/restore_plan.sql"),
                &[&run.uuid()],
            )
            .await?;
        self.tx
            .execute(include_str!("../sql/catalog/analyze.sql"), &[])
            .await?;
        self.tx
            .execute(include_str!("../sql/catalog/analyze_plan.sql"), &[])
            .await
            .map(drop)
    }

    /// Lets go of what was held and cannot be applied any more.
    pub async fn forget(&self, run: RunId) -> Result<(), StoreError> {
        drop_held(&self.tx, &[run.uuid()]).await
    }

    /// Writes down who decided.
    pub async fn audit(
        &self,
        who: &str,
        action: &'static str,
        run: RunId,
    ) -> Result<(), StoreError> {
        audited(&self.tx, who, action, run).await
    }

    /// Ends the run, tells of it and commits. None, and nothing is kept, when the run was lost meanwhile.
    pub async fn end(
        self,
        run: RunId,
        ending: &Ending,
        issues: &[Issue],
        told: Option<(EventType, &Value)>,
    ) -> Result<Option<(Run, Vec<Emitted>)>, StoreError> {
        let Some(ended) = runs::end(&self.tx, run, ending).await? else {
            self.tx.rollback().await?;
            return Ok(None);
        };
        runs::add_issues(&self.tx, run, issues).await?;
        let emitted = match told {
            Some((kind, data)) => tell(&self.tx, self.partner, kind, data).await?,
            None => Vec::new(),
        };
        self.tx.commit().await?;
        Ok(Some((ended, emitted)))
    }

    /// As if nothing had been.
    pub async fn rollback(self) -> Result<(), StoreError> {
        self.tx.rollback().await
    }
}

impl Store {
    /// Throws a held run away; whether it was held.
    pub async fn discard_run(&self, run: RunId, who: &str) -> Result<bool, StoreError> {
        let mut conn = self.general().await?;
        let tx = conn.begin().await?;
        let sql = include_str!("../sql/catalog/discard_run.sql");
        let was_held = tx.query_opt(sql, &[&run.uuid()]).await?.is_some();
        if was_held {
            drop_held(&tx, &[run.uuid()]).await?;
            audited(&tx, who, "feed.discard", run).await?;
        }
        tx.commit().await?;
        Ok(was_held)
    }

    /// Tells a partner and the operators of a run that could not be ended in its own transaction.
    pub async fn tell_of_run(
        &self,
        partner: PartnerId,
        kind: EventType,
        data: &Value,
    ) -> Result<Vec<Emitted>, StoreError> {
        tell(&self.general().await?, partner, kind, data).await
    }
}

async fn audited(
    tx: &Tx<'_>,
    who: &str,
    action: &'static str,
    run: RunId,
) -> Result<(), StoreError> {
    let change = Change {
        who,
        action,
        subject: &run.to_string(),
        details: json!({}),
    };
    audit::record(tx, change).await
}

pub(super) async fn drop_held(tx: &Tx<'_>, runs: &[Uuid]) -> Result<(), StoreError> {
    tx.execute(
        include_str!("../sql/catalog/drop_held_staged.sql"),
        &[&runs],
    )
    .await?;
    tx.execute(include_str!("../sql/catalog/drop_held_plan.sql"), &[&runs])
        .await
        .map(drop)
}

/// The first 20 digits of a UUIDv7, its time among them; the others number the products that a run makes.
fn product_prefix() -> String {
    let mut digits = Uuid::now_v7().simple().to_string();
    digits.truncate(20);
    digits
}

fn difference(more: u64, less: u64) -> i64 {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    signed(more).saturating_sub(signed(less))
}
