//! Attributes that have parts, such as shipping: written with colons, in a header's order, or as elements.

/// The parts of shipping, in the order of Google and OpenAI.
const SHIPPING: [&[&str]; 8] = [
    &["country", "country_code"],
    &[
        "region",
        "postal_code",
        "location_id",
        "location_group_name",
    ],
    &["service", "service_level"],
    &["price"],
    &["min_handling_time", "handling_cutoff_time"],
    &["max_handling_time"],
    &["min_transit_time"],
    &["max_transit_time"],
];

/// The order of the parts that a column's header lists, such as `shipping(country:price)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grouping(Vec<String>);

impl Grouping {
    /// The list in the parentheses of a name in its plain spelling.
    pub fn from_header(plain: &str) -> Option<Self> {
        let (_, rest) = plain.split_once('(')?;
        let list = rest.strip_suffix(')')?;
        let parts = list.split(':').map(|part| part.trim_matches(['_', ' ']));
        Some(Self(parts.map(str::to_owned).collect()))
    }

    /// A cell's parts, in the canonical order of shipping.
    pub fn shipping(&self, cell: &str) -> String {
        let names = self.0.iter().map(String::as_str);
        shipping(names.zip(cell.split(':')))
    }
}

/// Named parts as `country:region:service:price` and on; empty ones at the end are left out.
pub(super) fn shipping<'a>(parts: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut slots = [""; SHIPPING.len()];
    for (name, value) in parts {
        let position = SHIPPING.iter().position(|names| names.contains(&name));
        if let Some(slot) = position.and_then(|location| slots.get_mut(location)) {
            *slot = value.trim();
        }
    }
    let used = slots.iter().rposition(|location| !location.is_empty());
    let used = used.map_or(0, |last| last + 1);
    let clean = slots
        .iter()
        .take(used)
        .map(|location| location.replace(':', " "));
    clean.collect::<Vec<_>>().join(":")
}
