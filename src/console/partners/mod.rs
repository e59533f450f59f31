//! Pages of partners, their endpoints and keys, and of what was changed and reported.

pub(crate) mod attempts;
pub(crate) mod audit;
pub(crate) mod callbacks;
pub(crate) mod endpoint;
pub(crate) mod form;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod show;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub text: String,
    pub href: String,
}

/// A link of a page's head that is marked while its page is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageTab {
    pub text: &'static str,
    pub href: String,
    pub is_current: bool,
}

impl Link {
    pub(crate) fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: href.into(),
        }
    }
}
