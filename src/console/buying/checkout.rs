//! One checkout: where it stands, its timeline, its lines and payments.

use askama::Template;

use crate::console::confirmation::Fact;
use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::state::State;

/// The page.
#[derive(Debug, Template)]
#[template(path = "buying/checkout.html", config = "src/console/askama.toml")]
pub(crate) struct CheckoutPage {
    pub frame: Frame,
    pub id: String,
    pub title: String,
    pub state: State,
    pub sentence: String,
    pub is_test: bool,
    pub facts: Vec<Fact>,
    /// Its post, its order.
    pub links: Vec<(&'static str, String, String)>,
    pub expires_at: Option<Moment>,
    pub steps: Vec<Step>,
    pub lines: Vec<LineRow>,
    pub total: Option<String>,
}

/// Something that happened, or will.
#[derive(Debug)]
pub(crate) struct Step {
    pub at: Moment,
    pub state: State,
    pub text: String,
    /// Where there is more.
    pub href: Option<String>,
}

/// What is bought.
#[derive(Debug)]
pub(crate) struct LineRow {
    pub title: String,
    pub partner: String,
    pub item_id: String,
    pub quantity: String,
    pub unit_price: String,
}
