//! Stripe's objects: products and prices of today, products and SKUs of the Relay era.
//!
//! A product with its price expanded is an item. Products whose prices or SKUs come as records of
//! their own are remembered until these arrive; a product whose price never comes is said without one.

use std::collections::HashSet;

use buywire_schemas::catalog::issue::Issue;
use serde_json::{Map, Value};

use crate::draft::{Amount, Draft, Prose, RawField};
use crate::formats::format::{Confidence, Format, FormatRules, Mapper, Row};
use crate::formats::json::JsonNode;
use crate::formats::map_output::MapOutput;
use crate::formats::parent_cache::ParentCache;
use crate::formats::sample::Sample;
use crate::formats::stock_status;
use crate::read::{DocumentKind, Parsed};

/// Values read of one list.
const VALUES_MAX: usize = 32;
/// Products remembered as priced.
const PRICED_MAX: usize = 100_000;

/// The format.
#[derive(Debug)]
pub(crate) struct Stripe;

impl Format for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn title(&self) -> &'static str {
        "Stripe products, prices and SKUs"
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
        if sample.objects().any(is_stripe_object) {
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
        Box::new(ObjectMapper::default())
    }
}

fn is_stripe_object(object: &Map<String, Value>) -> bool {
    let kind = object.get("object").and_then(Value::as_str);
    kind.is_some_and(|kind| ["product", "price", "sku"].contains(&kind))
}

#[derive(Default)]
struct ObjectMapper {
    products: ParentCache,
    /// The products that had a price or a SKU.
    priced_ids: HashSet<String>,
}

impl Mapper for ObjectMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        for Row { row, parsed } in rows {
            let Parsed::Json(record) = parsed else {
                continue;
            };
            let Some(at) = JsonNode::root(record) else {
                continue;
            };
            match at.get("object").and_then(Value::as_str) {
                Some("product") => self.product(&at, *row, out),
                Some("price") => out.push(self.price(&at, *row)),
                Some("sku") => out.push(self.sku(&at, *row)),
                _ => {}
            }
        }
    }

    fn is_self_contained(&self) -> bool {
        false
    }

    fn finish(&mut self, out: &mut MapOutput) {
        for draft in self.products.take_all() {
            let id = draft.id.as_ref().map(|id| id.text.as_str());
            if !id.is_some_and(|id| self.priced_ids.contains(id)) {
                out.push(draft);
            }
        }
    }
}

impl ObjectMapper {
    fn product(&mut self, at: &JsonNode<'_>, row: u64, out: &mut MapOutput) {
        let mut draft = map_product(at, row);
        if let Some(price) = at.object("default_price") {
            draft.price = amount(&price, "unit_amount");
            draft.for_sale = for_sale(&price).or(draft.for_sale);
            return out.push(draft);
        }
        // Its default price leads to it too.
        let ids = [at.field("id"), at.field("default_price")];
        let ids: Vec<_> = ids.iter().flatten().map(|raw| raw.text.as_str()).collect();
        if let Err(draft) = self.products.insert(&ids, draft) {
            out.push(*draft);
        }
    }

    /// A product's default price is the product as an item; every other price is one of its own.
    fn price(&mut self, at: &JsonNode<'_>, row: u64) -> Draft {
        let (mut draft, product) = self.product_draft(at, row);
        let inner = at
            .object("product")
            .and_then(|product| product.field("default_price"));
        let id = at.field("id");
        let is_default =
            inner.is_some() && inner.map(|raw| raw.text) == id.clone().map(|raw| raw.text);
        let is_known = id
            .as_ref()
            .is_some_and(|id| self.products.get(&id.text).is_some());
        if !is_default && !is_known {
            draft.group = product;
            draft.id = id;
        }
        draft.price = amount(at, "unit_amount");
        draft.for_sale = for_sale(at).or(draft.for_sale);
        if let Some(name) = at.field("nickname") {
            draft.options.push(("nickname".to_owned(), name));
        }
        draft
    }

    fn sku(&mut self, at: &JsonNode<'_>, row: u64) -> Draft {
        let (mut draft, product) = self.product_draft(at, row);
        draft.id = at.field("id");
        draft.group = product;
        draft.price = amount(at, "price");
        draft.for_sale = not_for_sale(at).or(draft.for_sale);
        if let Some(image) = at.field("image") {
            draft.images.insert(0, (image, None));
        }
        let options = at
            .object("attributes")
            .map(|at| at.pairs().collect::<Vec<_>>());
        let options = options.unwrap_or_default().into_iter();
        let options = options.map(|(name, raw)| (name.to_owned(), raw));
        draft.options = options.take(VALUES_MAX).collect();
        if let Some(inventory) = at.object("inventory") {
            (draft.availability, draft.quantity) = stock_of(&inventory);
        }
        draft.weight = weight(at).or(draft.weight);
        draft
    }

    /// What its product says, expanded inside or said before, and the product's id.
    fn product_draft(&mut self, at: &JsonNode<'_>, row: u64) -> (Draft, Option<RawField>) {
        let (draft, id) = match at.object("product") {
            Some(inner) => (Some(map_product(&inner, row)), inner.field("id")),
            None => {
                let id = at.field("product");
                let cached = id.as_ref().and_then(|id| self.products.get(&id.text));
                (cached.cloned(), id)
            }
        };
        if let Some(id) = &id
            && self.priced_ids.len() < PRICED_MAX
        {
            self.priced_ids.insert(id.text.clone());
        }
        let draft = draft.unwrap_or_default();
        (Draft { row, ..draft }, id)
    }
}

/// A product, without a price.
fn map_product(at: &JsonNode<'_>, row: u64) -> Draft {
    let status = if at.is_false("active") {
        "out_of_stock"
    } else {
        "in_stock"
    };
    let images = at.scalars("images").into_iter();
    let metadata = at
        .object("metadata")
        .map(|at| at.pairs().collect::<Vec<_>>());
    let metadata = metadata.unwrap_or_default().into_iter();
    Draft {
        row,
        deleted: at.is_true("deleted"),
        id: at.field("id"),
        title: at.field("name"),
        description: at.field("description").map(Prose::Plain),
        url: at.field("url"),
        images: images.map(|image| (image, None)).take(VALUES_MAX).collect(),
        // Stripe does not track stock: active products are available.
        availability: Some(at.field_with("active", status)),
        digital: at
            .is_false("shippable")
            .then(|| at.field_with("shippable", "true")),
        for_sale: not_for_sale(at),
        weight: weight(at),
        attributes: metadata
            .map(|(key, raw)| (key.to_owned(), raw.text))
            .take(VALUES_MAX)
            .collect(),
        ..Draft::default()
    }
}

fn not_for_sale(at: &JsonNode<'_>) -> Option<RawField> {
    at.is_false("active")
        .then(|| at.field_with("active", "false"))
}

/// Subscriptions are not single orders.
fn for_sale(price: &JsonNode<'_>) -> Option<RawField> {
    let recurs = price.get("type").is_some_and(|kind| kind == "recurring");
    if recurs {
        return Some(price.field_with("type", "false"));
    }
    not_for_sale(price)
}

/// Whole minor units. In three currencies Stripe counts other units than ISO 4217 does: there the
/// amount is written out.
fn amount(at: &JsonNode<'_>, key: &str) -> Option<Amount> {
    let minor = at.first(&[key, "unit_amount_decimal"])?;
    let currency = at.field("currency");
    let code = currency.as_ref().map(|raw| raw.text.to_ascii_uppercase());
    match (code.as_deref(), minor.text.parse::<i64>()) {
        (Some("MGA"), Ok(_)) => Some(Amount::Decimal(minor, currency)),
        (Some("ISK" | "UGX"), Ok(units)) => {
            let sign = if units < 0 { "-" } else { "" };
            let units = units.unsigned_abs();
            let text = format!("{sign}{}.{:02}", units / 100, units % 100);
            Some(Amount::Decimal(RawField { text, ..minor }, currency))
        }
        _ => Some(Amount::Minor(minor, currency)),
    }
}

/// A quantity, a status, or unlimited stock.
fn stock_of(inventory: &JsonNode<'_>) -> (Option<RawField>, Option<RawField>) {
    match inventory.get("type").and_then(Value::as_str) {
        Some("finite") => {
            let quantity = inventory.field("quantity");
            let status =
                stock_status::availability(quantity.as_ref().map(|raw| raw.text.as_str()), false);
            (Some(inventory.field_with("quantity", status)), quantity)
        }
        Some("bucket") => {
            let status = inventory.field("value").map(|raw| match raw.text.as_str() {
                "limited" => inventory.field_with("value", "limited_stock"),
                _ => raw,
            });
            (status, None)
        }
        _ => (Some(inventory.field_with("type", "in_stock")), None),
    }
}

/// In ounces.
fn weight(at: &JsonNode<'_>) -> Option<RawField> {
    let package = at.object("package_dimensions")?;
    let mut raw = package.field("weight")?;
    raw.text.push_str(" oz");
    Some(raw)
}
