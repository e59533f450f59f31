//! The page shown when there is no product to show: not found, withdrawn, or temporarily unavailable.

use askama::Template;

use super::STYLE;

/// A notice instead of a product.
#[derive(Debug, Template)]
#[template(path = "notice.html", config = "src/pages/askama.toml")]
pub(crate) struct Notice {
    style: &'static str,
    title: &'static str,
    text: &'static str,
}

impl Notice {
    /// There is no page at this URL.
    pub(crate) const NOT_FOUND: Self = Self::new(
        "Nothing here",
        "There is no offer at this address. It may have been mistyped.",
    );
    /// The post was withdrawn.
    pub(crate) const WITHDRAWN: Self = Self::new(
        "Withdrawn",
        "This offer was withdrawn by the seller. Nothing can be bought here any more.",
    );
    /// The merchant is suspended.
    pub(crate) const NOT_AVAILABLE: Self = Self::new(
        "Not available",
        "The seller does not sell here at the moment. Nothing can be bought at this address for now.",
    );
    /// A temporary failure.
    pub(crate) const UNAVAILABLE: Self = Self::new(
        "Temporarily unavailable",
        "This page cannot be shown at the moment. Please try again shortly.",
    );

    const fn new(title: &'static str, text: &'static str) -> Self {
        Self {
            style: STYLE,
            title,
            text,
        }
    }

    /// The page.
    #[must_use]
    pub(crate) fn page(&self) -> String {
        self.render().unwrap_or_default()
    }
}
