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
mod excerpt;
mod facets;
mod gtin;
mod html;
mod identity;
mod kind;
mod link;
mod moment;
mod notes;
mod number;
mod prices;
mod rules;
mod shipping;
mod stock;
mod text;
mod weight;

use buywire_schemas::catalog::Item;
use buywire_schemas::catalog::issue::{Code, Issue};
use time::OffsetDateTime;

pub use self::across::Across;
use self::notes::Notes;
pub use self::rules::{DecimalSign, Rules};
use super::draft::Draft;

/// What the checks make of one draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
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
    let mut notes = Notes::about(draft.row);
    let id = identity::id(draft.id.take(), &mut notes);
    if draft.deleted {
        let issues = notes.into_issues(id.as_deref());
        return Checked {
            item: None,
            deleted: id,
            issues,
        };
    }
    let item = item(draft, id.clone(), rules, now, &mut notes);
    let item = item.filter(|_| !notes.has_error());
    Checked {
        item,
        deleted: None,
        issues: notes.into_issues(id.as_deref()),
    }
}

/// Every part is looked at, also after an error, so that one report says everything.
fn item(
    draft: Draft,
    id: Option<String>,
    rules: &Rules,
    now: OffsetDateTime,
    notes: &mut Notes,
) -> Option<Item> {
    let group = identity::group(draft.group, notes);
    let title = title(draft.title, notes);
    let description = draft.description;
    let description =
        description.map(|prose| text::clean_prose(prose, text::Form::DESCRIPTION, notes));
    let url = link::link(draft.url, rules, notes);
    let images = link::images(draft.images, notes);
    let told = prices::Told {
        price: draft.price,
        sale: draft.sale_price,
        list: draft.list_price,
        window: draft.sale_window,
        starts: draft.sale_starts,
        ends: draft.sale_ends,
    };
    let prices = prices::prices(&told, rules, notes);
    let told = stock::Told {
        availability: draft.availability,
        available_from: draft.available_from,
        quantity: draft.quantity,
    };
    let stock = stock::stock(&told, rules, now, notes);
    let told = identity::Told {
        brand: draft.brand,
        gtins: draft.gtins,
        mpn: draft.mpn,
        sku: draft.sku,
        identifier_exists: draft.identifier_exists,
    };
    let made = identity::made(told, rules, notes);
    let expires_at = stock::expiry(draft.expires_at.as_ref(), now, notes);
    let max_per_order =
        stock::quantity(draft.max_per_order.as_ref(), notes).filter(|most| *most > 0);
    let condition = kind::condition(draft.condition, notes);
    let categories = facets::categories(draft.categories, notes);
    let options = facets::options(draft.options, notes);
    let age_group = kind::age_group(draft.age_group, notes);
    let gender = kind::gender(draft.gender, notes);
    let adult = kind::yes(draft.adult, false, true, notes);
    let digital = kind::yes(draft.digital, false, false, notes);
    let price = prices.as_ref().map(|(price, _)| *price);
    let shipping = shipping::shipping(draft.shipping, price, rules, notes);
    let weight_g = weight::grams(draft.weight.as_ref(), rules.decimal, notes);
    let for_sale = kind::yes(draft.for_sale, true, false, notes);
    let kept = notes.take_kept();
    let attributes = facets::attributes(kept.into_iter().chain(draft.attributes), notes);

    let (price, sale) = prices?;
    let stock = stock?;
    Some(Item {
        id: id?,
        group,
        title: title?,
        description: description.unwrap_or_default(),
        url: url?,
        images,
        price,
        sale,
        availability: stock.availability,
        available_from: stock.available_from,
        expires_at,
        quantity: stock.quantity,
        max_per_order,
        brand: made.brand,
        gtins: made.gtins,
        mpn: made.mpn,
        sku: made.sku,
        condition,
        categories,
        options,
        age_group,
        gender,
        adult,
        digital,
        shipping,
        weight_g,
        for_sale,
        attributes,
    })
}

fn title(told: Option<super::draft::Said>, notes: &mut Notes) -> Option<String> {
    let title = told.and_then(|said| text::clean(said, text::Form::TITLE, notes));
    if title.is_none() {
        notes.raise_missing(Code::TitleMissing, "title");
    }
    title
}

#[cfg(test)]
mod tests;
