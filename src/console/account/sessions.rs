//! The page of one's own sessions: where one is signed in, and how to end it.

use askama::Template;

use crate::console::format::Moment;
use crate::console::frame::Frame;

/// The open sessions of a key.
#[derive(Debug, Template)]
#[template(path = "account/sessions.html", config = "src/console/askama.toml")]
pub(crate) struct SessionsPage {
    pub frame: Frame,
    /// Operator, platform or partner.
    pub role: &'static str,
    pub sessions: Vec<SessionRow>,
}

/// One session.
#[derive(Debug)]
pub(crate) struct SessionRow {
    pub id: String,
    pub is_current: bool,
    pub user_agent: String,
    pub created_at: Moment,
    pub last_used_at: Moment,
    pub expires_at: Moment,
}
