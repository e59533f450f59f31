//! `buywire serve`: run the gateway until it is told to stop.

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
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    telemetry::start_logging(settings.log_format);
    // Heard from the beginning, and acted on from the beginning: also while it waits for its database.
    let mut stop = StopSignal::listen(settings.stop_with_stdin)?;
    let Some(gateway) = Gateway::start_unless_stopped(settings, stop.requested()).await? else {
        return Ok(());
    };
    print_startup(&gateway);
    stop.requested().await;
    tokio::select! {
        () = gateway.stop() => Ok(()),
        // Whoever asks twice does not want to wait.
        () = stop.signal_received() => bail!("told twice to stop: stopped at once, not in good order"),
    }
}

fn print_startup(gateway: &Gateway) {
    output::say(format_args!(
        "buywire listens on http://{}",
        gateway.address
    ));
    if let Some(folder) = &gateway.created_data_dir {
        output::say(format_args!(
            "a new gateway was made in {}: an empty database and new keys. To start one that exists, start it in the \
             same folder as before, or set BUYWIRE_DATA_DIR to its data folder",
            folder.display()
        ));
    }
    let files = [
        ("operator", &gateway.operator_key_file),
        ("platform", &gateway.platform_key_file),
    ];
    for (role, file) in files {
        if let Some(file) = file {
            output::say(format_args!("the {role}'s key is in {}", file.display()));
        }
    }
}

/// Whoever may tell it to stop.
struct StopSignal {
    interrupt: Signal,
    terminate: Signal,
    /// Closed when the program that started this one is gone, however that ended.
    parent: Option<pipe::Receiver>,
}

impl StopSignal {
    fn listen(with_stdin: bool) -> anyhow::Result<Self> {
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

    /// Waits until somebody does.
    async fn requested(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = closed(&mut self.parent) => tracing::info!("serve: the program that started this one is gone"),
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

/// Returns when the pipe's other end is gone. What comes through it is nobody's concern.
async fn closed(pipe: &mut Option<pipe::Receiver>) {
    let Some(open) = pipe else {
        return pending().await;
    };
    let mut dropped = [0; 64];
    while open.read(&mut dropped).await.is_ok_and(|bytes| bytes > 0) {}
}
