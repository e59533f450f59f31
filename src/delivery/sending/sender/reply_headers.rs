//! The headers of a reply that a person needs in order to see why it was no acceptance.
//!
//! Promises: at most 2 KiB are kept; nothing that holds a credential is among them: no cookies, no header whose name speaks
//! of one, no query of a link, and no secret that the request carried.

use reqwest::header::{HeaderMap, HeaderName};
use serde_json::{Map, Value};

use crate::delivery::sending::scrub::Secrets;

/// Of all names and values together.
const BYTES_MAX: usize = 2 * 1024;
/// Of one value: the longest that say something are identifiers of requests.
const VALUE_BYTES_MAX: usize = 256;

/// Parts of names of headers that may hold credentials, or that say at length what a browser may do.
const LEFT_OUT: [&str; 16] = [
    "auth", "cookie", "cred", "csrf", "hmac", "jwt", "key", "passw", "policy", "secret", "session",
    "sid", "sign", "ticket", "token", "xsrf",
];
/// Headers whose values are links.
const LINKS: [&str; 4] = ["content-location", "link", "location", "refresh"];

/// The headers that may be kept, as a JSON object. `None` if there are none.
pub(super) fn kept(headers: &HeaderMap, secrets: &Secrets) -> Option<Value> {
    let mut kept = Map::new();
    let mut bytes = 0;
    for name in headers.keys().filter(|name| may_be_kept(name)) {
        let value = joined_value(headers, name, secrets);
        bytes += name.as_str().len() + value.len();
        if bytes > BYTES_MAX {
            break;
        }
        kept.insert(name.as_str().to_owned(), value.into());
    }
    (!kept.is_empty()).then(|| kept.into())
}

fn may_be_kept(name: &HeaderName) -> bool {
    !LEFT_OUT.iter().any(|part| name.as_str().contains(part))
}

/// All values of one name, as HTTP joins them.
fn joined_value(headers: &HeaderMap, name: &HeaderName, secrets: &Secrets) -> String {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).replace('\0', "\u{fffd}"))
        .collect();
    let joined = values.join(", ");
    let scrubbed = secrets.scrub(joined, false);
    let mut value = match LINKS.contains(&name.as_str()) {
        true => without_credentials(&scrubbed),
        false => scrubbed,
    };
    if value.len() > VALUE_BYTES_MAX {
        value.truncate(value.floor_char_boundary(VALUE_BYTES_MAX));
    }
    value
}

/// A link without what may grant access: its query, its fragment, and user name and password.
fn without_credentials(text: &str) -> String {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '>' | '"' | ';' | ',');
    let parts = text.split_inclusive(is_end).map(|part| {
        let end = part.trim_start_matches(|c| !is_end(c));
        let link = part.strip_suffix(end).unwrap_or(part);
        let path = link.split(['?', '#']).next().unwrap_or_default();
        let path = match path.split_once("//") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let host = authority.rsplit('@').next().unwrap_or_default();
                format!("{scheme}//{host}{path}")
            }
            None => path.to_owned(),
        };
        let cut = if link.contains(['?', '#']) {
            "?…"
        } else {
            ""
        };
        format!("{path}{cut}{end}")
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use serde_json::json;

    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append(HeaderName::from_static(name), value);
        }
        headers
    }

    #[test]
    fn what_explains_a_failure_is_kept_and_no_credential() {
        let url = "https://shop.example/hooks?key=canary-of-url"
            .parse()
            .unwrap();
        let secrets = Secrets::from_request(["canary-of-request"].into_iter(), &url);
        let reply = headers(&[
            ("content-type", "text/html"),
            ("via", "1.1 one"),
            ("via", "1.1 other"),
            ("x-request-id", "req-1"),
            ("server", "echo canary-of-request"),
            (
                "location",
                "https://ann:canary@login.example/in?token=canary#canary",
            ),
            (
                "link",
                "</next?page=canary>; rel=\"next\", <https://cdn.example/a.css>; rel=preload",
            ),
            ("set-cookie", "a=canary"),
            ("www-authenticate", "Basic canary"),
            ("authorization", "canary"),
            ("x-api-key", "canary"),
            ("x-csrf-token", "canary"),
            ("x-session", "canary"),
            ("x-shop-signature", "canary"),
        ]);
        let kept = kept(&reply, &secrets).unwrap();
        assert!(!kept.to_string().contains("canary"), "{kept}");
        let expected = json!({
            "content-type": "text/html",
            "via": "1.1 one, 1.1 other",
            "x-request-id": "req-1",
            "server": "echo [secret]",
            "location": "https://login.example/in?…",
            "link": "</next?…>; rel=\"next\", <https://cdn.example/a.css>; rel=preload",
        });
        assert_eq!(kept, expected);
        assert_eq!(
            super::kept(&headers(&[("set-cookie", "a")]), &secrets),
            None
        );
    }

    #[test]
    fn at_most_two_kibibytes_are_kept() {
        let long = "ü".repeat(4_000);
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "x"];
        let many: Vec<_> = names.iter().map(|name| (*name, long.as_str())).collect();
        let kept = kept(&headers(&many), &Secrets::default()).unwrap();
        let kept = kept.as_object().unwrap();
        let bytes = |(name, value): (&String, &Value)| name.len() + value.as_str().unwrap().len();
        let total: usize = kept.iter().map(bytes).sum();
        assert!((1_500..=BYTES_MAX).contains(&total), "{total}");
    }
}
