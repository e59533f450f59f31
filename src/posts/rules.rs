//! Standing rules: items that come to match later get a post too, after the feed that brings them.
//!
//! Promises: a rule makes at most one post of an item, ever, whatever becomes of that post; what matched when
//! the rule was made, and what has a post already, is left alone, unless the rule means it too; a step is
//! bounded, is one transaction, and is done by one node while no feed is applied to that catalog. What it
//! makes are drafts, unless the rule says otherwise. Must not notice what changes without a feed: a reduced
//! price that begins is seen when the product next changes.

use std::time::Duration;

use buywire_schemas::ids::{ProductId, RuleId};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::bulk::{Groups, HAS_POST, SLICE, VARIANT_HAS_POST, place_after, why_not};
use super::terms::{NewRule, Terms, enabled};
use super::{PostError, Posts, ring};
use crate::store::audit::{self, Author, Change};
use crate::store::posts::Goods;
use crate::store::posts::rules::{self, Rule, Step};
use crate::store::posts::selecting::{self, Candidate, Look};
use crate::store::{StoreError, Tx};

/// How often somebody looks for catalogs that have changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A rule as it is shown.
#[derive(Debug, Serialize)]
pub struct Document {
    /// Its id.
    pub id: RuleId,
    name: String,
    enabled: bool,
    #[serde(flatten)]
    terms: Terms,
    existing: bool,
    made: i64,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    changed_at: OffsetDateTime,
}

impl Posts {
    /// Makes a rule.
    ///
    /// # Errors
    /// The body.
    pub async fn add_rule(&self, who: &Author, body: &[u8]) -> Result<Document, PostError> {
        let asked = NewRule::parse(body)?;
        let partner = self.meant(&asked.terms).await?;
        let terms = serde_json::to_string(&asked.terms).map_err(|_| unreadable())?;
        let id = RuleId::generate();
        let new = rules::NewRule {
            id,
            name: &asked.name,
            partner,
            terms: &terms,
            existing: asked.existing,
        };
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        rules::add(&tx, &new).await?;
        audited(
            &tx,
            who,
            "post_rule.create",
            id,
            json!({"terms": asked.terms}),
        )
        .await?;
        tx.commit().await?;
        drop(conn);
        self.rule(id).await
    }

    /// One rule.
    ///
    /// # Errors
    /// There is none.
    pub async fn rule(&self, id: RuleId) -> Result<Document, PostError> {
        let rule = self.store.post_rule(id).await?;
        Ok(Document::of(rule.ok_or(PostError::NotFound)?)?)
    }

    /// Rules behind one, the newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn rules(
        &self,
        behind: Option<RuleId>,
        limit: i64,
    ) -> Result<Vec<Document>, PostError> {
        let rules = self.store.post_rules(behind, limit).await?;
        let shown = rules.into_iter().map(Document::of);
        Ok(shown.collect::<Result<_, _>>()?)
    }

    /// Lets a rule be followed, or rest: then no step of it is under way.
    ///
    /// # Errors
    /// The body, or there is no such rule.
    pub async fn change_rule(
        &self,
        who: &Author,
        id: RuleId,
        body: &[u8],
    ) -> Result<Document, PostError> {
        let enabled = enabled(body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        if !rules::enable(&tx, id, enabled).await? {
            return Err(PostError::NotFound);
        }
        audited(
            &tx,
            who,
            "post_rule.update",
            id,
            json!({"enabled": enabled}),
        )
        .await?;
        tx.commit().await?;
        drop(conn);
        self.rule(id).await
    }

    /// Takes a rule away. Its posts stay.
    ///
    /// # Errors
    /// There is no such rule.
    pub async fn delete_rule(&self, who: &Author, id: RuleId) -> Result<(), PostError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        if !rules::delete(&tx, id).await? {
            return Err(PostError::NotFound);
        }
        audited(&tx, who, "post_rule.delete", id, json!({})).await?;
        Ok(tx.commit().await?)
    }

    /// Follows the rules, for as long as the gateway runs.
    pub async fn follow_rules(self) {
        loop {
            match self.follow_rule_once().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(error = %error, "posts.rules: a step failed, trying again");
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// One step of one rule in one catalog; false when nobody has anything to look at here and now.
    ///
    /// # Errors
    /// The database; nothing of the step is kept then.
    pub async fn follow_rule_once(&self) -> Result<bool, StoreError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let Some(step) = rules::next(&tx).await? else {
            return Ok(false);
        };
        let stepped = self.step(tx, &step).await;
        drop(conn);
        if stepped.is_err() {
            rules::aside(&self.store, &step).await?;
        }
        stepped
    }

    async fn step(&self, tx: Tx<'_>, step: &Step) -> Result<bool, StoreError> {
        let terms: Terms = serde_json::from_str(&step.terms).map_err(|_| unreadable())?;
        let look = Look {
            partner: step.partner,
            after: &step.after,
            rule: Some((step.rule.uuid(), step.since)),
            limit: SLICE,
        };
        let candidates = selecting::candidates(&tx, &terms.filter, look).await?;
        let next = place_after(&candidates);
        let now = OffsetDateTime::now_utc();
        let (left, chosen) = sorted(step, &terms, candidates, now);
        let made = self.make(&tx, &terms, Some(step.rule), chosen, now).await?;
        let made_of = made
            .posts
            .iter()
            .map(|new| (new.post.product.id, Some(new.post.id)));
        let decided: Vec<_> = left
            .into_iter()
            .map(|id| (id, None))
            .chain(made_of)
            .collect();
        rules::decide(&tx, step.rule, &decided).await?;
        rules::advance(&tx, step, next.as_deref()).await?;
        tx.commit().await?;
        ring(&self.bell, &made.emitted);
        Ok(true)
    }
}

/// Of what is meant and can be bought: what the rule leaves alone for good, and what it makes posts of.
fn sorted(
    step: &Step,
    terms: &Terms,
    candidates: Vec<Candidate>,
    now: OffsetDateTime,
) -> (Vec<ProductId>, Vec<Goods>) {
    let (mut left, mut chosen) = (Vec::new(), Vec::new());
    let mut groups = Groups::default();
    for candidate in candidates {
        let was_there = step
            .left_until
            .is_some_and(|made_at| candidate.changed_at <= made_at);
        match why_not(terms, &candidate, now) {
            // Another variant of the same product is looked at again when it changes.
            Some(Ok(()))
                if !was_there
                    && !terms.each_variant
                    && !groups.takes(&candidate.goods.known.item) => {}
            Some(Ok(())) if !was_there => chosen.push(candidate.goods),
            Some(Ok(()) | Err(HAS_POST | VARIANT_HAS_POST)) => left.push(candidate.goods.id),
            // What cannot be bought may be bought later, and then comes to match.
            Some(Err(_)) | None => {}
        }
    }
    (left, chosen)
}

impl Document {
    fn of(rule: Rule) -> Result<Self, StoreError> {
        Ok(Self {
            id: rule.id,
            name: rule.name,
            enabled: rule.enabled,
            terms: serde_json::from_str(&rule.terms).map_err(|_| unreadable())?,
            existing: rule.existing,
            made: rule.made,
            created_at: rule.created_at,
            changed_at: rule.changed_at,
        })
    }
}

fn unreadable() -> StoreError {
    StoreError::Misuse("post_rules.terms".into())
}

async fn audited(
    tx: &Tx<'_>,
    who: &Author,
    action: &'static str,
    rule: RuleId,
    details: Value,
) -> Result<(), StoreError> {
    let change = Change {
        who,
        action,
        subject: &rule.to_string(),
        details,
    };
    audit::record(tx, change).await
}
