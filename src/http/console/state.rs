//! What the console's handlers share.

use std::sync::Mutex;

use tokio::sync::watch;

use super::account::FailedSignIns;
use super::overview::snapshot::Snapshots;
use crate::sessions::Sessions;

/// What the console's routes share.
pub(crate) struct ConsoleState {
    pub(crate) sessions: Sessions,
    /// The gateway's name.
    pub(crate) name: String,
    pub(super) failed_sign_ins: Mutex<FailedSignIns>,
    pub(super) snapshots: Snapshots,
    /// Changes when the server stops: streams end, which would otherwise keep it waiting.
    pub(super) stopping: watch::Receiver<bool>,
}

impl ConsoleState {
    pub(crate) fn new(sessions: Sessions, name: String, stopping: watch::Receiver<bool>) -> Self {
        Self {
            sessions,
            name,
            failed_sign_ins: Mutex::default(),
            snapshots: Snapshots::default(),
            stopping,
        }
    }
}
