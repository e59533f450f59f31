//! Products with nested variants: the Agentic Commerce Protocol, and the similar formats of `OpenAI`
//! and the Universal Commerce Protocol.

use buywire_schemas::catalog::issue::Issue;
use serde_json::{Map, Value};

use crate::draft::{Amount, Draft, Prose, RawField};
use crate::formats::format::{Confidence, Format, FormatRules, Mapper, Row};
use crate::formats::json::JsonNode;
use crate::formats::map_output::MapOutput;
use crate::formats::sample::Sample;
use crate::read::{DocumentKind, Parsed};

/// The protocol's own feeds.
pub(crate) static ACP: Nested = Nested {
    name: "acp",
    title: "Agentic Commerce Protocol products",
    header: false,
};

/// The same, after a header object that names the feed.
pub(crate) static OPENAI_PRODUCTS: Nested = Nested {
    name: "openai_products",
    title: "OpenAI product feed (products and variants)",
    header: true,
};

/// Values read of one list.
const VALUES_MAX: usize = 32;

/// The format.
#[derive(Debug)]
pub(crate) struct Nested {
    name: &'static str,
    title: &'static str,
    /// Whether it begins with a header object.
    header: bool,
}

impl Format for Nested {
    fn name(&self) -> &'static str {
        self.name
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
        let mut objects = sample.objects();
        let mut products = sample.objects().filter(|object| is_product(object));
        if sample.objects().any(is_feed_header) != self.header || !products.any(|_| true) {
            return Confidence::No;
        }
        if self.header || objects.any(has_own_names) {
            return Confidence::Certain;
        }
        Confidence::Likely
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

fn is_feed_header(object: &Map<String, Value>) -> bool {
    object.contains_key("feed_id") && !object.contains_key("variants")
}

fn is_product(object: &Map<String, Value>) -> bool {
    let variants = object.get("variants").and_then(Value::as_array);
    let variant = variants.and_then(|variants| variants.first());
    let has_id = |variant: &Value| variant.get("id").is_some() && variant.get("title").is_some();
    object.contains_key("id") && variant.is_some_and(has_id)
}

/// Texts in several forms, prices as objects.
fn has_own_names(object: &Map<String, Value>) -> bool {
    let variants = object.get("variants").and_then(Value::as_array);
    let mut variants = variants.into_iter().flatten();
    object.get("description").is_some_and(Value::is_object)
        || variants.any(|variant| variant.get("price").is_some_and(Value::is_object))
}

struct ProductMapper;

impl Mapper for ProductMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        for Row { row, parsed } in rows {
            let Parsed::Json(record) = parsed else {
                continue;
            };
            let Some(product) = JsonNode::root(record)
                .filter(|_| record.as_object().is_some_and(|o| !is_feed_header(o)))
            else {
                continue;
            };
            let deleted = product.is_true("deleted");
            let variants = product.objects("variants");
            if variants.is_empty() {
                out.push(without_variants(&product, *row, deleted));
            }
            let is_group = variants.len() > 1;
            for variant in variants {
                if out.is_full() {
                    out.report_overflow(*row);
                    break;
                }
                out.push(Draft {
                    row: *row,
                    deleted: deleted || variant.is_true("deleted"),
                    group: product.field("id").filter(|_| is_group),
                    ..variant_draft(&product, &variant)
                });
            }
        }
    }
}

/// A product without variants cannot be bought. Validation reports what is missing.
fn without_variants(product: &JsonNode<'_>, row: u64, deleted: bool) -> Draft {
    Draft {
        row,
        deleted,
        ..variant_draft(product, product)
    }
}

/// A variant, completed from its product.
fn variant_draft(product: &JsonNode<'_>, variant: &JsonNode<'_>) -> Draft {
    let both = [variant, product];
    let field = |keys: &[&str]| both.iter().find_map(|at| at.first(keys));
    let lists = |key: &str| {
        both.iter()
            .map(|at| at.objects(key))
            .find(|list| !list.is_empty())
    };
    let media = lists("media").unwrap_or_default();
    let categories = lists("categories").unwrap_or_default();
    let condition = both.iter().flat_map(|at| at.scalars("condition")).next();
    let seller = both.iter().find_map(|at| at.object("seller"));
    let seller =
        seller.and_then(|seller| Some(("seller_name".to_owned(), seller.field("name")?.text)));
    Draft {
        id: variant.field("id"),
        title: field(&["title"]),
        description: both.iter().find_map(|at| description(at)),
        url: field(&["url"]),
        images: images(&media),
        price: variant.object("price").and_then(|price| amount(&price)),
        list_price: variant
            .object("list_price")
            .and_then(|price| amount(&price)),
        availability: availability(variant),
        available_from: variant
            .object("availability")
            .and_then(|at| at.first(&["available_at", "date"])),
        brand: both.iter().find_map(|at| at.first(&["brand"])),
        gtins: barcodes(variant),
        sku: variant.field("sku"),
        condition,
        categories: categories
            .iter()
            .filter_map(category)
            .take(VALUES_MAX)
            .collect(),
        options: options(variant),
        attributes: Vec::from_iter(seller),
        ..Draft::default()
    }
}

/// Prefers plain text to Markdown to HTML, because the catalog keeps plain text.
fn description(at: &JsonNode<'_>) -> Option<Prose> {
    let Some(forms) = at.object("description") else {
        return at.field("description").map(Prose::Plain);
    };
    let plain = forms.first(&["plain", "markdown"]).map(Prose::Plain);
    plain.or_else(|| forms.field("html").map(Prose::Html))
}

fn images(media: &[JsonNode<'_>]) -> Vec<(RawField, Option<String>)> {
    let is_image = |at: &&JsonNode<'_>| at.get("type").is_none_or(|kind| kind == "image");
    let images = media.iter().filter(is_image).filter_map(|at| {
        let alt = at.field("alt_text").map(|raw| raw.text);
        Some((at.field("url")?, alt))
    });
    images.take(VALUES_MAX).collect()
}

fn amount(price: &JsonNode<'_>) -> Option<Amount> {
    Some(Amount::Minor(
        price.field("amount")?,
        price.field("currency"),
    ))
}

/// A status that is more specific than `available` wins, unless it contradicts it.
fn availability(variant: &JsonNode<'_>) -> Option<RawField> {
    let Some(at) = variant.object("availability") else {
        return variant.field("availability");
    };
    let status = at.field("status");
    let contradicts =
        |status: &RawField| ["in_stock", "limited_stock"].contains(&status.text.as_str());
    if at.is_false("available") && status.as_ref().is_none_or(contradicts) {
        return Some(at.field_with("available", "out_of_stock"));
    }
    status.or_else(|| {
        at.is_true("available")
            .then(|| at.field_with("available", "in_stock"))
    })
}

fn barcodes(variant: &JsonNode<'_>) -> Vec<RawField> {
    let objects = variant.objects("barcodes").into_iter();
    let is_gtin = |at: &JsonNode<'_>| {
        let kind = at.field("type").map(|raw| raw.text.to_ascii_uppercase());
        kind.is_none_or(|kind| {
            ["GTIN", "EAN", "UPC", "ISBN", "JAN"]
                .iter()
                .any(|existing| kind.starts_with(existing))
        })
    };
    let objects = objects.filter(is_gtin).filter_map(|at| at.field("value"));
    let all = objects.chain(variant.scalars("barcodes"));
    all.take(VALUES_MAX).collect()
}

fn category(at: &JsonNode<'_>) -> Option<(&'static str, RawField)> {
    let taxonomy = at
        .field("taxonomy")
        .map(|raw| raw.text.to_ascii_lowercase());
    let taxonomy = match taxonomy.as_deref() {
        Some(name) if name.contains("google") => "google",
        Some(name) if name.contains("shopify") => "shopify",
        _ => "merchant",
    };
    Some((taxonomy, at.first(&["value", "name"])?))
}

fn options(variant: &JsonNode<'_>) -> Vec<(String, RawField)> {
    let lists = ["variant_options", "options"].into_iter();
    let objects = lists.flat_map(|key| variant.objects(key));
    let options =
        objects.filter_map(|at| Some((at.field("name")?.text, at.first(&["value", "label"])?)));
    options.take(VALUES_MAX).collect()
}
