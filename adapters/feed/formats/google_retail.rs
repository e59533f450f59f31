//! Google Cloud Retail catalogs: JSON Lines with `priceInfo`.

use std::borrow::Cow;

use buywire_schemas::catalog::issue::Issue;
use serde_json::Value;

use super::harvest::Harvest;
use super::json::At;
use super::{Confidence, Format, FormatRules, Mapper, Row, Seen, stock};
use crate::feed::draft::{Amount, Draft, Prose, Said};
use crate::read::{Kind, Parsed};

/// Values of one list that are read.
const VALUES_MAX: usize = 32;

/// The format.
#[derive(Debug)]
pub(super) struct GoogleRetail;

impl Format for GoogleRetail {
    fn name(&self) -> &'static str {
        "google_retail"
    }

    fn title(&self) -> &'static str {
        "Google Cloud Retail catalog"
    }

    fn recognises(&self, seen: &Seen<'_>) -> Confidence {
        let is_object = seen.objects().next().is_some();
        let is_ours = seen.has("price_info") || seen.has("primary_product_id");
        if is_object && is_ours && seen.has("title") {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn mapper(&self, _: &Kind, _: &FormatRules, _: &mut Vec<Issue>) -> Box<dyn Mapper + Send> {
        Box::new(Products)
    }
}

struct Products;

impl Mapper for Products {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut Harvest) {
        for Row { row, parsed } in rows {
            if let Parsed::Json(record) = parsed
                && let Some(product) = At::top(record)
            {
                out.push(draft(&product, *row));
            }
        }
    }
}

fn draft(product: &At<'_>, row: u64) -> Draft {
    let (price, list_price) = prices(product);
    let audience = product.at("audience");
    let first = |at: &Option<At<'_>>, key: &str| at.as_ref()?.words(key).into_iter().next();
    Draft {
        row,
        id: product.said("id"),
        group: product.said("primaryProductId"),
        title: product.said("title"),
        description: product.said("description").map(Prose::Plain),
        url: product.said("uri"),
        images: images(product),
        price,
        list_price,
        availability: product.said("availability"),
        available_from: product.said("availableTime"),
        expires_at: product.said("expireTime"),
        quantity: product.said("availableQuantity"),
        brand: product.words("brands").into_iter().next(),
        gtins: Vec::from_iter(product.said("gtin")),
        condition: product.words("conditions").into_iter().next(),
        categories: product
            .words("categories")
            .into_iter()
            .map(|said| ("merchant", said))
            .take(VALUES_MAX)
            .collect(),
        options: options(product),
        age_group: first(&audience, "ageGroups"),
        gender: first(&audience, "genders"),
        attributes: attributes(product),
        ..Draft::default()
    }
}

/// `price` is what it costs now, `originalPrice` what it cost before.
fn prices(product: &At<'_>) -> (Option<Amount>, Option<Amount>) {
    let Some(info) = product.at("priceInfo") else {
        return (None, None);
    };
    let amount = |said| Amount::Decimal(said, info.said("currencyCode"));
    let price = info.said("price");
    let former = info.said("originalPrice").filter(|former| {
        price
            .as_ref()
            .is_some_and(|now| stock::is_higher(&former.text, &now.text))
    });
    (price.map(amount), former.map(amount))
}

fn images(product: &At<'_>) -> Vec<(Said, Option<String>)> {
    let images = product.list("images").into_iter();
    let images = images.filter_map(|image| Some((image.said("uri")?, None)));
    images.take(VALUES_MAX).collect()
}

fn options(product: &At<'_>) -> Vec<(String, Said)> {
    let colors = product.at("colorInfo").map(|info| info.words("colors"));
    let lists = [
        ("color", colors.unwrap_or_default()),
        ("size", product.words("sizes")),
        ("material", product.words("materials")),
        ("pattern", product.words("patterns")),
    ];
    let options = lists.into_iter();
    options
        .filter_map(|(name, said)| Some((name.to_owned(), said.into_iter().next()?)))
        .collect()
}

/// A list of `{key, value}` or an object of values; a value has texts or numbers.
fn attributes(product: &At<'_>) -> Vec<(String, String)> {
    let listed = product.list("attributes").into_iter();
    let listed = listed.filter_map(|at| Some((at.said("key")?.text, joined(at.get("value")?)?)));
    let named = product
        .get("attributes")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let named = named.filter_map(|(key, value)| Some((key.clone(), joined(value)?)));
    let tags = product
        .words("tags")
        .into_iter()
        .map(|said| said.text)
        .collect::<Vec<_>>();
    let tags = (!tags.is_empty()).then(|| ("tags".to_owned(), tags.join(", ")));
    listed.chain(named).chain(tags).take(VALUES_MAX).collect()
}

fn joined(value: &Value) -> Option<String> {
    let lists = ["text", "numbers"]
        .iter()
        .filter_map(|key| value.get(*key)?.as_array());
    let texts: Vec<_> = lists
        .flatten()
        .filter_map(super::json::text)
        .take(VALUES_MAX)
        .collect();
    (!texts.is_empty()).then(|| texts.iter().map(Cow::as_ref).collect::<Vec<_>>().join(", "))
}
