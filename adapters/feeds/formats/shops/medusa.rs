//! Medusa's product export: one row per variant, one price column per currency.

use buywire_schemas::catalog::issue::Issue;

use crate::draft::{Amount, Draft, Prose, RawField};
use crate::formats::columns::{Cells, Columns};
use crate::formats::flat::{is_no, is_yes};
use crate::formats::format::{Confidence, Format, FormatRules, Mapper, Row};
use crate::formats::map_output::MapOutput;
use crate::formats::sample::Sample;
use crate::formats::stock_status;
use crate::read::DocumentKind;

const QUANTITY: &[&str] = &["variant_inventory_quantity"];
const MANAGED: &[&str] = &["variant_manage_inventory"];

/// The format.
#[derive(Debug)]
pub(crate) struct Medusa;

impl Format for Medusa {
    fn name(&self) -> &'static str {
        "medusa"
    }

    fn title(&self) -> &'static str {
        "Medusa product export (CSV)"
    }

    fn confidence(&self, sample: &Sample<'_>) -> Confidence {
        if sample.is_table() && sample.has("product_handle") && sample.has("variant_title") {
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
        let columns = Columns::new(kind);
        columns.report_missing(
            &[&["variant_id", "variant_sku"], &["product_title"]],
            issues,
        );
        let price = price_column(&columns, rules);
        let images = columns.with_prefix("product_image_");
        let options = columns.with_prefix("variant_option_").into_iter();
        let options = options.filter_map(|name| {
            let number = name.strip_suffix("_name")?.to_owned();
            Some((name, format!("{number}_value")))
        });
        let options = options.collect();
        Box::new(VariantMapper {
            columns,
            price,
            images,
            options,
            rules: rules.clone(),
        })
    }
}

/// The column and its currency: the feed's own where there is one, else the first. Prices of
/// regions, such as `Variant Price Europe [EUR]`, do not apply everywhere.
fn price_column(columns: &Columns, rules: &FormatRules) -> Option<(String, String)> {
    let prices = columns.with_prefix("variant_price_").into_iter();
    let mut prices = prices.filter_map(|name| {
        let currency = name.strip_prefix("variant_price_")?.to_ascii_uppercase();
        (currency.len() == 3).then_some((name, currency))
    });
    let first = prices.next()?;
    let is_ours = |(_, currency): &(_, String)| rules.default_currency.as_ref() == Some(currency);
    if is_ours(&first) {
        return Some(first);
    }
    Some(prices.find(is_ours).unwrap_or(first))
}

struct VariantMapper {
    columns: Columns,
    /// Column and currency.
    price: Option<(String, String)>,
    images: Vec<String>,
    /// The columns of the options' names and values.
    options: Vec<(String, String)>,
    rules: FormatRules,
}

impl Mapper for VariantMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        let rows = rows.iter().filter_map(|row| self.columns.cells(row));
        rows.for_each(|row| out.push(self.draft(&row)));
    }
}

impl VariantMapper {
    fn draft(&self, row: &Cells<'_>) -> Draft {
        let (availability, quantity) = stock_of(row);
        let merchant = row.field(&["product_type", "product_type_id"]);
        let gtins = ["variant_ean", "variant_upc", "variant_barcode"];
        Draft {
            row: row.row,
            id: row.field(&["variant_id", "variant_sku"]),
            group: row.field(&["product_id", "product_handle"]),
            title: row.field(&["product_title"]),
            description: row.field(&["product_description"]).map(Prose::Plain),
            url: self.page(row),
            images: self.images(row),
            price: self.price(row),
            availability,
            quantity,
            gtins: gtins.iter().filter_map(|name| row.field(&[name])).collect(),
            sku: row.field(&["variant_sku"]),
            categories: merchant.map(|raw| ("merchant", raw)).into_iter().collect(),
            options: self.options(row),
            for_sale: row.text("product_status").and_then(|status| {
                let is_public = status.eq_ignore_ascii_case("published");
                row.field_with(
                    &["product_status"],
                    if is_public { "true" } else { "false" },
                )
            }),
            ..Draft::default()
        }
    }

    fn page(&self, row: &Cells<'_>) -> Option<RawField> {
        let handle = row.text("product_handle")?;
        let page = self.rules.page_url(&format!("products/{handle}"))?;
        row.field_with(&["product_handle"], page)
    }

    fn images(&self, row: &Cells<'_>) -> Vec<(RawField, Option<String>)> {
        let thumbnail = row.field(&["product_thumbnail"]);
        let is_other = |image: &RawField| {
            thumbnail
                .as_ref()
                .is_none_or(|first| first.text != image.text)
        };
        let others = self.images.iter().filter_map(|name| row.field(&[name]));
        let others = others.filter(is_other).map(|image| (image, None)).take(32);
        let first = thumbnail.clone().map(|image| (image, None));
        first.into_iter().chain(others).collect()
    }

    fn price(&self, row: &Cells<'_>) -> Option<Amount> {
        let (column, currency) = self.price.as_ref()?;
        let currency = row.field_with(&[column], currency.as_str());
        Some(Amount::Decimal(row.field(&[column])?, currency))
    }

    fn options(&self, row: &Cells<'_>) -> Vec<(String, RawField)> {
        let options = self.options.iter();
        let options = options
            .filter_map(|(name, value)| Some((row.text(name)?.to_owned(), row.field(&[value])?)));
        options.collect()
    }
}

/// Newer exports have no quantity: then only items without stock tracking are known to be available.
fn stock_of(row: &Cells<'_>) -> (Option<RawField>, Option<RawField>) {
    let is_managed = !row.first_text(MANAGED).is_some_and(is_no);
    let quantity = row.field(QUANTITY).filter(|_| is_managed);
    if is_managed && quantity.is_none() {
        return (None, None);
    }
    let allows_backorder = row.text("variant_allow_backorder").is_some_and(is_yes);
    let status = stock_status::availability(
        quantity.as_ref().map(|raw| raw.text.as_str()),
        allows_backorder,
    );
    let availability = row.field_with(&[QUANTITY, MANAGED].concat(), status);
    (availability, quantity.filter(|_| status != "backorder"))
}
