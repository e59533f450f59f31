//! A partner's stored terms, read from their documents.
//!
//! Promises: a document that was valid when it was saved is read as then, or the error names its column.

use buywire_checkout::policy::SellingPolicy;
use buywire_checkout::tables::{ShippingTable, TaxTable};
use buywire_schemas::ids::PartnerId;
use buywire_schemas::problem::BodyError;
use buywire_schemas::text::Slug;

use crate::db::DatabaseError;
use crate::store::partners::decision_hooks::DecisionHook;
use crate::store::partners::selling::SellingTermsRow;

/// What rates are made from. A partner that has set nothing has nothing of it.
#[derive(Debug, Default)]
pub(super) struct RateTerms {
    pub(super) shipping: Option<ShippingTable>,
    pub(super) taxes: Option<TaxTable>,
    pub(super) hook: Option<(PartnerId, DecisionHook)>,
}

/// Whether and under which terms a partner sells here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SellingTerms {
    pub policy: SellingPolicy,
    states_taxes: bool,
}

impl SellingTerms {
    /// Whether a post is sold here. `post` is what the post itself says; `None` leaves it to the partner.
    #[must_use]
    pub fn sells_here(&self, post: Option<bool>) -> bool {
        self.states_taxes && self.policy.sells(post)
    }

    /// `None` for a partner without a policy.
    pub(super) fn of(row: &SellingTermsRow) -> Result<Option<Self>, DatabaseError> {
        let Some(policy) = &row.policy else {
            return Ok(None);
        };
        let policy = SellingPolicy::parse(policy.as_bytes());
        Ok(Some(Self {
            policy: policy.map_err(|error| unreadable("policy", &row.slug, &error))?,
            states_taxes: row.taxes.is_some() || row.hook.is_some(),
        }))
    }
}

impl RateTerms {
    pub(super) fn of(row: SellingTermsRow) -> Result<Self, DatabaseError> {
        let shipping = row.shipping.as_deref();
        let shipping = shipping.map(|text| ShippingTable::parse(text.as_bytes()));
        let taxes = row.taxes.as_deref();
        let taxes = taxes.map(|text| TaxTable::parse(text.as_bytes()));
        let partner = row.partner;
        Ok(Self {
            shipping: shipping
                .transpose()
                .map_err(|error| unreadable("shipping", &row.slug, &error))?,
            taxes: taxes
                .transpose()
                .map_err(|error| unreadable("taxes", &row.slug, &error))?,
            hook: row.hook.map(|hook| (partner, hook)),
        })
    }

    /// Whether the partner's prices contain their tax. `None` while nothing says so.
    pub(super) fn tax_included(&self) -> Option<bool> {
        let of_table = self.taxes.as_ref().map(TaxTable::tax_included);
        of_table.or_else(|| self.hook.as_ref().map(|(_, hook)| hook.tax_included))
    }
}

fn unreadable(kind: &str, partner: &Slug, error: &BodyError) -> DatabaseError {
    DatabaseError::Misuse(format!(
        "selling_terms.document ({kind} of {partner}) cannot be parsed: {error}"
    ))
}
