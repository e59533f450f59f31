//! The console: pages for operators, the platform and partners who have signed in with an API key.
//!
//! Promises: a session may do what its key may do, by the same table of routes; nothing is changed but by a POST from
//! this gateway's own page, with the session's token; no page is kept by a browser or a proxy. Must not decide anything that
//! the API does not.

mod answer;
mod assets;
mod deliveries;
mod delivery;
mod form;
mod live;
mod session;
mod sessions;
mod sign_in;
mod visitor;

use std::sync::Mutex;

use tokio::sync::watch;

pub(in crate::http) use self::assets::asset;
pub(in crate::http) use self::deliveries::list as list_deliveries;
pub(in crate::http) use self::delivery::{replay as replay_delivery, show as show_delivery};
pub(in crate::http) use self::live::follow;
pub(in crate::http) use self::session::require_session;
pub(in crate::http) use self::sessions::{end as end_session, list as list_sessions};
use self::sign_in::FailedSignIns;
pub(in crate::http) use self::sign_in::{form as sign_in_form, sign_in, sign_out};
use crate::sessions::Sessions;

/// Where the console lies.
pub(in crate::http) const BASE: &str = "/console";

/// What the console's routes share.
pub(crate) struct ConsoleState {
    pub(crate) sessions: Sessions,
    /// The gateway's name.
    pub(crate) name: String,
    failed_sign_ins: Mutex<FailedSignIns>,
    /// Changes when the server stops: streams end, which would otherwise keep it waiting.
    stopping: watch::Receiver<bool>,
}

impl ConsoleState {
    pub(crate) fn new(sessions: Sessions, name: String, stopping: watch::Receiver<bool>) -> Self {
        Self {
            sessions,
            name,
            failed_sign_ins: Mutex::default(),
            stopping,
        }
    }
}
