//! Scrubbing: a receiver that echoes its request must not put sealed values into stored replies.

use url::Url;

const PLACEHOLDER: &str = "[secret]";
/// Shorter values are common in plain text, and too short to be secrets.
const SECRET_CHARS_MIN: usize = 8;

/// The secret values of one request, in every spelling that a reply may echo them in.
#[derive(Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// From header values and the URL's query and password.
    pub(crate) fn from_request<'a>(headers: impl Iterator<Item = &'a str>, url: &Url) -> Self {
        let mut all = Vec::new();
        for value in headers {
            all.push(value.to_owned());
            // Some receivers echo the part after `Bearer` alone.
            all.extend(value.split_whitespace().map(str::to_owned));
        }
        all.extend(url.query().map(str::to_owned));
        all.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
        all.extend(url.password().map(str::to_owned));
        let spellings = all.into_iter().flat_map(|secret| {
            let quoted = serde_json::Value::from(secret.as_str()).to_string();
            let escaped = quoted.trim_matches('"').to_owned();
            [escaped.replace('/', "\\/"), escaped, secret]
        });
        let mut all: Vec<String> = spellings
            .filter(|secret| secret.chars().count() >= SECRET_CHARS_MIN)
            .collect();
        // The longest first, so that a secret is replaced before a part of it.
        all.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        all.dedup();
        Self(all)
    }

    /// Replaces the secrets in a text. A truncated text may end within one.
    pub(crate) fn scrub(&self, mut text: String, was_cut: bool) -> String {
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), PLACEHOLDER);
            }
        }
        if was_cut
            && let Some(end) = self
                .0
                .iter()
                .filter_map(|one| partial_secret_start(&text, one))
                .min()
        {
            text.truncate(end);
            text.push_str(PLACEHOLDER);
        }
        text
    }
}

/// Where the text's end is the beginning of a secret.
fn partial_secret_start(text: &str, secret: &str) -> Option<usize> {
    let ends = secret
        .char_indices()
        .map(|(end, _)| end)
        .skip(SECRET_CHARS_MIN);
    let parts = ends.filter_map(|end| secret.get(..end));
    parts
        .filter(|part| text.ends_with(part))
        .map(|part| text.len() - part.len())
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(header: &str, url: &str) -> Secrets {
        Secrets::from_request([header].into_iter(), &url.parse().unwrap())
    }

    #[test]
    fn an_echo_loses_every_spelling_of_a_secret() {
        let secrets = secrets(
            "Bearer tok/en\"4711",
            "https://a.example/in?key=abc%2Fdefgh&x=1",
        );
        for echo in [
            "authorization: Bearer tok/en\"4711",
            "{\"token\":\"tok/en\\\"4711\"}",
            "{\"token\":\"tok\\/en\\\"4711\"}",
            "GET /in?key=abc%2Fdefgh&x=1",
            "key is abc/defgh",
        ] {
            let scrubbed = secrets.scrub(echo.to_owned(), false);
            assert!(
                !scrubbed.contains("4711") && !scrubbed.contains("defgh"),
                "{scrubbed}"
            );
            assert!(scrubbed.contains(PLACEHOLDER), "{scrubbed}");
        }
        let plain = "thank you, x=1 Bearer".to_owned();
        assert_eq!(secrets.scrub(plain.clone(), true), plain);
    }

    #[test]
    fn a_reply_that_was_cut_may_end_within_a_secret() {
        let secrets = secrets("0123456789abcdef", "https://a.example/");
        let cut = "you sent 0123456789ab".to_owned();
        assert_eq!(secrets.scrub(cut.clone(), true), "you sent [secret]");
        assert_eq!(secrets.scrub(cut.clone(), false), cut);
    }
}
