//! Callbacks that somebody should look at: of no order yet, failed, or with a warning in their order's report.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::{Chip, Pager};
use crate::console::state::State;

/// The list, newest first.
#[derive(Debug, Template)]
#[template(path = "partners/callbacks.html", config = "src/console/askama.toml")]
pub(crate) struct CallbacksPage {
    pub frame: Frame,
    pub chips: Vec<Chip>,
    /// The chosen view, for the form.
    pub show: String,
    pub partner: String,
    /// Whether the caller sees more than one partner.
    pub has_partners: bool,
    pub error: Option<String>,
    pub is_filtered: bool,
    pub rows: Vec<CallbackRow>,
    pub pager: Pager,
    /// How far a page looks back.
    pub lookback: String,
}

/// One callback.
#[derive(Debug)]
pub(crate) struct CallbackRow {
    pub id: String,
    pub state: State,
    pub partner: String,
    /// What it reports, such as `order.shipped`.
    pub reports: String,
    /// The order as we or the partner name it.
    pub order: Option<String>,
    pub order_href: Option<String>,
    /// What happened, and what to do.
    pub problem: String,
    pub received_at: Moment,
}
