//! What `bench` and `demo` run on: a temporary folder, child processes, and HTTP over loopback.
//!
//! Promises: when these values are dropped, no process and no file stays behind, even after an error, after
//! Ctrl-C, or if a child does not answer. The gateway itself must not use it.

mod api;
mod child;
mod clock;
mod folder;
mod gateway;
mod http1;
mod progress;
mod sandbox;

pub(crate) use api::Api;
pub(crate) use api::json_request;
pub(crate) use child::Child;
pub(crate) use clock::now_ns;
pub(crate) use folder::TempFolder;
pub(crate) use gateway::GatewayProcess;
pub(crate) use http1::{HttpConnection, HttpMessage};
pub(crate) use progress::Progress;
pub(crate) use sandbox::{API_KEY, SandboxProcess, WEBHOOK_SECRET, free_address};

/// Waits for Ctrl-C, SIGTERM or the end of the terminal.
///
/// # Errors
/// When this process cannot receive signals.
pub(crate) async fn wait_for_interrupt() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        received = tokio::signal::ctrl_c() => received,
        _ = terminate.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
    }
}
