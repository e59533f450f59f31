//! The question before an order is cancelled or redacted: exactly what happens.

use askama::Template;

use crate::console::frame::Frame;

/// The page.
#[derive(Debug, Template)]
#[template(path = "orders/change.html", config = "src/console/askama.toml")]
pub(crate) struct ChangeOrderPage {
    pub frame: Frame,
    pub id: String,
    pub platform_id: String,
    /// `cancel` or `redact`: the last part of the form's path.
    pub action: &'static str,
    /// The question.
    pub title: &'static str,
    /// What happens, in sentences.
    pub effects: Vec<String>,
    pub needs_reason: bool,
    /// What the reason must not hold.
    pub reason_note: &'static str,
    pub button: &'static str,
    /// Why the form was not accepted.
    pub error: Option<String>,
}
