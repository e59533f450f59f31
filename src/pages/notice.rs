//! A page where there is no product to show: nothing there, taken back, or not now.

use askama::Template;

use super::STYLE;

/// What is said instead.
#[derive(Debug, Template)]
#[template(path = "notice.html", config = "src/pages/askama.toml")]
pub struct Notice {
    style: &'static str,
    title: &'static str,
    text: &'static str,
}

impl Notice {
    /// Nothing has that address.
    pub const NOT_FOUND: Self = Self::new(
        "Nothing here",
        "There is no offer at this address. It may have been mistyped.",
    );
    /// It was there.
    pub const WITHDRAWN: Self = Self::new(
        "Withdrawn",
        "This offer was withdrawn by the seller. Nothing can be bought here any more.",
    );
    /// Nobody knows.
    pub const UNAVAILABLE: Self = Self::new(
        "Not now",
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
    pub fn page(&self) -> String {
        self.render().unwrap_or_default()
    }
}
