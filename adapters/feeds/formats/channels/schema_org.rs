//! schema.org products as JSON-LD: lists, graphs, groups with variants, and single products.

use buywire_schemas::catalog::issue::Issue;
use serde_json::{Map, Value};

use crate::draft::{Amount, Draft, Prose, RawField};
use crate::formats::format::{Confidence, Format, FormatRules, Mapper, Row};
use crate::formats::json::JsonNode;
use crate::formats::map_output::MapOutput;
use crate::formats::sample::Sample;
use crate::read::{DocumentKind, Parsed};

const GTINS: [&str; 6] = ["gtin", "gtin14", "gtin13", "gtin12", "gtin8", "isbn"];
const OPTIONS: [&str; 4] = ["color", "size", "material", "pattern"];
/// Values read of one list.
const VALUES_MAX: usize = 32;

/// The format.
#[derive(Debug)]
pub(crate) struct SchemaOrg;

impl Format for SchemaOrg {
    fn name(&self) -> &'static str {
        "schema_org"
    }

    fn title(&self) -> &'static str {
        "schema.org products (JSON-LD)"
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
        let has_product = |object: &Map<String, Value>| {
            let graph = object.get("@graph").and_then(Value::as_array);
            let inner = graph.into_iter().flatten().filter_map(Value::as_object);
            inner
                .chain([object])
                .any(|object| is_a(object, &["Product", "ProductGroup"]))
        };
        if sample.objects().any(has_product) {
            return Confidence::Certain;
        }
        Confidence::No
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

/// Types may be bare names, URLs, or a list.
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

struct ProductMapper;

impl Mapper for ProductMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        for Row { row, parsed } in rows {
            let Parsed::Json(record) = parsed else {
                continue;
            };
            let Some(at) = JsonNode::root(record) else {
                continue;
            };
            if at.get("@graph").is_some() {
                at.objects("@graph")
                    .iter()
                    .for_each(|node| map_node(node, *row, out));
            } else {
                map_node(&at, *row, out);
            }
        }
    }
}

/// One node: a product, a group of products, or something else.
fn map_node(node: &JsonNode<'_>, row: u64, out: &mut MapOutput) {
    if out.is_full() {
        return out.report_overflow(row);
    }
    let variants = node.objects("hasVariant");
    if variants.is_empty() {
        if node.is_typed(|object| is_a(object, &["Product", "IndividualProduct", "ProductModel"])) {
            map_product(None, node, row, out);
        }
        return;
    }
    for variant in &variants {
        map_product(Some(node), variant, row, out);
    }
}

/// A product is one item. If each of its offers has its own SKU, each offer is one.
fn map_product(
    group: Option<&JsonNode<'_>>,
    product: &JsonNode<'_>,
    row: u64,
    out: &mut MapOutput,
) {
    let offers = offers(product);
    let are_variants = offers.len() > 1 && offers.iter().all(|offer| offer.field("sku").is_some());
    if !are_variants {
        return out.push(product_draft(group, product, offers.first(), row));
    }
    for offer in &offers {
        let mut variant = product_draft(group, product, Some(offer), row);
        variant.group = variant.group.or_else(|| variant.id.take());
        variant.id = offer.field("sku");
        variant.title = offer.field("name").or(variant.title);
        variant.url = offer.field("url").or(variant.url);
        out.push(variant);
    }
}

/// The offers, and those inside an aggregate.
fn offers<'a>(product: &JsonNode<'a>) -> Vec<JsonNode<'a>> {
    let outer = product.objects("offers").into_iter();
    let all = outer.flat_map(|offer| {
        let inner = offer.objects("offers");
        if inner.is_empty() { vec![offer] } else { inner }
    });
    all.take(crate::formats::map_output::DRAFTS_MAX).collect()
}

fn product_draft(
    group: Option<&JsonNode<'_>>,
    product: &JsonNode<'_>,
    offer: Option<&JsonNode<'_>>,
    row: u64,
) -> Draft {
    let levels: Vec<_> = [Some(product), group].into_iter().flatten().collect();
    let field = |key: &str| levels.iter().find_map(|at| at.field(key));
    let from_offer = |key: &str| offer.and_then(|offer| offer.field(key));
    let (price, list_price) = offer.map(prices).unwrap_or_default();
    let images = levels
        .iter()
        .map(|at| images(at))
        .find(|images| !images.is_empty());
    let group_id = group.and_then(|at| at.first(&["productGroupID", "productID", "sku", "@id"]));
    let condition = from_offer("itemCondition").or_else(|| field("itemCondition"));
    Draft {
        row,
        id: product.first(&["productID", "sku", "identifier", "@id"]),
        group: group_id.or_else(|| product.field("inProductGroupWithID")),
        title: field("name"),
        description: field("description").map(Prose::Plain),
        url: product
            .field("url")
            .or_else(|| from_offer("url"))
            .or_else(|| field("url")),
        images: images.unwrap_or_default(),
        price,
        list_price,
        availability: from_offer("availability"),
        available_from: from_offer("availabilityStarts"),
        expires_at: from_offer("availabilityEnds"),
        quantity: offer.and_then(|offer| quantity(offer)),
        brand: levels.iter().find_map(|at| name_of(at, "brand")),
        gtins: GTINS
            .iter()
            .filter_map(|key| product.field(key))
            .take(1)
            .collect(),
        mpn: product.field("mpn"),
        sku: product.field("sku"),
        condition: condition.map(short_condition),
        categories: categories(&levels),
        options: options(product),
        weight: product
            .object("weight")
            .and_then(|weight| weight_of(&weight)),
        attributes: Vec::from_iter(
            from_offer("priceValidUntil").map(|raw| ("priceValidUntil".to_owned(), raw.text)),
        ),
        ..Draft::default()
    }
}

/// A text, or an object with a name.
fn name_of(at: &JsonNode<'_>, key: &str) -> Option<RawField> {
    at.field(key)
        .or_else(|| at.objects(key).first()?.field("name"))
}

/// Links, or objects with a link.
fn images(at: &JsonNode<'_>) -> Vec<(RawField, Option<String>)> {
    let links = at.scalars("image").into_iter().map(|raw| (raw, None));
    let objects = at.objects("image").into_iter().filter_map(|image| {
        let alt = image.first(&["caption", "name"]).map(|raw| raw.text);
        Some((image.first(&["url", "contentUrl"])?, alt))
    });
    links.chain(objects).take(VALUES_MAX).collect()
}

/// The current and the former price. A range is not a price.
fn prices(offer: &JsonNode<'_>) -> (Option<Amount>, Option<Amount>) {
    let currency = |at: &JsonNode<'_>| {
        at.field("priceCurrency")
            .or_else(|| offer.field("priceCurrency"))
    };
    let amount = |at: &JsonNode<'_>, key: &str| Some(Amount::Decimal(at.field(key)?, currency(at)));
    let specifications = offer.objects("priceSpecification");
    let is_former = |at: &JsonNode<'_>| {
        let kind = at.field("priceType").map(|raw| raw.text);
        kind.is_some_and(|kind| {
            ["ListPrice", "StrikethroughPrice", "SRP"]
                .iter()
                .any(|name| kind.ends_with(name))
        })
    };
    let current = specifications.iter().find(|at| !is_former(at));
    let former = specifications.iter().find(|at| is_former(at));
    let low = offer.field("lowPrice").filter(|low| {
        let high = offer.field("highPrice");
        high.is_none_or(|high| high.text == low.text)
    });
    let price = amount(offer, "price").or_else(|| amount(current?, "price"));
    let price = price.or_else(|| Some(Amount::Decimal(low?, currency(offer))));
    (price, former.and_then(|at| amount(at, "price")))
}

fn quantity(offer: &JsonNode<'_>) -> Option<RawField> {
    let level = offer.object("inventoryLevel");
    level
        .and_then(|level| level.field("value"))
        .or_else(|| offer.field("inventoryLevel"))
}

/// `https://schema.org/NewCondition` is new.
fn short_condition(mut condition: RawField) -> RawField {
    let name = condition.text.rsplit('/').next().unwrap_or_default();
    condition.text = name.trim_end_matches("Condition").to_ascii_lowercase();
    condition
}

fn categories(levels: &[&JsonNode<'_>]) -> Vec<(&'static str, RawField)> {
    let texts = levels
        .iter()
        .map(|at| at.scalars("category"))
        .find(|list| !list.is_empty());
    let texts = texts.unwrap_or_default().into_iter();
    texts
        .map(|raw| ("merchant", raw))
        .take(VALUES_MAX)
        .collect()
}

fn options(product: &JsonNode<'_>) -> Vec<(String, RawField)> {
    let plain = OPTIONS
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), name_of(product, key)?)));
    let more = product.objects("additionalProperty").into_iter();
    let more = more.filter_map(|at| Some((at.field("name")?.text, at.field("value")?)));
    plain.chain(more).take(VALUES_MAX).collect()
}

/// Units are UN/CEFACT codes or text.
fn weight_of(weight: &JsonNode<'_>) -> Option<RawField> {
    let mut raw = weight.field("value")?;
    let unit = weight.first(&["unitText", "unitCode"])?.text;
    let unit = match unit.as_str() {
        "KGM" => "kg",
        "GRM" => "g",
        "LBR" => "lb",
        "ONZ" => "oz",
        other => other,
    };
    raw.text = format!("{} {unit}", raw.text);
    Some(raw)
}
