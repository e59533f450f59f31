//! URLs of our pages and links to the merchant's.
//!
//! Promises: only URLs of this gateway are recognised as its own; a link leads to http or https only; the merchant's
//! query and fragment stay.

use buywire_schemas::ids::PostId;
use buywire_schemas::rollout::Viewer;
use url::Url;

/// The base URL of this gateway.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'a>(pub &'a str);

impl Site<'_> {
    /// The page of a post.
    #[must_use]
    pub(crate) fn page(self, slug: &str) -> String {
        format!("{}/b/{slug}", self.0)
    }

    /// The first page of a post's checkout, for this viewer.
    pub(super) fn buy(self, slug: &str, viewer: Viewer<'_>) -> String {
        let page = format!("{}/b/{slug}/buy", self.0);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(viewer.parameters())
            .finish();
        match query.as_str() {
            "" => page,
            query => format!("{page}?{query}"),
        }
    }

    /// The page of this version of a post: networks cache the card under this URL.
    pub(super) fn shared(self, slug: &str, version: i64) -> String {
        format!("{}/b/{slug}?v={version}", self.0)
    }

    /// The card to embed.
    pub(super) fn embed(self, slug: &str) -> String {
        format!("{}/embed/{slug}", self.0)
    }

    /// The shop of a merchant.
    #[must_use]
    pub(crate) fn shop(self, slug: &str) -> String {
        format!("{}/shop/{slug}", self.0)
    }

    /// The oEmbed description of a post's card.
    pub(super) fn oembed(self, slug: &str) -> String {
        let page = self.page(slug);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("url", &page)
            .append_pair("format", "json")
            .finish();
        format!("{}/oembed?{query}", self.0)
    }

    /// The slug of the post with this page URL; none if it is not ours.
    #[must_use]
    pub(crate) fn post_at(self, address: &str) -> Option<String> {
        let ours = Url::parse(self.0).ok()?;
        let url = Url::parse(address).ok()?;
        let has_no_credentials = url.username().is_empty() && url.password().is_none();
        if ours.origin() != url.origin() || !ours.origin().is_tuple() || !has_no_credentials {
            return None;
        }
        let below = url.path().strip_prefix(ours.path().trim_end_matches('/'))?;
        let slug = below.strip_prefix("/b/")?;
        is_slug(slug).then(|| slug.to_owned())
    }
}

/// Whether this can be a post's slug. Other texts need no query.
#[must_use]
pub(crate) fn is_slug(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(is_letter)
}

/// The merchant's page, with the post as source. The merchant's own source parameters stay.
/// None if it is not an http or https URL.
#[must_use]
pub(crate) fn attributed(address: &str, post: PostId) -> Option<String> {
    let post = post.to_string();
    with_utm(address, &post, &[("bw_post", &post)])
}

/// The merchant's page, with the shop as source.
pub(super) fn from_shop(address: &str) -> Option<String> {
    with_utm(address, "shop", &[])
}

fn with_utm(address: &str, campaign: &str, more: &[(&str, &str)]) -> Option<String> {
    let mut url = web_url(address)?;
    let utm = [
        ("utm_source", "buywire"),
        ("utm_medium", "social"),
        ("utm_campaign", campaign),
    ];
    let existing: Vec<_> = url
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    let all = utm.iter().chain(more);
    let new = all.filter(|(name, _)| !existing.iter().any(|one| one == name));
    url.query_pairs_mut().extend_pairs(new);
    Some(url.into())
}

/// A URL that is safe to link.
pub(super) fn web_url(address: &str) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// The host of a URL, as people know it.
pub(super) fn host(address: &str) -> String {
    let url = web_url(address);
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_merchants_query_and_fragment_stay() {
        let post = PostId::generate();
        let ours =
            format!("utm_source=buywire&utm_medium=social&utm_campaign={post}&bw_post={post}");
        for (address, expected) in [
            (
                "https://shop.example/a",
                format!("https://shop.example/a?{ours}"),
            ),
            (
                "https://shop.example/a?size=M&x=%20+1#reviews",
                format!("https://shop.example/a?size=M&x=%20+1&{ours}#reviews"),
            ),
            (
                "https://shop.example/a?utm_source=feed",
                format!(
                    "https://shop.example/a?utm_source=feed&utm_medium=social&utm_campaign={post}&bw_post={post}"
                ),
            ),
        ] {
            assert_eq!(attributed(address, post), Some(expected));
        }
        for refused in ["javascript:alert(1)", "data:text/html,x", "shop", ""] {
            assert_eq!(attributed(refused, post), None);
        }
    }

    #[test]
    fn only_our_own_addresses_are_ours() {
        let site = Site("https://pay.example/bw");
        for ours in [
            "https://pay.example/bw/b/cup-1",
            "https://PAY.example:443/bw/b/cup-1?v=3#top",
        ] {
            assert_eq!(site.post_at(ours).as_deref(), Some("cup-1"), "{ours}");
        }
        for other in [
            "http://pay.example/bw/b/cup-1",
            "https://pay.example:8443/bw/b/cup-1",
            "https://pay.example.evil.example/bw/b/cup-1",
            "https://pay.example@evil.example/bw/b/cup-1",
            "https://x@pay.example/bw/b/cup-1",
            "https://pay.example/b/cup-1",
            "https://pay.example/bwx/b/cup-1",
            "https://pay.example/bw/b/",
            "https://pay.example/bw/b/cup-1/more",
            "https://pay.example/bw/shop/cup-1",
            "/bw/b/cup-1",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(site.post_at(other), None, "{other}");
        }
    }

    #[test]
    fn a_host_is_named_as_people_know_it() {
        assert_eq!(host("https://www.shop.example/a"), "shop.example");
        assert_eq!(host("mailto:a@b"), "");
    }
}
