//! WooCommerce's product export.
//!
//! A `variable` row is not an item. Its `variation` rows are, wherever they follow, and inherit
//! the values they lack. Links are built from the row's ID and the shop's URL; the
//! currency is the shop's and is not in the file.

use buywire_schemas::catalog::issue::Issue;

use crate::draft::{Amount, Draft, Prose, RawField};
use crate::formats::columns::{Cells, Columns};
use crate::formats::escapes::{split_list, unescape_commas, unescape_line_feeds};
use crate::formats::flat::{Words, is_no, links, names};
use crate::formats::format::{Confidence, Format, FormatRules, Mapper, Row};
use crate::formats::map_output::MapOutput;
use crate::formats::parent_cache::ParentCache;
use crate::formats::sample::Sample;
use crate::formats::stock_status;
use crate::read::DocumentKind;

const IN_STOCK: &str = "in_stock?";
const BACKORDERS: &str = "backorders_allowed?";
const PRICE: &str = "regular_price";
/// Columns that no other export has. Others also have type, name and regular price.
const UNIQUE_COLUMNS: [&str; 7] = [
    IN_STOCK,
    BACKORDERS,
    "is_featured?",
    "visibility_in_catalog",
    "sold_individually?",
    "tax_status",
    "published",
];

/// The format, in English or translated as the shop's export is.
#[derive(Debug)]
pub(crate) struct WooCommerce {
    /// The stable name.
    pub name: &'static str,
    /// The display name.
    pub title: &'static str,
    /// Columns and their translations, separated by spaces. None in English.
    pub translations: Words,
}

/// The export of a shop in English.
pub(crate) static WOOCOMMERCE: WooCommerce = WooCommerce {
    name: "woocommerce",
    title: "WooCommerce product export (CSV)",
    translations: &[],
};

impl Format for WooCommerce {
    fn name(&self) -> &'static str {
        self.name
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
        let DocumentKind::Table { header, .. } = sample.kind else {
            return Confidence::No;
        };
        let header: Vec<_> = header.iter().map(|name| names::plain(name)).collect();
        if !header.iter().any(|name| self.is_price(name)) {
            return Confidence::No;
        }
        let english: Vec<_> = header.iter().map(|name| self.english(name)).collect();
        let has = |name: &str| english.iter().any(|one| one == name);
        let has_usual = has("type") && has("name");
        if has_usual && UNIQUE_COLUMNS.iter().any(|name| has(name)) {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn has_brands(&self) -> bool {
        false
    }

    fn mapper(
        &self,
        kind: &DocumentKind,
        rules: &FormatRules,
        issues: &mut Vec<Issue>,
    ) -> Box<dyn Mapper + Send> {
        let columns = Columns::translated(kind, |plain| self.english(&plain));
        columns.report_missing(&[&["id", "sku"], &["name"], &["regular_price"]], issues);
        let options = columns.with_prefix("attribute_").into_iter();
        let options = options.filter_map(|name| {
            let number = name.strip_suffix("_name")?.to_owned();
            Some((name, format!("{number}_value(s)")))
        });
        let options = options.collect();
        let weight = columns.with_prefix("weight_(").into_iter().next();
        Box::new(ProductMapper {
            columns,
            options,
            weight,
            rules: rules.clone(),
            parents: ParentCache::default(),
        })
    }
}

impl WooCommerce {
    /// Whether this is the column of the price, the one name that no two languages share.
    fn is_price(&self, plain: &str) -> bool {
        let mut translations = self.translations.iter();
        match translations.find(|(english, _)| *english == PRICE) {
            Some((_, words)) => words
                .split(' ')
                .any(|word| names::fold(word) == names::fold(plain)),
            None => plain == PRICE,
        }
    }

    /// The English name of a column.
    fn english(&self, plain: &str) -> String {
        if self.translations.is_empty() {
            return plain.to_owned();
        }
        let folded = names::fold(plain);
        let found = self.translations.iter().find_map(|(english, words)| {
            let mut words = words.split(' ');
            words.find_map(|word| translate(&folded, &names::fold(word), english))
        });
        found.unwrap_or_else(|| plain.to_owned())
    }
}

/// A name that fits a pattern, in the other pattern: `#` is a number, `*` any end.
fn translate(name: &str, pattern: &str, other: &str) -> Option<String> {
    if let Some(head) = pattern.strip_suffix('*') {
        return Some(other.replace('*', name.strip_prefix(head)?));
    }
    let Some((head, tail)) = pattern.split_once('#') else {
        return (name == pattern).then(|| other.to_owned());
    };
    let number = name.strip_prefix(head)?.strip_suffix(tail)?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| other.replace('#', number))
}

struct ProductMapper {
    columns: Columns,
    /// The columns of the attributes' names and values.
    options: Vec<(String, String)>,
    /// The column of the weight: its unit is in its name.
    weight: Option<String>,
    rules: FormatRules,
    parents: ParentCache,
}

impl Mapper for ProductMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        for row in rows {
            let Some(row) = self.columns.cells(row) else {
                continue;
            };
            let kind = row.text("type").unwrap_or("simple").to_ascii_lowercase();
            let draft = self.draft(&row, &kind);
            if kind.starts_with("variable") {
                let id = row.text("id").map(|id| format!("id:{id}"));
                let ids: Vec<_> = row.text("sku").into_iter().chain(id.as_deref()).collect();
                // Without room, its variations have only their own values.
                let _ = self.parents.insert(&ids, draft);
            } else if kind.starts_with("variation") {
                out.push(self.inherit(draft, &row));
            } else if !kind.starts_with("grouped") {
                out.push(draft);
            }
        }
    }

    fn is_self_contained(&self) -> bool {
        false
    }
}

impl ProductMapper {
    fn draft(&self, row: &Cells<'_>, kind: &str) -> Draft {
        let amount = |raw| Amount::Decimal(raw, None);
        let is_variation = kind.starts_with("variation");
        let description = row.field(&["description", "short_description"]);
        let description = description.map(|raw| RawField {
            text: unescape_line_feeds(&raw.text),
            ..raw
        });
        let is_digital = kind.contains("virtual") || kind.contains("downloadable");
        let is_single = row.text("sold_individually?") == Some("1");
        let (availability, quantity) = stock_of(row);
        Draft {
            row: row.row,
            id: row.field(&["sku", "id"]),
            group: row.field(&["parent"]).filter(|_| is_variation),
            title: row.field(&["name"]),
            description: description.map(Prose::Html),
            url: self.page(row).filter(|_| !is_variation),
            images: images(row),
            price: row.field(&["regular_price"]).map(amount),
            sale_price: row.field(&["sale_price"]).map(amount),
            sale_starts: row.field(&["date_sale_price_starts"]),
            sale_ends: row.field(&["date_sale_price_ends"]),
            availability,
            quantity,
            max_per_order: row
                .field_with(&["sold_individually?"], "1")
                .filter(|_| is_single),
            brand: row.field(&["brands", "brand"]),
            gtins: Vec::from_iter(row.field(&["gtin,_upc,_ean,_or_isbn", "gtin"])),
            sku: row.field(&["sku"]),
            categories: categories(row),
            options: self.options(row),
            digital: row.field_with(&["type"], "true").filter(|_| is_digital),
            weight: self.weight(row),
            for_sale: for_sale(row),
            attributes: attributes(row),
            ..Draft::default()
        }
    }

    /// What a variation leaves to its parent.
    fn inherit(&self, mut draft: Draft, row: &Cells<'_>) -> Draft {
        let Some(parent) = row.text("parent").and_then(|id| self.parents.get(id)) else {
            // `id:12` still leads to the parent's page.
            draft.url = row
                .text("parent")
                .and_then(|id| self.page_of(row, id.strip_prefix("id:")?));
            return draft;
        };
        draft.url = parent.url.clone();
        draft.description = draft.description.or_else(|| parent.description.clone());
        draft.brand = draft.brand.or_else(|| parent.brand.clone());
        draft.weight = draft.weight.or_else(|| parent.weight.clone());
        if parent.for_sale.as_ref().is_some_and(|raw| is_no(&raw.text)) {
            draft.for_sale = parent.for_sale.clone();
        }
        if draft.categories.is_empty() {
            draft.categories = parent.categories.clone();
        }
        if draft.images.is_empty() {
            draft.images = parent.images.clone();
        }
        draft
    }

    /// A product elsewhere has its own link; another one is found by its number.
    fn page(&self, row: &Cells<'_>) -> Option<RawField> {
        let own = row.field(&["external_url", "permalink"]);
        own.or_else(|| self.page_of(row, row.text("id")?))
    }

    fn page_of(&self, row: &Cells<'_>, id: &str) -> Option<RawField> {
        let page = self.rules.page_url(&format!("?post_type=product&p={id}"))?;
        row.field_with(&["external_url", "id"], page)
    }

    fn options(&self, row: &Cells<'_>) -> Vec<(String, RawField)> {
        let options = self.options.iter().filter_map(|(name, value)| {
            // Several values are a parent's choices, not a variant's value.
            let mut values = split_list(row.text(value)?);
            let chosen = values.next().filter(|_| values.next().is_none())?;
            Some((
                row.text(name)?.to_owned(),
                row.field_with(&[value], chosen)?,
            ))
        });
        options.collect()
    }

    /// `Weight (kg)` has the unit in its name.
    fn weight(&self, row: &Cells<'_>) -> Option<RawField> {
        let column = self.weight.as_deref()?;
        let unit = column.strip_prefix("weight_(")?.strip_suffix(')')?;
        row.field_with(&[column], format!("{} {unit}", row.text(column)?))
    }
}

fn images(row: &Cells<'_>) -> Vec<(RawField, Option<String>)> {
    let list = row.text("images").map(links).unwrap_or_default();
    let images = list.into_iter();
    let images = images.filter_map(|url| row.field_with(&["images"], unescape_commas(url)));
    images.map(|image| (image, None)).take(32).collect()
}

/// `In stock?` is 1, 0 or `backorder`. A quantity of 0 with backorders allowed is a backorder too.
fn stock_of(row: &Cells<'_>) -> (Option<RawField>, Option<RawField>) {
    let count = row
        .field(&["stock"])
        .filter(|raw| raw.text.parse::<f64>().is_ok());
    let allows_backorder = row.text(BACKORDERS).is_some_and(|word| !is_no(word));
    let counted = stock_status::availability(
        count.as_ref().map(|raw| raw.text.as_str()),
        allows_backorder,
    );
    let status = match row.text(IN_STOCK) {
        Some("0") => "out_of_stock",
        Some("1") | None => counted,
        Some(word) => word,
    };
    let count = count.filter(|_| status != "backorder");
    (row.field_with(&[IN_STOCK, "stock"], status), count)
}

/// `Clothing > Shirts, Sale`.
fn categories(row: &Cells<'_>) -> Vec<(&'static str, RawField)> {
    let paths = split_list(row.text("categories").unwrap_or_default());
    let fields = paths.filter_map(|path| row.field_with(&["categories"], path));
    fields.map(|raw| ("merchant", raw)).take(16).collect()
}

/// 1 is published, 0 private, -1 a draft.
fn for_sale(row: &Cells<'_>) -> Option<RawField> {
    let is_public = row.text("published")? == "1";
    row.field_with(&["published"], if is_public { "true" } else { "false" })
}

fn attributes(row: &Cells<'_>) -> Vec<(String, String)> {
    let names = ["tags", "shipping_class", "tax_class"];
    let fields = names.iter().filter_map(|name| row.field(&[name]));
    let all = |raw: RawField| split_list(&raw.text).collect::<Vec<_>>().join(", ");
    fields.map(|raw| (raw.name.to_string(), all(raw))).collect()
}
