//! Stripe's objects: products and prices of today, products and SKUs of the Relay era.
//!
//! A product with its price expanded is an item. Products whose prices or SKUs come as records of
//! their own are remembered until these arrive; a product whose price never comes is said without one.

use std::collections::HashSet;

use buywire_schemas::catalog::issue::Issue;
use serde_json::{Map, Value};

use super::harvest::Harvest;
use super::json::At;
use super::remembered::Remembered;
use super::{Confidence, Format, FormatRules, Mapper, Row, Seen, stock};
use crate::feed::draft::{Amount, Draft, Prose, Said};
use crate::read::{Kind, Parsed};

/// Values of one list that are read.
const VALUES_MAX: usize = 32;
/// Products that are remembered as having had a price.
const PRICED_MAX: usize = 100_000;

/// The format.
#[derive(Debug)]
pub(super) struct Stripe;

impl Format for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn title(&self) -> &'static str {
        "Stripe products, prices and SKUs"
    }

    fn recognises(&self, seen: &Seen<'_>) -> Confidence {
        if seen.objects().any(is_ours) {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn speaks_of_brands(&self) -> bool {
        false
    }

    fn mapper(&self, _: &Kind, _: &FormatRules, _: &mut Vec<Issue>) -> Box<dyn Mapper + Send> {
        Box::new(Objects::default())
    }
}

fn is_ours(object: &Map<String, Value>) -> bool {
    let kind = object.get("object").and_then(Value::as_str);
    kind.is_some_and(|kind| ["product", "price", "sku"].contains(&kind))
}

#[derive(Default)]
struct Objects {
    products: Remembered,
    /// The products of which a price or a SKU came.
    priced: HashSet<String>,
}

impl Mapper for Objects {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut Harvest) {
        for Row { row, parsed } in rows {
            let Parsed::Json(record) = parsed else {
                continue;
            };
            let Some(at) = At::top(record) else {
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

    fn finish(&mut self, out: &mut Harvest) {
        for draft in self.products.take() {
            let id = draft.id.as_ref().map(|id| id.text.as_str());
            if !id.is_some_and(|id| self.priced.contains(id)) {
                out.push(draft);
            }
        }
    }
}

impl Objects {
    fn product(&mut self, at: &At<'_>, row: u64, out: &mut Harvest) {
        let mut draft = product(at, row);
        if let Some(price) = at.at("default_price") {
            draft.price = amount(&price, "unit_amount");
            draft.for_sale = sells(&price).or(draft.for_sale);
            return out.push(draft);
        }
        // Its default price leads to it too.
        let ids = [at.said("id"), at.said("default_price")];
        let ids: Vec<_> = ids
            .iter()
            .flatten()
            .map(|said| said.text.as_str())
            .collect();
        if let Err(draft) = self.products.keep(&ids, draft) {
            out.push(*draft);
        }
    }

    /// A product's default price is the product as an item; every other price is one of its own.
    fn price(&mut self, at: &At<'_>, row: u64) -> Draft {
        let (mut draft, product) = self.of_product(at, row);
        let inner = at
            .at("product")
            .and_then(|product| product.said("default_price"));
        let id = at.said("id");
        let is_default =
            inner.is_some() && inner.map(|said| said.text) == id.clone().map(|said| said.text);
        let is_known = id
            .as_ref()
            .is_some_and(|id| self.products.get(&id.text).is_some());
        if !is_default && !is_known {
            draft.group = product;
            draft.id = id;
        }
        draft.price = amount(at, "unit_amount");
        draft.for_sale = sells(at).or(draft.for_sale);
        if let Some(name) = at.said("nickname") {
            draft.options.push(("nickname".to_owned(), name));
        }
        draft
    }

    fn sku(&mut self, at: &At<'_>, row: u64) -> Draft {
        let (mut draft, product) = self.of_product(at, row);
        draft.id = at.said("id");
        draft.group = product;
        draft.price = amount(at, "price");
        draft.for_sale = inactive(at).or(draft.for_sale);
        if let Some(image) = at.said("image") {
            draft.images.insert(0, (image, None));
        }
        let options = at.at("attributes").map(|at| at.pairs().collect::<Vec<_>>());
        let options = options.unwrap_or_default().into_iter();
        let options = options.map(|(name, said)| (name.to_owned(), said));
        draft.options = options.take(VALUES_MAX).collect();
        if let Some(inventory) = at.at("inventory") {
            (draft.availability, draft.quantity) = stock_of(&inventory);
        }
        draft.weight = weight(at).or(draft.weight);
        draft
    }

    /// What its product says, expanded inside or said before, and the product's id.
    fn of_product(&mut self, at: &At<'_>, row: u64) -> (Draft, Option<Said>) {
        let (draft, id) = match at.at("product") {
            Some(inner) => (Some(product(&inner, row)), inner.said("id")),
            None => {
                let id = at.said("product");
                let known = id.as_ref().and_then(|id| self.products.get(&id.text));
                (known.cloned(), id)
            }
        };
        if let Some(id) = &id
            && self.priced.len() < PRICED_MAX
        {
            self.priced.insert(id.text.clone());
        }
        let draft = draft.unwrap_or_default();
        (Draft { row, ..draft }, id)
    }
}

/// A product, without a price.
fn product(at: &At<'_>, row: u64) -> Draft {
    let word = if at.is_not("active") {
        "out_of_stock"
    } else {
        "in_stock"
    };
    let images = at.words("images").into_iter();
    let metadata = at.at("metadata").map(|at| at.pairs().collect::<Vec<_>>());
    let metadata = metadata.unwrap_or_default().into_iter();
    Draft {
        row,
        deleted: at.is("deleted"),
        id: at.said("id"),
        title: at.said("name"),
        description: at.said("description").map(Prose::Plain),
        url: at.said("url"),
        images: images.map(|image| (image, None)).take(VALUES_MAX).collect(),
        // Stripe counts nothing: what is active can be had.
        availability: Some(at.say("active", word)),
        digital: at.is_not("shippable").then(|| at.say("shippable", "true")),
        for_sale: inactive(at),
        weight: weight(at),
        attributes: metadata
            .map(|(key, said)| (key.to_owned(), said.text))
            .take(VALUES_MAX)
            .collect(),
        ..Draft::default()
    }
}

fn inactive(at: &At<'_>) -> Option<Said> {
    at.is_not("active").then(|| at.say("active", "false"))
}

/// What is paid again and again is no single order.
fn sells(price: &At<'_>) -> Option<Said> {
    let recurs = price.get("type").is_some_and(|kind| kind == "recurring");
    if recurs {
        return Some(price.say("type", "false"));
    }
    inactive(price)
}

/// Whole minor units. In three currencies Stripe counts other units than ISO 4217 does: there the
/// amount is written out.
fn amount(at: &At<'_>, key: &str) -> Option<Amount> {
    let minor = at.first(&[key, "unit_amount_decimal"])?;
    let currency = at.said("currency");
    let code = currency.as_ref().map(|said| said.text.to_ascii_uppercase());
    match (code.as_deref(), minor.text.parse::<i64>()) {
        (Some("MGA"), Ok(_)) => Some(Amount::Decimal(minor, currency)),
        (Some("ISK" | "UGX"), Ok(units)) => {
            let sign = if units < 0 { "-" } else { "" };
            let units = units.unsigned_abs();
            let text = format!("{sign}{}.{:02}", units / 100, units % 100);
            Some(Amount::Decimal(Said { text, ..minor }, currency))
        }
        _ => Some(Amount::Minor(minor, currency)),
    }
}

/// A count, a word for it, or no end of it.
fn stock_of(inventory: &At<'_>) -> (Option<Said>, Option<Said>) {
    match inventory.get("type").and_then(Value::as_str) {
        Some("finite") => {
            let quantity = inventory.said("quantity");
            let word = stock::word(quantity.as_ref().map(|said| said.text.as_str()), false);
            (Some(inventory.say("quantity", word)), quantity)
        }
        Some("bucket") => {
            let word = inventory
                .said("value")
                .map(|said| match said.text.as_str() {
                    "limited" => inventory.say("value", "limited_stock"),
                    _ => said,
                });
            (word, None)
        }
        _ => (Some(inventory.say("type", "in_stock")), None),
    }
}

/// In ounces.
fn weight(at: &At<'_>) -> Option<Said> {
    let package = at.at("package_dimensions")?;
    let mut said = package.said("weight")?;
    said.text.push_str(" oz");
    Some(said)
}
