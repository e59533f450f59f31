//! Shopify's product export, in its former and its present column names.
//!
//! A product is the rows of one Handle: the first has what all variants share, each further one a
//! variant, an image, or both. Links follow from the Handle and the shop's address; the currency is
//! the shop's and is not in the file.

use std::collections::HashMap;

use buywire_schemas::catalog::issue::{Code, Issue};

use super::columns::{Cells, Columns};
use super::escapes::bounded_id;
use super::flat::{is_no, is_yes};
use super::harvest::Harvest;
use super::{Confidence, Format, FormatRules, Mapper, Row, Seen, stock};
use crate::feed::draft::{Amount, Draft, Prose, Said};
use crate::read::{Kind, Parsed};

const HANDLE: &[&str] = &["handle", "url_handle"];
const PRICE: &[&str] = &["variant_price", "price"];
const COMPARE_AT: &[&str] = &["variant_compare_at_price", "compare_at_price"];
const SKU: &[&str] = &["variant_sku", "sku"];
const QUANTITY: &[&str] = &["variant_inventory_qty", "inventory_quantity"];
const TRACKER: &[&str] = &["variant_inventory_tracker", "inventory_tracker"];
const POLICY: &[&str] = &[
    "variant_inventory_policy",
    "continue_selling_when_out_of_stock",
];
const IMAGE: &[&str] = &["image_src", "product_image_url"];
const VARIANT_IMAGE: &[&str] = &["variant_image", "variant_image_url"];
const PUBLISHED: &[&str] = &["published", "published_on_online_store"];
const SHIPS: &[&str] = &["variant_requires_shipping", "requires_shipping"];
const GRAMS: &[&str] = &["variant_grams", "weight_value_(grams)"];
const OPTIONS: [(&str, &str); 3] = [
    ("option1_name", "option1_value"),
    ("option2_name", "option2_value"),
    ("option3_name", "option3_value"),
];
/// What the one variant of a product without options has chosen.
const NO_OPTION: &str = "Default Title";
/// Images of one product that are read.
const IMAGES_MAX: usize = 32;

/// The format.
#[derive(Debug)]
pub(super) struct ShopifyCsv;

impl Format for ShopifyCsv {
    fn name(&self) -> &'static str {
        "shopify_csv"
    }

    fn title(&self) -> &'static str {
        "Shopify product export (CSV)"
    }

    fn recognises(&self, seen: &Seen<'_>) -> Confidence {
        let has = |names: &[&str]| names.iter().any(|name| seen.has(name));
        if seen.is_table() && has(HANDLE) && (seen.has("option1_name") || seen.has("variant_sku")) {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn mapper(
        &self,
        kind: &Kind,
        rules: &FormatRules,
        issues: &mut Vec<Issue>,
    ) -> Box<dyn Mapper + Send> {
        let columns = Columns::of(kind);
        columns.require(&[HANDLE, &["title"], PRICE], issues);
        let rules = rules.clone();
        let counts = QUANTITY.iter().any(|name| columns.has(name));
        Box::new(Products {
            columns,
            rules,
            tells_of_counts: !counts,
        })
    }
}

struct Products {
    columns: Columns,
    rules: FormatRules,
    /// Whether it is still to be told that stock is tracked and the export has no counts.
    tells_of_counts: bool,
}

impl Mapper for Products {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut Harvest) {
        let rows = rows.iter().filter_map(|row| self.columns.cells(row));
        let rows: Vec<_> = rows.collect();
        let Some(product) = Product::of(&rows, &self.rules) else {
            return;
        };
        let tracked = || rows.iter().find(|row| row.any(TRACKER).is_some());
        if self.tells_of_counts
            && let Some(row) = tracked()
        {
            self.tells_of_counts = false;
            out.issues.push(Issue {
                attribute: row.say(TRACKER, "").map(|said| said.name.to_string()),
                row: Some(row.row),
                ..Issue::new(Code::QuantityColumnMissing)
            });
        }
        let variants = rows.iter().enumerate();
        let variants = variants.filter(|(at, row)| *at == 0 || is_variant(row));
        variants.for_each(|(_, row)| out.push(product.variant(row)));
    }

    fn groups(&self) -> bool {
        true
    }

    fn joins(&self, previous: &Parsed<'_>, next: &Parsed<'_>) -> bool {
        let handle = |parsed| self.columns.parsed(0, parsed)?.any(HANDLE);
        match (handle(previous), handle(next)) {
            (Some(one), Some(other)) => one == other,
            _ => false,
        }
    }
}

/// A row without a price, an option and a SKU only brings an image.
fn is_variant(row: &Cells<'_>) -> bool {
    row.any(PRICE)
        .or(row.any(SKU))
        .or(row.text("option1_value"))
        .is_some()
}

/// What the variants of one Handle share.
struct Product<'a> {
    head: Cells<'a>,
    url: Option<Said>,
    images: Vec<(Said, Option<String>)>,
    /// How many variants have a SKU.
    skus: HashMap<&'a str, usize>,
    variants: usize,
}

impl<'a> Product<'a> {
    fn of(rows: &[Cells<'a>], rules: &FormatRules) -> Option<Self> {
        let head = *rows.first()?;
        let handle = head.any(HANDLE);
        let page = handle.and_then(|handle| rules.page(&format!("products/{handle}")));
        let mut skus = HashMap::new();
        for sku in rows.iter().filter_map(|row| row.any(SKU)) {
            *skus.entry(sku).or_default() += 1;
        }
        Some(Self {
            head,
            url: page.and_then(|page| head.say(HANDLE, page)),
            images: images(rows),
            skus,
            variants: rows.iter().filter(|row| is_variant(row)).count(),
        })
    }

    fn variant(&self, row: &Cells<'a>) -> Draft {
        let head = &self.head;
        let options = self.options(row);
        let (price, list_price) = prices(row);
        let (availability, quantity) = stock_of(row);
        let is_digital = row.any(SHIPS).is_some_and(is_no);
        Draft {
            row: row.row,
            id: self.id(row, &options),
            group: self.group(),
            title: head.said(&["title"]),
            description: head.said(&["body_(html)", "description"]).map(Prose::Html),
            url: self.url.clone(),
            images: self.pictures(row),
            price,
            list_price,
            availability,
            quantity,
            brand: head.said(&["vendor"]),
            gtins: Vec::from_iter(row.said(&["variant_barcode", "barcode"])),
            mpn: row.said(&["google_shopping_/_mpn"]),
            sku: row.said(SKU),
            condition: head.said(&["google_shopping_/_condition"]),
            categories: categories(head),
            options,
            age_group: head.said(&["google_shopping_/_age_group"]),
            gender: head.said(&["google_shopping_/_gender"]),
            digital: row.say(SHIPS, "true").filter(|_| is_digital),
            weight: row
                .any(GRAMS)
                .filter(|grams| *grams != "0")
                .and_then(|grams| row.say(GRAMS, format!("{grams} g"))),
            for_sale: for_sale(head),
            attributes: attributes(head),
            ..Draft::default()
        }
    }

    fn group(&self) -> Option<Said> {
        let handle = self.head.any(HANDLE).filter(|_| self.variants > 1)?;
        self.head.say(HANDLE, bounded_id(handle.to_owned()))
    }

    /// The SKU where it is the variant's alone; else the Handle and what was chosen.
    fn id(&self, row: &Cells<'a>, options: &[(String, Said)]) -> Option<Said> {
        if let Some(sku) = row.any(SKU)
            && self.skus.get(sku) == Some(&1)
        {
            return row.said(SKU);
        }
        let mut id = self.head.any(HANDLE)?.to_owned();
        for (_, chosen) in options {
            id.push('/');
            id.push_str(&chosen.text);
        }
        self.head.say(HANDLE, bounded_id(id))
    }

    fn options(&self, row: &Cells<'_>) -> Vec<(String, Said)> {
        let options = OPTIONS.iter().filter_map(|(name, value)| {
            let option = self.head.text(name).or(row.text(name))?;
            let chosen = row
                .said(&[value])
                .filter(|chosen| chosen.text != NO_OPTION)?;
            Some((option.to_owned(), chosen))
        });
        options.collect()
    }

    /// The variant's own image first.
    fn pictures(&self, row: &Cells<'_>) -> Vec<(Said, Option<String>)> {
        let own = row.said(VARIANT_IMAGE);
        let is_other =
            |(image, _): &&(Said, _)| own.as_ref().is_none_or(|own| own.text != image.text);
        let others = self.images.iter().filter(is_other).cloned();
        let first = own.clone().map(|image| (image, None));
        first.into_iter().chain(others).collect()
    }
}

/// The product's images, by their positions.
fn images(rows: &[Cells<'_>]) -> Vec<(Said, Option<String>)> {
    let images = rows.iter().filter_map(|row| {
        let position = row
            .text("image_position")
            .and_then(|text| text.parse::<u32>().ok());
        let alt = row.text("image_alt_text").map(str::to_owned);
        Some((position.unwrap_or(u32::MAX), (row.said(IMAGE)?, alt)))
    });
    let mut images: Vec<_> = images.collect();
    images.sort_by_key(|(position, _)| *position);
    images
        .into_iter()
        .map(|(_, image)| image)
        .take(IMAGES_MAX)
        .collect()
}

/// The price, and what it was before where that was more.
fn prices(row: &Cells<'_>) -> (Option<Amount>, Option<Amount>) {
    let former = row.said(COMPARE_AT).filter(|former| {
        row.any(PRICE)
            .is_some_and(|now| stock::is_higher(&former.text, now))
    });
    let amount = |said| Amount::Decimal(said, None);
    (row.said(PRICE).map(amount), former.map(amount))
}

/// What the shop's count says; without a tracker nobody counts.
fn stock_of(row: &Cells<'_>) -> (Option<Said>, Option<Said>) {
    let quantity = row.said(QUANTITY).filter(|_| row.any(TRACKER).is_some());
    let sells_on = row
        .any(POLICY)
        .is_some_and(|word| word == "continue" || is_yes(word));
    let word = stock::word(quantity.as_ref().map(|said| said.text.as_str()), sells_on);
    let places: Vec<_> = [QUANTITY, TRACKER, POLICY, PRICE].concat();
    (
        row.say(&places, word),
        quantity.filter(|_| word != "backorder"),
    )
}

fn categories(head: &Cells<'_>) -> Vec<(&'static str, Said)> {
    let google = head.said(&["google_shopping_/_google_product_category"]);
    let shopify = head.said(&["product_category"]);
    let own = head.said(&["type", "custom_product_type"]);
    let all = [("google", google), ("shopify", shopify), ("merchant", own)];
    let all = all.into_iter();
    all.filter_map(|(taxonomy, said)| Some((taxonomy, said?)))
        .collect()
}

/// No draft, no archived product, nothing unpublished.
fn for_sale(head: &Cells<'_>) -> Option<Said> {
    let is_active = head
        .text("status")
        .is_none_or(|word| word.eq_ignore_ascii_case("active"));
    if !is_active {
        return head.say(&["status"], "false");
    }
    head.said(PUBLISHED)
}

fn attributes(head: &Cells<'_>) -> Vec<(String, String)> {
    let names = ["tags", "gift_card", "google_shopping_/_custom_label_0"];
    let said = names.iter().filter_map(|name| head.said(&[name]));
    said.map(|said| (said.name.to_string(), said.text))
        .collect()
}
