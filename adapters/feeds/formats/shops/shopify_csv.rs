//! Shopify's product export, in its former and its present column names.
//!
//! A product is the rows of one Handle: the first has what all variants share, each further one a
//! variant, an image, or both. Links follow from the Handle and the shop's address; the currency is
//! the shop's and is not in the file.

use std::collections::HashMap;

use buywire_schemas::catalog::issue::{Code, Issue};

use crate::draft::{Amount, Draft, Prose, RawField};
use crate::formats::columns::{Cells, Columns};
use crate::formats::escapes::bounded_id;
use crate::formats::flat::{is_no, is_yes};
use crate::formats::format::{Confidence, Format, FormatRules, Mapper, Row};
use crate::formats::map_output::MapOutput;
use crate::formats::sample::Sample;
use crate::formats::stock_status;
use crate::read::{DocumentKind, Parsed};

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
/// The option value of the only variant of a product without options.
const NO_OPTION: &str = "Default Title";
/// Images read of one product.
const IMAGES_MAX: usize = 32;

/// The format.
#[derive(Debug)]
pub(crate) struct ShopifyCsv;

impl Format for ShopifyCsv {
    fn name(&self) -> &'static str {
        "shopify_csv"
    }

    fn title(&self) -> &'static str {
        "Shopify product export (CSV)"
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
        let has = |names: &[&str]| names.iter().any(|name| sample.has(name));
        if sample.is_table()
            && has(HANDLE)
            && (sample.has("option1_name") || sample.has("variant_sku"))
        {
            return Confidence::Certain;
        }
        Confidence::No
    }

    fn mapper(
        &self,
        kind: &DocumentKind,
        rules: &FormatRules,
        issues: &mut Vec<Issue>,
    ) -> Box<dyn Mapper + Send> {
        let columns = Columns::new(kind);
        columns.report_missing(&[HANDLE, &["title"], PRICE], issues);
        let rules = rules.clone();
        let has_counts = QUANTITY.iter().any(|name| columns.has(name));
        Box::new(ProductMapper {
            columns,
            rules,
            warn_missing_counts: !has_counts,
        })
    }
}

struct ProductMapper {
    columns: Columns,
    rules: FormatRules,
    /// Whether the missing quantities of tracked stock still have to be reported.
    warn_missing_counts: bool,
}

impl Mapper for ProductMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        let rows = rows.iter().filter_map(|row| self.columns.cells(row));
        let rows: Vec<_> = rows.collect();
        let Some(product) = ProductRows::from_rows(&rows, &self.rules) else {
            return;
        };
        let first_tracked = || rows.iter().find(|row| row.first_text(TRACKER).is_some());
        if self.warn_missing_counts
            && let Some(row) = first_tracked()
        {
            self.warn_missing_counts = false;
            out.issues.push(Issue {
                attribute: row.field_with(TRACKER, "").map(|raw| raw.name.to_string()),
                row: Some(row.row),
                ..Issue::new(Code::QuantityColumnMissing)
            });
        }
        let variants = rows.iter().enumerate();
        let variants = variants.filter(|(at, row)| *at == 0 || is_variant(row));
        variants.for_each(|(_, row)| out.push(product.variant(row)));
    }

    fn groups_rows(&self) -> bool {
        true
    }

    fn continues_group(&self, previous: &Parsed<'_>, next: &Parsed<'_>) -> bool {
        let handle = |parsed| self.columns.parsed_cells(0, parsed)?.first_text(HANDLE);
        match (handle(previous), handle(next)) {
            (Some(one), Some(other)) => one == other,
            _ => false,
        }
    }
}

/// A row without a price, an option and a SKU only brings an image.
fn is_variant(row: &Cells<'_>) -> bool {
    row.first_text(PRICE)
        .or(row.first_text(SKU))
        .or(row.text("option1_value"))
        .is_some()
}

/// What the variants of one Handle share.
struct ProductRows<'a> {
    head: Cells<'a>,
    url: Option<RawField>,
    images: Vec<(RawField, Option<String>)>,
    /// How many variants have a SKU.
    skus: HashMap<&'a str, usize>,
    variants: usize,
}

impl<'a> ProductRows<'a> {
    fn from_rows(rows: &[Cells<'a>], rules: &FormatRules) -> Option<Self> {
        let head = *rows.first()?;
        let handle = head.first_text(HANDLE);
        let page = handle.and_then(|handle| rules.page_url(&format!("products/{handle}")));
        let mut skus = HashMap::new();
        for sku in rows.iter().filter_map(|row| row.first_text(SKU)) {
            *skus.entry(sku).or_default() += 1;
        }
        Some(Self {
            head,
            url: page.and_then(|page| head.field_with(HANDLE, page)),
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
        let is_digital = row.first_text(SHIPS).is_some_and(is_no);
        Draft {
            row: row.row,
            id: self.id(row, &options),
            group: self.group(),
            title: head.field(&["title"]),
            description: head.field(&["body_(html)", "description"]).map(Prose::Html),
            url: self.url.clone(),
            images: self.variant_images(row),
            price,
            list_price,
            availability,
            quantity,
            brand: head.field(&["vendor"]),
            gtins: Vec::from_iter(row.field(&["variant_barcode", "barcode"])),
            mpn: row.field(&["google_shopping_/_mpn"]),
            sku: row.field(SKU),
            condition: head.field(&["google_shopping_/_condition"]),
            categories: categories(head),
            options,
            age_group: head.field(&["google_shopping_/_age_group"]),
            gender: head.field(&["google_shopping_/_gender"]),
            digital: row.field_with(SHIPS, "true").filter(|_| is_digital),
            weight: row
                .first_text(GRAMS)
                .filter(|grams| *grams != "0")
                .and_then(|grams| row.field_with(GRAMS, format!("{grams} g"))),
            for_sale: for_sale(head),
            attributes: attributes(head),
            ..Draft::default()
        }
    }

    fn group(&self) -> Option<RawField> {
        let handle = self.head.first_text(HANDLE).filter(|_| self.variants > 1)?;
        self.head.field_with(HANDLE, bounded_id(handle.to_owned()))
    }

    /// The SKU if it is unique to the variant, else the Handle and the option values.
    fn id(&self, row: &Cells<'a>, options: &[(String, RawField)]) -> Option<RawField> {
        if let Some(sku) = row.first_text(SKU)
            && self.skus.get(sku) == Some(&1)
        {
            return row.field(SKU);
        }
        let mut id = self.head.first_text(HANDLE)?.to_owned();
        for (_, chosen) in options {
            id.push('/');
            id.push_str(&chosen.text);
        }
        self.head.field_with(HANDLE, bounded_id(id))
    }

    fn options(&self, row: &Cells<'_>) -> Vec<(String, RawField)> {
        let options = OPTIONS.iter().filter_map(|(name, value)| {
            let option = self.head.text(name).or(row.text(name))?;
            let chosen = row
                .field(&[value])
                .filter(|chosen| chosen.text != NO_OPTION)?;
            Some((option.to_owned(), chosen))
        });
        options.collect()
    }

    /// The variant's own image first.
    fn variant_images(&self, row: &Cells<'_>) -> Vec<(RawField, Option<String>)> {
        let own = row.field(VARIANT_IMAGE);
        let is_other =
            |(image, _): &&(RawField, _)| own.as_ref().is_none_or(|own| own.text != image.text);
        let others = self.images.iter().filter(is_other).cloned();
        let first = own.clone().map(|image| (image, None));
        first.into_iter().chain(others).collect()
    }
}

/// The product's images, by their positions.
fn images(rows: &[Cells<'_>]) -> Vec<(RawField, Option<String>)> {
    let images = rows.iter().filter_map(|row| {
        let position = row
            .text("image_position")
            .and_then(|text| text.parse::<u32>().ok());
        let alt = row.text("image_alt_text").map(str::to_owned);
        Some((position.unwrap_or(u32::MAX), (row.field(IMAGE)?, alt)))
    });
    let mut images: Vec<_> = images.collect();
    images.sort_by_key(|(position, _)| *position);
    images
        .into_iter()
        .map(|(_, image)| image)
        .take(IMAGES_MAX)
        .collect()
}

/// The price, and the former price if it was higher.
fn prices(row: &Cells<'_>) -> (Option<Amount>, Option<Amount>) {
    let former = row.field(COMPARE_AT).filter(|former| {
        row.first_text(PRICE)
            .is_some_and(|now| stock_status::is_higher(&former.text, now))
    });
    let amount = |raw| Amount::Decimal(raw, None);
    (row.field(PRICE).map(amount), former.map(amount))
}

/// The availability from the shop's quantity. Without a tracker, stock is not counted.
fn stock_of(row: &Cells<'_>) -> (Option<RawField>, Option<RawField>) {
    let quantity = row
        .field(QUANTITY)
        .filter(|_| row.first_text(TRACKER).is_some());
    let allows_backorder = row
        .first_text(POLICY)
        .is_some_and(|word| word == "continue" || is_yes(word));
    let status = stock_status::availability(
        quantity.as_ref().map(|raw| raw.text.as_str()),
        allows_backorder,
    );
    let columns: Vec<_> = [QUANTITY, TRACKER, POLICY, PRICE].concat();
    (
        row.field_with(&columns, status),
        quantity.filter(|_| status != "backorder"),
    )
}

fn categories(head: &Cells<'_>) -> Vec<(&'static str, RawField)> {
    let google = head.field(&["google_shopping_/_google_product_category"]);
    let shopify = head.field(&["product_category"]);
    let own = head.field(&["type", "custom_product_type"]);
    let all = [("google", google), ("shopify", shopify), ("merchant", own)];
    let all = all.into_iter();
    all.filter_map(|(taxonomy, raw)| Some((taxonomy, raw?)))
        .collect()
}

/// Whether the product is active and published.
fn for_sale(head: &Cells<'_>) -> Option<RawField> {
    let is_active = head
        .text("status")
        .is_none_or(|word| word.eq_ignore_ascii_case("active"));
    if !is_active {
        return head.field_with(&["status"], "false");
    }
    head.field(PUBLISHED)
}

fn attributes(head: &Cells<'_>) -> Vec<(String, String)> {
    let names = ["tags", "gift_card", "google_shopping_/_custom_label_0"];
    let fields = names.iter().filter_map(|name| head.field(&[name]));
    fields.map(|raw| (raw.name.to_string(), raw.text)).collect()
}
