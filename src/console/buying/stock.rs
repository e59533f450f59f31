//! Stock by partner and item.

use askama::Template;

use super::switches::SwitchLink;
use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::Pager;
use crate::console::lists::Tab;
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "buying/stock.html", config = "src/console/askama.toml")]
pub(crate) struct StockPage {
    pub frame: Frame,
    /// Empty where there is one page only.
    pub tabs: Vec<Tab>,
    /// What stands in the field; `None` if there is one partner only.
    pub partner: Option<String>,
    pub item: String,
    pub error: Option<String>,
    pub rows: Vec<StockRow>,
    pub pager: Pager,
    pub is_filtered: bool,
}

/// One item.
#[derive(Debug)]
pub(crate) struct StockRow {
    pub partner: String,
    pub item_id: String,
    /// Where its product is found.
    pub product: String,
    pub state: State,
    /// Why its sale is stopped, or what the partner says.
    pub note: Option<String>,
    pub total: String,
    pub held: String,
    pub sold: String,
    pub left: String,
    pub per_buyer: String,
    pub updated_at: Moment,
    pub switch: Option<SwitchLink>,
}
