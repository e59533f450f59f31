//! Links between the console's pages, and URLs of partners as pages show them.

use time::{Duration, OffsetDateTime};
use url::{Url, form_urlencoded};

/// Where the console lies.
pub(in crate::http) const BASE: &str = "/console";

/// A path with the values of a query that are not empty.
pub(super) fn link<'v>(path: &str, pairs: impl Iterator<Item = (&'v str, &'v str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    match query.finish().as_str() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// The time so long before `now`: `15m`, `2h`, `7d`.
pub(super) fn since(
    text: &str,
    now: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, &'static str> {
    const FAULT: &str = "A time span is a number and m, h or d, such as 2h.";
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (number, unit) = text.split_at_checked(text.len() - 1).ok_or(FAULT)?;
    let number: i64 = number
        .parse()
        .ok()
        .filter(|number| (1..=10_000).contains(number))
        .ok_or(FAULT)?;
    let span = match unit {
        "m" => Duration::minutes(number),
        "h" => Duration::hours(number),
        "d" => Duration::days(number),
        _ => return Err(FAULT),
    };
    now.checked_sub(span).map(Some).ok_or(FAULT)
}

/// A URL's host, and its path without what may be a secret.
pub(super) fn masked(url: &str) -> (String, String) {
    let Ok(url) = Url::parse(url) else {
        return (String::new(), "/".to_owned());
    };
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let mut parts = url.path_segments().into_iter().flatten();
    let first = parts.next().unwrap_or_default();
    let path = match parts.next().is_some() || url.query().is_some() {
        true if first.is_empty() => "/•••".to_owned(),
        true => format!("/{first}/•••"),
        false => format!("/{first}"),
    };
    (host, path)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        let now = datetime!(2026-11-30 12:00 UTC);
        assert_eq!(since("", now), Ok(None));
        assert_eq!(since("2h", now), Ok(Some(datetime!(2026-11-30 10:00 UTC))));
        assert_eq!(since("7d", now), Ok(Some(datetime!(2026-11-23 12:00 UTC))));
        for text in ["h", "2", "0h", "-1h", "2w", "99999d", "2ü"] {
            assert!(since(text, now).is_err(), "{text}");
        }
    }

    #[test]
    fn what_may_be_a_secret_in_a_url_is_not_shown() {
        let shown = |url| {
            let (host, path) = masked(url);
            format!("{host} {path}")
        };
        assert_eq!(shown("https://shop.example/hooks"), "shop.example /hooks");
        assert_eq!(
            shown("https://shop.example:8443/hooks/T0P"),
            "shop.example:8443 /hooks/•••"
        );
        assert_eq!(
            shown("https://me:key@shop.example/?token=x"),
            "shop.example /•••"
        );
        assert_eq!(shown("no url"), " /");
    }
}
