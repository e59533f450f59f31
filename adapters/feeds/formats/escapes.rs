//! Undoes what exports write to protect text from spreadsheets and from their own readers.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

/// The longest valid id.
const ID_CHARS_MAX: usize = 128;
/// Hexadecimal digits of a digest: enough to distinguish all ids of a shop.
const DIGEST_CHARS: usize = 16;

/// `'+Size`: an apostrophe before text that a spreadsheet would read as a formula. WooCommerce and Shopify write it.
pub(super) fn strip_formula_guard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => text,
    }
}

/// Removes XML's CDATA wrapper from text in other kinds of documents.
pub(super) fn strip_cdata(text: &str) -> &str {
    let mut text = text;
    while let Some(inner) = text
        .strip_prefix("<![CDATA[")
        .and_then(|rest| rest.strip_suffix("]]>"))
    {
        text = inner.trim();
    }
    text
}

/// The values of a comma-separated list. `\,` is a comma inside a value.
pub(super) fn split_list(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = Some(text);
    let values = std::iter::from_fn(move || {
        let text = rest?;
        let mut commas = text.match_indices(',').map(|(at, _)| at);
        let end = commas.find(|at| !text[..*at].ends_with('\\'));
        rest = end.and_then(|end| text.get(end + 1..));
        Some(&text[..end.unwrap_or(text.len())])
    });
    let values = values.map(|value| strip_formula_guard(value.trim()));
    let values = values.filter(|value| !value.is_empty());
    values.map(unescape_commas)
}

/// Unescapes `\,`.
pub(super) fn unescape_commas(text: &str) -> Cow<'_, str> {
    match text.contains("\\,") {
        true => Cow::Owned(text.replace("\\,", ",")),
        false => Cow::Borrowed(text),
    }
}

/// `\n` as the line feed for which it stands, and `\\n` as `\n`.
pub(super) fn unescape_line_feeds(text: &str) -> String {
    let parts = text.split("\\\\n");
    let parts: Vec<_> = parts.map(|part| part.replace("\\n", "\n")).collect();
    parts.join("\\n")
}

/// An id that we build from several texts. The merchant cannot shorten it, so an id beyond the limit
/// ends with a digest of the whole. The same texts always give the same id.
pub(super) fn bounded_id(id: String) -> String {
    if id.len() <= ID_CHARS_MAX || id.chars().count() <= ID_CHARS_MAX {
        return id;
    }
    let digest = Sha256::digest(id.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let prefix = id.chars().take(ID_CHARS_MAX - DIGEST_CHARS - 1);
    let digest = digest.chars().take(DIGEST_CHARS);
    prefix.chain(['~']).chain(digest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_formulas_are_guarded() {
        for (text, expected) in [
            ("'+Size", "+Size"),
            ("'- soft", "- soft"),
            ("'@home", "@home"),
            ("'=1+1", "=1+1"),
            ("'90s shirt", "'90s shirt"),
            ("'", "'"),
            ("+Size", "+Size"),
        ] {
            assert_eq!(strip_formula_guard(text), expected);
        }
    }

    #[test]
    fn an_escaped_comma_parts_no_list() {
        let values = |text| split_list(text).map(Cow::into_owned).collect::<Vec<_>>();
        assert_eq!(
            values("Care > Perfume\\, Cologne, Sale"),
            ["Care > Perfume, Cologne", "Sale"]
        );
        assert_eq!(values("A3, '+A3,,"), ["A3", "+A3"]);
        assert_eq!(values("5\\,5 cm"), ["5,5 cm"]);
        assert_eq!(values(""), Vec::<String>::new());
    }

    #[test]
    fn wrappers_and_line_feeds_are_undone() {
        assert_eq!(strip_cdata("<![CDATA[<p>a</p>]]>"), "<p>a</p>");
        assert_eq!(strip_cdata("<![CDATA[ <![CDATA[a]]> ]]>"), "a");
        assert_eq!(strip_cdata("a ]]>"), "a ]]>");
        assert_eq!(unescape_line_feeds("a\\nb\\\\nc"), "a\nb\\nc");
    }

    #[test]
    fn a_long_id_is_bounded_and_stays_itself() {
        let short = "a".repeat(128);
        assert_eq!(bounded_id(short.clone()), short);
        let (one, other) = ("ä".repeat(129) + "x", "ä".repeat(129) + "y");
        assert_eq!(bounded_id(one.clone()).chars().count(), 128);
        assert_eq!(bounded_id(one.clone()), bounded_id(one.clone()));
        assert_ne!(bounded_id(one), bounded_id(other));
    }
}
