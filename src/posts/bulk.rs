//! Many posts of one call: a draft of every product that is meant and has no post, or of every variant.
//!
//! Promises: the same call again makes nothing twice, also at the same time or after a crash in its middle,
//! because a slice holds its catalog from looking to making; a slice is one transaction; a dry run counts
//! what a real one would make. Nothing is published that was not asked to be.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use buywire_schemas::catalog::Item;
use buywire_schemas::ids::{PartnerId, PostId, RuleId};
use buywire_schemas::post::SettledPost;
use buywire_schemas::problem::{BodyError, Violation};
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

use super::service::{PostError, Posts, notify_due, published, refused};
use super::spec::{BulkRequest, PostSpec};
use crate::db::{DatabaseError, Tx};
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::events::EmittedDelivery;
use crate::store::posts::selecting::{self, Candidate, CandidateQuery};
use crate::store::posts::{self, PostProduct};

/// Items that one slice looks at: a transaction of some tenths of a second, for which a feed may wait.
pub(super) const SLICE: usize = 250;
/// Posts that an answer names.
const LISTED_POSTS_MAX: usize = 100;

/// Why an item that is meant gets no post. What its text or its nature forbids has the code of a post's refusal.
pub(super) const HAS_POST: &str = "has_post";
pub(super) const NOT_BUYABLE: &str = "not_buyable";
/// Of a product whose post sells another variant.
pub(super) const VARIANT_HAS_POST: &str = "variant_has_post";
const OVER_LIMIT: &str = "over_limit";

/// What a call has come to: every item that was meant is either made a post of, or skipped.
#[derive(Debug, Default, Serialize)]
pub struct BulkOutcome {
    /// Items that are meant.
    pub matched: usize,
    /// Posts that were made; in a dry run, that would be.
    pub made: usize,
    /// The others, by the reason why not.
    pub skipped: Vec<SkippedItems>,
    /// The first posts.
    pub posts: Vec<PostId>,
}

/// Items without a post of this call.
#[derive(Debug, Serialize)]
pub struct SkippedItems {
    reason: &'static str,
    count: usize,
}

/// Products of which a variant was chosen, in one catalog.
#[derive(Debug, Default)]
pub(super) struct ChosenGroups {
    hasher: RandomState,
    chosen: HashSet<u64>,
}

impl ChosenGroups {
    /// Whether an item may be chosen: the first of its group, or alone.
    pub(super) fn choose(&mut self, item: &Item) -> bool {
        let group = item.group.as_deref();
        group.is_none_or(|group| self.chosen.insert(self.hasher.hash_one(group)))
    }
}

/// What slices add up to.
#[derive(Debug, Default)]
struct Tally {
    /// Of this catalog: the products of which a variant was chosen, by a hash of eight bytes each.
    groups: ChosenGroups,
    made: usize,
    skipped: BTreeMap<&'static str, usize>,
    posts: Vec<PostId>,
}

/// Posts that were made of some goods, and why not of the others.
#[derive(Debug, Default)]
pub(super) struct CreatedPosts {
    pub posts: Vec<SettledPost>,
    pub refused: Vec<&'static str>,
    pub emitted: Vec<EmittedDelivery>,
}

impl Posts {
    /// Makes posts.
    ///
    /// # Errors
    /// The body; the database, after some slices: the same call goes on.
    pub async fn bulk(&self, actor: &Actor, body: &[u8]) -> Result<BulkOutcome, PostError> {
        let request = BulkRequest::parse(body)?;
        let partner = self.resolve_partner(&request.spec).await?;
        let mut tally = Tally::default();
        for catalog in self.store.catalogs(partner).await? {
            tally.groups = ChosenGroups::default();
            let mut after = Some(String::new());
            while let Some(position) = after {
                after = self
                    .create_slice(actor, &request, catalog, &position, &mut tally)
                    .await?;
            }
        }
        Ok(tally.outcome())
    }

    /// Whose items are meant, and whether posts of them can be made at all.
    pub(super) async fn resolve_partner(
        &self,
        spec: &PostSpec,
    ) -> Result<Option<PartnerId>, PostError> {
        if spec
            .ends_at
            .is_some_and(|end| end <= OffsetDateTime::now_utc())
        {
            let flaw = Violation::new("time_past", "must lie ahead");
            return Err(refused("/ends_at", flaw).into());
        }
        let Some(slug) = &spec.filter.partner else {
            return Ok(None);
        };
        let partner = self.store.partner_id(slug).await?;
        let unknown = || {
            let flaw = Violation::new("partner_unknown", "must name a partner that is there");
            refused("/filter/partner", flaw)
        };
        Ok(Some(partner.ok_or_else(unknown)?))
    }

    /// One slice of a catalog; where the next one begins.
    async fn create_slice(
        &self,
        actor: &Actor,
        request: &BulkRequest,
        partner: PartnerId,
        after: &str,
        tally: &mut Tally,
    ) -> Result<Option<String>, PostError> {
        let creates = !request.dry_run && tally.made < request.limit;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        if creates {
            selecting::hold_catalog(&tx, partner).await?;
        }
        let query = CandidateQuery {
            partner,
            after,
            rule: None,
            limit: SLICE,
        };
        let spec = &request.spec;
        let candidates = selecting::candidates(&tx, &spec.filter, query).await?;
        let next = next_position(&candidates);
        let now = OffsetDateTime::now_utc();
        let mut chosen = Vec::new();
        for candidate in candidates {
            match eligibility(spec, &candidate, now) {
                None => {}
                Some(Ok(()))
                    if !spec.each_variant
                        && !tally.groups.choose(&candidate.product.snapshot.item) =>
                {
                    tally.skip(VARIANT_HAS_POST);
                }
                Some(Ok(())) if tally.made + chosen.len() >= request.limit => {
                    tally.skip(OVER_LIMIT)
                }
                Some(Ok(())) => chosen.push(candidate.product),
                Some(Err(reason)) => tally.skip(reason),
            }
        }
        let created = match creates {
            true => self.create_posts(&tx, spec, None, chosen, now).await?,
            false => self.preview(spec, &chosen, now),
        };
        if creates && !created.posts.is_empty() {
            let details = json!({"made": created.posts.len(), "go_live": spec.go_live});
            record_audit(&tx, actor, partner, details).await?;
        }
        tx.commit().await?;
        notify_due(&self.notifier, &created.emitted);
        tally.add(&created, request.dry_run);
        Ok(next)
    }

    fn preview(
        &self,
        spec: &PostSpec,
        products: &[PostProduct],
        now: OffsetDateTime,
    ) -> CreatedPosts {
        let mut created = CreatedPosts::default();
        for one in products {
            match self.draft(one, &spec.post_for(one), now) {
                Ok(draft) => created.posts.push(draft),
                Err(refusal) => created.refused.push(refusal_code(&refusal)),
            }
        }
        created
    }

    /// Makes posts of what was chosen in this transaction, which holds its catalog.
    pub(super) async fn create_posts(
        &self,
        tx: &Tx<'_>,
        spec: &PostSpec,
        rule: Option<RuleId>,
        chosen: Vec<PostProduct>,
        now: OffsetDateTime,
    ) -> Result<CreatedPosts, DatabaseError> {
        let ids: Vec<_> = chosen.iter().map(|product| product.id).collect();
        let mut created = CreatedPosts::default();
        // A picture may have been refused since it was chosen.
        for product in selecting::hold_products(tx, &ids).await? {
            let offer = product.snapshot.item.offer(product.snapshot.state, now);
            if offer.not_buyable.is_some() {
                created.refused.push(NOT_BUYABLE);
                continue;
            }
            let draft = match self.draft(&product, &spec.post_for(&product), now) {
                Ok(draft) => draft,
                Err(refusal) => {
                    created.refused.push(refusal_code(&refusal));
                    continue;
                }
            };
            let new = if spec.go_live {
                let requested = published(&draft.post, now);
                draft
                    .post
                    .settle(requested, &product.snapshot.sold_product(), now)
            } else {
                draft
            };
            let rule = rule.map(RuleId::uuid);
            if !posts::add(tx, product.owner, rule, &new).await? {
                // Of fifty random bits; the next call makes it.
                created.refused.push("slug_taken");
                continue;
            }
            created.posts.push(new);
        }
        created.emitted = selecting::emit_created(tx, &created.posts).await?;
        Ok(created)
    }
}

/// Nothing for what is not meant; otherwise whether a post can be made of it, or why not.
pub(super) fn eligibility(
    spec: &PostSpec,
    candidate: &Candidate,
    now: OffsetDateTime,
) -> Option<Result<(), &'static str>> {
    let snapshot = &candidate.product.snapshot;
    let offer = snapshot.item.offer(snapshot.state, now);
    if !spec.filter.matches(&snapshot.item, &offer) {
        return None;
    }
    Some(match offer.not_buyable {
        Some(_) => Err(NOT_BUYABLE),
        None if candidate.has_post => Err(HAS_POST),
        None if candidate.group_has_post && !spec.each_variant => Err(VARIANT_HAS_POST),
        None => Ok(()),
    })
}

/// Behind the last candidate, unless the catalog has no more.
pub(super) fn next_position(candidates: &[Candidate]) -> Option<String> {
    let last = candidates.last().filter(|_| candidates.len() == SLICE);
    last.map(|last| last.product.item_id.clone())
}

impl Tally {
    fn skip(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    fn add(&mut self, created: &CreatedPosts, dry_run: bool) {
        self.made += created.posts.len();
        created.refused.iter().for_each(|reason| self.skip(reason));
        if !dry_run {
            let free = LISTED_POSTS_MAX.saturating_sub(self.posts.len());
            let ids = created.posts.iter().map(|one| one.post.id);
            self.posts.extend(ids.take(free));
        }
    }

    fn outcome(self) -> BulkOutcome {
        let skipped: usize = self.skipped.values().sum();
        let one = |(reason, count)| SkippedItems { reason, count };
        BulkOutcome {
            matched: self.made + skipped,
            made: self.made,
            skipped: self.skipped.into_iter().map(one).collect(),
            posts: self.posts,
        }
    }
}

fn refusal_code(refusal: &BodyError) -> &'static str {
    match refusal {
        BodyError::Invalid(errors) => errors.first().map_or("refused", |error| error.code),
        BodyError::NotJson(_) => "refused",
    }
}

async fn record_audit(
    tx: &Tx<'_>,
    actor: &Actor,
    partner: PartnerId,
    details: serde_json::Value,
) -> Result<(), DatabaseError> {
    let change = NewAuditEntry {
        actor,
        action: "post.bulk",
        subject: &partner.to_string(),
        details,
    };
    audit::record(tx, change).await
}
