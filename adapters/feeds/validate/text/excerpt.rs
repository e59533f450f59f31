//! The excerpt of a value for a report: short, on one line, and without secrets.

use buywire_schemas::catalog::issue::EXCERPT_CHARS_MAX;

/// Names of query parameters whose values are probably secrets.
const SECRET_NAMES: [&str; 12] = [
    "access_key",
    "access_token",
    "api_key",
    "apikey",
    "auth",
    "key",
    "pass",
    "password",
    "secret",
    "sig",
    "signature",
    "token",
];
/// Replaces a secret.
const REDACTED: &str = "***";

/// At most 200 characters of a value, with credentials in URLs hidden.
pub(crate) fn excerpt(value: &str) -> String {
    // More than is shown, so that a URL that begins within it is normally complete.
    let end = value
        .char_indices()
        .nth(20 * EXCERPT_CHARS_MAX)
        .map_or(value.len(), |(at, _)| at);
    let shown = redact_parameters(&redact_user_info(&value[..end]));
    shown
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(EXCERPT_CHARS_MAX)
        .collect()
}

/// Hides what may be `user:password@`, even if the URL is invalid: a password may contain a slash,
/// and a URL with a missing slash still has its password.
fn redact_user_info(value: &str) -> String {
    let mut shown = String::with_capacity(value.len());
    for word in value.split_inclusive(char::is_whitespace) {
        let rest = word.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
        let rest = match rest.strip_prefix(':') {
            Some(after) if after.starts_with(['/', '\\']) => after.trim_start_matches(['/', '\\']),
            _ => word,
        };
        let scheme = word.strip_suffix(rest).unwrap_or_default();
        let secret = rest
            .rsplit_once('@')
            .filter(|(user, _)| user.contains(':') || (!scheme.is_empty() && !user.contains('/')));
        match secret {
            Some((_, host)) => shown.extend([scheme, REDACTED, "@", host]),
            None => shown.push_str(word),
        }
    }
    shown
}

/// Hides the values of parameters with secret-like names.
fn redact_parameters(value: &str) -> String {
    let mut shown = String::with_capacity(value.len());
    for piece in value.split_inclusive(['?', '&', ';', '#']) {
        let secret = piece
            .split_once('=')
            .filter(|(name, _)| SECRET_NAMES.contains(&name.to_ascii_lowercase().as_str()));
        match secret {
            Some((name, hidden)) => {
                shown.extend([name, "=", REDACTED]);
                shown.extend(
                    hidden
                        .chars()
                        .next_back()
                        .filter(|last| "?&;#".contains(*last)),
                );
            }
            None => shown.push_str(piece),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn credentials_are_hidden_and_the_rest_is_shown() {
        for (value, shown) in [
            ("15.00 USD", "15.00 USD"),
            (
                "https://ann:pw@shop.example/a",
                "https://***@shop.example/a",
            ),
            ("ann:pw@shop.example/a", "***@shop.example/a"),
            ("https:/ann:pw@shop.example", "https:/***@shop.example"),
            ("https://ann:p/w@shop.example", "https://***@shop.example"),
            ("ann@shop.example", "ann@shop.example"),
            (
                "see https://a:b@c@d.example?x=1",
                "see https://***@d.example?x=1",
            ),
            ("https://shop.example/@ann", "https://shop.example/@ann"),
            (
                "https://shop.example/?a=1&Token=abc&b=2#key=z",
                "https://shop.example/?a=1&Token=***&b=2#key=***",
            ),
            ("a\nb\u{0}", "a b "),
        ] {
            assert_eq!(excerpt(value), shown);
        }
    }

    #[test]
    fn an_excerpt_is_short() {
        assert_eq!(excerpt(&"é".repeat(5_000)), "é".repeat(200));
    }
}
