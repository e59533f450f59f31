//! Which of several languages a reader prefers: the lookup of RFC 4647 and the weights of RFC 9110.
//!
//! Promises: a tag is shortened from its end until something fits; a weight of zero refuses. Must not know what can be
//! chosen.

/// Languages of a header that are read at most: browsers send ten.
const RANGES_MAX: usize = 20;
/// Subtags of a range at most: the longest that are registered have six.
const SUBTAGS_MAX: usize = 8;
/// The weight of a range that states none, in thousandths.
const WEIGHT_DEFAULT: u32 = 1_000;

/// What fits a tag best: the tag itself, or what is left of it when subtags are taken from its end. Underscores, as
/// operating systems write them, stand for hyphens.
pub fn lookup<T>(tag: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
    let tag = tag.trim().replace('_', "-");
    let mut rest = tag.as_str();
    for _ in 0..SUBTAGS_MAX {
        if let Some(found) = find(rest) {
            return Some(found);
        }
        (rest, _) = rest.rsplit_once('-')?;
        // A single letter begins an extension, which goes with what it began.
        if let Some((before, [_])) = rest.rsplit_once('-').map(|(a, b)| (a, b.as_bytes())) {
            rest = before;
        }
    }
    None
}

/// What fits an `Accept-Language` best: of the ranges for which there is something, the first with the highest weight.
pub fn preferred<T>(header: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
    let mut ranges: Vec<_> = header
        .split(',')
        .take(RANGES_MAX)
        .filter_map(range)
        .collect();
    // Stable: the first of equals stays the first.
    ranges.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    ranges.into_iter().find_map(|(tag, _)| find(tag))
}

/// A range and its weight in thousandths; none if it is refused.
fn range(text: &str) -> Option<(&str, u32)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next()?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let weight = weight.map_or(Some(WEIGHT_DEFAULT), thousandths)?;
    (weight > 0).then_some((tag, weight))
}

fn thousandths(weight: &str) -> Option<u32> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 1 || decimals.len() > 3 || !is_number(whole) || !is_number(decimals) {
        return None;
    }
    let thousandths: u32 = format!("{whole}{decimals:0<3}").parse().ok()?;
    (thousandths <= WEIGHT_DEFAULT).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(tag: &str) -> Vec<String> {
        let tried = std::cell::RefCell::new(Vec::new());
        let none: Option<()> = lookup(tag, |one| {
            tried.borrow_mut().push(one.to_owned());
            None
        });
        assert_eq!(none, None);
        tried.into_inner()
    }

    #[test]
    fn a_tag_is_shortened_from_its_end() {
        // The example of RFC 4647, section 3.4.
        assert_eq!(
            tried("zh-Hant-CN-x-private1-private2"),
            [
                "zh-Hant-CN-x-private1-private2",
                "zh-Hant-CN-x-private1",
                "zh-Hant-CN",
                "zh-Hant",
                "zh"
            ]
        );
        assert_eq!(tried("pt_BR"), ["pt-BR", "pt"]);
        assert_eq!(tried(&"a-".repeat(1_000)).len(), SUBTAGS_MAX);
    }

    #[test]
    fn the_heaviest_range_for_which_there_is_something_is_preferred() {
        let find = |tag: &str| {
            lookup(tag, |one| {
                ["de", "fr", "es"].into_iter().find(|own| *own == one)
            })
        };
        for (header, expected) in [
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Some("fr")),
            ("pt-BR, es;q=0.4, de;q=0.6", Some("de")),
            ("de;q=0, es", Some("es")),
            ("es;q=0.5, de ; q=0.5", Some("es")),
            ("de;q=0", None),
            ("de;q=2, fr;q=x, es;q=0.0001", None),
            ("*", None),
            (";;,,=;q=", None),
        ] {
            assert_eq!(preferred(header, find), expected, "{header}");
        }
    }
}
