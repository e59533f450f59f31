//! A refund of an order: its form, then the question with exactly what happens.

use askama::Template;

use super::order::Fact;
use crate::console::frame::Frame;

/// The page.
#[derive(Debug, Template)]
#[template(path = "orders/refund.html", config = "src/console/askama.toml")]
pub(crate) struct RefundPage {
    pub frame: Frame,
    pub id: String,
    pub platform_id: String,
    pub currency: &'static str,
    pub fields: RefundFields,
    pub partners: Vec<PartnerChoice>,
    pub lines: Vec<LineChoice>,
    pub errors: Vec<String>,
    /// What would happen, once the form can be used.
    pub review: Option<Review>,
}

/// What was typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct RefundFields {
    pub refund_id: String,
    pub amount: String,
    pub reason: String,
}

/// A partner that can refund.
#[derive(Debug)]
pub(crate) struct PartnerChoice {
    pub partner: String,
    pub text: String,
    pub is_current: bool,
}

/// A line of which units can come back.
#[derive(Debug)]
pub(crate) struct LineChoice {
    /// From 1.
    pub number: usize,
    pub title: String,
    pub partner: String,
    pub quantity: i64,
    /// What was typed.
    pub returned: String,
}

/// What would happen.
#[derive(Debug)]
pub(crate) struct Review {
    pub effects: Vec<String>,
    pub facts: Vec<Fact>,
    pub hidden: Vec<(String, String)>,
    pub button: String,
    /// Back to the form, with what was typed.
    pub back: String,
}
