//! Weights with their units, in grams.

use buywire_schemas::catalog::issue::Code;

use super::decimal_sign::{DecimalSign, Decimals, Sign, SignHint};
use super::number::{Number, Numeral};
use crate::draft::RawField;
use crate::validate::findings::FindingsBuilder;

/// The largest weight. It fits the database's integers.
const GRAMS_MAX: u128 = i32::MAX as u128;

/// The weight in grams, rounded half up.
pub(crate) fn grams(
    input: Option<&RawField>,
    decimals: Decimals,
    findings: &mut FindingsBuilder,
) -> Option<u32> {
    let raw = input?;
    let parsed = parse(raw.text.trim(), decimals.set);
    match parsed {
        Some(ParsedWeight::Exact(grams)) => return Some(grams),
        Some(ParsedWeight::Ambiguous {
            sign,
            decimal,
            grouped,
        }) => match decimals.proven {
            Some(proven) if proven == sign => return Some(decimal),
            Some(_) => return grouped,
            None => {
                let grouped =
                    grouped.map_or_else(|| "more".to_owned(), |grams| format!("{grams} g"));
                let readings = format!("{decimal} g or {grouped}");
                findings.raise_ambiguous(Code::AmountAmbiguous, raw, &readings);
            }
        },
        None => findings.raise(Code::WeightInvalid, raw),
    }
    None
}

/// What a weight shows about its column's decimal sign.
pub(crate) fn sign_hint(text: &str) -> SignHint {
    match split_unit(text.trim()).map(|(number, _)| Numeral::parse(number, DecimalSign::Auto)) {
        Some(Ok(Numeral::Plain(_, Some(sign)))) => SignHint::Proves(sign),
        Some(Ok(Numeral::Ambiguous { .. })) => SignHint::Ambiguous,
        _ => SignHint::Nothing,
    }
}

enum ParsedWeight {
    Exact(u32),
    /// One separator before three digits: decimals, or thousands if that is within the limit.
    Ambiguous {
        sign: Sign,
        decimal: u32,
        grouped: Option<u32>,
    },
}

/// The number and its unit.
fn split_unit(text: &str) -> Option<(&str, &str)> {
    let unit_begins = text.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at_checked(unit_begins)?;
    Some((number.trim_end(), unit))
}

fn parse(text: &str, set: DecimalSign) -> Option<ParsedWeight> {
    let (number, unit) = split_unit(text)?;
    // Nanograms: a pound is 453.59237 g, an ounce a sixteenth of it.
    let nanograms: u128 = match unit.to_ascii_lowercase().as_str() {
        "g" | "gr" | "gram" | "grams" => 1_000_000_000,
        "kg" | "kgs" | "kilogram" | "kilograms" => 1_000_000_000_000,
        "mg" => 1_000_000,
        "lb" | "lbs" | "pound" | "pounds" => 453_592_370_000,
        "oz" | "ounce" | "ounces" => 28_349_523_125,
        _ => return None,
    };
    Some(match Numeral::parse(number, set).ok()? {
        Numeral::Plain(number, _) => ParsedWeight::Exact(to_grams(number, nanograms)?),
        Numeral::Ambiguous {
            sign,
            decimal,
            grouped,
        } => ParsedWeight::Ambiguous {
            sign,
            decimal: to_grams(decimal, nanograms)?,
            grouped: to_grams(grouped, nanograms),
        },
    })
}

fn to_grams(number: Number, nanograms: u128) -> Option<u32> {
    let divisor = 10_u128
        .checked_pow(number.places)?
        .checked_mul(1_000_000_000)?;
    let total = number.digits.checked_mul(nanograms)?;
    let grams = total.checked_add(divisor / 2)? / divisor;
    let sane = !(number.negative && number.digits > 0) && grams <= GRAMS_MAX;
    sane.then(|| u32::try_from(grams).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, proven: Option<Sign>) -> Option<u32> {
        let decimals = Decimals {
            set: DecimalSign::Auto,
            proven,
        };
        let raw = RawField {
            name: "weight".into(),
            text: text.to_owned(),
        };
        grams(Some(&raw), decimals, &mut FindingsBuilder::for_row(2))
    }

    #[test]
    fn three_digits_behind_a_separator_weigh_what_the_file_says() {
        assert_eq!(read("1.250 kg", None), None);
        assert_eq!(read("1.250 kg", Some(Sign::Point)), Some(1_250));
        assert_eq!(read("1.250 g", Some(Sign::Comma)), Some(1_250));
        assert_eq!(read("1,250 g", Some(Sign::Comma)), Some(1));
        assert_eq!(read("0.250 kg", None), Some(250));
    }

    #[test]
    fn every_unit_becomes_grams() {
        for (text, grams) in [
            ("500 g", 500),
            ("1.5 kg", 1_500),
            ("1,5kg", 1_500),
            ("2 lb", 907),
            ("1 oz", 28),
            ("0.0 lb", 0),
            ("499 mg", 0),
            ("500 mg", 1),
        ] {
            assert_eq!(read(text, None), Some(grams), "{text}");
        }
        for text in [
            "",
            "5",
            "kg",
            "-1 kg",
            "5 stone",
            "1e3 g",
            "9999999 kg",
            "1 k g",
        ] {
            assert_eq!(read(text, None), None, "{text}");
        }
    }
}
