//! The price of a kilogram, a litre or a metre, where the feed states how much there is.
//!
//! Promises: it is calculated from the price that is shown, and rounded to the currency's smallest unit; what cannot be
//! calculated is not shown. Must not guess an amount from a title.

use buywire_checkout::locale::Locale;
use buywire_schemas::catalog::{Item, Price};

use super::format::money;

/// Attributes as feeds spell them: only letters are compared.
const MEASURE: [&str; 1] = ["unitpricingmeasure"];
const BASE: [&str; 2] = ["unitpricingbasemeasure", "unitpricingmeasurebase"];
/// Digits of a measure at most: no package has more.
const DIGITS_MAX: usize = 9;

/// What can be compared with one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mass,
    Volume,
    Length,
    Area,
    Count,
    /// Of the United States.
    UsMass,
    UsVolume,
    UsLength,
    UsArea,
}

/// A unit: how feeds write it, how it is shown, and how many of its kind's smallest it has.
#[derive(Debug, PartialEq, Eq)]
struct Unit {
    names: &'static str,
    shown: &'static str,
    kind: Kind,
    smallest: u32,
    /// Whether prices are compared by it unless the feed states another.
    is_base: bool,
}

const fn unit(
    names: &'static str,
    shown: &'static str,
    kind: Kind,
    smallest: u32,
    is_base: bool,
) -> Unit {
    Unit {
        names,
        shown,
        kind,
        smallest,
        is_base,
    }
}

static UNITS: [Unit; 21] = [
    unit("mg", "mg", Kind::Mass, 1, false),
    unit("g", "g", Kind::Mass, 1_000, false),
    unit("kg", "kg", Kind::Mass, 1_000_000, true),
    unit("ml", "ml", Kind::Volume, 1, false),
    unit("cl", "cl", Kind::Volume, 10, false),
    unit("l", "l", Kind::Volume, 1_000, true),
    unit("cbm m3 m³", "m³", Kind::Volume, 1_000_000, false),
    unit("cm", "cm", Kind::Length, 1, false),
    unit("m", "m", Kind::Length, 100, true),
    unit("sqm m2 m²", "m²", Kind::Area, 1, true),
    unit("ct", "piece", Kind::Count, 1, true),
    unit("oz", "oz", Kind::UsMass, 1, false),
    unit("lb", "lb", Kind::UsMass, 16, true),
    unit("floz", "fl oz", Kind::UsVolume, 1, true),
    unit("pt", "pt", Kind::UsVolume, 16, false),
    unit("qt", "qt", Kind::UsVolume, 32, false),
    unit("gal", "gal", Kind::UsVolume, 128, false),
    unit("in", "in", Kind::UsLength, 1, false),
    unit("ft", "ft", Kind::UsLength, 12, true),
    unit("yd", "yd", Kind::UsLength, 36, false),
    unit("sqft", "ft²", Kind::UsArea, 1, true),
];

/// A quantity as a fraction: 0.75 l is 75 / 100.
#[derive(Debug, Clone, Copy)]
struct Measure {
    digits: u64,
    divisor: u64,
    unit: &'static Unit,
}

impl Measure {
    /// Such as `750 ml`, `1.5kg` or `1,5 kg`.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (number, name) = text.split_at(text.find(|one: char| one.is_alphabetic())?);
        let number = number.trim().replace(',', ".");
        let (whole, places) = number.split_once('.').unwrap_or((&number, ""));
        // `1.000` may be one or a thousand.
        if places.len() == 3 || whole.len() + places.len() > DIGITS_MAX {
            return None;
        }
        let digits: u64 = format!("{whole}{places}").parse().ok()?;
        let name = name.trim().to_lowercase().replace([' ', '.'], "");
        Some(Self {
            digits: Some(digits).filter(|digits| *digits > 0)?,
            divisor: 10_u64.pow(u32::try_from(places.len()).ok()?),
            unit: UNITS
                .iter()
                .find(|unit| unit.names.split(' ').any(|one| one == name))?,
        })
    }

    /// What prices of this kind are compared by.
    fn base(self) -> Option<Self> {
        let is_base = |unit: &&Unit| unit.kind == self.unit.kind && unit.is_base;
        Some(Self {
            digits: 1,
            divisor: 1,
            unit: UNITS.iter().find(is_base)?,
        })
    }

    fn shown(self) -> String {
        match (self.digits, self.divisor) {
            (1, 1) => self.unit.shown.to_owned(),
            (digits, 1) if self.unit.kind == Kind::Count => format!("{digits} pieces"),
            (digits, 1) => format!("{digits} {}", self.unit.shown),
            // No feed has a base of one and a half.
            _ => String::new(),
        }
    }
}

/// Such as `€12.40 / kg`; none if the feed states no measure, or the price is already that of one.
pub(super) fn unit_price(item: &Item, price: Price, locale: Locale) -> Option<String> {
    let measure = Measure::parse(attribute(item, &MEASURE)?)?;
    let stated = attribute(item, &BASE).and_then(Measure::parse);
    let base = stated
        .filter(|base| base.unit.kind == measure.unit.kind && base.divisor == 1)
        .or_else(|| measure.base())?;
    let of_base = [base.digits, u64::from(base.unit.smallest), measure.divisor];
    let of_measure = [
        measure.digits,
        u64::from(measure.unit.smallest),
        base.divisor,
    ];
    let product = |of: [u64; 3]| of.into_iter().map(i128::from).product::<i128>();
    let (numerator, denominator) = (product(of_base), product(of_measure));
    if numerator == denominator {
        return None;
    }
    let doubled = i128::from(price.amount)
        .checked_mul(2)?
        .checked_mul(numerator)?;
    let amount = (doubled / denominator + 1) / 2;
    let price = Price {
        amount: i64::try_from(amount).ok()?,
        ..price
    };
    Some(format!("{} / {}", money(locale, price), base.shown()))
}

/// The value of an attribute with one of these names, however the feed spells them.
pub(super) fn attribute<'a>(item: &'a Item, names: &[&str]) -> Option<&'a str> {
    let mut all = item.attributes.iter();
    let found = all.find(|(name, _)| {
        let letters = name.chars().filter(|one| one.is_alphabetic());
        let plain: String = letters.flat_map(char::to_lowercase).collect();
        names.contains(&plain.as_str())
    });
    found.map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use buywire_checkout::address::Language;

    fn shown(amount: i64, measure: &str, base: &str) -> Option<String> {
        let text = include_str!("../../schemas/examples/valid/catalog/shirt.json");
        let mut item: Item = serde_json::from_str(text).unwrap();
        let mut state = |name: &str, value: &str| {
            item.attributes.insert(name.to_owned(), value.to_owned());
        };
        state("unit_pricing_measure", measure);
        if !base.is_empty() {
            state("Unit pricing base measure", base);
        }
        let price = Price {
            amount,
            ..item.price
        };
        unit_price(&item, price, Locale::of(Language::English))
    }

    #[test]
    fn a_measure_has_the_price_of_its_base() {
        for (amount, measure, base, expected) in [
            (1_399, "750 ml", "", "€18.65 / l"),
            (1_399, "0.75l", "100 ml", "€1.87 / 100 ml"),
            (1_399, "0,75 L", "1 l", "€18.65 / l"),
            (499, "250g", "", "€19.96 / kg"),
            (499, "250 g", "100g", "€2.00 / 100 g"),
            (1, "3 g", "", "€3.33 / kg"),
            (900, "2.5 m", "", "€3.60 / m"),
            (5_900, "1.44 sqm", "", "€40.97 / m²"),
            (5_900, "2 m²", "", "€29.50 / m²"),
            (600, "12 ct", "", "€0.50 / piece"),
            (600, "12 ct", "100 ct", "€50.00 / 100 pieces"),
            (399, "8 oz", "", "€7.98 / lb"),
            (399, "12 fl. oz", "", "€0.33 / fl oz"),
            // A base of another kind says nothing.
            (499, "250 g", "1 l", "€19.96 / kg"),
            (
                1_000_000_000_000,
                "1 mg",
                "",
                "€10,000,000,000,000,000.00 / kg",
            ),
        ] {
            let written = shown(amount, measure, base);
            assert_eq!(written.as_deref(), Some(expected), "{measure} {base}");
        }
    }

    #[test]
    fn what_cannot_be_calculated_is_not_shown() {
        for measure in [
            "",
            "750",
            "ml",
            "0 ml",
            "1.000 kg",
            "-5 kg",
            "1e3 g",
            "5 bottles",
            "1..5 l",
            "1 l",
            "1000 ml",
            "٣ l",
            "9999999999 g",
        ] {
            assert_eq!(shown(1_399, measure, ""), None, "{measure}");
        }
        assert_eq!(shown(i64::MAX, "1 mg", ""), None);
    }
}
