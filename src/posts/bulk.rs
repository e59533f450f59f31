//! Bulk requests: create a post for every matching product, or every variant, that has none.
//!
//! Promises: a repeated request creates nothing twice, even concurrently or after a crash halfway, because a slice
//! locks its catalog from selecting items to creating their posts; a slice is one transaction; a dry run counts
//! what a real one would create. Posts are drafts unless the request publishes them.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use buywire_schemas::catalog::Item;
use buywire_schemas::ids::{PartnerId, PostId, RuleId};
use buywire_schemas::post::SettledPost;
use buywire_schemas::problem::{BodyError, Violation};
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

use super::service::{PostError, Posts, published, refused};
use super::spec::{BulkRequest, PostSpec};
use crate::ambient;
use crate::db::{DatabaseError, Tx};
use crate::idempotency::AnswerSlot;
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::events::EmittedDelivery;
use crate::store::posts::selecting::{self, Candidate, CandidateQuery};
use crate::store::posts::{self, PostProduct};

/// Items of one slice: a transaction of some tenths of a second, for which a feed may have to wait.
pub(super) const SLICE: usize = 250;
/// Posts that the response lists.
const LISTED_POSTS_MAX: usize = 100;

/// Reasons why a matching item gets no post. A refused post has its violation's code as the reason.
pub(super) const HAS_POST: &str = "has_post";
pub(super) const NOT_BUYABLE: &str = "not_buyable";
/// The product already has a post, for another variant.
pub(super) const VARIANT_HAS_POST: &str = "variant_has_post";
const OVER_LIMIT: &str = "over_limit";

/// The result of a bulk request: every matching item either gets a post or is skipped.
#[derive(Debug, Default, Serialize)]
pub(crate) struct BulkOutcome {
    /// Items that match the filter.
    pub matched: usize,
    /// Posts that were created; in a dry run, that would be created.
    pub made: usize,
    /// The other matching items, by reason.
    pub skipped: Vec<SkippedItems>,
    /// The first posts created.
    pub posts: Vec<PostId>,
}

/// Items that got no post, for one reason.
#[derive(Debug, Serialize)]
pub(crate) struct SkippedItems {
    reason: &'static str,
    count: usize,
}

/// Groups of one catalog of which a variant was chosen.
#[derive(Debug, Default)]
pub(super) struct ChosenGroups {
    hasher: RandomState,
    chosen: HashSet<u64>,
}

impl ChosenGroups {
    /// Whether an item may be chosen: it is the first of its group, or in no group.
    pub(super) fn choose(&mut self, item: &Item) -> bool {
        let group = item.group.as_deref();
        group.is_none_or(|group| self.chosen.insert(self.hasher.hash_one(group)))
    }
}

/// Running totals over the slices.
#[derive(Debug, Default)]
struct Tally {
    /// The chosen groups of the current catalog.
    groups: ChosenGroups,
    /// What this request had made before it was interrupted.
    made_before: usize,
    made: usize,
    skipped: BTreeMap<&'static str, usize>,
    posts: Vec<PostId>,
}

/// The posts created for some products, and the reasons for those without one.
#[derive(Debug, Default)]
pub(super) struct CreatedPosts {
    pub posts: Vec<SettledPost>,
    pub refused: Vec<&'static str>,
    pub emitted: Vec<EmittedDelivery>,
}

impl Posts {
    /// Carries out a bulk request.
    ///
    /// # Errors
    /// When the body is refused, or the database fails. Slices before the failure stay; repeating the request continues
    /// after them.
    pub(crate) async fn bulk(
        &self,
        actor: &Actor,
        body: &[u8],
        slot: &AnswerSlot,
    ) -> Result<BulkOutcome, PostError> {
        let request = BulkRequest::parse(body)?;
        let partner = self.resolve_partner(&request.spec).await?;
        let mut tally = Tally::default();
        if let Some(resumed) = slot.resumed() {
            tally.made_before = self.store.posts_made_in_bulk(resumed).await?;
            tally.made = tally.made_before;
        }
        for catalog in self.store.catalogs(partner).await? {
            tally.groups = ChosenGroups::default();
            let mut after = Some(String::new());
            while let Some(position) = after {
                after = self
                    .create_slice(actor, &request, slot, (catalog, &position), &mut tally)
                    .await?;
            }
        }
        Ok(tally.outcome())
    }

    /// Resolves the filter's partner, and refuses an `ends_at` in the past.
    pub(super) async fn resolve_partner(
        &self,
        spec: &PostSpec,
    ) -> Result<Option<PartnerId>, PostError> {
        if spec.ends_at.is_some_and(|end| end <= ambient::now()) {
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

    /// Processes one slice of a catalog; returns where the next one begins.
    async fn create_slice(
        &self,
        actor: &Actor,
        request: &BulkRequest,
        slot: &AnswerSlot,
        (partner, after): (PartnerId, &str),
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
        let now = ambient::now();
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
            let made = created.posts.len();
            let details = json!({"made": made, "go_live": spec.go_live, "request": slot.request()});
            record_audit(&tx, actor, partner, details).await?;
        }
        if creates {
            // Last, because it locks the row that a repetition looks at.
            slot.renew(&tx).await?;
        }
        tx.commit().await?;
        self.notifier.notify_due(&created.emitted);
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

    /// Creates posts for the chosen products in this transaction, which holds the catalog's lock.
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
        // An image may have been refused since the product was chosen.
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
                // Rare, with fifty random bits; the next request creates the post.
                created.refused.push("slug_taken");
                continue;
            }
            created.posts.push(new);
        }
        created.emitted = selecting::emit_created(tx, &created.posts).await?;
        Ok(created)
    }
}

/// `None` for an item that does not match; otherwise whether it can get a post, or why not.
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

/// The position after the last candidate, unless the catalog has no more.
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

    fn outcome(mut self) -> BulkOutcome {
        // Items that it made before the interruption have a post, and count as made.
        if let Some(count) = self.skipped.get_mut(HAS_POST) {
            *count = count.saturating_sub(self.made_before);
        }
        self.skipped.retain(|_, count| *count > 0);
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
