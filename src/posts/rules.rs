//! Post rules: create posts for items that match a selection later, after the feed that changes them.
//!
//! Promises: a rule creates at most one post per item, ever, whatever happens to that post; items that matched
//! before the rule was created are left alone unless the rule includes them, and items with a post always are; a
//! step is bounded, is one transaction, and runs on one node while no feed is applied to that catalog. Posts are
//! drafts unless the rule publishes them. Must not react to changes without a feed: a sale price that begins is
//! noticed when the product next changes.

use std::time::Duration;

use buywire_schemas::ids::{ProductId, RuleId};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::bulk::{ChosenGroups, HAS_POST, SLICE, VARIANT_HAS_POST, eligibility, next_position};
use super::service::{PostError, Posts};
use super::spec::{PostSpec, RuleRequest, parse_enabled};
use crate::ambient;
use crate::db::{DatabaseError, Tx};
use crate::idempotency::AnswerSlot;
use crate::jobs::Job;
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::posts::PostProduct;
use crate::store::posts::rules::{self, Rule, RuleStep};
use crate::store::posts::selecting::{self, Candidate, CandidateQuery};

/// How often somebody looks for catalogs that have changed.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// A rule as the API shows it.
#[derive(Debug, Serialize)]
pub struct RuleDocument {
    pub id: RuleId,
    name: String,
    enabled: bool,
    #[serde(flatten)]
    spec: PostSpec,
    existing: bool,
    made: i64,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

impl Posts {
    /// Creates a rule.
    ///
    /// # Errors
    /// When the body is refused.
    pub(crate) async fn add_rule(
        &self,
        actor: &Actor,
        body: &[u8],
        slot: &AnswerSlot,
    ) -> Result<RuleDocument, PostError> {
        let request = RuleRequest::parse(body)?;
        let partner = self.resolve_partner(&request.spec).await?;
        let spec = serde_json::to_string(&request.spec).map_err(|_| unreadable())?;
        let id = RuleId::generate();
        let new = rules::NewRule {
            id,
            name: &request.name,
            partner,
            spec: &spec,
            existing: request.existing,
        };
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        rules::add(&tx, &new).await?;
        record_audit(
            &tx,
            actor,
            "post_rule.create",
            id,
            json!({"terms": request.spec}),
        )
        .await?;
        let added = rules::find(&tx, id).await?.ok_or(PostError::NotFound)?;
        let added = RuleDocument::of(added)?;
        slot.keep(&tx, &added).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Returns one rule.
    ///
    /// # Errors
    /// When the rule does not exist.
    pub async fn rule(&self, id: RuleId) -> Result<RuleDocument, PostError> {
        let rule = self.store.post_rule(id).await?;
        Ok(RuleDocument::of(rule.ok_or(PostError::NotFound)?)?)
    }

    /// Lists the rules after `after`, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rules(
        &self,
        after: Option<RuleId>,
        limit: i64,
    ) -> Result<Vec<RuleDocument>, PostError> {
        let rules = self.store.post_rules(after, limit).await?;
        let documents = rules.into_iter().map(RuleDocument::of);
        Ok(documents.collect::<Result<_, _>>()?)
    }

    /// Enables or disables a rule. Once a rule is disabled, none of its steps is running.
    ///
    /// # Errors
    /// When the body is refused or the rule does not exist.
    pub async fn change_rule(
        &self,
        actor: &Actor,
        id: RuleId,
        body: &[u8],
    ) -> Result<RuleDocument, PostError> {
        let enabled = parse_enabled(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        if !rules::set_enabled(&tx, id, enabled).await? {
            return Err(PostError::NotFound);
        }
        record_audit(
            &tx,
            actor,
            "post_rule.update",
            id,
            json!({"enabled": enabled}),
        )
        .await?;
        tx.commit().await?;
        drop(conn);
        self.rule(id).await
    }

    /// Deletes a rule. Its posts stay.
    ///
    /// # Errors
    /// When the rule does not exist.
    pub async fn delete_rule(&self, actor: &Actor, id: RuleId) -> Result<(), PostError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        if !rules::delete(&tx, id).await? {
            return Err(PostError::NotFound);
        }
        record_audit(&tx, actor, "post_rule.delete", id, json!({})).await?;
        Ok(tx.commit().await?)
    }

    /// Follows the rules.
    pub fn rules_job(self) -> Job {
        Job::new("posts.rules", POLL_INTERVAL, move || {
            let posts = self.clone();
            async move { posts.apply_rule_once().await }
        })
    }

    /// Runs one step of one rule in one catalog; returns false when no step is due.
    ///
    /// # Errors
    /// When the database fails; the step is then rolled back.
    pub async fn apply_rule_once(&self) -> Result<bool, DatabaseError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let Some(step) = rules::next_step(&tx).await? else {
            return Ok(false);
        };
        let stepped = self.run_step(tx, &step).await;
        drop(conn);
        if stepped.is_err() {
            rules::defer(&self.store, &step).await?;
        }
        stepped
    }

    async fn run_step(&self, tx: Tx<'_>, step: &RuleStep) -> Result<bool, DatabaseError> {
        let spec: PostSpec = serde_json::from_str(&step.spec).map_err(|_| unreadable())?;
        let query = CandidateQuery {
            partner: step.partner,
            after: &step.after,
            rule: Some((step.rule.uuid(), step.since)),
            limit: SLICE,
        };
        let candidates = selecting::candidates(&tx, &spec.filter, query).await?;
        let next = next_position(&candidates);
        let now = ambient::now();
        let (skipped, chosen) = partition(step, &spec, candidates, now);
        let created = self
            .create_posts(&tx, &spec, Some(step.rule), chosen, now)
            .await?;
        let made_of = created
            .posts
            .iter()
            .map(|new| (new.post.product.id, Some(new.post.id)));
        let decided: Vec<_> = skipped
            .into_iter()
            .map(|id| (id, None))
            .chain(made_of)
            .collect();
        rules::record_decisions(&tx, step.rule, &decided).await?;
        rules::advance(&tx, step, next.as_deref()).await?;
        tx.commit().await?;
        self.notifier.notify_due(&created.emitted);
        Ok(true)
    }
}

/// Splits the matching items that can be bought: those that the rule skips permanently, and those that get a post.
fn partition(
    step: &RuleStep,
    spec: &PostSpec,
    candidates: Vec<Candidate>,
    now: OffsetDateTime,
) -> (Vec<ProductId>, Vec<PostProduct>) {
    let (mut skipped, mut chosen) = (Vec::new(), Vec::new());
    let mut groups = ChosenGroups::default();
    for candidate in candidates {
        let existed = step
            .skip_before
            .is_some_and(|made_at| candidate.updated_at <= made_at);
        match eligibility(spec, &candidate, now) {
            // Another variant of the group is considered again when it changes.
            Some(Ok(()))
                if !existed
                    && !spec.each_variant
                    && !groups.choose(&candidate.product.snapshot.item) => {}
            Some(Ok(())) if !existed => chosen.push(candidate.product),
            Some(Ok(()) | Err(HAS_POST | VARIANT_HAS_POST)) => skipped.push(candidate.product.id),
            // An item that cannot be bought may match later.
            Some(Err(_)) | None => {}
        }
    }
    (skipped, chosen)
}

impl RuleDocument {
    fn of(rule: Rule) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: rule.id,
            name: rule.name,
            enabled: rule.enabled,
            spec: serde_json::from_str(&rule.spec).map_err(|_| unreadable())?,
            existing: rule.existing,
            made: rule.made,
            created_at: rule.created_at,
            updated_at: rule.updated_at,
        })
    }
}

fn unreadable() -> DatabaseError {
    DatabaseError::Misuse("post_rules.terms".into())
}

async fn record_audit(
    tx: &Tx<'_>,
    actor: &Actor,
    action: &'static str,
    rule: RuleId,
    details: Value,
) -> Result<(), DatabaseError> {
    let change = NewAuditEntry {
        actor,
        action,
        subject: &rule.to_string(),
        details,
    };
    audit::record(tx, change).await
}
