//! What lists share: chips, tabs and the pager.

/// One choice of a filter, as a link that keeps the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chip {
    pub text: String,
    pub href: String,
    pub is_current: bool,
}

/// One view of a page, as a link.
#[derive(Debug)]
pub(crate) struct Tab {
    pub text: String,
    pub href: String,
    pub is_current: bool,
}

/// How much of a list is shown, and where the rest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pager {
    pub text: String,
    /// Back to the newest.
    pub first: Option<String>,
    pub next: Option<String>,
}
