//! Forms: settings with a preview, an act that must be confirmed, and a secret that is shown once.

use askama::Template;

use super::Link;
use crate::console::frame::Frame;

/// A form of settings. What it would change is shown before it is saved.
#[derive(Debug, Template)]
#[template(path = "partners/form.html", config = "src/console/askama.toml")]
pub(crate) struct FormPage {
    pub frame: Frame,
    pub crumbs: Vec<Link>,
    pub title: String,
    pub intro: String,
    /// Why it cannot be used as a whole.
    pub error: Option<String>,
    pub fields: Vec<Field>,
    /// Where the form goes.
    pub action: String,
    pub button: &'static str,
    /// Sent back as it is.
    pub hidden: Vec<(&'static str, String)>,
    pub preview: Option<FormPreview>,
    pub back: String,
}

/// What a form would change.
#[derive(Debug)]
pub(crate) struct FormPreview {
    pub rows: Vec<DiffRow>,
    /// When it would count.
    pub effect: &'static str,
    /// Where it is saved.
    pub action: String,
    /// The request as it would be sent.
    pub request: Option<String>,
    pub notes: Vec<String>,
}

/// A setting before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DiffRow {
    pub name: String,
    pub before: String,
    pub after: String,
}

/// A field of a form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Field {
    pub name: String,
    pub label: String,
    pub value: String,
    /// What to enter.
    pub help: String,
    pub error: Option<String>,
    pub control: Control,
    /// Of a choice: value and text.
    pub choices: Vec<(String, String)>,
    pub is_required: bool,
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Control {
    #[default]
    Line,
    Text,
    Choice,
    Check,
}

impl Field {
    pub(crate) fn line(name: &str, label: &str, value: String, help: &str) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            value,
            help: help.to_owned(),
            ..Self::default()
        }
    }

    pub(crate) fn choice(
        name: &str,
        label: &str,
        value: String,
        help: &str,
        choices: &[(&str, &str)],
    ) -> Self {
        let choices = choices.iter();
        Self {
            control: Control::Choice,
            choices: choices
                .map(|(value, text)| ((*value).to_owned(), (*text).to_owned()))
                .collect(),
            ..Self::line(name, label, value, help)
        }
    }

    /// The reason of an act.
    pub(crate) fn reason(value: String) -> Self {
        Self {
            is_required: true,
            ..Self::line(
                "reason",
                "Reason",
                value,
                "Kept in the audit log. At most 500 characters.",
            )
        }
    }

    // For templates, which know no enums.
    pub(super) fn is_text(&self) -> bool {
        self.control == Control::Text
    }

    pub(super) fn is_choice(&self) -> bool {
        self.control == Control::Choice
    }

    pub(super) fn is_check(&self) -> bool {
        self.control == Control::Check
    }
}

/// An act that is carried out only after this page.
#[derive(Debug, Template)]
#[template(path = "partners/confirm.html", config = "src/console/askama.toml")]
pub(crate) struct ConfirmPage {
    pub frame: Frame,
    pub crumbs: Vec<Link>,
    pub title: String,
    /// What will happen, a sentence each.
    pub effects: Vec<String>,
    pub error: Option<String>,
    pub fields: Vec<Field>,
    pub hidden: Vec<(&'static str, String)>,
    pub action: String,
    pub button: &'static str,
    pub is_danger: bool,
    pub back: String,
}

/// A secret that no other page shows.
#[derive(Debug, Template)]
#[template(path = "partners/reveal.html", config = "src/console/askama.toml")]
pub(crate) struct RevealPage {
    pub frame: Frame,
    pub crumbs: Vec<Link>,
    pub title: String,
    /// Such as `Secret`.
    pub name: &'static str,
    pub secret: String,
    pub notes: Vec<String>,
    /// When what it replaces ends.
    pub previous_valid_until: Option<crate::console::Moment>,
    pub next: Link,
}
