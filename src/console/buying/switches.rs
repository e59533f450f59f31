//! Kill switches: what is not sold for now, and why.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::Tab;
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "buying/switches.html", config = "src/console/askama.toml")]
pub(crate) struct SwitchesPage {
    pub frame: Frame,
    pub tabs: Vec<Tab>,
    /// What is sold and what is not, in a sentence.
    pub state: State,
    pub sentence: String,
    /// Whether the visitor may set switches.
    pub may_set: bool,
    /// What the form proposes: a kind and a name.
    pub kinds: Vec<(&'static str, &'static str)>,
    pub rows: Vec<SwitchRow>,
}

/// A switch.
#[derive(Debug)]
pub(crate) struct SwitchRow {
    pub state: State,
    /// In words, such as `Everything of acme`.
    pub title: String,
    pub scope: String,
    pub reason: String,
    /// `None` if it was never set.
    pub updated_at: Option<Moment>,
    pub switch: Option<SwitchLink>,
}

/// Where a switch is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SwitchLink {
    /// `Stop sale…` or `Resume sale…`.
    pub text: &'static str,
    pub href: String,
    /// Whose sale, for those who do not see the row.
    pub subject: String,
}
