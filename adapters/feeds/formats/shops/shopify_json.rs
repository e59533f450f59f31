//! Shopify's `products.json` and its product webhooks: products with their variants inside.
//!
//! The storefront's list has neither counts nor a currency; the admin's has counts.

use std::collections::BTreeSet;

use buywire_schemas::catalog::issue::Issue;
use serde_json::Value;

use crate::draft::{Amount, Draft, Prose, RawField};
use crate::formats::format::{Confidence, Format, FormatRules, Mapper, Row};
use crate::formats::json::JsonNode;
use crate::formats::map_output::MapOutput;
use crate::formats::sample::Sample;
use crate::formats::stock_status;
use crate::read::{DocumentKind, Parsed};

/// The option value of the only variant of a product without options.
const NO_OPTION: &str = "Default Title";
const OPTIONS: [&str; 3] = ["option1", "option2", "option3"];
/// Images read of one product. Shopify allows 250.
const IMAGES_MAX: usize = 32;

/// The format.
#[derive(Debug)]
pub(crate) struct ShopifyJson;

impl Format for ShopifyJson {
    fn name(&self) -> &'static str {
        "shopify_json"
    }

    fn title(&self) -> &'static str {
        "Shopify products (JSON)"
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
        let mut objects = sample.objects();
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

    fn mapper(
        &self,
        _: &DocumentKind,
        rules: &FormatRules,
        _: &mut Vec<Issue>,
    ) -> Box<dyn Mapper + Send> {
        Box::new(ProductMapper(rules.clone()))
    }
}

struct ProductMapper(FormatRules);

impl Mapper for ProductMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        for Row { row, parsed } in rows {
            let Parsed::Json(record) = parsed else {
                continue;
            };
            // A webhook or a single product may wrap it.
            let record = record.get("product").unwrap_or(record);
            let Some(product) = JsonNode::root(record) else {
                continue;
            };
            let defaults = ProductDefaults::from_product(&product, *row, &self.0);
            for variant in product.objects("variants") {
                if out.is_full() {
                    out.report_overflow(*row);
                    break;
                }
                out.push(defaults.variant(&product, &variant));
            }
        }
    }
}

/// What the variants of a product share.
struct ProductDefaults {
    draft: Draft,
    has_variants: bool,
    option_names: Vec<String>,
    /// The variants that an image shows. Empty: all of them.
    images: Vec<(RawField, Option<String>, BTreeSet<u64>)>,
}

impl ProductDefaults {
    fn from_product(product: &JsonNode<'_>, row: u64, rules: &FormatRules) -> Self {
        let handle = product.field("handle");
        let page = |handle: &RawField| rules.page_url(&format!("products/{}", handle.text));
        let options = product.objects("options").into_iter();
        let option_names = options.filter_map(|option| Some(option.field("name")?.text));
        let is_active = product
            .get("status")
            .is_none_or(|status| status == "active");
        let is_published = product.get("published_at").is_none_or(Value::is_string);
        let hidden = (!is_active).then_some("status");
        let hidden = hidden.or((!is_published).then_some("published_at"));
        let category = product
            .object("category")
            .and_then(|at| at.first(&["full_name", "name"]));
        let merchant = product.field("product_type").map(|raw| ("merchant", raw));
        let tags = product.scalars("tags").into_iter().map(|raw| raw.text);
        let tags = tags.collect::<Vec<_>>().join(", ");
        let draft = Draft {
            row,
            title: product.field("title"),
            description: product.field("body_html").map(Prose::Html),
            url: handle
                .as_ref()
                .and_then(page)
                .map(|page| product.field_with("handle", page)),
            brand: product.field("vendor"),
            categories: category
                .map(|raw| ("shopify", raw))
                .into_iter()
                .chain(merchant)
                .collect(),
            for_sale: hidden.map(|key| product.field_with(key, "false")),
            attributes: Vec::from_iter((!tags.is_empty()).then(|| ("tags".to_owned(), tags))),
            ..Draft::default()
        };
        Self {
            draft,
            has_variants: product.objects("variants").len() > 1,
            option_names: option_names.collect(),
            images: images(product),
        }
    }

    fn variant(&self, product: &JsonNode<'_>, variant: &JsonNode<'_>) -> Draft {
        let mut draft = self.draft.clone();
        draft.id = variant.first(&["id", "sku"]);
        draft.sku = variant.field("sku");
        draft.gtins = Vec::from_iter(variant.field("barcode"));
        draft.images = self.variant_images(variant);
        draft.options = self.options(variant);
        if self.has_variants {
            draft.group = product.first(&["id", "handle"]);
            if let (Some(url), Some(id)) = (&mut draft.url, variant.field("id")) {
                url.text = format!("{}?variant={}", url.text, id.text);
            }
        }
        let price = variant.field("price");
        let former = variant.field("compare_at_price").filter(|former| {
            price
                .as_ref()
                .is_some_and(|now| stock_status::is_higher(&former.text, &now.text))
        });
        draft.price = price.map(|raw| Amount::Decimal(raw, None));
        draft.list_price = former.map(|raw| Amount::Decimal(raw, None));
        (draft.availability, draft.quantity) = stock_of(variant);
        draft.digital = variant
            .is_false("requires_shipping")
            .then(|| variant.field_with("requires_shipping", "true"));
        draft.weight = weight(variant);
        draft
    }

    fn options(&self, variant: &JsonNode<'_>) -> Vec<(String, RawField)> {
        let chosen = OPTIONS.iter().enumerate().filter_map(|(at, key)| {
            let chosen = variant
                .field(key)
                .filter(|chosen| chosen.text != NO_OPTION)?;
            let name = self.option_names.get(at).cloned();
            Some((name.unwrap_or_else(|| (*key).to_owned()), chosen))
        });
        chosen.collect()
    }

    /// The variant's own images first, without those of other variants.
    fn variant_images(&self, variant: &JsonNode<'_>) -> Vec<(RawField, Option<String>)> {
        let id = variant.get("id").and_then(Value::as_u64);
        let featured = variant
            .object("featured_image")
            .and_then(|image| image.field("src"));
        let is_own = |of: &BTreeSet<u64>| id.is_some_and(|id| of.contains(&id));
        let is_first =
            |image: &RawField| featured.as_ref().is_some_and(|raw| raw.text == image.text);
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

fn images(product: &JsonNode<'_>) -> Vec<(RawField, Option<String>, BTreeSet<u64>)> {
    let images = product.objects("images").into_iter().take(IMAGES_MAX);
    let images = images.filter_map(|image| {
        let ids = image.get("variant_ids").and_then(Value::as_array);
        let ids = ids
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .collect();
        Some((
            image.field("src")?,
            image.field("alt").map(|raw| raw.text),
            ids,
        ))
    });
    images.collect()
}

/// The storefront states only the availability, the admin API also the quantity and the policy.
fn stock_of(variant: &JsonNode<'_>) -> (Option<RawField>, Option<RawField>) {
    let is_counted = variant.field("inventory_management").is_some();
    if !is_counted && variant.get("available").is_some() {
        let status = if variant.is_true("available") {
            "in_stock"
        } else {
            "out_of_stock"
        };
        return (Some(variant.field_with("available", status)), None);
    }
    let quantity = variant.field("inventory_quantity").filter(|_| is_counted);
    let allows_backorder = variant
        .get("inventory_policy")
        .is_some_and(|policy| policy == "continue");
    let status = stock_status::availability(
        quantity.as_ref().map(|raw| raw.text.as_str()),
        allows_backorder,
    );
    let availability = Some(variant.field_with("inventory_quantity", status));
    (availability, quantity.filter(|_| status != "backorder"))
}

fn weight(variant: &JsonNode<'_>) -> Option<RawField> {
    let grams = variant.field("grams").map(|raw| (raw, "g".to_owned()));
    let any = || Some((variant.field("weight")?, variant.field("weight_unit")?.text));
    let (mut output, unit) = grams.or_else(any)?;
    output.text = format!("{} {unit}", output.text);
    (!output.text.starts_with("0 ")).then_some(output)
}
