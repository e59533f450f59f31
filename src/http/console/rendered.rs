//! Requests and addresses of endpoints as pages show them.
//!
//! Promises: of an address no more than the host and the first part of its path is shown: the rest may be a secret.

use std::fmt::Write as _;

use super::links::masked;
use crate::partners::Preview;

/// A request as text, and as a command for a shell.
pub(super) fn written(preview: &Preview) -> (String, String) {
    let request = &preview.request;
    let (host, path) = masked(&request.url);
    let mut text = format!("{} {path} HTTP/1.1\nhost: {host}\n", request.method);
    let mut curl = format!("curl -X {} \"$WEBHOOK_URL\"", request.method);
    for (name, value) in &request.headers {
        let _ = writeln!(text, "{name}: {value}");
        let _ = write!(curl, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
    }
    let _ = write!(text, "\n{}", request.body);
    let _ = write!(curl, " \\\n  --data-binary {}", quoted(&request.body));
    (text, curl)
}

/// An address, such as `https://shop.example/hooks/•••`.
pub(super) fn address(url: &str) -> String {
    let scheme = url.split_once("://").map_or("https", |(scheme, _)| scheme);
    let (host, path) = masked(url);
    format!("{scheme}://{host}{path}")
}

/// A word for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_the_host_and_the_first_part_of_its_path() {
        for (url, shown) in [
            ("https://shop.example/hooks", "https://shop.example/hooks"),
            (
                "https://shop.example/hooks/s3cret",
                "https://shop.example/hooks/•••",
            ),
            (
                "https://shop.example/hooks?key=s3cret",
                "https://shop.example/hooks/•••",
            ),
            ("http://name:s3cret@127.0.0.1:99/", "http://127.0.0.1:99/"),
        ] {
            assert_eq!(address(url), shown);
        }
    }
}
