//! The page between a button and what it does: exactly what will happen, to how many, and how it can be undone.

use askama::Template;

use super::frame::Frame;

/// The page.
#[derive(Debug, Template)]
#[template(path = "confirmation.html", config = "src/console/askama.toml")]
pub(crate) struct ConfirmationPage {
    pub frame: Frame,
    pub title: String,
    /// What will happen, a sentence each.
    pub effects: Vec<String>,
    pub facts: Vec<Fact>,
    /// Why what was typed cannot be used.
    pub error: Option<String>,
    /// Where the form is sent.
    pub action: String,
    /// What it sends besides what is typed.
    pub hidden: Vec<(&'static str, String)>,
    pub choices: Vec<RadioChoice>,
    pub reason: Option<ReasonField>,
    pub button: String,
    /// Whether it cannot be undone.
    pub is_danger: bool,
    /// Where one goes who does not want it.
    pub back: String,
}

/// Something that helps to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    pub name: &'static str,
    pub value: String,
    /// Whether it is an id, which can be copied.
    pub is_id: bool,
}

/// One of several ways to do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RadioChoice {
    pub name: &'static str,
    pub value: &'static str,
    pub text: &'static str,
    pub is_checked: bool,
}

/// The field for the reason that the audit log keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReasonField {
    pub label: &'static str,
    pub value: String,
    pub chars_max: usize,
}

impl Fact {
    pub(crate) fn text(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            is_id: false,
        }
    }

    pub(crate) fn id(name: &'static str, value: impl ToString) -> Self {
        Self {
            name,
            value: value.to_string(),
            is_id: true,
        }
    }
}
