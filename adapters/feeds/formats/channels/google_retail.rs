//! Google Cloud Retail catalogs: JSON Lines with `priceInfo`.

use std::borrow::Cow;

use buywire_schemas::catalog::issue::Issue;
use serde_json::Value;

use crate::draft::{Amount, Draft, Prose, RawField};
use crate::formats::format::{Confidence, Format, FormatRules, Mapper, Row};
use crate::formats::json::JsonNode;
use crate::formats::map_output::MapOutput;
use crate::formats::sample::Sample;
use crate::formats::stock_status;
use crate::read::{DocumentKind, Parsed};

/// Values read of one list.
const VALUES_MAX: usize = 32;

/// The format.
#[derive(Debug)]
pub(crate) struct GoogleRetail;

impl Format for GoogleRetail {
    fn name(&self) -> &'static str {
        "google_retail"
    }

    fn title(&self) -> &'static str {
        "Google Cloud Retail catalog"
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
        let is_object = sample.objects().next().is_some();
        let is_ours = sample.has("price_info") || sample.has("primary_product_id");
        if is_object && is_ours && sample.has("title") {
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

struct ProductMapper;

impl Mapper for ProductMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        for Row { row, parsed } in rows {
            if let Parsed::Json(record) = parsed
                && let Some(product) = JsonNode::root(record)
            {
                out.push(product_draft(&product, *row));
            }
        }
    }
}

fn product_draft(product: &JsonNode<'_>, row: u64) -> Draft {
    let (price, list_price) = prices(product);
    let audience = product.object("audience");
    let first = |at: &Option<JsonNode<'_>>, key: &str| at.as_ref()?.scalars(key).into_iter().next();
    Draft {
        row,
        id: product.field("id"),
        group: product.field("primaryProductId"),
        title: product.field("title"),
        description: product.field("description").map(Prose::Plain),
        url: product.field("uri"),
        images: images(product),
        price,
        list_price,
        availability: product.field("availability"),
        available_from: product.field("availableTime"),
        expires_at: product.field("expireTime"),
        quantity: product.field("availableQuantity"),
        brand: product.scalars("brands").into_iter().next(),
        gtins: Vec::from_iter(product.field("gtin")),
        condition: product.scalars("conditions").into_iter().next(),
        categories: product
            .scalars("categories")
            .into_iter()
            .map(|raw| ("merchant", raw))
            .take(VALUES_MAX)
            .collect(),
        options: options(product),
        age_group: first(&audience, "ageGroups"),
        gender: first(&audience, "genders"),
        attributes: attributes(product),
        ..Draft::default()
    }
}

/// `price` is the current price, `originalPrice` the former one.
fn prices(product: &JsonNode<'_>) -> (Option<Amount>, Option<Amount>) {
    let Some(info) = product.object("priceInfo") else {
        return (None, None);
    };
    let amount = |raw| Amount::Decimal(raw, info.field("currencyCode"));
    let price = info.field("price");
    let original = info.field("originalPrice").filter(|former| {
        price
            .as_ref()
            .is_some_and(|now| stock_status::is_higher(&former.text, &now.text))
    });
    (price.map(amount), original.map(amount))
}

fn images(product: &JsonNode<'_>) -> Vec<(RawField, Option<String>)> {
    let images = product.objects("images").into_iter();
    let images = images.filter_map(|image| Some((image.field("uri")?, None)));
    images.take(VALUES_MAX).collect()
}

fn options(product: &JsonNode<'_>) -> Vec<(String, RawField)> {
    let colors = product
        .object("colorInfo")
        .map(|info| info.scalars("colors"));
    let lists = [
        ("color", colors.unwrap_or_default()),
        ("size", product.scalars("sizes")),
        ("material", product.scalars("materials")),
        ("pattern", product.scalars("patterns")),
    ];
    let options = lists.into_iter();
    options
        .filter_map(|(name, raw)| Some((name.to_owned(), raw.into_iter().next()?)))
        .collect()
}

/// A list of `{key, value}` or an object of values. A value has texts or numbers.
fn attributes(product: &JsonNode<'_>) -> Vec<(String, String)> {
    let listed = product.objects("attributes").into_iter();
    let listed =
        listed.filter_map(|at| Some((at.field("key")?.text, join_values(at.get("value")?)?)));
    let named = product
        .get("attributes")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let named = named.filter_map(|(key, value)| Some((key.clone(), join_values(value)?)));
    let tags = product
        .scalars("tags")
        .into_iter()
        .map(|raw| raw.text)
        .collect::<Vec<_>>();
    let tags = (!tags.is_empty()).then(|| ("tags".to_owned(), tags.join(", ")));
    listed.chain(named).chain(tags).take(VALUES_MAX).collect()
}

fn join_values(value: &Value) -> Option<String> {
    let lists = ["text", "numbers"]
        .iter()
        .filter_map(|key| value.get(*key)?.as_array());
    let texts: Vec<_> = lists
        .flatten()
        .filter_map(crate::formats::json::scalar_text)
        .take(VALUES_MAX)
        .collect();
    (!texts.is_empty()).then(|| texts.iter().map(Cow::as_ref).collect::<Vec<_>>().join(", "))
}
