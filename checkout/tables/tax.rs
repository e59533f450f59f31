//! Which tax is due, by country, region and category, from a date on.

use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, flag, name, string, text, timestamp};
use buywire_schemas::text::parse_country;
use time::OffsetDateTime;

use crate::quote::{LineTax, TaxRate};

/// Rows of one table: all states of the United States and of Europe, in several categories and years.
const ROWS_MAX: usize = 2_000;
const CATEGORY_CHARS_MAX: usize = 100;
const REGION_CHARS_MAX: usize = 50;
const LABEL_CHARS_MAX: usize = 100;

/// A partner's tax rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxTable {
    tax_included: bool,
    rows: Vec<TaxRow>,
}

/// One rate and where it is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRow {
    country: String,
    region: Option<String>,
    category: Option<String>,
    rate: TaxRate,
    taxes_shipping: bool,
    label: String,
    from: Option<OffsetDateTime>,
    until: Option<OffsetDateTime>,
}

impl TaxTable {
    /// Reads a table, or returns everything that is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let tax_included = body.required("tax_included", flag);
        let rows = body.list("rates", 0..=ROWS_MAX, row);
        refuse_overlaps(&mut body, rows.as_deref().unwrap_or_default());
        body.finish(|| {
            Some(Self {
                tax_included: tax_included?,
                rows: rows?,
            })
        })
    }

    /// Whether the partner's prices contain their tax.
    #[must_use]
    pub fn tax_included(&self) -> bool {
        self.tax_included
    }

    /// The tax of a line at a time. The closest row decides: of region and category, of the region, of the category, of the
    /// country. Without a row, the tax is unknown.
    #[must_use]
    pub fn line_tax(
        &self,
        country: &str,
        region: Option<&str>,
        category: Option<&str>,
        now: OffsetDateTime,
    ) -> LineTax {
        let due = self.rows.iter().filter(|row| {
            let fits = |own: &Option<String>, requested: Option<&str>| {
                own.as_deref().is_none_or(|own| Some(own) == requested)
            };
            row.country == country
                && fits(&row.region, region)
                && fits(&row.category, category)
                && row.from.is_none_or(|from| from <= now)
                && row.until.is_none_or(|until| now < until)
        });
        let closest = due.max_by_key(|row| (row.region.is_some(), row.category.is_some()));
        closest.map_or(LineTax::Unknown, |row| LineTax::Rate {
            rate: row.rate,
            jurisdiction: row.label.clone(),
            taxes_shipping: row.taxes_shipping,
        })
    }
}

fn row(row: &mut Reader<'_>) -> Option<TaxRow> {
    let country = row.required("country", string(parse_country));
    let region = row.optional("region", text(1..=REGION_CHARS_MAX));
    let category = row.optional("category", text(1..=CATEGORY_CHARS_MAX));
    let rate = row.required("rate", string(TaxRate::parse));
    let taxes_shipping = row.required("taxes_shipping", flag);
    let label = row.required("label", name(1..=LABEL_CHARS_MAX));
    let from = row.optional("from", timestamp);
    let until = row.optional("until", timestamp);
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        let detail = "must be later than from";
        row.refuse("/until", Violation::new("period_empty", detail));
    }
    Some(TaxRow {
        country: country?,
        region,
        category,
        rate: rate?,
        taxes_shipping: taxes_shipping?,
        label: label?,
        from,
        until,
    })
}

/// Two rows for the same thing at the same time would be two taxes.
fn refuse_overlaps(body: &mut Reader<'_>, rows: &[TaxRow]) {
    let mut order: Vec<(usize, &TaxRow)> = rows.iter().enumerate().collect();
    order.sort_by_key(|(_, row)| (row.key(), row.from));
    for pair in order.windows(2) {
        if let [(_, earlier), (index, later)] = pair
            && earlier.key() == later.key()
            && earlier
                .until
                .is_none_or(|until| later.from.is_none_or(|from| from < until))
        {
            let detail = "must not be valid at the same time as another row of the same country, region and category";
            let location = format!("/rates/{index}");
            body.refuse(&location, Violation::new("rates_overlap", detail));
        }
    }
}

impl TaxRow {
    fn key(&self) -> (&str, Option<&str>, Option<&str>) {
        (
            self.country.as_str(),
            self.region.as_deref(),
            self.category.as_deref(),
        )
    }
}
