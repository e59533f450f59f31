//! The board of posts.

use askama::Template;

use super::switches::SwitchLink;
use crate::console::format::Moment;
use crate::console::frame::Frame;
use crate::console::lists::{Chip, Pager};
use crate::console::state::State;

/// The board.
#[derive(Debug, Template)]
#[template(path = "buying/posts.html", config = "src/console/askama.toml")]
pub(crate) struct PostsPage {
    pub frame: Frame,
    pub chips: Vec<Chip>,
    /// The filters as they stand in the URL.
    pub state: String,
    pub partner: String,
    pub product: String,
    pub error: Option<String>,
    pub rows: Vec<PostRow>,
    pub pager: Pager,
    pub is_filtered: bool,
}

/// One post.
#[derive(Debug)]
pub(crate) struct PostRow {
    pub id: String,
    pub state: State,
    /// Why it is sold out or withdrawn, or that its sale is stopped.
    pub reason: Option<String>,
    pub text: String,
    pub title: String,
    pub product: String,
    pub partner: String,
    pub price: String,
    /// Its page and its preview.
    pub page: String,
    pub embed: String,
    pub updated_at: Moment,
    pub version: i64,
    pub may_publish: bool,
    pub may_withdraw: bool,
    /// Stops or resumes its sale, for those who may.
    pub switch: Option<SwitchLink>,
}
