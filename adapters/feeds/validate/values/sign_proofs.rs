//! Collects what the numbers of one draft prove about decimal signs.

use super::decimal_sign::{Column, DecimalSign, SignHint, SignProofs};
use super::{amount, weight};
use crate::draft::Draft;
use crate::validate::rules::Rules;

/// What a draft's numbers prove, and whether one of them is ambiguous.
#[must_use]
pub fn sign_proofs(draft: &Draft, rules: &Rules) -> (SignProofs, bool) {
    let mut proofs = SignProofs::default();
    let mut is_ambiguous = false;
    if rules.decimal != DecimalSign::Auto {
        return (proofs, false);
    }
    let mut observe = |column, hint| match hint {
        SignHint::Nothing => {}
        SignHint::Proves(sign) => proofs.add(column, sign),
        SignHint::Ambiguous => is_ambiguous = true,
    };
    let amounts = [
        (Column::Price, &draft.price),
        (Column::SalePrice, &draft.sale_price),
        (Column::ListPrice, &draft.list_price),
    ];
    for (column, amount) in amounts {
        if let Some(amount) = amount {
            observe(column, amount::sign_hint(amount, rules));
        }
    }
    for raw in &draft.shipping {
        let cost = raw.text.rsplit(':').next().unwrap_or_default();
        observe(Column::Shipping, amount::text_sign_hint(cost, rules));
    }
    if let Some(raw) = &draft.weight {
        observe(Column::Weight, weight::sign_hint(&raw.text));
    }
    (proofs, is_ambiguous)
}
