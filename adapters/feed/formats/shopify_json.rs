//! Shopify's `products.json` and its product webhooks: products with their variants inside.
//!
//! The storefront's list has neither counts nor a currency; the admin's has counts.

use std::collections::BTreeSet;

use buywire_schemas::catalog::issue::Issue;
use serde_json::Value;

use super::harvest::Harvest;
use super::json::At;
use super::{Confidence, Format, FormatRules, Mapper, Row, Seen, stock};
use crate::feed::draft::{Amount, Draft, Prose, Said};
use crate::read::{Kind, Parsed};

/// What the one variant of a product without options has chosen.
const NO_OPTION: &str = "Default Title";
const OPTIONS: [&str; 3] = ["option1", "option2", "option3"];
/// Images of one product that are read: Shopify allows 250.
const IMAGES_MAX: usize = 32;

/// The format.
#[derive(Debug)]
pub(super) struct ShopifyJson;

impl Format for ShopifyJson {
    fn name(&self) -> &'static str {
        "shopify_json"
    }

    fn title(&self) -> &'static str {
        "Shopify products (JSON)"
    }

    fn recognises(&self, seen: &Seen<'_>) -> Confidence {
        let mut objects = seen.objects();
        let is_product = objects.any(|object| {
            let variants = object.get("variants").and_then(Value::as_array);
            let variant = variants.and_then(|variants| variants.first());
            object.contains_key("handle") && variant.is_some_and(|v| v.get("option1").is_some())
        });
        if is_product {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn mapper(&self, _: &Kind, rules: &FormatRules, _: &mut Vec<Issue>) -> Box<dyn Mapper + Send> {
        Box::new(Products(rules.clone()))
    }
}

struct Products(FormatRules);

impl Mapper for Products {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut Harvest) {
        for Row { row, parsed } in rows {
            let Parsed::Json(record) = parsed else {
                continue;
            };
            // A webhook or a single product may wrap it.
            let record = record.get("product").unwrap_or(record);
            let Some(product) = At::top(record) else {
                continue;
            };
            let shared = Shared::of(&product, *row, &self.0);
            for variant in product.list("variants") {
                if out.is_full() {
                    out.overflow(*row);
                    break;
                }
                out.push(shared.variant(&product, &variant));
            }
        }
    }
}

/// What the variants of a product share.
struct Shared {
    draft: Draft,
    has_variants: bool,
    option_names: Vec<String>,
    /// The variants that an image is of; none: of all.
    images: Vec<(Said, Option<String>, BTreeSet<u64>)>,
}

impl Shared {
    fn of(product: &At<'_>, row: u64, rules: &FormatRules) -> Self {
        let handle = product.said("handle");
        let page = |handle: &Said| rules.page(&format!("products/{}", handle.text));
        let options = product.list("options").into_iter();
        let option_names = options.filter_map(|option| Some(option.said("name")?.text));
        let is_active = product
            .get("status")
            .is_none_or(|status| status == "active");
        let is_published = product.get("published_at").is_none_or(Value::is_string);
        let hidden = (!is_active).then_some("status");
        let hidden = hidden.or((!is_published).then_some("published_at"));
        let category = product
            .at("category")
            .and_then(|at| at.first(&["full_name", "name"]));
        let merchant = product.said("product_type").map(|said| ("merchant", said));
        let tags = product.words("tags").into_iter().map(|said| said.text);
        let tags = tags.collect::<Vec<_>>().join(", ");
        let draft = Draft {
            row,
            title: product.said("title"),
            description: product.said("body_html").map(Prose::Html),
            url: handle
                .as_ref()
                .and_then(page)
                .map(|page| product.say("handle", page)),
            brand: product.said("vendor"),
            categories: category
                .map(|said| ("shopify", said))
                .into_iter()
                .chain(merchant)
                .collect(),
            for_sale: hidden.map(|key| product.say(key, "false")),
            attributes: Vec::from_iter((!tags.is_empty()).then(|| ("tags".to_owned(), tags))),
            ..Draft::default()
        };
        Self {
            draft,
            has_variants: product.list("variants").len() > 1,
            option_names: option_names.collect(),
            images: images(product),
        }
    }

    fn variant(&self, product: &At<'_>, variant: &At<'_>) -> Draft {
        let mut draft = self.draft.clone();
        draft.id = variant.first(&["id", "sku"]);
        draft.sku = variant.said("sku");
        draft.gtins = Vec::from_iter(variant.said("barcode"));
        draft.images = self.pictures(variant);
        draft.options = self.options(variant);
        if self.has_variants {
            draft.group = product.first(&["id", "handle"]);
            if let (Some(url), Some(id)) = (&mut draft.url, variant.said("id")) {
                url.text = format!("{}?variant={}", url.text, id.text);
            }
        }
        let price = variant.said("price");
        let former = variant.said("compare_at_price").filter(|former| {
            price
                .as_ref()
                .is_some_and(|now| stock::is_higher(&former.text, &now.text))
        });
        draft.price = price.map(|said| Amount::Decimal(said, None));
        draft.list_price = former.map(|said| Amount::Decimal(said, None));
        (draft.availability, draft.quantity) = stock_of(variant);
        draft.digital = variant
            .is_not("requires_shipping")
            .then(|| variant.say("requires_shipping", "true"));
        draft.weight = weight(variant);
        draft
    }

    fn options(&self, variant: &At<'_>) -> Vec<(String, Said)> {
        let chosen = OPTIONS.iter().enumerate().filter_map(|(at, key)| {
            let chosen = variant
                .said(key)
                .filter(|chosen| chosen.text != NO_OPTION)?;
            let name = self.option_names.get(at).cloned();
            Some((name.unwrap_or_else(|| (*key).to_owned()), chosen))
        });
        chosen.collect()
    }

    /// The variant's own images first; those of other variants not at all.
    fn pictures(&self, variant: &At<'_>) -> Vec<(Said, Option<String>)> {
        let id = variant.get("id").and_then(Value::as_u64);
        let featured = variant
            .at("featured_image")
            .and_then(|image| image.said("src"));
        let is_own = |of: &BTreeSet<u64>| id.is_some_and(|id| of.contains(&id));
        let is_first = |image: &Said| {
            featured
                .as_ref()
                .is_some_and(|said| said.text == image.text)
        };
        let mut ranked: Vec<_> = self
            .images
            .iter()
            .filter_map(|(image, alt, of)| {
                let rank = match () {
                    () if is_first(image) => 0,
                    () if is_own(of) => 1,
                    () if of.is_empty() => 2,
                    () => return None,
                };
                Some((rank, (image.clone(), alt.clone())))
            })
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, image)| image).collect()
    }
}

fn images(product: &At<'_>) -> Vec<(Said, Option<String>, BTreeSet<u64>)> {
    let images = product.list("images").into_iter().take(IMAGES_MAX);
    let images = images.filter_map(|image| {
        let ids = image.get("variant_ids").and_then(Value::as_array);
        let ids = ids
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .collect();
        Some((
            image.said("src")?,
            image.said("alt").map(|said| said.text),
            ids,
        ))
    });
    images.collect()
}

/// Storefronts say only whether it can be had, admins how many there are and what comes after.
fn stock_of(variant: &At<'_>) -> (Option<Said>, Option<Said>) {
    let is_counted = variant.said("inventory_management").is_some();
    if !is_counted && variant.get("available").is_some() {
        let word = if variant.is("available") {
            "in_stock"
        } else {
            "out_of_stock"
        };
        return (Some(variant.say("available", word)), None);
    }
    let quantity = variant.said("inventory_quantity").filter(|_| is_counted);
    let sells_on = variant
        .get("inventory_policy")
        .is_some_and(|policy| policy == "continue");
    let word = stock::word(quantity.as_ref().map(|said| said.text.as_str()), sells_on);
    let said = Some(variant.say("inventory_quantity", word));
    (said, quantity.filter(|_| word != "backorder"))
}

fn weight(variant: &At<'_>) -> Option<Said> {
    let grams = variant.said("grams").map(|said| (said, "g".to_owned()));
    let any = || Some((variant.said("weight")?, variant.said("weight_unit")?.text));
    let (mut said, unit) = grams.or_else(any)?;
    said.text = format!("{} {unit}", said.text);
    (!said.text.starts_with("0 ")).then_some(said)
}
