//! What a partner states about selling here: shipping table, tax table and policy; and its decision hook.
//!
//! Promises: what is stored is valid and is shown as it was given; a partner that sells here always has something that
//! states its taxes. Must not calculate: `quotes` does.

mod hook;

use buywire_checkout::policy::SellingPolicy;
use buywire_checkout::tables::{ShippingTable, TaxTable};
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::text::Slug;
use serde_json::{Value, json};

use super::{PartnerError, Partners, Principal};
use crate::store::partners::selling::{self, StatedTaxes, TermsKind};
use crate::store::partners::{self};

/// A valid document.
struct Document<'a> {
    text: &'a str,
    sells_here: bool,
    /// For the audit log.
    details: Value,
}

impl Partners {
    /// Reads a document as it was given.
    pub(crate) async fn selling_document(
        &self,
        slug: &Slug,
        kind: TermsKind,
    ) -> Result<String, PartnerError> {
        let document = self.store.selling_document(slug, kind).await?;
        document.ok_or(PartnerError::NotFound)
    }

    /// Saves a document in place of the one before.
    pub(crate) async fn set_selling_document(
        &self,
        principal: Principal<'_>,
        slug: &Slug,
        kind: TermsKind,
        body: &[u8],
    ) -> Result<String, PartnerError> {
        let document = Document::parse(kind, body)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str()).await?;
        let partner = partner.ok_or(PartnerError::NotFound)?.id;
        if document.sells_here {
            check_taxes(selling::stated_taxes(&tx, partner).await?)?;
        }
        let stored = selling::save(&tx, partner, kind, document.text).await?;
        principal
            .record(&tx, update_action(kind), slug, document.details)
            .await?;
        tx.commit().await?;
        Ok(stored)
    }

    pub(crate) async fn delete_selling_document(
        &self,
        principal: Principal<'_>,
        slug: &Slug,
        kind: TermsKind,
    ) -> Result<(), PartnerError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let partner = partners::lock(&tx, slug.as_str()).await?;
        let partner = partner.ok_or(PartnerError::NotFound)?.id;
        let stated = selling::stated_taxes(&tx, partner).await?;
        if kind == TermsKind::Taxes && stated.sells_here && !stated.has_hook {
            return Err(still_selling());
        }
        if !selling::delete(&tx, partner, kind).await? {
            return Err(PartnerError::NotFound);
        }
        principal
            .record(&tx, delete_action(kind), slug, json!({}))
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

impl<'a> Document<'a> {
    fn parse(kind: TermsKind, body: &'a [u8]) -> Result<Self, BodyError> {
        let (sells_here, details) = match kind {
            TermsKind::Shipping => {
                let table = ShippingTable::parse(body)?;
                (false, json!({"currency": table.currency()}))
            }
            TermsKind::Taxes => {
                let table = TaxTable::parse(body)?;
                (false, json!({"tax_included": table.tax_included()}))
            }
            TermsKind::Policy => {
                let policy = SellingPolicy::parse(body)?;
                (policy.sells_here, json!({"sells_here": policy.sells_here}))
            }
        };
        // What was parsed is UTF-8.
        let text = str::from_utf8(body).map_err(|error| BodyError::NotJson(error.to_string()))?;
        Ok(Self {
            text,
            sells_here,
            details,
        })
    }
}

fn check_taxes(stated: StatedTaxes) -> Result<(), BodyError> {
    if stated.has_table || stated.has_hook {
        return Ok(());
    }
    let detail = "needs a tax table or a decision hook: set one of them first";
    let flaw = Violation::new("taxes_missing", detail);
    Err(BodyError::single("/sells_here", flaw))
}

fn still_selling() -> PartnerError {
    PartnerError::InvalidState(
        "The partner sells here, and nothing else states its taxes. Set `sells_here` of its policy to false first.",
    )
}

fn update_action(kind: TermsKind) -> &'static str {
    match kind {
        TermsKind::Shipping => "shipping.update",
        TermsKind::Taxes => "taxes.update",
        TermsKind::Policy => "policy.update",
    }
}

fn delete_action(kind: TermsKind) -> &'static str {
    match kind {
        TermsKind::Shipping => "shipping.delete",
        TermsKind::Taxes => "taxes.delete",
        TermsKind::Policy => "policy.delete",
    }
}
