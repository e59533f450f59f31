//! Medusa's product export: a row a variant, prices in one column a currency.

use buywire_schemas::catalog::issue::Issue;

use super::columns::{Cells, Columns};
use super::flat::{is_no, is_yes};
use super::harvest::Harvest;
use super::{Confidence, Format, FormatRules, Mapper, Row, Seen, stock};
use crate::feed::draft::{Amount, Draft, Prose, Said};
use crate::read::Kind;

const QUANTITY: &[&str] = &["variant_inventory_quantity"];
const MANAGED: &[&str] = &["variant_manage_inventory"];

/// The format.
#[derive(Debug)]
pub(super) struct Medusa;

impl Format for Medusa {
    fn name(&self) -> &'static str {
        "medusa"
    }

    fn title(&self) -> &'static str {
        "Medusa product export (CSV)"
    }

    fn recognises(&self, seen: &Seen<'_>) -> Confidence {
        if seen.is_table() && seen.has("product_handle") && seen.has("variant_title") {
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
        columns.require(
            &[&["variant_id", "variant_sku"], &["product_title"]],
            issues,
        );
        let price = price_column(&columns, rules);
        let images = columns.beginning("product_image_");
        let options = columns.beginning("variant_option_").into_iter();
        let options = options.filter_map(|name| {
            let number = name.strip_suffix("_name")?.to_owned();
            Some((name, format!("{number}_value")))
        });
        let options = options.collect();
        Box::new(Variants {
            columns,
            price,
            images,
            options,
            rules: rules.clone(),
        })
    }
}

/// The column and its currency: the feed's own where there is one, else the first. Prices of
/// regions, such as `Variant Price Europe [EUR]`, are not for everybody.
fn price_column(columns: &Columns, rules: &FormatRules) -> Option<(String, String)> {
    let prices = columns.beginning("variant_price_").into_iter();
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

struct Variants {
    columns: Columns,
    /// Column and currency.
    price: Option<(String, String)>,
    images: Vec<String>,
    /// The columns of the options' names and values.
    options: Vec<(String, String)>,
    rules: FormatRules,
}

impl Mapper for Variants {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut Harvest) {
        let rows = rows.iter().filter_map(|row| self.columns.cells(row));
        rows.for_each(|row| out.push(self.draft(&row)));
    }
}

impl Variants {
    fn draft(&self, row: &Cells<'_>) -> Draft {
        let (availability, quantity) = stock_of(row);
        let merchant = row.said(&["product_type", "product_type_id"]);
        let gtins = ["variant_ean", "variant_upc", "variant_barcode"];
        Draft {
            row: row.row,
            id: row.said(&["variant_id", "variant_sku"]),
            group: row.said(&["product_id", "product_handle"]),
            title: row.said(&["product_title"]),
            description: row.said(&["product_description"]).map(Prose::Plain),
            url: self.page(row),
            images: self.images(row),
            price: self.price(row),
            availability,
            quantity,
            gtins: gtins.iter().filter_map(|name| row.said(&[name])).collect(),
            sku: row.said(&["variant_sku"]),
            categories: merchant
                .map(|said| ("merchant", said))
                .into_iter()
                .collect(),
            options: self.options(row),
            for_sale: row.text("product_status").and_then(|status| {
                let is_public = status.eq_ignore_ascii_case("published");
                row.say(
                    &["product_status"],
                    if is_public { "true" } else { "false" },
                )
            }),
            ..Draft::default()
        }
    }

    fn page(&self, row: &Cells<'_>) -> Option<Said> {
        let handle = row.text("product_handle")?;
        let page = self.rules.page(&format!("products/{handle}"))?;
        row.say(&["product_handle"], page)
    }

    fn images(&self, row: &Cells<'_>) -> Vec<(Said, Option<String>)> {
        let thumbnail = row.said(&["product_thumbnail"]);
        let is_other = |image: &Said| {
            thumbnail
                .as_ref()
                .is_none_or(|first| first.text != image.text)
        };
        let others = self.images.iter().filter_map(|name| row.said(&[name]));
        let others = others.filter(is_other).map(|image| (image, None)).take(32);
        let first = thumbnail.clone().map(|image| (image, None));
        first.into_iter().chain(others).collect()
    }

    fn price(&self, row: &Cells<'_>) -> Option<Amount> {
        let (column, currency) = self.price.as_ref()?;
        let currency = row.say(&[column], currency.as_str());
        Some(Amount::Decimal(row.said(&[column])?, currency))
    }

    fn options(&self, row: &Cells<'_>) -> Vec<(String, Said)> {
        let options = self.options.iter();
        let options = options
            .filter_map(|(name, value)| Some((row.text(name)?.to_owned(), row.said(&[value])?)));
        options.collect()
    }
}

/// Newer exports have no count: then only an item that nobody counts is known to be there.
fn stock_of(row: &Cells<'_>) -> (Option<Said>, Option<Said>) {
    let is_managed = !row.any(MANAGED).is_some_and(is_no);
    let quantity = row.said(QUANTITY).filter(|_| is_managed);
    if is_managed && quantity.is_none() {
        return (None, None);
    }
    let sells_on = row.text("variant_allow_backorder").is_some_and(is_yes);
    let word = stock::word(quantity.as_ref().map(|said| said.text.as_str()), sells_on);
    let said = row.say(&[QUANTITY, MANAGED].concat(), word);
    (said, quantity.filter(|_| word != "backorder"))
}
