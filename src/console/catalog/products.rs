//! The list of products, with its search.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::Tab;
use crate::console::lists::{Chip, Pager};
use crate::console::state::State;

/// The list.
#[derive(Debug, Template)]
#[template(path = "catalog/products.html", config = "src/console/askama.toml")]
pub(crate) struct ProductsPage {
    pub frame: Frame,
    pub tabs: Vec<Tab>,
    pub chips: Vec<Chip>,
    /// The filters as they stand in the URL.
    pub text: String,
    pub availability: String,
    /// `None` if there is one partner only.
    pub partner: Option<String>,
    pub error: Option<String>,
    pub rows: Vec<ProductRow>,
    pub pager: Pager,
    pub is_filtered: bool,
}

/// One product.
#[derive(Debug)]
pub(crate) struct ProductRow {
    pub id: String,
    pub title: String,
    pub item_id: String,
    pub partner: String,
    pub price: String,
    pub state: State,
    /// Why it cannot be bought.
    pub reason: Option<String>,
    pub updated_at: Moment,
}
