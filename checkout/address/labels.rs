//! Labels and sentences in the buyer's language, from `data/labels.tsv` and `data/sentences.tsv`.
//!
//! Promises: a text that is missing shows its English key, and the tests fail.
//! Must not choose which text to show.

use std::{collections::HashMap, sync::LazyLock};

use super::{language::Language, table};

type Texts<K> = HashMap<K, [&'static str; 5]>;

static LABELS: LazyLock<Texts<(&str, &str)>> = LazyLock::new(|| {
    let rows = table::rows(include_str!("data/labels.tsv"));
    rows.map(|[field, kind, en, fr, de, es, nl]| ((field, kind), [en, fr, de, es, nl]))
        .collect()
});

static SENTENCES: LazyLock<Texts<&str>> = LazyLock::new(|| {
    let rows = table::rows(include_str!("data/sentences.tsv"));
    rows.map(|[code, en, fr, de, es, nl]| (code, [en, fr, de, es, nl]))
        .collect()
});

pub(super) fn label(field: &'static str, kind: &'static str, language: Language) -> &'static str {
    text(LABELS.get(&(field, kind)), language).unwrap_or(field)
}

/// The sentence with its places for `{label}` and `{hint}`.
pub(super) fn sentence(key: &'static str, language: Language) -> &'static str {
    text(SENTENCES.get(key), language).unwrap_or(key)
}

fn text(texts: Option<&[&'static str; 5]>, language: Language) -> Option<&'static str> {
    texts?.get(language as usize).copied()
}
