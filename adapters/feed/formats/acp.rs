//! Products with their variants inside, as the Agentic Commerce Protocol has them, and `OpenAI`
//! and the Universal Commerce Protocol nearly alike.

use buywire_schemas::catalog::issue::Issue;
use serde_json::{Map, Value};

use super::harvest::Harvest;
use super::json::At;
use super::{Confidence, Format, FormatRules, Mapper, Row, Seen};
use crate::feed::draft::{Amount, Draft, Prose, Said};
use crate::read::{Kind, Parsed};

/// The protocol's own feeds.
pub(super) static ACP: Nested = Nested {
    name: "acp",
    title: "Agentic Commerce Protocol products",
    header: false,
};

/// The same, after a line that says whose feed it is.
pub(super) static OPENAI_PRODUCTS: Nested = Nested {
    name: "openai_products",
    title: "OpenAI product feed (products and variants)",
    header: true,
};

/// Values of one list that are read.
const VALUES_MAX: usize = 32;

/// The format.
#[derive(Debug)]
pub(super) struct Nested {
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

    fn recognises(&self, seen: &Seen<'_>) -> Confidence {
        let mut objects = seen.objects();
        let mut products = seen.objects().filter(|object| is_product(object));
        if seen.objects().any(is_header) != self.header || !products.any(|_| true) {
            return Confidence::No;
        }
        if self.header || objects.any(has_own_names) {
            return Confidence::Certain;
        }
        Confidence::Likely
    }

    fn speaks_of_brands(&self) -> bool {
        false
    }

    fn mapper(&self, _: &Kind, _: &FormatRules, _: &mut Vec<Issue>) -> Box<dyn Mapper + Send> {
        Box::new(Products)
    }
}

fn is_header(object: &Map<String, Value>) -> bool {
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

struct Products;

impl Mapper for Products {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut Harvest) {
        for Row { row, parsed } in rows {
            let Parsed::Json(record) = parsed else {
                continue;
            };
            let Some(product) =
                At::top(record).filter(|_| record.as_object().is_some_and(|o| !is_header(o)))
            else {
                continue;
            };
            let deleted = product.is("deleted");
            let variants = product.list("variants");
            if variants.is_empty() {
                out.push(alone(&product, *row, deleted));
            }
            let is_group = variants.len() > 1;
            for variant in variants {
                if out.is_full() {
                    out.overflow(*row);
                    break;
                }
                out.push(Draft {
                    row: *row,
                    deleted: deleted || variant.is("deleted"),
                    group: product.said("id").filter(|_| is_group),
                    ..offer(&product, &variant)
                });
            }
        }
    }
}

/// A product without variants: nothing can be bought, and the checks say what is missing.
fn alone(product: &At<'_>, row: u64, deleted: bool) -> Draft {
    Draft {
        row,
        deleted,
        ..offer(product, product)
    }
}

/// A variant, with what it leaves to its product.
fn offer(product: &At<'_>, variant: &At<'_>) -> Draft {
    let both = [variant, product];
    let said = |keys: &[&str]| both.iter().find_map(|at| at.first(keys));
    let lists = |key: &str| {
        both.iter()
            .map(|at| at.list(key))
            .find(|list| !list.is_empty())
    };
    let media = lists("media").unwrap_or_default();
    let categories = lists("categories").unwrap_or_default();
    let condition = both.iter().flat_map(|at| at.words("condition")).next();
    let seller = both.iter().find_map(|at| at.at("seller"));
    let seller =
        seller.and_then(|seller| Some(("seller_name".to_owned(), seller.said("name")?.text)));
    Draft {
        id: variant.said("id"),
        title: said(&["title"]),
        description: both.iter().find_map(|at| description(at)),
        url: said(&["url"]),
        images: images(&media),
        price: variant.at("price").and_then(|price| amount(&price)),
        list_price: variant.at("list_price").and_then(|price| amount(&price)),
        availability: availability(variant),
        available_from: variant
            .at("availability")
            .and_then(|at| at.first(&["available_at", "date"])),
        brand: both.iter().find_map(|at| at.first(&["brand"])),
        gtins: barcodes(variant),
        sku: variant.said("sku"),
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

/// Plain text before Markdown before HTML: the catalog keeps plain text.
fn description(at: &At<'_>) -> Option<Prose> {
    let Some(forms) = at.at("description") else {
        return at.said("description").map(Prose::Plain);
    };
    let plain = forms.first(&["plain", "markdown"]).map(Prose::Plain);
    plain.or_else(|| forms.said("html").map(Prose::Html))
}

fn images(media: &[At<'_>]) -> Vec<(Said, Option<String>)> {
    let is_image = |at: &&At<'_>| at.get("type").is_none_or(|kind| kind == "image");
    let images = media.iter().filter(is_image).filter_map(|at| {
        let alt = at.said("alt_text").map(|said| said.text);
        Some((at.said("url")?, alt))
    });
    images.take(VALUES_MAX).collect()
}

fn amount(price: &At<'_>) -> Option<Amount> {
    Some(Amount::Minor(price.said("amount")?, price.said("currency")))
}

/// A status that says more than `available` counts, unless it says the opposite.
fn availability(variant: &At<'_>) -> Option<Said> {
    let Some(at) = variant.at("availability") else {
        return variant.said("availability");
    };
    let status = at.said("status");
    let contradicts = |status: &Said| ["in_stock", "limited_stock"].contains(&status.text.as_str());
    if at.is_not("available") && status.as_ref().is_none_or(contradicts) {
        return Some(at.say("available", "out_of_stock"));
    }
    status.or_else(|| at.is("available").then(|| at.say("available", "in_stock")))
}

fn barcodes(variant: &At<'_>) -> Vec<Said> {
    let objects = variant.list("barcodes").into_iter();
    let is_gtin = |at: &At<'_>| {
        let kind = at.said("type").map(|said| said.text.to_ascii_uppercase());
        kind.is_none_or(|kind| {
            ["GTIN", "EAN", "UPC", "ISBN", "JAN"]
                .iter()
                .any(|known| kind.starts_with(known))
        })
    };
    let objects = objects.filter(is_gtin).filter_map(|at| at.said("value"));
    let all = objects.chain(variant.words("barcodes"));
    all.take(VALUES_MAX).collect()
}

fn category(at: &At<'_>) -> Option<(&'static str, Said)> {
    let taxonomy = at
        .said("taxonomy")
        .map(|said| said.text.to_ascii_lowercase());
    let taxonomy = match taxonomy.as_deref() {
        Some(name) if name.contains("google") => "google",
        Some(name) if name.contains("shopify") => "shopify",
        _ => "merchant",
    };
    Some((taxonomy, at.first(&["value", "name"])?))
}

fn options(variant: &At<'_>) -> Vec<(String, Said)> {
    let lists = ["variant_options", "options"].into_iter();
    let objects = lists.flat_map(|key| variant.list(key));
    let options =
        objects.filter_map(|at| Some((at.said("name")?.text, at.first(&["value", "label"])?)));
    options.take(VALUES_MAX).collect()
}
