//! `buywire serve`: run the gateway until a signal stops it.

use std::future::pending;
use std::io::stdin;
use std::os::fd::AsFd;

use anyhow::{Context, bail};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::boot::Gateway;
use crate::config::Settings;
use crate::output;
use crate::telemetry;

/// Run it.
///
/// # Errors
/// When it cannot start.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<()> {
    telemetry::start_logging(settings.log_format);
    // Signals count from here on, also while the gateway waits for its database.
    let mut stop = StopSignal::listen(settings.stop_with_stdin)?;
    let Some(gateway) = Gateway::start_unless_stopped(settings, stop.requested()).await? else {
        return Ok(());
    };
    print_startup(&gateway);
    stop.requested().await;
    tokio::select! {
        () = gateway.stop() => Ok(()),
        // A second signal means: now.
        () = stop.signal_received() => bail!("stopped by a second signal, without waiting for work in progress"),
    }
}

fn print_startup(gateway: &Gateway) {
    output::say(format_args!(
        "buywire listens on http://{}",
        gateway.address
    ));
    if let Some(folder) = &gateway.created_data_dir {
        output::say(format_args!(
            "created a new gateway in {}, with an empty database and new keys. To use an existing gateway instead, \
             set BUYWIRE_DATA_DIR to its data directory",
            folder.display()
        ));
    }
    let files = [
        ("operator", &gateway.operator_key_file),
        ("platform", &gateway.platform_key_file),
    ];
    for (role, file) in files {
        if let Some(file) = file {
            output::say(format_args!("the {role} key is in {}", file.display()));
        }
    }
}

/// Everything that stops a process of ours.
pub(super) struct StopSignal {
    interrupt: Signal,
    terminate: Signal,
    /// Closed when the parent process has ended.
    parent: Option<pipe::Receiver>,
}

impl StopSignal {
    /// Listens for signals, and with `with_stdin` for the end of the parent process.
    ///
    /// # Errors
    /// When standard input is not a pipe.
    pub(super) fn listen(with_stdin: bool) -> anyhow::Result<Self> {
        let parent = || {
            let stdin = stdin().as_fd().try_clone_to_owned()?;
            pipe::Receiver::from_owned_fd(stdin)
        };
        let parent = with_stdin.then(parent).transpose();
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            parent: parent.context("--stop-with-stdin: standard input must be a pipe")?,
        })
    }

    /// Waits for a signal or the parent's end.
    pub(super) async fn requested(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = closed(&mut self.parent) => tracing::info!("serve.stop: the parent process has ended"),
        }
    }

    /// Waits for another signal.
    async fn signal_received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Returns when the other end of the pipe is closed. Ignores what comes through it.
async fn closed(pipe: &mut Option<pipe::Receiver>) {
    let Some(open) = pipe else {
        return pending().await;
    };
    let mut dropped = [0; 64];
    while open.read(&mut dropped).await.is_ok_and(|bytes| bytes > 0) {}
}
