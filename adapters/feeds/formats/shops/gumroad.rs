//! Gumroad's product list. Each combination of options is an item.
//!
//! The list has no id per option: it is the product's id and the path of the options. Prices are
//! minor units; an option adds its difference.

use buywire_schemas::catalog::issue::Issue;

use crate::draft::{Amount, Draft, Prose, RawField};
use crate::formats::escapes::bounded_id;
use crate::formats::format::{Confidence, Format, FormatRules, Mapper, Row};
use crate::formats::json::JsonNode;
use crate::formats::map_output::{DRAFTS_MAX, MapOutput};
use crate::formats::sample::Sample;
use crate::formats::stock_status;
use crate::read::{DocumentKind, Parsed};

/// The format.
#[derive(Debug)]
pub(crate) struct Gumroad;

impl Format for Gumroad {
    fn name(&self) -> &'static str {
        "gumroad"
    }

    fn title(&self) -> &'static str {
        "Gumroad products"
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
        let is_object = sample.objects().next().is_some();
        if is_object && sample.has("short_url") && sample.has("price") && sample.has("published") {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn has_brands(&self) -> bool {
        false
    }

    fn mapper(
        &self,
        _: &DocumentKind,
        _: &FormatRules,
        _: &mut Vec<Issue>,
    ) -> Box<dyn Mapper + Send> {
        Box::new(ProductMapper)
    }
}

struct ProductMapper;

impl Mapper for ProductMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        for Row { row, parsed } in rows {
            let Parsed::Json(record) = parsed else {
                continue;
            };
            let record = record.get("product").unwrap_or(record);
            let Some(product) = JsonNode::root(record) else {
                continue;
            };
            let base = base_draft(&product, *row);
            let (combinations, is_cut) = combinations(&product);
            if is_cut {
                out.report_overflow(*row);
            }
            if combinations.is_empty() {
                out.push(base);
                continue;
            }
            let variants = combinations
                .iter()
                .map(|choice| choice.variant(&base, &product));
            variants.for_each(|draft| out.push(draft));
        }
    }
}

/// One option of each kind.
#[derive(Debug, Clone, Default)]
struct Combination {
    options: Vec<(String, RawField)>,
    difference: i64,
}

impl Combination {
    fn variant(&self, base: &Draft, product: &JsonNode<'_>) -> Draft {
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
            *price =
                product.field_with("price", amount.saturating_add(self.difference).to_string());
        }
        draft
    }
}

/// All combinations of options, and whether there are more than the limit.
fn combinations(product: &JsonNode<'_>) -> (Vec<Combination>, bool) {
    let mut all = Vec::new();
    let mut is_truncated = false;
    for kind in product.objects("variants") {
        let title = kind
            .field("title")
            .map_or_else(|| "option".to_owned(), |raw| raw.text);
        let options = kind.objects("options");
        let options = options
            .iter()
            .filter_map(|option| Some((option.field("name")?, price_difference(option))));
        let options: Vec<_> = options.take(DRAFTS_MAX).collect();
        if options.is_empty() {
            continue;
        }
        let before = if all.is_empty() {
            vec![Combination::default()]
        } else {
            all
        };
        is_truncated |= before.len().saturating_mul(options.len()) > DRAFTS_MAX;
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
    (all, is_truncated)
}

fn price_difference(option: &JsonNode<'_>) -> i64 {
    let raw = option.first(&["price_difference", "price_difference_cents"]);
    raw.and_then(|raw| raw.text.parse().ok()).unwrap_or(0)
}

fn base_draft(product: &JsonNode<'_>, row: u64) -> Draft {
    let (availability, quantity) = stock_of(product);
    let currency = product.field("currency");
    let image = |key: &str| Some((product.field(key)?, None));
    let tags = product.scalars("tags").into_iter().map(|raw| raw.text);
    let tags = tags.collect::<Vec<_>>().join(", ");
    let has_custom_price = product.is_true("customizable_price");
    let mut attributes = Vec::from_iter((!tags.is_empty()).then(|| ("tags".to_owned(), tags)));
    attributes
        .extend(has_custom_price.then(|| ("customizable_price".to_owned(), "true".to_owned())));
    Draft {
        row,
        deleted: product.is_true("deleted"),
        id: product.field("id"),
        title: product.field("name"),
        description: product.field("description").map(Prose::Html),
        url: product.field("short_url"),
        images: ["thumbnail_url", "preview_url"]
            .iter()
            .filter_map(|key| image(key))
            .collect(),
        price: product
            .field("price")
            .map(|price| Amount::Minor(price, currency)),
        availability,
        quantity,
        sku: product.field("custom_permalink"),
        digital: product
            .is_false("require_shipping")
            .then(|| product.field_with("require_shipping", "true")),
        for_sale: for_sale(product),
        attributes,
        ..Draft::default()
    }
}

/// Published and sold once: subscriptions are not single orders.
fn for_sale(product: &JsonNode<'_>) -> Option<RawField> {
    let recurs =
        product.is_true("is_tiered_membership") || !product.scalars("recurrences").is_empty();
    if recurs {
        return Some(product.field_with("recurrences", "false"));
    }
    product.field("published")
}

/// A product may have a maximum number of sales.
fn stock_of(product: &JsonNode<'_>) -> (Option<RawField>, Option<RawField>) {
    let number = |key: &str| product.field(key)?.text.parse::<i64>().ok();
    let left = number("max_purchase_count").map(|most| {
        most.saturating_sub(number("sales_count").unwrap_or(0))
            .max(0)
            .to_string()
    });
    let status = stock_status::availability(left.as_deref(), false);
    let quantity = left.map(|left| product.field_with("max_purchase_count", left));
    (
        Some(product.field_with("max_purchase_count", status)),
        quantity,
    )
}
