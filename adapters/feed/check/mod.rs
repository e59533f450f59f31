//! The checks: a feed's own words in, a clean [`Item`] or none out, and what is to be said about it.
//!
//! All formats are judged here and alike. Each file is one concern and pure: it takes what the
//! draft says of it, gives what is left, and notes what it found. An error costs the item, a
//! warning never does. Nothing is repaired that could mean something else: a number, a GTIN, an
//! id. In doubt the careful reading counts: the higher price, out of stock, used, for adults.
//!
//! Promises: an item that passes keeps every bound that [`Item`] and its schema state; checking
//! what passed gives the same again; no text panics; credentials never reach an issue.

mod across;
mod amount;
mod change;
mod excerpt;
mod facets;
mod gtin;
mod guard;
mod host;
mod html;
mod identity;
mod kind;
mod link;
mod misread;
mod moment;
mod notes;
mod number;
mod prices;
mod rules;
mod shipping;
mod signs;
mod stock;
mod supplement;
mod text;
mod weight;

use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Code, Issue};
use time::OffsetDateTime;

pub use self::across::{Across, Copies};
pub use self::change::check_change;
pub use self::identity::plain_id;
use self::notes::Notes;
pub use self::rules::{DecimalSign, Rules};
use self::signs::Column;
pub use self::signs::{Proofs, look};
pub use self::supplement::{Supplement, check_supplement};
use super::draft::Draft;

/// What the checks make of one draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The row of its record, or of the one among its records that is this item.
    pub row: u64,
    /// The item; none when there is an error, or when it is to be removed.
    pub item: Option<Item>,
    /// The id of an item that the feed says is to be removed.
    pub deleted: Option<String>,
    /// Everything that was found.
    pub issues: Vec<Issue>,
}

/// Judges one item. `now` decides what is past.
#[must_use]
pub fn check(mut draft: Draft, rules: &Rules, now: OffsetDateTime) -> Checked {
    let row = draft.row;
    let mut notes = Notes::about(row);
    let id = identity::id(draft.id.take(), &mut notes);
    if draft.deleted {
        let issues = notes.into_issues(id.as_deref());
        return Checked {
            row,
            item: None,
            deleted: id,
            issues,
        };
    }
    let item = item(draft, id.clone(), rules, now, &mut notes);
    let item = item.filter(|_| !notes.has_error());
    Checked {
        row,
        item,
        deleted: None,
        issues: notes.into_issues(id.as_deref()),
    }
}

/// Every part is looked at, also after an error, so that one report says everything.
fn item(
    mut draft: Draft,
    id: Option<String>,
    rules: &Rules,
    now: OffsetDateTime,
    notes: &mut Notes,
) -> Option<Item> {
    let title = title(draft.title.take(), notes);
    let url = link::link(draft.url.take(), rules, notes);
    let images = link::images(std::mem::take(&mut draft.images), rules, notes);
    let (price, sale) = prices::prices(&draft, rules, notes).unzip();
    let stock = stock::stock(&draft, rules, now, notes);
    let made = identity::made(&mut draft, rules, notes);
    Some(Item {
        group: identity::group(draft.group, notes),
        description: text::clean_prose(draft.description, text::Form::DESCRIPTION, notes),
        images,
        expires_at: stock::expiry(draft.expires_at.as_ref(), rules, now, notes),
        max_per_order: stock::at_most(draft.max_per_order.as_ref(), rules, notes),
        brand: made.brand,
        gtins: made.gtins,
        mpn: made.mpn,
        sku: made.sku,
        condition: kind::condition(draft.condition, notes),
        categories: facets::categories(draft.categories, notes),
        options: facets::options(draft.options, notes),
        age_group: kind::age_group(draft.age_group, notes),
        gender: kind::gender(draft.gender, notes),
        adult: kind::yes(draft.adult, false, true, notes),
        digital: kind::yes(draft.digital, false, false, notes),
        shipping: shipping::shipping(draft.shipping, price, rules, notes),
        weight_g: weight::grams(draft.weight.as_ref(), rules.decimals(Column::Weight), notes),
        for_sale: kind::yes(draft.for_sale, true, false, notes),
        attributes: facets::attributes(draft.attributes, notes),
        // What no item can be without comes last: by then everything else has been said.
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

fn title(told: Option<super::draft::Said>, notes: &mut Notes) -> Option<String> {
    let name = told.as_ref().map(|said| said.name.clone());
    let title = told.and_then(|said| text::clean(said, text::Form::TITLE, notes));
    match (&title, name) {
        (Some(title), Some(name)) if text::is_placeholder(title) => {
            notes.raise_value(Code::TitlePlaceholder, &name, title);
        }
        (Some(title), _) if text::is_seen(title) => return Some(title.to_owned()),
        _ => notes.raise_missing(Code::TitleMissing, "title"),
    }
    None
}

#[cfg(test)]
mod tests;
