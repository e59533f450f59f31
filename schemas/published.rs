//! The JSON Schemas that Buywire serves at `/schemas/{name}`, embedded from this folder.

const PUBLISHED: [(&str, &str); 7] = [
    ("catalog.v1.json", include_str!("catalog.v1.json")),
    ("event.v1.json", include_str!("event.v1.json")),
    ("feed-report.v1.json", include_str!("feed-report.v1.json")),
    ("order.v1.json", include_str!("order.v1.json")),
    ("post.v1.json", include_str!("post.v1.json")),
    ("problem.v1.json", include_str!("problem.v1.json")),
    ("refund.v1.json", include_str!("refund.v1.json")),
];

/// The schema with this name, with or without `.json`.
#[must_use]
pub fn schema(name: &str) -> Option<&'static str> {
    PUBLISHED
        .iter()
        .find(|(file, _)| *file == name || file.strip_suffix(".json") == Some(name))
        .map(|(_, text)| *text)
}

/// The names of all published schemas, in alphabetical order.
pub fn schema_names() -> impl Iterator<Item = &'static str> {
    PUBLISHED.iter().map(|(file, _)| *file)
}
