//! What `bench` and `demo` stand on: a throwaway folder, child processes, and HTTP over loopback.
//!
//! Promises: whatever happens (an error, Ctrl-C, a child that does not answer), no process and no file
//! stays behind when these values are dropped. Must not be used by the gateway itself.

mod api;
mod child;
mod clock;
mod folder;
mod gateway;
mod http1;
mod progress;

pub use api::Api;
pub(crate) use api::json_request;
pub use child::Child;
pub use clock::now_ns;
pub use folder::TempFolder;
pub use gateway::GatewayProcess;
pub use http1::{HttpConnection, HttpMessage};
pub use progress::Progress;

/// Waits until somebody wants us to end: Ctrl-C, SIGTERM, or a terminal that was closed.
///
/// # Errors
/// When this process cannot hear signals.
pub async fn wait_for_interrupt() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        received = tokio::signal::ctrl_c() => received,
        _ = terminate.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
    }
}
