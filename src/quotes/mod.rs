//! Quotes: what a purchase costs, with delivery and taxes, from the partners' stored tables.
//!
//! Promises: prices come from the caller's catalog and from partners, never from a buyer; a tax that no partner has stated
//! stops the sale and is never zero. Must not know a face: pages and agents ask the same question.

mod answer;
mod question;
mod rates;
mod terms;

use std::collections::HashMap;

use buywire_schemas::text::Slug;
use time::OffsetDateTime;

pub use self::question::{PartnerDelivery, QuestionLine, QuoteAnswer, QuoteQuestion};
use self::rates::{PartnerRates, PartnerShare};
use self::terms::RateTerms;
pub use self::terms::SellingTerms;
use crate::db::DatabaseError;
use crate::store::Store;

/// Clones share everything.
#[derive(Clone)]
pub struct Quotes {
    store: Store,
}

impl Quotes {
    #[must_use]
    pub fn open(store: Store) -> Self {
        Self { store }
    }

    /// The terms under which a partner sells here. `None` if it has stated none.
    pub async fn terms(&self, partner: &Slug) -> Result<Option<SellingTerms>, DatabaseError> {
        let rows = self.store.selling_terms(&[partner]).await?;
        let terms = rows.first().map(SellingTerms::of);
        Ok(terms.transpose()?.flatten())
    }

    /// Calculates a quote at a time.
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
        let mut rated = Vec::new();
        for share in shares {
            let own = terms.remove(share.partner).unwrap_or_default();
            match self.rates(&share, &own, now) {
                Ok(rates) => rated.push((share, rates)),
                Err(stop) => return Ok(stop),
            }
        }
        Ok(answer::answer(question, rated))
    }

    fn rates(
        &self,
        share: &PartnerShare<'_>,
        terms: &RateTerms,
        now: OffsetDateTime,
    ) -> Result<PartnerRates, QuoteAnswer> {
        rates::of_tables(share, terms, now)
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
