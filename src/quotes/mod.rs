//! Quotes: what a purchase costs, with delivery and taxes, from the partners' stored tables or their decision hooks.
//!
//! Promises: prices come from the caller's catalog and from partners, never from a buyer; a tax that no partner has stated
//! stops the sale and is never zero; an answer comes within four and a half seconds, whatever a hook does. Must not know a
//! face: pages and agents ask the same question.

mod answer;
mod hook;
mod metrics;
mod question;
mod rates;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use buywire_checkout::hook::HookReply;
use buywire_schemas::text::Slug;
use futures_util::future::join_all;
use time::OffsetDateTime;

use self::answer::RatedShare;
use self::hook::{DecisionHooks, StoredHook};
pub use self::metrics::QuoteMetrics;
pub use self::question::{PartnerDelivery, QuestionLine, QuoteAnswer, QuoteQuestion};
use self::rates::{PartnerRates, PartnerShare};
use self::terms::RateTerms;
pub use self::terms::SellingTerms;
use crate::db::DatabaseError;
use crate::egress::EgressPolicy;
use crate::secrets::master_key::MasterKeys;
use crate::store::Store;

/// Clones share everything.
#[derive(Clone)]
pub struct Quotes {
    store: Store,
    hooks: DecisionHooks,
}

/// Why quotes cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the client of decision hooks cannot be set up: {0}")]
pub struct QuotesSetupError(String);

impl Quotes {
    /// Opens quotes, with this machine's resolver and CA certificates.
    ///
    /// # Errors
    /// TLS or the HTTP client cannot be set up.
    pub fn open(
        store: Store,
        master: Arc<MasterKeys>,
        policy: EgressPolicy,
        metrics: QuoteMetrics,
    ) -> Result<Self, QuotesSetupError> {
        let hooks = DecisionHooks::new(policy, master, metrics);
        let hooks = hooks.map_err(|error| QuotesSetupError(error.to_string()))?;
        Ok(Self { store, hooks })
    }

    /// The terms under which a partner sells here. `None` if it has stated none.
    pub async fn terms(&self, partner: &Slug) -> Result<Option<SellingTerms>, DatabaseError> {
        let rows = self.store.selling_terms(&[partner]).await?;
        let terms = rows.first().map(SellingTerms::of);
        Ok(terms.transpose()?.flatten())
    }

    /// Calculates a quote at a time. Partners with hooks are asked at the same time.
    pub async fn quote(
        &self,
        question: &QuoteQuestion,
        now: OffsetDateTime,
    ) -> Result<QuoteAnswer, DatabaseError> {
        let shares = shares(question);
        let partners: Vec<_> = shares.iter().map(|share| share.partner).collect();
        let mut terms = HashMap::new();
        for row in self.store.selling_terms(&partners).await? {
            terms.insert(row.slug.clone(), RateTerms::of(row)?);
        }
        let rated = shares.into_iter().map(|share| {
            let own = terms.remove(share.partner).unwrap_or_default();
            self.rated(share, own, now)
        });
        let rated: Result<Vec<_>, _> = join_all(rated).await.into_iter().collect();
        Ok(rated.map_or_else(|stop| stop, |rated| answer::answer(question, rated)))
    }

    async fn rated<'q>(
        &self,
        share: PartnerShare<'q>,
        terms: RateTerms,
        now: OffsetDateTime,
    ) -> Result<RatedShare<'q>, QuoteAnswer> {
        let rates = self.rates(&share, &terms, now).await?;
        Ok((share, rates))
    }

    async fn rates(
        &self,
        share: &PartnerShare<'_>,
        terms: &RateTerms,
        now: OffsetDateTime,
    ) -> Result<PartnerRates, QuoteAnswer> {
        let Some((partner, hook)) = &terms.hook else {
            return rates::of_tables(share, terms, now);
        };
        if share.needs_delivery() && share.ship_to.is_none() {
            return Ok(share.unknown_rates(terms.tax_included()));
        }
        let stored = StoredHook {
            slug: share.partner,
            partner: *partner,
            hook,
        };
        let tax_included = terms.tax_included().unwrap_or(false);
        let request = rates::hook_request(share, tax_included);
        let partner = || share.partner.clone();
        match self.hooks.reply(&stored, request, now).await {
            Ok(HookReply::Prices(prices)) => rates::of_hook(share, prices, tax_included),
            Ok(HookReply::Refusal(refusal)) => Err(QuoteAnswer::Refused {
                partner: partner(),
                refusal,
            }),
            Err(_) => rates::estimated(share, terms, now)
                .ok_or_else(|| QuoteAnswer::Unavailable { partner: partner() }),
        }
    }
}

/// The lines by partner, in the order of their first lines.
fn shares(question: &QuoteQuestion) -> Vec<PartnerShare<'_>> {
    let mut shares: Vec<PartnerShare<'_>> = Vec::new();
    for line in &question.lines {
        match shares.iter_mut().find(|one| *one.partner == line.partner) {
            Some(share) => share.lines.push(line),
            None => shares.push(PartnerShare {
                partner: &line.partner,
                currency: question.currency,
                lines: vec![line],
                ship_to: question.ship_to.as_ref(),
            }),
        }
    }
    shares
}
