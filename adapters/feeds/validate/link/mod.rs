//! URLs: the item's page and its images.

mod host;

use buywire_schemas::catalog::Image;
use buywire_schemas::catalog::issue::Code;
use url::Url;

use super::findings::FindingsBuilder;
use super::rules::Rules;
use super::text::{TextRules, clean_text};
use crate::draft::RawField;

/// The longest URL kept.
const URL_CHARS_MAX: usize = 2_000;
/// The most images kept: a main one and ten more.
const IMAGES_MAX: usize = 11;
/// Layers of escaping removed. More are never intended.
const LAYERS_MAX: usize = 4;
/// The longest alternative text of an image.
const ALT_CHARS_MAX: usize = 500;

/// Why a URL is not usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UrlError {
    Invalid,
    Credentials,
    TooLong,
    /// Its host is not public.
    NotPublic,
    /// It is a home page, not an image.
    SiteRoot,
}

/// A usable URL.
#[derive(Debug)]
struct WebUrl {
    text: String,
    host: std::ops::Range<usize>,
}

impl WebUrl {
    fn host(&self) -> &str {
        self.text.get(self.host.clone()).unwrap_or_default()
    }

    fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    fn is_site_root(&self) -> bool {
        matches!(self.text.get(self.host.end..), Some("" | "/"))
    }

    /// Reads a URL. One that is already in its transmitted form is kept; others are converted,
    /// such as those with international hosts or spaces. Text that is not a URL is returned.
    fn parse(text: String) -> Result<Self, (UrlError, String)> {
        let web = match plain_host(&text) {
            Some(host) => Self { text, host },
            None => match Self::parse_any(text.trim()) {
                Ok(web) => web,
                Err(wrong) => return Err((wrong, text)),
            },
        };
        if web.text.len() > URL_CHARS_MAX {
            return Err((UrlError::TooLong, web.text));
        }
        Ok(web)
    }

    fn parse_any(text: &str) -> Result<Self, UrlError> {
        if text.len() > 4 * URL_CHARS_MAX {
            return Err(UrlError::TooLong);
        }
        // On an https page, a URL that begins with its host uses https too.
        let absolute;
        let text = match text.strip_prefix("//") {
            Some(rest) if rest.starts_with(|letter: char| letter.is_alphanumeric()) => {
                absolute = format!("https://{rest}");
                &absolute
            }
            _ => text,
        };
        // `https:shop.example` is valid in a browser, and a mistake in a feed.
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        let is_web = scheme.is_some_and(|name| {
            name.eq_ignore_ascii_case("https") || name.eq_ignore_ascii_case("http")
        });
        if !is_web || text.chars().any(char::is_control) {
            return Err(UrlError::Invalid);
        }
        let url = Url::parse(text).map_err(|_| UrlError::Invalid)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::Credentials);
        }
        let begin = url.scheme().len() + "://".len();
        let end = begin + url.host_str().map_or(0, str::len);
        Ok(Self {
            host: begin..end,
            text: url.into(),
        })
    }
}

/// The position of the host in an https URL that needs no repair: the common case, which
/// a full parse would only slow down.
fn plain_host(text: &str) -> Option<std::ops::Range<usize>> {
    const SCHEME: &str = "https://";
    let rest = text.strip_prefix(SCHEME)?;
    let (host, path) = rest.split_at_checked(rest.find('/')?)?;
    let label = |label: &str| {
        let inside = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        !label.is_empty() && !label.starts_with("xn--") && label.bytes().all(inside)
    };
    let named = host
        .rsplit('.')
        .next()?
        .starts_with(|letter: char| letter.is_ascii_lowercase());
    let as_sent = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}'".contains(&byte);
    let plain = named && host.split('.').all(label) && path.bytes().all(as_sent);
    // Dots in a path may go up. Browsers and Buywire must agree on the target.
    let climbs = path.contains("/.") || path.contains("/%2");
    (plain && !climbs).then(|| SCHEME.len()..SCHEME.len() + host.len())
}

/// Ampersands that were escaped once too often, which no URL intends.
const AMPERSANDS: [&str; 4] = ["&amp;", "&#38;", "&#038;", "&#x26;"];

/// The URL without the escapes of HTML or XML, layer by layer.
fn unescape(raw: &mut RawField, findings: &mut FindingsBuilder) {
    let is_escaped = |text: &str| {
        let mut tails = text.match_indices('&').filter_map(|(at, _)| text.get(at..));
        tails.any(|rest| AMPERSANDS.iter().any(|one| rest.starts_with(one)))
    };
    if !is_escaped(&raw.text) {
        return;
    }
    findings.raise(Code::EntityInText, raw);
    for _ in 0..LAYERS_MAX {
        for one in AMPERSANDS {
            raw.text = raw.text.replace(one, "&");
        }
        if !is_escaped(&raw.text) {
            return;
        }
    }
}

/// The URL of the item's page.
pub(super) fn link(
    input: Option<RawField>,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Option<String> {
    let Some(mut raw) = input else {
        findings.raise_missing(Code::LinkMissing, "url");
        return None;
    };
    unescape(&mut raw, findings);
    let (code, url) = match WebUrl::parse(raw.text) {
        Ok(web) if !host::is_reachable(web.host(), &[]) => (Code::LinkNotPublic, web.text),
        Ok(web) if !rules.allows_host(web.host()) => (Code::LinkForeignDomain, web.text),
        Ok(web) => {
            if !web.is_https() {
                findings.raise_value(Code::HttpNotHttps, &raw.name, &web.text);
            }
            if web.is_site_root() {
                findings.raise_value(Code::LinkSameAsSiteRoot, &raw.name, &web.text);
            }
            return Some(web.text);
        }
        Err((UrlError::Credentials, text)) => (Code::LinkCredentials, text),
        Err((UrlError::TooLong, text)) => (Code::LinkTooLong, text),
        Err((UrlError::Invalid | UrlError::NotPublic | UrlError::SiteRoot, text)) => {
            (Code::LinkInvalid, text)
        }
    };
    findings.raise_value(code, &raw.name, &url);
    None
}

/// The usable images, without duplicates. Unusable ones are left out. If none is usable, that is an error.
pub(super) fn images(
    fields: Vec<(RawField, Option<String>)>,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Vec<Image> {
    if fields.is_empty() {
        findings.raise_missing(Code::ImageMissing, "image");
    }
    let mut images: Vec<Image> = Vec::with_capacity(fields.len().min(IMAGES_MAX));
    let mut rejected = Vec::new();
    let mut insecure = false;
    for (mut raw, alt) in fields {
        unescape(&mut raw, findings);
        let RawField { name, text } = raw;
        let web = match image(text, rules) {
            Ok(web) => web,
            Err((error, text)) => {
                rejected.push((error, RawField { name, text }));
                continue;
            }
        };
        if images.iter().any(|image| image.url == web.text) {
            findings.raise_value(Code::DuplicateImage, &name, &web.text);
            continue;
        }
        if images.len() == IMAGES_MAX {
            findings.raise_value(Code::TooManyImages, &name, &web.text);
            break;
        }
        if !web.is_https() && !insecure {
            insecure = true;
            findings.raise_value(Code::HttpNotHttps, &name, &web.text);
        }
        let alt =
            alt.map(|alt| clean_text(&name, alt, TextRules::line(ALT_CHARS_MAX), false, findings));
        let alt = alt.filter(|alt| !alt.is_empty());
        images.push(Image { url: web.text, alt });
    }
    report_rejected(&rejected, images.is_empty(), findings);
    images
}

/// Without a usable image, the first invalid one is the error. Beside usable ones, invalid ones are left out.
fn report_rejected(
    rejected: &[(UrlError, RawField)],
    none_left: bool,
    findings: &mut FindingsBuilder,
) {
    for (index, (error, raw)) in rejected.iter().enumerate() {
        let code = match error {
            _ if index > 0 || !none_left => Code::ImageDropped,
            UrlError::Credentials => Code::ImageCredentials,
            UrlError::SiteRoot => Code::ImageSameAsSiteRoot,
            UrlError::NotPublic => Code::ImageNotPublic,
            UrlError::Invalid | UrlError::TooLong => Code::ImageInvalid,
        };
        findings.raise(code, raw);
    }
}

fn image(text: String, rules: &Rules) -> Result<WebUrl, (UrlError, String)> {
    let web = WebUrl::parse(text)?;
    if !host::is_reachable(web.host(), &rules.private) {
        return Err((UrlError::NotPublic, web.text));
    }
    if web.is_site_root() {
        return Err((UrlError::SiteRoot, web.text));
    }
    Ok(web)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(String, String), UrlError> {
        let web = WebUrl::parse(text.to_owned()).map_err(|(wrong, _)| wrong)?;
        Ok((web.text.clone(), web.host().to_owned()))
    }

    #[test]
    fn an_address_as_it_is_sent_is_kept() {
        for (text, kept, host) in [
            (
                "https://shop.example/a?b=c#d",
                "https://shop.example/a?b=c#d",
                "shop.example",
            ),
            (
                "https://shop.example",
                "https://shop.example/",
                "shop.example",
            ),
            (
                "HTTP://Shop.Example:8080/A",
                "http://shop.example:8080/A",
                "shop.example",
            ),
            (
                "https://b\u{fc}cher.example/a b",
                "https://xn--bcher-kva.example/a%20b",
                "xn--bcher-kva.example",
            ),
            (
                "https://127.0.0.1:1/x",
                "https://127.0.0.1:1/x",
                "127.0.0.1",
            ),
            ("https://[::1]/x", "https://[::1]/x", "[::1]"),
            ("//shop.example/a", "https://shop.example/a", "shop.example"),
            (
                "https://shop.example/a/../b",
                "https://shop.example/b",
                "shop.example",
            ),
        ] {
            assert_eq!(
                parse(text),
                Ok((kept.to_owned(), host.to_owned())),
                "{text}"
            );
        }
    }

    #[test]
    fn what_leads_nowhere_says_why() {
        let long = format!("https://shop.example/{}", "a".repeat(2_000));
        for (text, wrong) in [
            ("", UrlError::Invalid),
            ("shop.example/a", UrlError::Invalid),
            ("///shop.example/a", UrlError::Invalid),
            ("///", UrlError::Invalid),
            ("/a", UrlError::Invalid),
            ("ftp://shop.example/a", UrlError::Invalid),
            ("javascript:alert(1)//https://", UrlError::Invalid),
            ("https:shop.example", UrlError::Invalid),
            ("https://", UrlError::Invalid),
            ("https://a\nb.example/", UrlError::Invalid),
            ("https://ann@shop.example/", UrlError::Credentials),
            ("https://ann:pw@shop.example/", UrlError::Credentials),
            ("https://:pw@shop.example/", UrlError::Credentials),
            (long.as_str(), UrlError::TooLong),
        ] {
            assert_eq!(parse(text), Err(wrong), "{text}");
        }
    }

    #[test]
    fn the_short_way_and_the_whole_parse_agree() {
        for text in [
            "https://shop.example/a?b=c&d=%20#e",
            "https://a-b.co/@x;y=1",
            "https://shop.example/[a]",
            "https://shop.example/$~!*(),+:",
            "https://shop.example/a?x=/./b",
            "https://shop.example/?q='a'",
        ] {
            let whole = WebUrl::parse_any(text).unwrap();
            assert_eq!(
                parse(text),
                Ok((whole.text.clone(), whole.host().to_owned())),
                "{text}"
            );
        }
    }
}
