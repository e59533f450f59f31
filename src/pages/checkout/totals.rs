//! The lines of a total, from a quote.
//!
//! Promises: what is shown is what is charged; a tax that prices contain is said to be contained, and never added again.
//! Must not calculate.

use buywire_checkout::amount::{code_beside, money};
use buywire_checkout::quote::Quote;
use buywire_schemas::money::Currency;

use super::links::CheckoutLinks;
use super::words::{self, fill};

/// Countries whose consumption tax is called VAT: the EU, the rest of the EEA, the United Kingdom and Switzerland.
const VAT_COUNTRIES: &str = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE \
IS LI NO GB CH MC";

/// What a purchase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    /// The currency of every amount.
    pub(crate) currency: Currency,
    /// All lines before discount.
    pub(crate) subtotal: i64,
    /// What is taken off.
    pub(crate) discount: i64,
    /// Delivery. None for what is not delivered.
    pub(crate) shipping: Option<i64>,
    /// The tax.
    pub(crate) tax: i64,
    /// Whether prices contain the tax.
    pub(crate) tax_included: bool,
    /// What is charged.
    pub(crate) total: i64,
    /// Whether the buyer's country calls the tax VAT.
    pub(crate) is_vat: bool,
}

impl Totals {
    /// The totals of a quote for a buyer in a country, if that is stated.
    #[must_use]
    pub(crate) fn of(quote: &Quote, country: Option<&str>) -> Self {
        let is_delivered = !quote.request().deliveries.is_empty();
        Self {
            currency: quote.currency(),
            subtotal: quote.subtotal(),
            discount: quote.discount(),
            shipping: is_delivered.then(|| quote.shipping()),
            tax: quote.tax(),
            tax_included: quote.tax_included(),
            total: quote.total(),
            is_vat: country.is_some_and(is_vat_country),
        }
    }
}

/// Whether a country calls its consumption tax VAT.
fn is_vat_country(country: &str) -> bool {
    VAT_COUNTRIES.split(' ').any(|code| code == country)
}

/// One line: what it is, and how much.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TotalsLine {
    pub(super) label: &'static str,
    pub(super) amount: String,
}

/// The totals as text.
#[derive(Debug)]
pub(super) struct TotalsView {
    pub(super) lines: Vec<TotalsLine>,
    pub(super) total_label: &'static str,
    pub(super) total: String,
    pub(super) currency: Option<&'static str>,
    /// The tax that the total contains.
    pub(super) included: Option<String>,
}

impl TotalsView {
    pub(super) fn of(totals: &Totals, links: CheckoutLinks<'_>) -> Self {
        let language = links.language;
        let words = &words::buying(language).totals;
        let money = |amount| money(links.locale, totals.currency, amount);
        let free = words::buying(language).review.free;
        let line = |label, amount| TotalsLine { label, amount };
        let mut lines = vec![line(words.subtotal, money(totals.subtotal))];
        if totals.discount > 0 {
            lines.push(line(words.discount, money(-totals.discount)));
        }
        lines.extend(totals.shipping.map(|shipping| match shipping {
            0 => line(words.delivery, free.to_owned()),
            price => line(words.delivery, money(price)),
        }));
        let (tax_label, tax_included) = match totals.is_vat {
            true => (words.vat, words.vat_included),
            false => (words.tax, words.tax_included),
        };
        if !totals.tax_included {
            lines.push(line(tax_label, money(totals.tax)));
        }
        let included = totals.tax_included && totals.tax > 0;
        Self {
            // A line that only repeats the total says nothing.
            lines: if lines.len() == 1 { Vec::new() } else { lines },
            total_label: words.total,
            total: money(totals.total),
            currency: code_beside(language, totals.currency),
            included: included.then(|| fill(tax_included, &[("amount", &money(totals.tax))])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Site;
    use crate::pages::checkout::Language;
    use buywire_schemas::rollout::Viewer;

    fn totals() -> Totals {
        Totals {
            currency: Currency::parse("EUR").unwrap(),
            subtotal: 2_900,
            discount: 0,
            shipping: Some(490),
            tax: 565,
            tax_included: true,
            total: 3_390,
            is_vat: true,
        }
    }

    fn links() -> CheckoutLinks<'static> {
        CheckoutLinks {
            site: Site("https://pay.example"),
            slug: "cup-1",
            language: Language::English,
            locale: Language::English.into(),
            viewer: Viewer::default(),
        }
    }

    fn shown(totals: Totals) -> Vec<String> {
        let view = TotalsView::of(&totals, links());
        let lines = view.lines.iter();
        let lines = lines.map(|line| format!("{} {}", line.label, line.amount));
        let total = format!("{} {}", view.total_label, view.total);
        lines.chain([total]).chain(view.included).collect()
    }

    #[test]
    fn a_tax_is_contained_or_added_and_never_both() {
        assert_eq!(
            shown(totals()),
            [
                "Subtotal €29.00",
                "Delivery €4.90",
                "Total €33.90",
                "includes €5.65 VAT"
            ]
        );
        let added = Totals {
            tax_included: false,
            total: 3_955,
            is_vat: false,
            ..totals()
        };
        assert_eq!(
            shown(added),
            [
                "Subtotal €29.00",
                "Delivery €4.90",
                "Tax €5.65",
                "Total €39.55"
            ]
        );
    }

    #[test]
    fn what_is_free_and_what_is_off_is_said() {
        let free = Totals {
            discount: 400,
            shipping: Some(0),
            total: 2_500,
            tax: 0,
            ..totals()
        };
        assert_eq!(
            shown(free),
            [
                "Subtotal €29.00",
                "Discount −€4.00",
                "Delivery Free",
                "Total €25.00"
            ]
        );
        let digital = Totals {
            shipping: None,
            total: 2_900,
            tax: 0,
            ..totals()
        };
        assert_eq!(shown(digital), ["Total €29.00"]);
    }
}
