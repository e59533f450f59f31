//! No record makes a format panic or produce unbounded output.

use std::borrow::Cow;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::super::map_output::DRAFTS_MAX;
use super::super::{FORMATS, MapOutput, Row, Sample};
use super::reading::{format, map, rules};
use crate::read::{DocumentKind, Element, Parsed, Quoting};

/// Names that mean something somewhere, so that random records reach every branch.
const NAMES: &[&str] = &[
    "id",
    "g:id",
    "title",
    "link",
    "image_link",
    "image[0].url",
    "additional_image_link",
    "price",
    "sale_price",
    "currency",
    "shipping",
    "shipping(country:price)",
    "gtin",
    "delete",
    "variant_dict",
    "variant_names",
    "variant_values",
    "additional_variant_attribute",
    "description",
    "color",
    "Handle",
    "Option1 Name",
    "Option1 Value",
    "Variant SKU",
    "Variant Price",
    "Image Src",
    "Image Position",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Type",
    "Name",
    "Regular price",
    "SKU",
    "Parent",
    "Stock",
    "In stock?",
    "Attribute 1 name",
    "Attribute 1 value(s)",
    "Product Handle",
    "Variant Title",
    "Variant Price EUR",
    "handle",
    "variants",
    "options",
    "images",
    "object",
    "product",
    "default_price",
    "unit_amount",
    "inventory",
    "@type",
    "@graph",
    "hasVariant",
    "offers",
    "priceSpecification",
    "image",
    "brand",
    "priceInfo",
    "attributes",
    "value",
    "availability",
    "media",
    "barcodes",
    "categories",
    "short_url",
    "price_difference",
    "name",
    "src",
    "variant_ids",
    "feed_id",
    "quantity",
    "type",
    "url",
    "content",
    "Active (0/1)",
    "Price tax excluded",
    "Tax rules ID",
    "Reference #",
    "store_view_code",
    "product_type",
    "visibility",
    "configurable_variations",
    "url_key",
    "base_image",
    "Item Type",
    "Item",
    "Options",
    "Inventory Tracking",
    "Current Stock",
    "Product Code/SKU",
    "handleId",
    "fieldType",
    "surcharge",
    "productOptionName1",
    "productOptionDescription1",
    "Option Name 2",
    "Option Value 2",
    "Stock",
    "On Sale",
    "Product Page",
    "Product URL",
    "optionGroups",
    "optionValues",
    "PARAM",
    "param",
    "attrs",
    "imgs",
    "DELIVERY_DATE",
    "deliveryTime",
    "ITEMGROUP_ID",
    "weight_unit",
    "track_inventory",
    "inventory_count",
    "titel",
    "preis",
    "verfügbarkeit",
    "zustand",
    "Regulärer Preis",
    "Attribut 1 Name",
    "Gewicht (kg)",
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "1",
    "-3",
    "1e999",
    "15.00 USD",
    "true",
    "false",
    "product",
    "price",
    "sku",
    "Product",
    "ProductGroup",
    "variable",
    "variation",
    "id:1",
    "https://a.example/1,https://b.example/2",
    "US:CA:Fast:5 USD,DE:4,90 EUR",
    "{\"a\":{\"b\":1}}",
    "[1,2",
    "a:b,c:d|e",
    "\u{0}\u{feff}é漢",
    "9223372036854775807",
    "finite",
    "isk",
    ",,,||;;",
    "::::::::::",
    "simple",
    "configurable",
    "Not Visible Individually",
    "sku=A,size=S|sku=B",
    "SKU",
    "Variant",
    "Image",
    "[S]Colour=Red,[RB]",
    "Type=x|Name=Size|Value=M[#1]",
    "Unlimited",
    "InStock",
    "by product",
    "#fff:White",
    "40|red",
    "1-3 Werktage",
    "2026-12-15",
    "auf Lager",
    "1.5",
    "99999999999999999999",
    "∞",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(NAMES).prop_map(str::to_owned), 1 => any::<String>()]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(TEXTS).prop_map(str::to_owned), 1 => any::<String>()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let members = vec((name(), inner.clone()), 0..8);
        prop_oneof![
            2 => members.prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            1 => vec(inner, 0..6).prop_map(Value::Array),
        ]
    })
}

fn element() -> impl Strategy<Value = Element> {
    let attributes = || vec((name(), text()), 0..3);
    let leaf = (name(), attributes(), text()).prop_map(|(name, attributes, text)| Element {
        name,
        attributes,
        text,
        ..Element::default()
    });
    leaf.prop_recursive(3, 40, 8, move |inner| {
        (name(), attributes(), text(), vec(inner, 0..8)).prop_map(
            |(name, attributes, text, children)| Element {
                name,
                attributes,
                text,
                children,
                ..Element::default()
            },
        )
    })
}

/// Every format looks at the records, and maps them, wanted or not.
fn survive(kind: &DocumentKind, records: impl Fn() -> Vec<Parsed<'static>>) {
    let sample = records();
    let sample = Sample::new(kind, &sample, false);
    for format in FORMATS {
        let _ = format.confidence(&sample);
        let rows = records().into_iter().zip(2..);
        let rows: Vec<_> = rows.map(|(parsed, row)| Row { row, parsed }).collect();
        let read = map(*format, kind, &rows, &rules());
        assert!(read.drafts.len() <= rows.len() * DRAFTS_MAX);
        for draft in &read.drafts {
            let lists = [
                draft.images.len(),
                draft.gtins.len(),
                draft.shipping.len(),
                draft.categories.len(),
                draft.options.len(),
                draft.attributes.len(),
            ];
            assert!(
                lists.iter().all(|length| *length <= 192),
                "{}: {lists:?}",
                format.name()
            );
        }
    }
}

/// Records that live as long as the test: the strategy's values are leaked, which is small.
fn header(names: &[String]) -> (&'static [Arc<str>], DocumentKind) {
    let header: Vec<Arc<str>> = names.iter().map(|name| name.as_str().into()).collect();
    let kind = DocumentKind::Table {
        delimiter: b',',
        quotes: Quoting::Csv,
        header: header.clone(),
    };
    (header.leak(), kind)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_cells(names in vec(name(), 1..24), rows in vec(vec(text(), 0..26), 1..5)) {
        let (header, kind) = header(&names);
        survive(&kind, || {
            let rows = rows.iter().map(|row| row.iter().cloned().map(Cow::Owned).collect());
            rows.map(|cells| Parsed::Cells { header, cells, has_stray_quote: false }).collect()
        });
    }

    #[test]
    fn any_json(values in vec(value(), 1..4)) {
        survive(&DocumentKind::JsonLines, || values.iter().cloned().map(Parsed::Json).collect());
    }

    #[test]
    fn any_elements(items in vec(element(), 1..4)) {
        let kind = DocumentKind::Xml { root: "rss".to_owned(), record: "item".to_owned(), prefixes: Vec::new() };
        survive(&kind, || items.iter().cloned().map(Parsed::Element).collect());
    }
}

/// One record with far more variants than any shop has.
fn many(record: Value, name: &str) -> (usize, usize) {
    let mut issues = Vec::new();
    let mut mapper = format(name).mapper(&DocumentKind::JsonLines, &rules(), &mut issues);
    let mut out = MapOutput::default();
    let row = Row {
        row: 1,
        parsed: Parsed::Json(record),
    };
    mapper.drafts(&[row], &mut out);
    let (drafts, issues) = out.take();
    (drafts.len(), issues.len())
}

#[test]
fn a_record_has_at_most_2048_variants_and_the_rest_is_told_once() {
    let variants: Vec<_> = (0..3_000)
        .map(|id| json!({"id": id, "title": "T", "sku": id, "option1": "x"}))
        .collect();
    let nested = json!({"id": 1, "handle": "h", "title": "T", "variants": variants});
    assert_eq!(many(nested.clone(), "acp"), (2_048, 1));
    assert_eq!(many(nested, "shopify_json"), (2_048, 1));
    let group = json!({"@type": "ProductGroup", "hasVariant": variants.iter().map(|v| json!({"@type": "Product", "sku": v["sku"]})).collect::<Vec<_>>()});
    assert_eq!(many(group, "schema_org"), (2_048, 1));
    let options: Vec<_> = (0..60)
        .map(|at| json!({"name": at.to_string(), "price_difference": 1}))
        .collect();
    let kind = json!({"title": "K", "options": options});
    let product = json!({"id": "p", "price": 1, "variants": [kind, kind, kind, kind]});
    assert_eq!(many(product, "gumroad"), (2_048, 1));
}
