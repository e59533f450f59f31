//! One product: what is offered now, what the feed said last, its pictures, variants and history.

use askama::Template;

use super::history::ProductHistory;
use super::products::ProductRow;
use crate::console::confirmation::Fact;
use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::state::State;

/// The page.
#[derive(Debug, Template)]
#[template(path = "catalog/product.html", config = "src/console/askama.toml")]
pub(crate) struct ProductPage {
    pub frame: Frame,
    pub id: String,
    pub partner: String,
    pub title: String,
    pub state: State,
    /// What is offered, or why it cannot be bought.
    pub sentence: String,
    /// What to do about it.
    pub advice: Option<String>,
    pub facts: Vec<Fact>,
    /// The item's page at the merchant.
    pub link: String,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub description: Option<String>,
    pub pictures: Vec<PictureRow>,
    pub variants: Vec<ProductRow>,
    pub history: ProductHistory,
    /// Where its posts and its stock are listed, for those who may see them.
    pub posts: Option<String>,
    pub stock: Option<String>,
}

/// One picture.
#[derive(Debug)]
pub(crate) struct PictureRow {
    pub url: String,
    pub state: State,
    /// What the check found.
    pub finding: String,
}
