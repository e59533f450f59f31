//! schema.org products as JSON-LD: lists, graphs, groups with variants, and single products.

use buywire_schemas::catalog::issue::Issue;
use serde_json::{Map, Value};

use super::harvest::Harvest;
use super::json::At;
use super::{Confidence, Format, FormatRules, Mapper, Row, Seen};
use crate::feed::draft::{Amount, Draft, Prose, Said};
use crate::read::{Kind, Parsed};

const GTINS: [&str; 6] = ["gtin", "gtin14", "gtin13", "gtin12", "gtin8", "isbn"];
const OPTIONS: [&str; 4] = ["color", "size", "material", "pattern"];
/// Values of one list that are read.
const VALUES_MAX: usize = 32;

/// The format.
#[derive(Debug)]
pub(super) struct SchemaOrg;

impl Format for SchemaOrg {
    fn name(&self) -> &'static str {
        "schema_org"
    }

    fn title(&self) -> &'static str {
        "schema.org products (JSON-LD)"
    }

    fn recognises(&self, seen: &Seen<'_>) -> Confidence {
        let has_product = |object: &Map<String, Value>| {
            let graph = object.get("@graph").and_then(Value::as_array);
            let inner = graph.into_iter().flatten().filter_map(Value::as_object);
            inner
                .chain([object])
                .any(|object| is_a(object, &["Product", "ProductGroup"]))
        };
        if seen.objects().any(has_product) {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn mapper(&self, _: &Kind, _: &FormatRules, _: &mut Vec<Issue>) -> Box<dyn Mapper + Send> {
        Box::new(Products)
    }
}

/// Types are written bare, with their address, or several of them.
fn is_a(object: &Map<String, Value>, types: &[&str]) -> bool {
    let is_one = |value: &Value| {
        let name = value
            .as_str()
            .and_then(|name| name.rsplit(['/', ':']).next());
        name.is_some_and(|name| types.contains(&name))
    };
    match object.get("@type") {
        Some(Value::Array(names)) => names.iter().any(is_one),
        Some(name) => is_one(name),
        None => false,
    }
}

struct Products;

impl Mapper for Products {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut Harvest) {
        for Row { row, parsed } in rows {
            let Parsed::Json(record) = parsed else {
                continue;
            };
            let Some(at) = At::top(record) else {
                continue;
            };
            if at.get("@graph").is_some() {
                at.list("@graph")
                    .iter()
                    .for_each(|node| read(node, *row, out));
            } else {
                read(&at, *row, out);
            }
        }
    }
}

/// One node: a product, a group of products, or something else.
fn read(node: &At<'_>, row: u64, out: &mut Harvest) {
    if out.is_full() {
        return out.overflow(row);
    }
    let variants = node.list("hasVariant");
    if variants.is_empty() {
        if node.is_typed(|object| is_a(object, &["Product", "IndividualProduct", "ProductModel"])) {
            products(None, node, row, out);
        }
        return;
    }
    for variant in &variants {
        products(Some(node), variant, row, out);
    }
}

/// A product is one item; if each of its offers has a SKU of its own, each of them is one.
fn products(group: Option<&At<'_>>, product: &At<'_>, row: u64, out: &mut Harvest) {
    let offers = offers(product);
    let are_variants = offers.len() > 1 && offers.iter().all(|offer| offer.said("sku").is_some());
    if !are_variants {
        return out.push(draft(group, product, offers.first(), row));
    }
    for offer in &offers {
        let mut variant = draft(group, product, Some(offer), row);
        variant.group = variant.group.or_else(|| variant.id.take());
        variant.id = offer.said("sku");
        variant.title = offer.said("name").or(variant.title);
        variant.url = offer.said("url").or(variant.url);
        out.push(variant);
    }
}

/// The offers, and those inside an aggregate.
fn offers<'a>(product: &At<'a>) -> Vec<At<'a>> {
    let outer = product.list("offers").into_iter();
    let all = outer.flat_map(|offer| {
        let inner = offer.list("offers");
        if inner.is_empty() { vec![offer] } else { inner }
    });
    all.take(super::harvest::DRAFTS_MAX).collect()
}

fn draft(group: Option<&At<'_>>, product: &At<'_>, offer: Option<&At<'_>>, row: u64) -> Draft {
    let levels: Vec<_> = [Some(product), group].into_iter().flatten().collect();
    let said = |key: &str| levels.iter().find_map(|at| at.said(key));
    let from_offer = |key: &str| offer.and_then(|offer| offer.said(key));
    let (price, list_price) = offer.map(prices).unwrap_or_default();
    let images = levels
        .iter()
        .map(|at| images(at))
        .find(|images| !images.is_empty());
    let group_id = group.and_then(|at| at.first(&["productGroupID", "productID", "sku", "@id"]));
    let condition = from_offer("itemCondition").or_else(|| said("itemCondition"));
    Draft {
        row,
        id: product.first(&["productID", "sku", "identifier", "@id"]),
        group: group_id.or_else(|| product.said("inProductGroupWithID")),
        title: said("name"),
        description: said("description").map(Prose::Plain),
        url: product
            .said("url")
            .or_else(|| from_offer("url"))
            .or_else(|| said("url")),
        images: images.unwrap_or_default(),
        price,
        list_price,
        availability: from_offer("availability"),
        available_from: from_offer("availabilityStarts"),
        expires_at: from_offer("availabilityEnds"),
        quantity: offer.and_then(|offer| quantity(offer)),
        brand: levels.iter().find_map(|at| named(at, "brand")),
        gtins: GTINS
            .iter()
            .filter_map(|key| product.said(key))
            .take(1)
            .collect(),
        mpn: product.said("mpn"),
        sku: product.said("sku"),
        condition: condition.map(shortened),
        categories: categories(&levels),
        options: options(product),
        weight: product.at("weight").and_then(|weight| weight_of(&weight)),
        attributes: Vec::from_iter(
            from_offer("priceValidUntil").map(|said| ("priceValidUntil".to_owned(), said.text)),
        ),
        ..Draft::default()
    }
}

/// A text, or an object with a name.
fn named(at: &At<'_>, key: &str) -> Option<Said> {
    at.said(key).or_else(|| at.list(key).first()?.said("name"))
}

/// Links, or objects with a link.
fn images(at: &At<'_>) -> Vec<(Said, Option<String>)> {
    let links = at.words("image").into_iter().map(|said| (said, None));
    let objects = at.list("image").into_iter().filter_map(|image| {
        let alt = image.first(&["caption", "name"]).map(|said| said.text);
        Some((image.first(&["url", "contentUrl"])?, alt))
    });
    links.chain(objects).take(VALUES_MAX).collect()
}

/// What it costs, and what it cost before. A range is no price.
fn prices(offer: &At<'_>) -> (Option<Amount>, Option<Amount>) {
    let currency = |at: &At<'_>| {
        at.said("priceCurrency")
            .or_else(|| offer.said("priceCurrency"))
    };
    let amount = |at: &At<'_>, key: &str| Some(Amount::Decimal(at.said(key)?, currency(at)));
    let specifications = offer.list("priceSpecification");
    let is_former = |at: &At<'_>| {
        let kind = at.said("priceType").map(|said| said.text);
        kind.is_some_and(|kind| {
            ["ListPrice", "StrikethroughPrice", "SRP"]
                .iter()
                .any(|name| kind.ends_with(name))
        })
    };
    let now = specifications.iter().find(|at| !is_former(at));
    let former = specifications.iter().find(|at| is_former(at));
    let low = offer.said("lowPrice").filter(|low| {
        let high = offer.said("highPrice");
        high.is_none_or(|high| high.text == low.text)
    });
    let price = amount(offer, "price").or_else(|| amount(now?, "price"));
    let price = price.or_else(|| Some(Amount::Decimal(low?, currency(offer))));
    (price, former.and_then(|at| amount(at, "price")))
}

fn quantity(offer: &At<'_>) -> Option<Said> {
    let level = offer.at("inventoryLevel");
    level
        .and_then(|level| level.said("value"))
        .or_else(|| offer.said("inventoryLevel"))
}

/// `https://schema.org/NewCondition` is new.
fn shortened(mut condition: Said) -> Said {
    let name = condition.text.rsplit('/').next().unwrap_or_default();
    condition.text = name.trim_end_matches("Condition").to_ascii_lowercase();
    condition
}

fn categories(levels: &[&At<'_>]) -> Vec<(&'static str, Said)> {
    let texts = levels
        .iter()
        .map(|at| at.words("category"))
        .find(|list| !list.is_empty());
    let texts = texts.unwrap_or_default().into_iter();
    texts
        .map(|said| ("merchant", said))
        .take(VALUES_MAX)
        .collect()
}

fn options(product: &At<'_>) -> Vec<(String, Said)> {
    let plain = OPTIONS
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), named(product, key)?)));
    let more = product.list("additionalProperty").into_iter();
    let more = more.filter_map(|at| Some((at.said("name")?.text, at.said("value")?)));
    plain.chain(more).take(VALUES_MAX).collect()
}

/// Units are codes of UN/CEFACT or texts.
fn weight_of(weight: &At<'_>) -> Option<Said> {
    let mut said = weight.said("value")?;
    let unit = weight.first(&["unitText", "unitCode"])?.text;
    let unit = match unit.as_str() {
        "KGM" => "kg",
        "GRM" => "g",
        "LBR" => "lb",
        "ONZ" => "oz",
        other => other,
    };
    said.text = format!("{} {unit}", said.text);
    Some(said)
}
