//! Weights with their units, in grams.

use buywire_schemas::catalog::issue::Code;

use super::notes::Notes;
use super::number::Number;
use super::rules::DecimalSign;
use crate::feed::draft::Said;

/// Heavier than what anybody sends; fits the database's integers.
const GRAMS_MAX: u128 = i32::MAX as u128;

/// The weight in grams, rounded half up.
pub(super) fn grams(told: Option<&Said>, decimal: DecimalSign, notes: &mut Notes) -> Option<u32> {
    let said = told?;
    let grams = parse(said.text.trim(), decimal);
    if grams.is_none() {
        notes.raise(Code::WeightInvalid, said);
    }
    grams
}

fn parse(text: &str, decimal: DecimalSign) -> Option<u32> {
    let unit_begins = text.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at_checked(unit_begins)?;
    let number = Number::parse(number.trim_end(), decimal).ok()?;
    // Nanograms: a pound is 453.59237 g, an ounce a sixteenth of it.
    let nanograms: u128 = match unit.to_ascii_lowercase().as_str() {
        "g" | "gr" | "gram" | "grams" => 1_000_000_000,
        "kg" | "kgs" | "kilogram" | "kilograms" => 1_000_000_000_000,
        "mg" => 1_000_000,
        "lb" | "lbs" | "pound" | "pounds" => 453_592_370_000,
        "oz" | "ounce" | "ounces" => 28_349_523_125,
        _ => return None,
    };
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
            assert_eq!(parse(text, DecimalSign::Auto), Some(grams), "{text}");
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
            assert_eq!(parse(text, DecimalSign::Auto), None, "{text}");
        }
    }
}
