//! The energy class of a product, as the European Union wants it beside a price: the class and its scale.
//!
//! Promises: only classes that exist are shown; a link leads to the public database of products and nowhere else. Must
//! not rate anything itself.

use buywire_schemas::catalog::Item;

use super::unit_price::attribute;

/// Attributes as feeds spell them, in English and in the languages whose files we read.
const CLASS: [&str; 2] = ["energyefficiencyclass", "energieeffizienzklasse"];
const WORST: [&str; 1] = ["minenergyefficiencyclass"];
const BEST: [&str; 1] = ["maxenergyefficiencyclass"];
const CERTIFICATION: [&str; 1] = ["certification"];
const CLASSES: [&str; 10] = ["A+++", "A++", "A+", "A", "B", "C", "D", "E", "F", "G"];
/// The public database of products (EPREL) shows a label and its data sheet under this address.
const EPREL: &str = "https://eprel.ec.europa.eu/qr/";
const EPREL_DIGITS_MAX: usize = 10;

/// An energy class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EnergyLabel {
    /// Such as `A` or `A++`.
    pub(super) class: &'static str,
    /// The colour of its arrow: `a` to `g`.
    pub(super) colour: char,
    /// The best and the worst class of the scale.
    pub(super) scale: (&'static str, &'static str),
    /// The product's entry in the public database.
    pub(super) entry: Option<String>,
}

impl EnergyLabel {
    /// The label of an item; none if the feed states no class.
    pub(super) fn of(item: &Item) -> Option<Self> {
        let certification = attribute(item, &CERTIFICATION).and_then(Certification::parse);
        let stated = attribute(item, &CLASS).and_then(class);
        let certified = certification.as_ref().and_then(|one| one.class);
        let class_shown = stated.or(certified)?;
        let of_scale = |names: &[&str]| attribute(item, names).and_then(class);
        // Labels of today go from A to G, those of before from A+++ to D.
        let (best, worst) = match class_shown.contains('+') {
            true => ("A+++", "D"),
            false => ("A", "G"),
        };
        Some(Self {
            class: class_shown,
            colour: class_shown
                .chars()
                .next()
                .map_or('g', |one| one.to_ascii_lowercase()),
            scale: (
                of_scale(&BEST).unwrap_or(best),
                of_scale(&WORST).unwrap_or(worst),
            ),
            entry: certification.map(|one| format!("{EPREL}{}", one.number)),
        })
    }
}

/// What a feed states of a certificate, such as `EC:EPREL:123456:B`.
struct Certification<'a> {
    number: &'a str,
    class: Option<&'static str>,
}

impl<'a> Certification<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(',').next()?.split(':').map(str::trim);
        let is_eprel = parts.any(|part| part.eq_ignore_ascii_case("EPREL"));
        let number = parts.next()?;
        let is_number = (1..=EPREL_DIGITS_MAX).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit());
        (is_eprel && is_number).then(|| Self {
            number,
            class: parts.next().and_then(class),
        })
    }
}

fn class(text: &str) -> Option<&'static str> {
    let mut all = CLASSES.into_iter();
    all.find(|class| class.eq_ignore_ascii_case(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(attributes: &[(&str, &str)]) -> Option<EnergyLabel> {
        let text = include_str!("../../schemas/examples/valid/catalog/shirt.json");
        let mut item: Item = serde_json::from_str(text).unwrap();
        let attributes = attributes.iter();
        item.attributes = attributes
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        EnergyLabel::of(&item)
    }

    #[test]
    fn a_class_is_shown_with_its_scale() {
        for (attributes, class, scale) in [
            (&[("energy_efficiency_class", "b")][..], "B", ("A", "G")),
            (&[("Energieeffizienzklasse", "A++")], "A++", ("A+++", "D")),
            (
                &[
                    ("energy_efficiency_class", "C"),
                    ("min_energy_efficiency_class", "F"),
                    ("max_energy_efficiency_class", "A"),
                ],
                "C",
                ("A", "F"),
            ),
            (&[("certification", "EC:EPREL:123456:E")], "E", ("A", "G")),
        ] {
            let label = label(attributes).unwrap();
            assert_eq!((label.class, label.scale), (class, scale));
        }
        let label = label(&[
            ("certification", "EC:EPREL:123456"),
            ("energy_efficiency_class", "A"),
        ]);
        assert_eq!(
            label.unwrap().entry.as_deref(),
            Some("https://eprel.ec.europa.eu/qr/123456")
        );
    }

    #[test]
    fn a_class_that_does_not_exist_is_not_shown() {
        for attributes in [
            [("energy_efficiency_class", "H")],
            [("energy_efficiency_class", "")],
            [("certification", "EC:EPREL:123456")],
            [("certification", "EC:EPREL:12/../x:A")],
            [("certification", "other:123:A")],
        ] {
            assert_eq!(label(&attributes), None, "{attributes:?}");
        }
    }
}
