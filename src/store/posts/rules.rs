//! Post rules in the database: their specs, their cursors and their decisions.
//!
//! Promises: a rule decides on an item once, whatever happens to the post; while it makes posts of a catalog, no
//! other transaction does. The spec is opaque text here; the posts room parses it.

use buywire_schemas::ids::{PartnerId, PostId, ProductId, RuleId};
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// A rule's row.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: RuleId,
    pub name: String,
    /// The post spec, as JSON.
    pub spec: String,
    /// Whether items that existed before the rule are included.
    pub existing: bool,
    pub enabled: bool,
    /// The number of posts it has made.
    pub made: i64,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// A new rule.
#[derive(Debug)]
pub(crate) struct NewRule<'a> {
    pub id: RuleId,
    pub name: &'a str,
    /// Limits the rule to one partner's items; `None`: all partners.
    pub partner: Option<PartnerId>,
    /// The post spec, as JSON.
    pub spec: &'a str,
    /// Whether existing items are included.
    pub existing: bool,
}

/// One step of a rule in one catalog, both locked until the commit.
#[derive(Debug)]
pub(crate) struct RuleStep {
    pub rule: RuleId,
    /// The partner whose catalog is scanned.
    pub partner: PartnerId,
    /// The post spec, as JSON.
    pub spec: String,
    /// Items that have not changed since this time existed before the rule and are skipped; `None` skips none.
    pub skip_before: Option<OffsetDateTime>,
    /// Items up to this id have been scanned.
    pub after: String,
    /// Items that have not changed since this time were scanned before.
    pub since: OffsetDateTime,
    /// The catalog version of this pass.
    version: i64,
}

const FIND: &str = include_str!("../sql/posts/rule_find.sql");

impl Store {
    /// Reads one rule.
    pub async fn post_rule(&self, id: RuleId) -> Result<Option<Rule>, DatabaseError> {
        let row = self.general().await?.query_opt(FIND, &[&id.uuid()]).await?;
        row.as_ref().map(rule).transpose()
    }

    /// Lists rules after a cursor, newest first.
    pub async fn post_rules(
        &self,
        after: Option<RuleId>,
        limit: i64,
    ) -> Result<Vec<Rule>, DatabaseError> {
        let sql = include_str!("../sql/posts/rule_page.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&after.map(RuleId::uuid), &limit]).await?;
        rows.iter().map(rule).collect()
    }
}

/// Reads one rule within a transaction.
pub(crate) async fn find(tx: &Tx<'_>, id: RuleId) -> Result<Option<Rule>, DatabaseError> {
    let row = tx.query_opt(FIND, &[&id.uuid()]).await?;
    row.as_ref().map(rule).transpose()
}

/// Adds a rule.
pub(crate) async fn add(tx: &Tx<'_>, new: &NewRule<'_>) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/posts/rule_add.sql");
    let partner = new.partner.map(PartnerId::uuid);
    tx.execute(
        sql,
        &[
            &new.id.uuid(),
            &new.name,
            &partner,
            &new.spec,
            &new.existing,
        ],
    )
    .await
    .map(drop)
}

/// Enables or disables a rule. Returns false if there is none. After the commit, no step of a disabled rule is in
/// progress.
pub(crate) async fn set_enabled(
    tx: &Tx<'_>,
    id: RuleId,
    enabled: bool,
) -> Result<bool, DatabaseError> {
    let sql = include_str!("../sql/posts/rule_enable.sql");
    Ok(tx.execute(sql, &[&id.uuid(), &enabled]).await? > 0)
}

/// Deletes a rule. Returns false if there is none. Its posts stay.
pub(crate) async fn delete(tx: &Tx<'_>, id: RuleId) -> Result<bool, DatabaseError> {
    let sql = include_str!("../sql/posts/rule_delete.sql");
    Ok(tx.execute(sql, &[&id.uuid()]).await? > 0)
}

/// Locks the next step of any rule, if there is work that no other node does.
pub(crate) async fn next_step(tx: &Tx<'_>) -> Result<Option<RuleStep>, DatabaseError> {
    let sql = include_str!("../sql/posts/rule_next.sql");
    let Some(row) = tx.query_opt(sql, &[]).await? else {
        return Ok(None);
    };
    let rule = RuleId::from_uuid(row.try_get("rule")?);
    let partner = PartnerId::from_uuid(row.try_get("partner")?);
    let version: i64 = row.try_get("version")?;
    // A separate statement after the lock, so that it sees what the last step committed.
    let sql = include_str!("../sql/posts/rule_cursor.sql");
    let ids = (rule.uuid(), partner.uuid());
    let row = tx.query_one(sql, &[&ids.0, &ids.1, &version]).await?;
    Ok(Some(RuleStep {
        rule,
        partner,
        spec: row.try_get("spec")?,
        skip_before: row.try_get("skip_before")?,
        after: row.try_get("after")?,
        since: row.try_get("since")?,
        version: row.try_get("passing")?,
    }))
}

/// Moves a failed step behind all others.
pub(crate) async fn defer(store: &Store, step: &RuleStep) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/posts/rule_defer.sql");
    let (rule, partner) = (step.rule.uuid(), step.partner.uuid());
    let conn = store.general().await?;
    conn.execute(sql, &[&rule, &partner]).await.map(drop)
}

/// Records the decisions of a step: the items, and the posts that were made.
pub(crate) async fn record_decisions(
    tx: &Tx<'_>,
    rule: RuleId,
    decided: &[(ProductId, Option<PostId>)],
) -> Result<(), DatabaseError> {
    let products: Vec<_> = decided.iter().map(|(product, _)| product.uuid()).collect();
    let posts: Vec<_> = decided
        .iter()
        .map(|(_, post)| post.map(PostId::uuid))
        .collect();
    let sql = include_str!("../sql/posts/rule_decide.sql");
    tx.execute(sql, &[&rule.uuid(), &products, &posts])
        .await
        .map(drop)
}

/// Records the progress of a step: up to an item, or to the end of the pass.
pub(crate) async fn advance(
    tx: &Tx<'_>,
    step: &RuleStep,
    after: Option<&str>,
) -> Result<(), DatabaseError> {
    let ids = (step.rule.uuid(), step.partner.uuid());
    let sql = match after {
        Some(_) => include_str!("../sql/posts/rule_advance.sql"),
        None => include_str!("../sql/posts/rule_end_pass.sql"),
    };
    let position = after.unwrap_or_default();
    tx.execute(sql, &[&ids.0, &ids.1, &step.version, &position])
        .await
        .map(drop)
}

fn rule(row: &Row) -> Result<Rule, DatabaseError> {
    Ok(Rule {
        id: RuleId::from_uuid(row.try_get("id")?),
        name: row.try_get("name")?,
        spec: row.try_get("spec")?,
        existing: row.try_get("existing")?,
        enabled: row.try_get("enabled")?,
        made: row.try_get("made")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
