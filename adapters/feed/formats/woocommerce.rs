//! WooCommerce's product export.
//!
//! A `variable` row is no item: its `variation` rows are, wherever they follow, and take from it
//! what they do not say themselves. Links follow from the row's ID and the shop's address; the
//! currency is the shop's and is not in the file.

use buywire_schemas::catalog::issue::Issue;

use super::columns::{Cells, Columns};
use super::escapes::{list, with_commas, with_line_feeds};
use super::flat::{is_no, links};
use super::harvest::Harvest;
use super::remembered::Remembered;
use super::{Confidence, Format, FormatRules, Mapper, Row, Seen, stock};
use crate::feed::draft::{Amount, Draft, Prose, Said};
use crate::read::Kind;

const IN_STOCK: &str = "in_stock?";
const BACKORDERS: &str = "backorders_allowed?";
/// Columns that nobody else has; type, name and regular price others have too.
const OWN: [&str; 7] = [
    IN_STOCK,
    BACKORDERS,
    "is_featured?",
    "visibility_in_catalog",
    "sold_individually?",
    "tax_status",
    "published",
];

/// The format.
#[derive(Debug)]
pub(super) struct WooCommerce;

impl Format for WooCommerce {
    fn name(&self) -> &'static str {
        "woocommerce"
    }

    fn title(&self) -> &'static str {
        "WooCommerce product export (CSV)"
    }

    fn recognises(&self, seen: &Seen<'_>) -> Confidence {
        let has_usual = seen.has("type") && seen.has("name") && seen.has("regular_price");
        if seen.is_table() && has_usual && OWN.iter().any(|name| seen.has(name)) {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn speaks_of_brands(&self) -> bool {
        false
    }

    fn mapper(
        &self,
        kind: &Kind,
        rules: &FormatRules,
        issues: &mut Vec<Issue>,
    ) -> Box<dyn Mapper + Send> {
        let columns = Columns::of(kind);
        columns.require(&[&["id", "sku"], &["name"], &["regular_price"]], issues);
        let options = columns.beginning("attribute_").into_iter();
        let options = options.filter_map(|name| {
            let number = name.strip_suffix("_name")?.to_owned();
            Some((name, format!("{number}_value(s)")))
        });
        let options = options.collect();
        let weight = columns.beginning("weight_(").into_iter().next();
        Box::new(Products {
            columns,
            options,
            weight,
            rules: rules.clone(),
            parents: Remembered::default(),
        })
    }
}

struct Products {
    columns: Columns,
    /// The columns of the attributes' names and values.
    options: Vec<(String, String)>,
    /// The column of the weight: its unit is in its name.
    weight: Option<String>,
    rules: FormatRules,
    parents: Remembered,
}

impl Mapper for Products {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut Harvest) {
        for row in rows {
            let Some(row) = self.columns.cells(row) else {
                continue;
            };
            let kind = row.text("type").unwrap_or("simple").to_ascii_lowercase();
            let draft = self.draft(&row, &kind);
            if kind.starts_with("variable") {
                let id = row.text("id").map(|id| format!("id:{id}"));
                let ids: Vec<_> = row.text("sku").into_iter().chain(id.as_deref()).collect();
                // Without room its variations say only what they say themselves.
                let _ = self.parents.keep(&ids, draft);
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

impl Products {
    fn draft(&self, row: &Cells<'_>, kind: &str) -> Draft {
        let amount = |said| Amount::Decimal(said, None);
        let is_variation = kind.starts_with("variation");
        let description = row.said(&["description", "short_description"]);
        let description = description.map(|said| Said {
            text: with_line_feeds(&said.text),
            ..said
        });
        let is_digital = kind.contains("virtual") || kind.contains("downloadable");
        let is_single = row.text("sold_individually?") == Some("1");
        let (availability, quantity) = stock_of(row);
        Draft {
            row: row.row,
            id: row.said(&["sku", "id"]),
            group: row.said(&["parent"]).filter(|_| is_variation),
            title: row.said(&["name"]),
            description: description.map(Prose::Html),
            url: self.page(row).filter(|_| !is_variation),
            images: images(row),
            price: row.said(&["regular_price"]).map(amount),
            sale_price: row.said(&["sale_price"]).map(amount),
            sale_starts: row.said(&["date_sale_price_starts"]),
            sale_ends: row.said(&["date_sale_price_ends"]),
            availability,
            quantity,
            max_per_order: row.say(&["sold_individually?"], "1").filter(|_| is_single),
            brand: row.said(&["brands", "brand"]),
            gtins: Vec::from_iter(row.said(&["gtin,_upc,_ean,_or_isbn", "gtin"])),
            sku: row.said(&["sku"]),
            categories: categories(row),
            options: self.options(row),
            digital: row.say(&["type"], "true").filter(|_| is_digital),
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
        if parent
            .for_sale
            .as_ref()
            .is_some_and(|said| is_no(&said.text))
        {
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
    fn page(&self, row: &Cells<'_>) -> Option<Said> {
        let own = row.said(&["external_url", "permalink"]);
        own.or_else(|| self.page_of(row, row.text("id")?))
    }

    fn page_of(&self, row: &Cells<'_>, id: &str) -> Option<Said> {
        let page = self.rules.page(&format!("?post_type=product&p={id}"))?;
        row.say(&["external_url", "id"], page)
    }

    fn options(&self, row: &Cells<'_>) -> Vec<(String, Said)> {
        let options = self.options.iter().filter_map(|(name, value)| {
            // Several values are what a parent offers, not what was chosen.
            let mut values = list(row.text(value)?);
            let chosen = values.next().filter(|_| values.next().is_none())?;
            Some((row.text(name)?.to_owned(), row.say(&[value], chosen)?))
        });
        options.collect()
    }

    /// `Weight (kg)` has the unit in its name.
    fn weight(&self, row: &Cells<'_>) -> Option<Said> {
        let column = self.weight.as_deref()?;
        let unit = column.strip_prefix("weight_(")?.strip_suffix(')')?;
        row.say(&[column], format!("{} {unit}", row.text(column)?))
    }
}

fn images(row: &Cells<'_>) -> Vec<(Said, Option<String>)> {
    let list = row.text("images").map(links).unwrap_or_default();
    let images = list.into_iter();
    let images = images.filter_map(|url| row.say(&["images"], with_commas(url)));
    images.map(|image| (image, None)).take(32).collect()
}

/// `In stock?` is 1, 0 or `backorder`; a count of 0 that may be sold on is a backorder too.
fn stock_of(row: &Cells<'_>) -> (Option<Said>, Option<Said>) {
    let count = row
        .said(&["stock"])
        .filter(|said| said.text.parse::<f64>().is_ok());
    let sells_on = row.text(BACKORDERS).is_some_and(|word| !is_no(word));
    let counted = stock::word(count.as_ref().map(|said| said.text.as_str()), sells_on);
    let word = match row.text(IN_STOCK) {
        Some("0") => "out_of_stock",
        Some("1") | None => counted,
        Some(word) => word,
    };
    let count = count.filter(|_| word != "backorder");
    (row.say(&[IN_STOCK, "stock"], word), count)
}

/// `Clothing > Shirts, Sale`.
fn categories(row: &Cells<'_>) -> Vec<(&'static str, Said)> {
    let paths = list(row.text("categories").unwrap_or_default());
    let said = paths.filter_map(|path| row.say(&["categories"], path));
    said.map(|said| ("merchant", said)).take(16).collect()
}

/// 1 is published, 0 private, -1 a draft.
fn for_sale(row: &Cells<'_>) -> Option<Said> {
    let is_public = row.text("published")? == "1";
    row.say(&["published"], if is_public { "true" } else { "false" })
}

fn attributes(row: &Cells<'_>) -> Vec<(String, String)> {
    let names = ["tags", "shipping_class", "tax_class"];
    let said = names.iter().filter_map(|name| row.said(&[name]));
    let all = |said: Said| list(&said.text).collect::<Vec<_>>().join(", ");
    said.map(|said| (said.name.to_string(), all(said)))
        .collect()
}
