//! Pages without a checkout: an unknown or expired address, too many attempts, a failure.
//!
//! Promises: each says whether something was ordered, where that could be feared. Must not say why in detail.

use askama::Template;
use buywire_checkout::address::Language;

use super::frame::CHECKOUT_STYLE;
use super::words;

/// Why there is no page of the checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckoutNotice {
    /// The token is unknown or has expired.
    NotFound,
    /// One caller sent too many requests.
    TooManyRequests,
    /// A temporary failure.
    Unavailable,
}

#[derive(Template)]
#[template(path = "checkout/notice.html", config = "src/pages/askama.toml")]
struct Page {
    style: &'static str,
    language: &'static str,
    title: &'static str,
    text: &'static str,
}

impl CheckoutNotice {
    /// The page.
    #[must_use]
    pub(crate) fn page(self, language: Language) -> String {
        let words = &words::ordered(language).notices;
        let notice = match self {
            Self::NotFound => words.not_found,
            Self::TooManyRequests => words.too_many_requests,
            Self::Unavailable => words.unavailable,
        };
        let page = Page {
            style: CHECKOUT_STYLE,
            language: language.tag(),
            title: notice.title,
            text: notice.text,
        };
        page.render().unwrap_or_default()
    }
}
