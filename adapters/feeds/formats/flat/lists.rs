//! Several values in one cell: where one ends and the next begins.

/// Values of one cell or attribute: far more than any channel accepts.
const VALUES_MAX: usize = 128;

/// Links, separated by a comma, a pipe, a semicolon or white space. A separator inside a link is
/// recognised by what follows: a link begins with its scheme.
pub(crate) fn links(text: &str) -> Vec<&str> {
    split(text, &[',', '|', ';', ' ', '\n', '\t'], |rest| {
        rest.starts_with("http://") || rest.starts_with("https://")
    })
}

/// Groups such as `US:CA:Ground:5.00 USD`, separated by a comma or a pipe: a group begins with a
/// word and a colon, the rest of a decimal comma does not.
pub(super) fn groups(text: &str) -> Vec<&str> {
    split(text, &[',', '|'], |rest| {
        let part = rest.split([',', '|']).next().unwrap_or_default();
        part.contains(':')
    })
}

/// Plain words, separated by a comma, a pipe or a semicolon.
pub(super) fn values(text: &str) -> Vec<&str> {
    split(text, &[',', '|', ';'], |_| true)
}

fn split<'a>(text: &'a str, separators: &[char], begins: impl Fn(&str) -> bool) -> Vec<&'a str> {
    let mut values = Vec::new();
    let mut start = 0;
    for (at, separator) in text.match_indices(|c| separators.contains(&c)) {
        let next = at + separator.len();
        let rest = &text[next..];
        if begins(rest) && values.len() < VALUES_MAX {
            values.push(&text[start..at]);
            start = next;
        }
    }
    values.push(&text[start..]);
    let ends = [',', '|', ';'];
    let trimmed = values
        .into_iter()
        .map(|value| value.trim().trim_end_matches(ends));
    trimmed.filter(|value| !value.is_empty()).collect()
}
