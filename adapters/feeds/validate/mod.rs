//! Validation: turns a draft into a clean [`Item`], or rejects it, with findings.
//!
//! All formats are validated here in the same way. Each file has one concern and is pure: it takes part of
//! the draft, returns the clean value, and adds its findings. An error rejects the item, a
//! warning never does. Values that could mean something else are not repaired: a number, a GTIN, an
//! id. In doubt, the cautious reading counts: the higher price, out of stock, used, for adults.
//!
//! Promises: a valid item keeps every limit that [`Item`] and its schema state; validating
//! it again gives the same item; no text panics; credentials never reach an issue.

mod attributes;
mod change;
mod classification;
mod cross_item;
mod findings;
mod identity;
mod link;
mod prices;
mod rules;
mod shipping;
mod stock;
mod supplement;
mod text;
mod values;

use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Code, Issue};
use time::OffsetDateTime;

pub use self::change::check_change;
pub use self::cross_item::{
    CrossItemChecks, DUPLICATE_IDS_PERCENT_MAX, DuplicateIds, has_excess_duplicates,
};
use self::findings::FindingsBuilder;
pub use self::identity::plain_id;
pub use self::rules::Rules;
pub use self::supplement::{Supplement, check_supplement};
use self::values::decimal_sign::Column;
pub use self::values::decimal_sign::{DecimalSign, SignProofs};
pub use self::values::sign_proofs::sign_proofs;
use self::values::weight;
use super::draft::Draft;

/// The result of validating one draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The row of the record that is this item.
    pub row: u64,
    /// The item. `None` if there is an error, or if the feed deletes it.
    pub item: Option<Item>,
    /// The id of an item that the feed deletes.
    pub deleted: Option<String>,
    /// The findings.
    pub issues: Vec<Issue>,
}

/// Judges one item. `now` decides what is past.
#[must_use]
pub fn check(mut draft: Draft, rules: &Rules, now: OffsetDateTime) -> Checked {
    let row = draft.row;
    let mut findings = FindingsBuilder::for_row(row);
    let id = identity::id(draft.id.take(), &mut findings);
    if draft.deleted {
        let issues = findings.into_issues(id.as_deref());
        return Checked {
            row,
            item: None,
            deleted: id,
            issues,
        };
    }
    let item = build_item(draft, id.clone(), rules, now, &mut findings);
    let item = item.filter(|_| !findings.has_error());
    Checked {
        row,
        item,
        deleted: None,
        issues: findings.into_issues(id.as_deref()),
    }
}

/// Every part is validated, even after an error, so that one report has all findings.
fn build_item(
    mut draft: Draft,
    id: Option<String>,
    rules: &Rules,
    now: OffsetDateTime,
    findings: &mut FindingsBuilder,
) -> Option<Item> {
    let title = title(draft.title.take(), findings);
    let url = link::link(draft.url.take(), rules, findings);
    let images = link::images(std::mem::take(&mut draft.images), rules, findings);
    let (price, sale) = prices::prices(&draft, rules, findings).unzip();
    let stock = stock::stock(&draft, rules, now, findings);
    let identifiers = identity::identifiers(&mut draft, rules, findings);
    Some(Item {
        group: identity::group(draft.group, findings),
        description: text::clean_prose(draft.description, text::TextRules::DESCRIPTION, findings),
        images,
        expires_at: stock::expiry(draft.expires_at.as_ref(), rules, now, findings),
        max_per_order: stock::max_per_order(draft.max_per_order.as_ref(), rules, findings),
        brand: identifiers.brand,
        gtins: identifiers.gtins,
        mpn: identifiers.mpn,
        sku: identifiers.sku,
        condition: classification::condition(draft.condition, findings),
        categories: attributes::categories(draft.categories, findings),
        options: attributes::options(draft.options, findings),
        age_group: classification::age_group(draft.age_group, findings),
        gender: classification::gender(draft.gender, findings),
        adult: classification::read_flag(draft.adult, false, true, findings),
        digital: classification::read_flag(draft.digital, false, false, findings),
        shipping: shipping::shipping(draft.shipping, price, rules, findings),
        weight_g: weight::grams(
            draft.weight.as_ref(),
            rules.decimals(Column::Weight),
            findings,
        ),
        for_sale: classification::read_flag(draft.for_sale, true, false, findings),
        attributes: attributes::attributes(draft.attributes, findings),
        // Required values come last, after all findings have been collected.
        id: id?,
        title: title?,
        url: url?,
        price: price?,
        sale: sale?,
        availability: stock?.availability,
        available_from: stock?.available_from,
        quantity: stock?.quantity,
    })
}

fn title(input: Option<super::draft::RawField>, findings: &mut FindingsBuilder) -> Option<String> {
    let name = input.as_ref().map(|raw| raw.name.clone());
    let title = input.and_then(|raw| text::clean(raw, text::TextRules::TITLE, findings));
    match (&title, name) {
        (Some(title), Some(name)) if text::is_placeholder(title) => {
            findings.raise_value(Code::TitlePlaceholder, &name, title);
        }
        (Some(title), _) if text::is_visible(title) => return Some(title.to_owned()),
        _ => findings.raise_missing(Code::TitleMissing, "title"),
    }
    None
}

#[cfg(test)]
mod tests;
