//! Many posts of one call: a draft of every product that is meant and has no post, or of every variant.
//!
//! Promises: the same call again makes nothing twice, also at the same time or after a crash in its middle,
//! because a slice holds its catalog from looking to making; a slice is one transaction; a dry run counts
//! what a real one would make. Nothing is published that was not asked to be.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use buywire_schemas::catalog::Item;
use buywire_schemas::ids::{PartnerId, PostId, RuleId};
use buywire_schemas::post::Settled;
use buywire_schemas::problem::{Flaw, Refused};
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

use super::terms::{NewBulk, Terms};
use super::{PostError, Posts, published, refused, ring};
use crate::store::audit::{self, Author, Change};
use crate::store::events::Emitted;
use crate::store::posts::selecting::{self, Candidate, Look};
use crate::store::posts::{self, Goods};
use crate::store::{StoreError, Tx};

/// Items that one slice looks at: a transaction of some tenths of a second, for which a feed may wait.
pub(super) const SLICE: usize = 250;
/// Posts that an answer names.
const NAMED_MAX: usize = 100;

/// Why an item that is meant gets no post. What its text or its nature forbids has the code of a post's refusal.
pub(super) const HAS_POST: &str = "has_post";
pub(super) const NOT_BUYABLE: &str = "not_buyable";
/// Of a product whose post sells another variant.
pub(super) const VARIANT_HAS_POST: &str = "variant_has_post";
const OVER_LIMIT: &str = "over_limit";

/// What a call has come to: every item that was meant is either made a post of, or skipped.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    /// Items that are meant.
    pub matched: usize,
    /// Posts that were made; in a dry run, that would be.
    pub made: usize,
    /// The others, by the reason why not.
    pub skipped: Vec<Skipped>,
    /// The first posts.
    pub posts: Vec<PostId>,
}

/// Items without a post of this call.
#[derive(Debug, Serialize)]
pub struct Skipped {
    reason: &'static str,
    count: usize,
}

/// Products of which a variant was chosen, in one catalog.
#[derive(Debug, Default)]
pub(super) struct Groups {
    hasher: RandomState,
    chosen: HashSet<u64>,
}

impl Groups {
    /// Whether an item may be chosen: the first of its group, or alone.
    pub(super) fn takes(&mut self, item: &Item) -> bool {
        let group = item.group.as_deref();
        group.is_none_or(|group| self.chosen.insert(self.hasher.hash_one(group)))
    }
}

/// What slices add up to.
#[derive(Debug, Default)]
struct Tally {
    /// Of this catalog: the products of which a variant was chosen, by a hash of eight bytes each.
    groups: Groups,
    made: usize,
    skipped: BTreeMap<&'static str, usize>,
    posts: Vec<PostId>,
}

/// Posts that were made of some goods, and why not of the others.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub posts: Vec<Settled>,
    pub refused: Vec<&'static str>,
    pub emitted: Vec<Emitted>,
}

impl Posts {
    /// Makes posts.
    ///
    /// # Errors
    /// The body; the database, after some slices: the same call goes on.
    pub async fn bulk(&self, who: &Author, body: &[u8]) -> Result<Outcome, PostError> {
        let asked = NewBulk::parse(body)?;
        let partner = self.meant(&asked.terms).await?;
        let mut tally = Tally::default();
        for catalog in self.store.catalogs(partner).await? {
            tally.groups = Groups::default();
            let mut after = Some(String::new());
            while let Some(place) = after {
                after = self.slice(who, &asked, catalog, &place, &mut tally).await?;
            }
        }
        Ok(tally.outcome())
    }

    /// Whose items are meant, and whether posts of them can be made at all.
    pub(super) async fn meant(&self, terms: &Terms) -> Result<Option<PartnerId>, PostError> {
        if terms
            .ends_at
            .is_some_and(|end| end <= OffsetDateTime::now_utc())
        {
            let flaw = Flaw::new("time_past", "must lie ahead");
            return Err(refused("/ends_at", flaw).into());
        }
        let Some(slug) = &terms.filter.partner else {
            return Ok(None);
        };
        let known = self.store.partner_named(slug).await?;
        let unknown = || {
            let flaw = Flaw::new("partner_unknown", "must name a partner that is there");
            refused("/filter/partner", flaw)
        };
        Ok(Some(known.ok_or_else(unknown)?))
    }

    /// One slice of a catalog; where the next one begins.
    async fn slice(
        &self,
        who: &Author,
        asked: &NewBulk,
        partner: PartnerId,
        after: &str,
        tally: &mut Tally,
    ) -> Result<Option<String>, PostError> {
        let makes = !asked.dry_run && tally.made < asked.limit;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        if makes {
            selecting::hold_catalog(&tx, partner).await?;
        }
        let look = Look {
            partner,
            after,
            rule: None,
            limit: SLICE,
        };
        let terms = &asked.terms;
        let candidates = selecting::candidates(&tx, &terms.filter, look).await?;
        let next = place_after(&candidates);
        let now = OffsetDateTime::now_utc();
        let mut chosen = Vec::new();
        for candidate in candidates {
            match why_not(terms, &candidate, now) {
                None => {}
                Some(Ok(()))
                    if !terms.each_variant && !tally.groups.takes(&candidate.goods.known.item) =>
                {
                    tally.skip(VARIANT_HAS_POST);
                }
                Some(Ok(())) if tally.made + chosen.len() >= asked.limit => tally.skip(OVER_LIMIT),
                Some(Ok(())) => chosen.push(candidate.goods),
                Some(Err(reason)) => tally.skip(reason),
            }
        }
        let made = match makes {
            true => self.make(&tx, terms, None, chosen, now).await?,
            false => self.would_make(terms, &chosen, now),
        };
        if makes && !made.posts.is_empty() {
            let details = json!({"made": made.posts.len(), "go_live": terms.go_live});
            audited(&tx, who, partner, details).await?;
        }
        tx.commit().await?;
        ring(&self.bell, &made.emitted);
        tally.add(&made, asked.dry_run);
        Ok(next)
    }

    fn would_make(&self, terms: &Terms, goods: &[Goods], now: OffsetDateTime) -> Made {
        let mut made = Made::default();
        for one in goods {
            match self.draft(one, &terms.of(one), now) {
                Ok(draft) => made.posts.push(draft),
                Err(refusal) => made.refused.push(code(&refusal)),
            }
        }
        made
    }

    /// Makes posts of what was chosen in this transaction, which holds its catalog.
    pub(super) async fn make(
        &self,
        tx: &Tx<'_>,
        terms: &Terms,
        rule: Option<RuleId>,
        chosen: Vec<Goods>,
        now: OffsetDateTime,
    ) -> Result<Made, StoreError> {
        let ids: Vec<_> = chosen.iter().map(|goods| goods.id).collect();
        let mut made = Made::default();
        // A picture may have been refused since it was chosen.
        for goods in selecting::hold(tx, &ids).await? {
            let offer = goods.known.item.offer(goods.known.standing, now);
            if offer.not_buyable.is_some() {
                made.refused.push(NOT_BUYABLE);
                continue;
            }
            let draft = match self.draft(&goods, &terms.of(&goods), now) {
                Ok(draft) => draft,
                Err(refusal) => {
                    made.refused.push(code(&refusal));
                    continue;
                }
            };
            let new = if terms.go_live {
                let asked = published(&draft.post, now);
                draft.post.settle(asked, &goods.known.sold(), now)
            } else {
                draft
            };
            let rule = rule.map(RuleId::uuid);
            if !posts::add(tx, goods.owner, rule, &new).await? {
                // Of fifty random bits; the next call makes it.
                made.refused.push("slug_taken");
                continue;
            }
            made.posts.push(new);
        }
        made.emitted = selecting::tell(tx, &made.posts).await?;
        Ok(made)
    }
}

/// Nothing for what is not meant; otherwise whether a post can be made of it, or why not.
pub(super) fn why_not(
    terms: &Terms,
    candidate: &Candidate,
    now: OffsetDateTime,
) -> Option<Result<(), &'static str>> {
    let known = &candidate.goods.known;
    let offer = known.item.offer(known.standing, now);
    if !terms.filter.matches(&known.item, &offer) {
        return None;
    }
    Some(match offer.not_buyable {
        Some(_) => Err(NOT_BUYABLE),
        None if candidate.has_post => Err(HAS_POST),
        None if candidate.group_has_post && !terms.each_variant => Err(VARIANT_HAS_POST),
        None => Ok(()),
    })
}

/// Behind the last candidate, unless the catalog has no more.
pub(super) fn place_after(candidates: &[Candidate]) -> Option<String> {
    let last = candidates.last().filter(|_| candidates.len() == SLICE);
    last.map(|last| last.goods.item_id.clone())
}

impl Tally {
    fn skip(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    fn add(&mut self, made: &Made, dry_run: bool) {
        self.made += made.posts.len();
        made.refused.iter().for_each(|reason| self.skip(reason));
        if !dry_run {
            let room = NAMED_MAX.saturating_sub(self.posts.len());
            let ids = made.posts.iter().map(|one| one.post.id);
            self.posts.extend(ids.take(room));
        }
    }

    fn outcome(self) -> Outcome {
        let skipped: usize = self.skipped.values().sum();
        let one = |(reason, count)| Skipped { reason, count };
        Outcome {
            matched: self.made + skipped,
            made: self.made,
            skipped: self.skipped.into_iter().map(one).collect(),
            posts: self.posts,
        }
    }
}

fn code(refusal: &Refused) -> &'static str {
    match refusal {
        Refused::Invalid(errors) => errors.first().map_or("refused", |error| error.code),
        Refused::NotJson(_) => "refused",
    }
}

async fn audited(
    tx: &Tx<'_>,
    who: &Author,
    partner: PartnerId,
    details: serde_json::Value,
) -> Result<(), StoreError> {
    let change = Change {
        who,
        action: "post.bulk",
        subject: &partner.to_string(),
        details,
    };
    audit::record(tx, change).await
}
