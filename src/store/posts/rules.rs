//! Standing rules in the tables: what they say, how far they have looked, and what they have decided on.
//!
//! Promises: a rule decides on an item once, whatever becomes of the post; of one catalog nobody makes posts
//! beside it. What a rule says is the room of posts' to read: here it is a text.

use buywire_schemas::ids::{PartnerId, PostId, ProductId, RuleId};
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// A rule's row.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// What people call it.
    pub name: String,
    /// What it says, JSON.
    pub spec: String,
    /// Whether what was there before it is meant too.
    pub existing: bool,
    /// Whether it is followed.
    pub enabled: bool,
    /// Posts that it has made.
    pub made: i64,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
}

/// A new rule.
#[derive(Debug)]
pub struct NewRule<'a> {
    /// Its id.
    pub id: RuleId,
    /// What people call it.
    pub name: &'a str,
    /// Whose items it means; none: everybody's.
    pub partner: Option<PartnerId>,
    /// What it says, JSON.
    pub spec: &'a str,
    /// Whether what is there already is meant too.
    pub existing: bool,
}

/// One step of a rule in one catalog, both held until the commit.
#[derive(Debug)]
pub struct RuleStep {
    /// The rule.
    pub rule: RuleId,
    /// Whose catalog.
    pub partner: PartnerId,
    /// What the rule says, JSON.
    pub spec: String,
    /// What has not changed since then was there before the rule, and is left alone; none: nothing is.
    pub skip_before: Option<OffsetDateTime>,
    /// Items up to this one have been looked at.
    pub after: String,
    /// What has not changed since then was looked at before.
    pub since: OffsetDateTime,
    /// The catalog's version that this pass looks at.
    version: i64,
}

impl Store {
    /// One rule.
    pub async fn post_rule(&self, id: RuleId) -> Result<Option<Rule>, DatabaseError> {
        let sql = include_str!("../sql/posts/rule_find.sql");
        let row = self.general().await?.query_opt(sql, &[&id.uuid()]).await?;
        row.as_ref().map(rule).transpose()
    }

    /// Rules behind one, the newest first.
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

/// Write a rule down.
pub async fn add(tx: &Tx<'_>, new: &NewRule<'_>) -> Result<(), DatabaseError> {
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

/// Let a rule be followed or not; false when there is none. After the commit no step of one that rests is
/// under way.
pub async fn set_enabled(tx: &Tx<'_>, id: RuleId, enabled: bool) -> Result<bool, DatabaseError> {
    let sql = include_str!("../sql/posts/rule_enable.sql");
    Ok(tx.execute(sql, &[&id.uuid(), &enabled]).await? > 0)
}

/// Take a rule away; false when there is none. Its posts stay.
pub async fn delete(tx: &Tx<'_>, id: RuleId) -> Result<bool, DatabaseError> {
    let sql = include_str!("../sql/posts/rule_delete.sql");
    Ok(tx.execute(sql, &[&id.uuid()]).await? > 0)
}

/// The next step of any rule, if there is something to look at and nobody else is there.
pub async fn next_step(tx: &Tx<'_>) -> Result<Option<RuleStep>, DatabaseError> {
    let sql = include_str!("../sql/posts/rule_next.sql");
    let Some(row) = tx.query_opt(sql, &[]).await? else {
        return Ok(None);
    };
    let rule = RuleId::from_uuid(row.try_get("rule")?);
    let partner = PartnerId::from_uuid(row.try_get("partner")?);
    let version: i64 = row.try_get("version")?;
    // A statement of its own, after the lock: it sees what the last step has committed.
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

/// The step was not made: the turns of all others come first.
pub async fn defer(store: &Store, step: &RuleStep) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/posts/rule_defer.sql");
    let (rule, partner) = (step.rule.uuid(), step.partner.uuid());
    let conn = store.general().await?;
    conn.execute(sql, &[&rule, &partner]).await.map(drop)
}

/// Remember what a step has decided on: the item, and its post where one was made.
pub async fn record_decisions(
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

/// Remember how far a step has come: up to an item, or to the end of the pass.
pub async fn advance(
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
