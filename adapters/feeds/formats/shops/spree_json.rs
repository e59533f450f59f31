//! Spree's products by its storefront API: a JSON:API document, whose variants and images follow the products.
//!
//! Promises: a product with variants is not an item, its variants are; memory is bounded: beyond the bound, products
//! come without their variants, and are not for sale. Must not guess a weight: the API has no unit.

use std::collections::HashMap;

use buywire_schemas::catalog::issue::Issue;
use serde_json::{Map, Value};

use crate::draft::{Amount, Draft, Prose, RawField};
use crate::formats::format::{Confidence, Format, FormatRules, Mapper, Row};
use crate::formats::json::JsonNode;
use crate::formats::map_output::{DRAFTS_MAX, MapOutput};
use crate::formats::parent_cache::BYTES_MAX;
use crate::formats::sample::Sample;
use crate::read::{DocumentKind, Parsed};

/// Images of one item.
const IMAGES_MAX: usize = 32;
/// Options of one variant.
const OPTIONS_MAX: usize = 32;
/// The memory of one kept value besides its text.
const VALUE_BYTES: usize = 64;

/// The format.
#[derive(Debug)]
pub(crate) struct SpreeJson;

impl Format for SpreeJson {
    fn name(&self) -> &'static str {
        "spree_json"
    }

    fn title(&self) -> &'static str {
        "Spree products (storefront API, JSON)"
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
        match sample.objects().any(is_product) {
            true => Confidence::Certain,
            false => Confidence::No,
        }
    }

    fn has_brands(&self) -> bool {
        false
    }

    fn mapper(
        &self,
        _: &DocumentKind,
        rules: &FormatRules,
        _: &mut Vec<Issue>,
    ) -> Box<dyn Mapper + Send> {
        Box::new(ObjectMapper {
            rules: rules.clone(),
            products: Vec::new(),
            included: HashMap::new(),
            bytes: 0,
        })
    }
}

fn is_product(object: &Map<String, Value>) -> bool {
    let attributes = object.get("attributes").and_then(Value::as_object);
    object.get("type").is_some_and(|kind| kind == "product")
        && attributes.is_some_and(|own| own.contains_key("slug") && own.contains_key("purchasable"))
}

/// The type and the id of an object.
type Reference = (String, String);

struct ObjectMapper {
    rules: FormatRules,
    products: Vec<(u64, Value)>,
    included: HashMap<Reference, (u64, Value)>,
    bytes: usize,
}

impl Mapper for ObjectMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        for Row { row, parsed } in rows {
            let Parsed::Json(record) = parsed else {
                continue;
            };
            let Some((kind, id)) = reference(record) else {
                continue;
            };
            let has_room = self.bytes + bytes(record) <= BYTES_MAX;
            match (kind.as_str(), has_room) {
                ("product", false) => out.drafts.extend(self.items(*row, record)),
                (_, false) => {}
                ("product", true) => self.products.push((*row, record.clone())),
                ("variant" | "image", true) => {
                    self.included.insert((kind, id), (*row, record.clone()));
                }
                _ => continue,
            }
            self.bytes += bytes(record);
        }
    }

    fn is_self_contained(&self) -> bool {
        false
    }

    fn finish(&mut self, out: &mut MapOutput) {
        // The document's end is no record: all of them, whose number is bounded by their memory.
        for (row, product) in std::mem::take(&mut self.products) {
            out.drafts.extend(self.items(row, &product));
        }
    }
}

impl ObjectMapper {
    /// The variants of a product, or the product.
    fn items(&self, row: u64, product: &Value) -> Vec<Draft> {
        let Some(at) = JsonNode::root(product) else {
            return Vec::new();
        };
        let draft = self.product(&at, row);
        let variants = self.related(&at, "variants", "variant").take(DRAFTS_MAX);
        let variants = variants.filter(|(_, variant)| !is_master(variant));
        let variants: Vec<_> = variants
            .map(|(row, variant)| self.variant(*row, variant, &draft))
            .collect();
        if !variants.is_empty() {
            return variants;
        }
        let master = self.related(&at, "default_variant", "variant").next();
        let master = master.and_then(|(_, variant)| JsonNode::root(variant)?.object("attributes"));
        let sku = master.as_ref().and_then(|own| own.field("sku"));
        // Nobody could say which of the variants to buy.
        let has_others = references(&at, "variants").next().is_some();
        let not_for_sale = has_others.then(|| at.field_with("relationships.variants", "false"));
        vec![Draft {
            id: sku.clone().or_else(|| draft.id.clone()),
            sku,
            for_sale: not_for_sale.or_else(|| draft.for_sale.clone()),
            gtins: master
                .iter()
                .filter_map(|own| own.field("barcode"))
                .collect(),
            group: None,
            ..draft
        }]
    }

    /// Its group is what its variants share.
    fn product(&self, at: &JsonNode<'_>, row: u64) -> Draft {
        let id = at.field("id");
        let Some(own) = at.object("attributes") else {
            return Draft {
                row,
                id,
                ..Draft::default()
            };
        };
        let slug = own.field("slug");
        let page = slug.and_then(|slug| {
            let url = self.rules.page_url(&format!("products/{}", slug.text))?;
            Some(own.field_with("slug", url))
        });
        Draft {
            row,
            group: id.clone(),
            id,
            title: own.field("name"),
            description: own.field("description").map(Prose::Html),
            url: page,
            images: self.images(at),
            price: amount(&own, "price"),
            list_price: amount(&own, "compare_at_price"),
            availability: availability(&own),
            for_sale: own
                .is_false("available")
                .then(|| own.field_with("available", "false")),
            ..Draft::default()
        }
    }

    fn variant(&self, row: u64, variant: &Value, product: &Draft) -> Draft {
        let draft = Draft {
            row,
            ..product.clone()
        };
        let Some(at) = JsonNode::root(variant) else {
            return draft;
        };
        let Some(own) = at.object("attributes") else {
            return draft;
        };
        let sku = own.field("sku");
        let own_images = self.images(&at);
        Draft {
            id: sku.clone().or_else(|| at.field("id")),
            sku,
            gtins: own.field("barcode").into_iter().collect(),
            price: amount(&own, "price"),
            list_price: amount(&own, "compare_at_price"),
            availability: availability(&own),
            options: options(&own),
            images: match own_images.is_empty() {
                true => draft.images,
                false => own_images,
            },
            ..draft
        }
    }

    fn images(&self, at: &JsonNode<'_>) -> Vec<(RawField, Option<String>)> {
        let images = self.related(at, "images", "image");
        let links = images.filter_map(|(_, image)| {
            let image = JsonNode::root(image)?.object("attributes")?;
            let mut link = image.first(&["original_url", "transformed_url"]);
            if link.is_none() {
                link = largest_style(&image);
            }
            let link = link?;
            match link.text.strip_prefix('/') {
                Some(path) => Some(RawField {
                    text: self.rules.page_url(path)?,
                    ..link
                }),
                None => Some(link),
            }
        });
        links.map(|link| (link, None)).take(IMAGES_MAX).collect()
    }

    /// The included objects that a relationship of this object names.
    fn related<'a>(
        &'a self,
        at: &JsonNode<'_>,
        relationship: &str,
        kind: &'static str,
    ) -> impl Iterator<Item = &'a (u64, Value)> + use<'a> {
        references(at, relationship).filter_map(move |id| self.included.get(&(kind.to_owned(), id)))
    }
}

/// The ids that a relationship of this object names.
fn references(at: &JsonNode<'_>, relationship: &str) -> impl Iterator<Item = String> + use<> {
    let all = at.object("relationships");
    let related = all.and_then(|all| all.object(relationship));
    let objects = related.map(|related| related.objects("data"));
    let ids = objects.unwrap_or_default().into_iter();
    let ids: Vec<_> = ids.filter_map(|object| object.field("id")).collect();
    ids.into_iter().map(|id| id.text)
}

fn reference(object: &Value) -> Option<Reference> {
    let at = JsonNode::root(object)?;
    Some((at.field("type")?.text, at.field("id")?.text))
}

/// A product's master only carries its texts.
fn is_master(variant: &Value) -> bool {
    let own = JsonNode::root(variant).and_then(|at| at.object("attributes"));
    own.is_some_and(|own| own.is_true("is_master"))
}

fn amount(own: &JsonNode<'_>, key: &str) -> Option<Amount> {
    Some(Amount::Decimal(own.field(key)?, own.field("currency")))
}

fn availability(own: &JsonNode<'_>) -> Option<RawField> {
    if own.is_true("in_stock") {
        return Some(own.field_with("in_stock", "in_stock"));
    }
    let status = match own.is_true("backorderable") {
        true => "backorder",
        false => "out_of_stock",
    };
    own.is_false("in_stock")
        .then(|| own.field_with("in_stock", status))
}

/// `Size: M, Colour: Dark, blue` as English lists end: the last may begin with "and".
fn options(own: &JsonNode<'_>) -> Vec<(String, RawField)> {
    let Some(list) = own.field("options_text") else {
        return Vec::new();
    };
    let mut options: Vec<(String, RawField)> = Vec::new();
    for part in list.text.split(", ").take(OPTIONS_MAX) {
        let part = part.strip_prefix("and ").unwrap_or(part);
        if let Some((name, value)) = part.split_once(": ") {
            let value = own.field_with("options_text", value.trim());
            options.push((name.trim().to_owned(), value));
        } else if let Some((_, value)) = options.last_mut() {
            // A comma inside a value.
            value.text.push_str(", ");
            value.text.push_str(part);
        }
    }
    options
}

/// Old versions name an image in several sizes only.
fn largest_style(image: &JsonNode<'_>) -> Option<RawField> {
    let styles = image.objects("styles").into_iter();
    let width = |style: &JsonNode<'_>| {
        let width = style.field("width");
        width.and_then(|raw| raw.text.parse::<u32>().ok())
    };
    styles.max_by_key(width)?.field("url")
}

fn bytes(value: &Value) -> usize {
    let inner = match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(bytes).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| key.len() + bytes(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    VALUE_BYTES + inner
}
