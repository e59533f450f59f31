//! Gumroad's list of products. Each combination of its options is an item of its own.
//!
//! The list has no id per option: it is the product's id and the path of the options. Prices are
//! minor units; an option adds its difference.

use buywire_schemas::catalog::issue::Issue;

use super::escapes::bounded_id;
use super::harvest::{DRAFTS_MAX, Harvest};
use super::json::At;
use super::{Confidence, Format, FormatRules, Mapper, Row, Seen, stock};
use crate::feed::draft::{Amount, Draft, Prose, Said};
use crate::read::{Kind, Parsed};

/// The format.
#[derive(Debug)]
pub(super) struct Gumroad;

impl Format for Gumroad {
    fn name(&self) -> &'static str {
        "gumroad"
    }

    fn title(&self) -> &'static str {
        "Gumroad products"
    }

    fn recognises(&self, seen: &Seen<'_>) -> Confidence {
        let is_object = seen.objects().next().is_some();
        if is_object && seen.has("short_url") && seen.has("price") && seen.has("published") {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn speaks_of_brands(&self) -> bool {
        false
    }

    fn mapper(&self, _: &Kind, _: &FormatRules, _: &mut Vec<Issue>) -> Box<dyn Mapper + Send> {
        Box::new(Products)
    }
}

struct Products;

impl Mapper for Products {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut Harvest) {
        for Row { row, parsed } in rows {
            let Parsed::Json(record) = parsed else {
                continue;
            };
            let record = record.get("product").unwrap_or(record);
            let Some(product) = At::top(record) else {
                continue;
            };
            let base = base(&product, *row);
            let (choices, is_cut) = choices(&product);
            if is_cut {
                out.overflow(*row);
            }
            if choices.is_empty() {
                out.push(base);
                continue;
            }
            let variants = choices.iter().map(|choice| choice.variant(&base, &product));
            variants.for_each(|draft| out.push(draft));
        }
    }
}

/// One option of each kind.
#[derive(Debug, Clone, Default)]
struct Choice {
    options: Vec<(String, Said)>,
    difference: i64,
}

impl Choice {
    fn variant(&self, base: &Draft, product: &At<'_>) -> Draft {
        let mut draft = base.clone();
        draft.group = base.id.clone();
        if let Some(id) = &mut draft.id {
            for (_, chosen) in &self.options {
                id.text.push('/');
                id.text.push_str(&chosen.text);
            }
            id.text = bounded_id(std::mem::take(&mut id.text));
        }
        draft.options = self.options.clone();
        if let Some(Amount::Minor(price, _)) = &mut draft.price
            && let Ok(amount) = price.text.parse::<i64>()
        {
            *price = product.say("price", amount.saturating_add(self.difference).to_string());
        }
        draft
    }
}

/// Every combination of options, and whether there are more than are read.
fn choices(product: &At<'_>) -> (Vec<Choice>, bool) {
    let mut all = Vec::new();
    let mut is_cut = false;
    for kind in product.list("variants") {
        let title = kind
            .said("title")
            .map_or_else(|| "option".to_owned(), |said| said.text);
        let options = kind.list("options");
        let options = options
            .iter()
            .filter_map(|option| Some((option.said("name")?, difference(option))));
        let options: Vec<_> = options.take(DRAFTS_MAX).collect();
        if options.is_empty() {
            continue;
        }
        let before = if all.is_empty() {
            vec![Choice::default()]
        } else {
            all
        };
        is_cut |= before.len().saturating_mul(options.len()) > DRAFTS_MAX;
        let combined = before.iter().flat_map(|choice| {
            options.iter().map(|(name, difference)| {
                let mut choice = choice.clone();
                choice.options.push((title.clone(), name.clone()));
                choice.difference = choice.difference.saturating_add(*difference);
                choice
            })
        });
        all = combined.take(DRAFTS_MAX).collect();
    }
    (all, is_cut)
}

fn difference(option: &At<'_>) -> i64 {
    let said = option.first(&["price_difference", "price_difference_cents"]);
    said.and_then(|said| said.text.parse().ok()).unwrap_or(0)
}

fn base(product: &At<'_>, row: u64) -> Draft {
    let (availability, quantity) = stock_of(product);
    let currency = product.said("currency");
    let image = |key: &str| Some((product.said(key)?, None));
    let tags = product.words("tags").into_iter().map(|said| said.text);
    let tags = tags.collect::<Vec<_>>().join(", ");
    let pays_more = product.is("customizable_price");
    let mut attributes = Vec::from_iter((!tags.is_empty()).then(|| ("tags".to_owned(), tags)));
    attributes.extend(pays_more.then(|| ("customizable_price".to_owned(), "true".to_owned())));
    Draft {
        row,
        deleted: product.is("deleted"),
        id: product.said("id"),
        title: product.said("name"),
        description: product.said("description").map(Prose::Html),
        url: product.said("short_url"),
        images: ["thumbnail_url", "preview_url"]
            .iter()
            .filter_map(|key| image(key))
            .collect(),
        price: product
            .said("price")
            .map(|price| Amount::Minor(price, currency)),
        availability,
        quantity,
        sku: product.said("custom_permalink"),
        digital: product
            .is_not("require_shipping")
            .then(|| product.say("require_shipping", "true")),
        for_sale: for_sale(product),
        attributes,
        ..Draft::default()
    }
}

/// Published, and bought once: what is paid again and again is no single order.
fn for_sale(product: &At<'_>) -> Option<Said> {
    let recurs = product.is("is_tiered_membership") || !product.words("recurrences").is_empty();
    if recurs {
        return Some(product.say("recurrences", "false"));
    }
    product.said("published")
}

/// A product may be limited to so many sales.
fn stock_of(product: &At<'_>) -> (Option<Said>, Option<Said>) {
    let number = |key: &str| product.said(key)?.text.parse::<i64>().ok();
    let left = number("max_purchase_count").map(|most| {
        most.saturating_sub(number("sales_count").unwrap_or(0))
            .max(0)
            .to_string()
    });
    let word = stock::word(left.as_deref(), false);
    let quantity = left.map(|left| product.say("max_purchase_count", left));
    (Some(product.say("max_purchase_count", word)), quantity)
}
