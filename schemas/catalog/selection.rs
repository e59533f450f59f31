//! Which items a bulk of posts, a post rule or a dry run selects.
//!
//! Promises: a selection means the same everywhere; every condition narrows it; a price means the current offer
//! in its own currency. The store compares partner and text; the rest is decided here.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::catalog::{Availability, Item, Offer};
use crate::money::{AMOUNT_MAX, Currency};
use crate::problem::Violation;
use crate::read::{Reader, amount, choice, string, text};
use crate::text::Slug;

/// The longest category.
const CATEGORY_CHARS_MAX: usize = 750;
/// The longest search text, as in a list of products.
const WORDS_CHARS_MAX: usize = 200;
/// Separates the levels of a category.
const LEVELS: char = '>';

const NAMES: [&str; 5] = ["partner", "category", "price", "availability", "q"];

/// The conditions, at least one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selection {
    /// Items of this partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<Slug>,
    /// Items in this category or below it, such as `Apparel > Shirts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Items within this price range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceRange>,
    /// Items with this availability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Availability>,
    /// Items with this text in title or id, in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
}

/// A price range, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRange {
    /// Minor units.
    #[serde(default)]
    pub min: i64,
    /// Minor units. `None` if unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// ISO 4217. Other currencies do not match.
    pub currency: Currency,
}

/// The form in which `q` and the searched texts are compared: one line, composed (NFC), lower case.
#[must_use]
pub fn search_key(text: &str) -> String {
    if text.is_ascii() {
        let text = text.to_ascii_lowercase();
        return match text.contains('\n') {
            true => text.replace('\n', " "),
            false => text,
        };
    }
    // Lower case last: it may decompose a letter, on both sides alike.
    let text = text.replace('\n', " ");
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

impl Selection {
    /// Reads a selection from the members of an object.
    pub fn read(body: &mut Reader<'_>) -> Option<Self> {
        let names_none = !NAMES.iter().any(|name| body.has(name));
        let selection = Self {
            partner: body.optional("partner", string(Slug::parse)),
            category: body.optional("category", string(category)),
            price: body.optional_nested("price", PriceRange::read),
            availability: body.optional("availability", choice(Availability::ORDERABLE)),
            q: body.optional("q", text(1..=WORDS_CHARS_MAX)),
        };
        if names_none {
            let detail = format!("must contain at least one of: {}", NAMES.join(", "));
            body.refuse("", Violation::new("empty", detail));
        }
        // A null or invalid member is not a condition.
        (selection != Self::default()).then_some(selection)
    }

    /// Whether an item matches, as far as its own data shows.
    #[must_use]
    pub fn matches(&self, item: &Item, offer: &Offer) -> bool {
        let within = |path: &String| {
            let mut categories = item.categories.iter();
            categories.any(|category| is_within(path, &category.value))
        };
        self.category.as_ref().is_none_or(within)
            && self
                .price
                .as_ref()
                .is_none_or(|price| price.contains(offer))
            && self
                .availability
                .is_none_or(|request| request == offer.availability)
    }

    /// The first level of the category, which every matching item has in its data.
    #[must_use]
    pub fn category_root(&self) -> Option<&str> {
        self.category
            .as_deref()
            .and_then(|path| levels(path).next())
    }
}

impl PriceRange {
    fn read(body: &mut Reader<'_>) -> Option<Self> {
        let min = body.optional("min", amount(0));
        let max = body.optional("max", amount(0));
        let currency = body.required("currency", string(Currency::parse));
        if min.unwrap_or(0) > max.unwrap_or(AMOUNT_MAX) {
            body.refuse(
                "/max",
                Violation::new("out_of_range", "must be at least `min`"),
            );
        }
        Some(Self {
            min: min.unwrap_or(0),
            max,
            currency: currency?,
        })
    }

    fn contains(&self, offer: &Offer) -> bool {
        offer.price.currency == self.currency
            && (self.min..=self.max.unwrap_or(AMOUNT_MAX)).contains(&offer.price.amount)
    }
}

fn levels(path: &str) -> impl Iterator<Item = &str> {
    path.split(LEVELS).map(str::trim)
}

/// Whether a category is this path or lies below it. Whole levels are compared.
fn is_within(path: &str, category: &str) -> bool {
    let mut below = levels(category);
    levels(path).all(|level| below.next() == Some(level))
}

/// The path with uniform separators.
fn category(path: &str) -> Result<String, Violation> {
    crate::text::check(path, &(1..=CATEGORY_CHARS_MAX))?;
    let levels: Vec<&str> = levels(path).collect();
    if levels.iter().any(|level| level.is_empty()) {
        let detail = "must be a path without empty levels, such as Apparel > Shirts";
        return Err(Violation::new("category_malformed", detail));
    }
    Ok(levels.join(" > "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn letters_are_found_however_they_are_written() {
        use super::search_key;
        for (one, other) in [
            ("Cafe\u{301} CRE\u{300}ME", "café crème"),
            ("ÅNGSTRÖM", "A\u{30a}ngstro\u{308}m"),
            ("T-SHIRT 100%", "t-shirt 100%"),
            ("ΌΔΟΣ", "\u{39f}\u{301}δοσ"),
        ] {
            assert_eq!(search_key(one), search_key(other));
            assert_eq!(search_key(&search_key(one)), search_key(one));
        }
    }

    use time::macros::datetime;

    use super::*;
    use crate::catalog::{Category, ProductState, Sale};
    use crate::problem::BodyError;

    fn read(body: &str) -> Result<Selection, BodyError> {
        let mut reader = Reader::object(body.as_bytes())?;
        let selection = reader.nested("filter", Selection::read);
        reader.finish(|| selection)
    }

    fn means(filter: &str, change: impl FnOnce(&mut Item)) -> bool {
        let text = include_str!("../examples/valid/catalog/shirt.json");
        let mut item: Item = serde_json::from_str(text).unwrap();
        item.sale = None;
        change(&mut item);
        let offer = item.offer(ProductState::default(), datetime!(2026-11-21 12:00 UTC));
        read(&format!("{{\"filter\":{filter}}}"))
            .unwrap()
            .matches(&item, &offer)
    }

    #[test]
    fn a_category_matches_by_whole_levels() {
        for (path, category, expected) in [
            ("Apparel > Shirts", "Apparel > Shirts", true),
            ("Apparel>Shirts", "Apparel > Shirts > Polo", true),
            ("Apparel", "Apparel>Shirts", true),
            ("Apparel > Shirt", "Apparel > Shirts", false),
            ("Apparel > Shirts > Polo", "Apparel > Shirts", false),
            ("Shirts", "Apparel > Shirts", false),
            ("apparel", "Apparel", false),
        ] {
            let filter = format!(r#"{{"category":"{path}"}}"#);
            let meant = means(&filter, |item| {
                let own = |value: &str| Category {
                    taxonomy: "merchant".into(),
                    value: value.into(),
                };
                item.categories = vec![own("212"), own(category)];
            });
            assert_eq!(meant, expected, "{path} and {category}");
        }
    }

    #[test]
    fn a_price_is_what_is_offered_in_its_currency() {
        let at = |filter: &str, sale: Option<i64>| {
            means(filter, |item| {
                item.price.amount = 2_000;
                item.price.currency = Currency::parse("USD").unwrap();
                item.sale = sale.map(|amount| Sale {
                    amount,
                    starts_at: None,
                    ends_at: None,
                });
            })
        };
        assert!(at(
            r#"{"price":{"min":2000,"max":2000,"currency":"USD"}}"#,
            None
        ));
        assert!(!at(r#"{"price":{"max":1999,"currency":"USD"}}"#, None));
        assert!(at(
            r#"{"price":{"max":1999,"currency":"USD"}}"#,
            Some(1_500)
        ));
        assert!(!at(
            r#"{"price":{"min":2000,"currency":"USD"}}"#,
            Some(1_500)
        ));
        assert!(!at(r#"{"price":{"min":0,"currency":"EUR"}}"#, None));
    }

    #[test]
    fn an_availability_is_that_which_is_offered() {
        let preorder =
            |filter: &str| means(filter, |item| item.availability = Availability::Preorder);
        assert!(preorder(r#"{"availability":"preorder"}"#));
        assert!(!preorder(r#"{"availability":"in_stock"}"#));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (filter, pointer, code) in [
            ("{}", "/filter", "empty"),
            (r#"{"partner":null}"#, "", "incomplete"),
            (r#"{"parner":"acme"}"#, "/filter/parner", "unknown_field"),
            (
                r#"{"price":{"min":1}}"#,
                "/filter/price/currency",
                "missing",
            ),
            (
                r#"{"price":{"min":2,"max":1,"currency":"USD"}}"#,
                "/filter/price/max",
                "out_of_range",
            ),
            (
                r#"{"category":"Apparel > > Shirts"}"#,
                "/filter/category",
                "category_malformed",
            ),
            (
                r#"{"availability":"sold"}"#,
                "/filter/availability",
                "unknown_value",
            ),
            (r#"{"q":""}"#, "/filter/q", "blank"),
        ] {
            let refused = read(&format!("{{\"filter\":{filter}}}"));
            let Err(BodyError::Invalid(errors)) = refused else {
                panic!("{filter}: {refused:?}");
            };
            let notice = errors.iter().map(|one| (one.pointer.as_str(), one.code));
            let notice: Vec<_> = notice.collect();
            assert!(notice.contains(&(pointer, code)), "{filter}: {notice:?}");
        }
    }
}
