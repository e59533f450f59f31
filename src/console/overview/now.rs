//! The gateway now: six figures, what needs somebody, partners by trouble, and how long attempts take.

use askama::Template;

use crate::console::chart::Bar;
use crate::console::frame::Frame;
use crate::console::lists::Chip;
use crate::console::state::State;

/// The page.
#[derive(Debug, Template)]
#[template(path = "overview/now.html", config = "src/console/askama.toml")]
pub(crate) struct NowPage {
    pub frame: Frame,
    /// 1 hour, 24 hours, 7 days.
    pub periods: Vec<Chip>,
    /// Such as `the last hour`.
    pub period: &'static str,
    pub figures: Vec<Figure>,
    pub needs: Vec<Need>,
    pub partners: Vec<PartnerRow>,
    pub latencies: Vec<Bar>,
    /// Such as `half within 50 ms, 99 % within 1.0 s`.
    pub latency_text: String,
    /// The numbers behind the lines.
    pub table: Vec<PointRow>,
}

/// One number with its line.
#[derive(Debug)]
pub(crate) struct Figure {
    pub name: &'static str,
    pub value: String,
    pub unit: &'static str,
    pub href: String,
    pub chart: Option<String>,
    /// `ok`, `warn`, `bad` or nothing.
    pub class: &'static str,
    pub note: State,
    pub note_text: String,
}

/// Something that somebody must look at, with its one action.
#[derive(Debug)]
pub(crate) struct Need {
    pub state: State,
    pub title: String,
    pub text: String,
    pub action: String,
    pub href: String,
}

/// A partner's last hour.
#[derive(Debug)]
pub(crate) struct PartnerRow {
    pub slug: String,
    pub state: State,
    pub waiting: String,
    pub past_due: String,
    pub half: String,
    pub most: String,
    pub accepted: String,
    pub has_failures: bool,
    pub chart: String,
}

/// A minute or an hour.
#[derive(Debug)]
pub(crate) struct PointRow {
    pub at: String,
    /// Of the whole gateway only.
    pub orders: Option<String>,
    pub delivered: String,
    pub failed: String,
    pub dead: String,
}
