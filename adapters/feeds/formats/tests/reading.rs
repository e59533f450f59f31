//! Helpers: reads a document through a format, and shows drafts as reviewable text.

use std::io::Cursor;

use buywire_schemas::catalog::issue::Issue;
use serde_json::{Map, Value, json};

use super::super::{Confidence, FORMATS, Format, FormatRules, MapOutput, Row, Sample, detect};
use crate::draft::{Amount, Draft, Prose, RawField};
use crate::read::{self, DocumentKind, Hints};

/// The result of a document.
#[derive(Debug)]
pub(super) struct Read {
    pub format: &'static str,
    pub drafts: Vec<Draft>,
    pub issues: Vec<Issue>,
}

/// Reads a document; none of a format's, the issue says why.
pub(super) fn read(bytes: &[u8], name: &str, rules: &FormatRules) -> Result<Read, Issue> {
    let hints = Hints {
        file_name: Some(name.to_owned()),
        ..Hints::default()
    };
    let mut document = read::open(Cursor::new(bytes.to_vec()), &hints).expect(name);
    let kind = document.kind().clone();
    let mut raws = Vec::new();
    while let Some(record) = document.next().expect(name) {
        raws.push((record.row, record.raw.to_vec()));
    }
    let rows = raws.iter().map(|(row, raw)| Row {
        row: *row,
        parsed: kind.parse(raw).expect(name),
    });
    let rows: Vec<_> = rows.collect();
    let sample: Vec<_> = raws
        .iter()
        .take(20)
        .map(|(_, raw)| kind.parse(raw).unwrap())
        .collect();
    let format = detect(&kind, &sample, rules)?;
    Ok(map(format, &kind, &rows, rules))
}

/// Each format's confidence that a document is its own.
pub(super) fn confidences(bytes: &[u8]) -> Vec<(&'static str, Confidence)> {
    let mut document = read::open(Cursor::new(bytes.to_vec()), &Hints::default()).unwrap();
    let kind = document.kind().clone();
    let mut raws = Vec::new();
    while let Some(record) = document.next().unwrap() {
        raws.push(record.raw.to_vec());
    }
    let records: Vec<_> = raws.iter().map(|raw| kind.parse(raw).unwrap()).collect();
    let sample = Sample::new(&kind, &records, false);
    let formats = FORMATS.iter();
    formats
        .map(|format| (format.name(), format.confidence(&sample)))
        .collect()
}

/// Maps records, groups together.
pub(super) fn map(
    format: &'static dyn Format,
    kind: &DocumentKind,
    rows: &[Row<'_>],
    rules: &FormatRules,
) -> Read {
    let mut out = MapOutput::default();
    let mut read = Read {
        format: format.name(),
        drafts: Vec::new(),
        issues: Vec::new(),
    };
    let mut mapper = format.mapper(kind, rules, &mut read.issues);
    let joins = |one: &Row<'_>, next: &Row<'_>| {
        mapper.groups_rows() && mapper.continues_group(&one.parsed, &next.parsed)
    };
    let groups: Vec<_> = rows.chunk_by(joins).collect();
    let mut take = |out: &mut MapOutput| {
        let (drafts, issues) = out.take();
        read.drafts.extend(drafts);
        read.issues.extend(issues);
    };
    for group in groups {
        mapper.drafts(group, &mut out);
        take(&mut out);
    }
    mapper.finish(&mut out);
    take(&mut out);
    read
}

/// The rules for reading the fixtures.
pub(super) fn rules() -> FormatRules {
    FormatRules {
        shop_url: Some("https://shop.example".to_owned()),
        default_currency: Some("EUR".to_owned()),
        partial: false,
    }
}

pub(super) fn format(name: &str) -> &'static dyn Format {
    FORMATS
        .iter()
        .copied()
        .find(|format| format.name() == name)
        .expect(name)
}

/// Only fields with values, each as `name = text`.
pub(super) fn shown(draft: &Draft) -> Value {
    let mut all = Map::new();
    all.insert("row".to_owned(), json!(draft.row));
    let mut put = |key: &str, value: Value| {
        let is_empty = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(list) => list.is_empty(),
            _ => false,
        };
        if !is_empty {
            all.insert(key.to_owned(), value);
        }
    };
    put("deleted", json!(draft.deleted));
    for (key, raw) in singles(draft) {
        put(key, json!(raw.as_ref().map(text)));
    }
    put(
        "description",
        json!(draft.description.as_ref().map(|prose| match prose {
            Prose::Plain(raw) => format!("plain {}", text(raw)),
            Prose::Html(raw) => format!("html {}", text(raw)),
        })),
    );
    put("price", json!(draft.price.as_ref().map(amount)));
    put("sale_price", json!(draft.sale_price.as_ref().map(amount)));
    put("list_price", json!(draft.list_price.as_ref().map(amount)));
    let images = draft.images.iter().map(|(raw, alt)| match alt {
        Some(alt) => format!("{} ({alt})", text(raw)),
        None => text(raw),
    });
    put("images", images.collect());
    put("gtins", draft.gtins.iter().map(text).collect());
    put("shipping", draft.shipping.iter().map(text).collect());
    let categories = draft.categories.iter();
    put(
        "categories",
        categories
            .map(|(taxonomy, raw)| format!("{taxonomy} {}", text(raw)))
            .collect(),
    );
    let options = draft.options.iter();
    put(
        "options",
        options
            .map(|(name, raw)| format!("{name}: {}", text(raw)))
            .collect(),
    );
    let attributes = draft.attributes.iter();
    put(
        "attributes",
        attributes
            .map(|(name, text)| format!("{name} = {text}"))
            .collect(),
    );
    Value::Object(all)
}

fn singles(draft: &Draft) -> [(&'static str, &Option<RawField>); 23] {
    [
        ("id", &draft.id),
        ("group", &draft.group),
        ("title", &draft.title),
        ("url", &draft.url),
        ("sale_window", &draft.sale_window),
        ("sale_starts", &draft.sale_starts),
        ("sale_ends", &draft.sale_ends),
        ("availability", &draft.availability),
        ("available_from", &draft.available_from),
        ("expires_at", &draft.expires_at),
        ("quantity", &draft.quantity),
        ("max_per_order", &draft.max_per_order),
        ("brand", &draft.brand),
        ("mpn", &draft.mpn),
        ("sku", &draft.sku),
        ("identifier_exists", &draft.identifier_exists),
        ("condition", &draft.condition),
        ("age_group", &draft.age_group),
        ("gender", &draft.gender),
        ("adult", &draft.adult),
        ("digital", &draft.digital),
        ("weight", &draft.weight),
        ("for_sale", &draft.for_sale),
    ]
}

fn text(raw: &RawField) -> String {
    format!("{} = {}", raw.name, raw.text)
}

fn amount(amount: &Amount) -> String {
    let with = |kind: &str, raw: &RawField, currency: &Option<RawField>| match currency {
        Some(currency) => format!("{kind} {} [{}]", text(raw), text(currency)),
        None => format!("{kind} {}", text(raw)),
    };
    match amount {
        Amount::Text(raw) => format!("text {}", text(raw)),
        Amount::Decimal(raw, currency) => with("decimal", raw, currency),
        Amount::Minor(raw, currency) => with("minor", raw, currency),
    }
}
