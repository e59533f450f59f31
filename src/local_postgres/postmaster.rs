//! The main process of a running server, spawned or adopted.
//!
//! Promises: `wait_for_exit` notices the end of both kinds; `stop` ends the process and waits for its end.
//! Dropping it leaves the server running.

use std::{
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::{net::UnixStream, process::Child, time::sleep};

/// A fast shutdown writes what is in memory, which takes a second or two with these settings.
const FAST_STOP_TIMEOUT: Duration = Duration::from_secs(15);
const IMMEDIATE_STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// How often an adopted server is checked. The end of a child is signalled.
const ADOPTED_POLL_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Postmaster {
    pid: Pid,
    /// Present if this process spawned it. Then its exit must be collected, or it stays a zombie.
    child: Option<Child>,
    socket: PathBuf,
    cluster: PathBuf,
}

impl Postmaster {
    pub(crate) fn new(pid: Pid, child: Option<Child>, socket: PathBuf, cluster: PathBuf) -> Self {
        Self {
            pid,
            child,
            socket,
            cluster,
        }
    }

    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    pub(crate) fn is_adopted(&self) -> bool {
        self.child.is_none()
    }

    /// Waits for the server's end.
    pub(crate) async fn wait_for_exit(&mut self) {
        match &mut self.child {
            Some(child) => drop(child.wait().await),
            None => {
                while self.is_listening().await {
                    sleep(ADOPTED_POLL_INTERVAL).await;
                }
            }
        }
    }

    /// Requests a fast shutdown, which ends all sessions and loses nothing. As a last resort, an immediate one:
    /// it loses nothing either, but the next start must recover.
    pub(crate) async fn stop(mut self) {
        for (signal, timeout) in [
            (Signal::INT, FAST_STOP_TIMEOUT),
            (Signal::QUIT, IMMEDIATE_STOP_TIMEOUT),
        ] {
            kill_process(self.pid, signal).ok();
            if self.exits_within(timeout).await {
                return;
            }
            tracing::warn!(
                process.pid = self.pid.as_raw_nonzero(),
                "local_postgres.stop: server still running"
            );
        }
    }

    async fn exits_within(&mut self, timeout: Duration) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < timeout {
            if self.has_exited() {
                return true;
            }
            sleep(Duration::from_millis(10)).await;
        }
        false
    }

    /// A clean shutdown removes the pid file last. The process may remain as a zombie where nothing collects
    /// orphans, as in many containers.
    fn has_exited(&mut self) -> bool {
        match &mut self.child {
            Some(child) => child.try_wait().is_ok_and(|status| status.is_some()),
            None => {
                !self.cluster.join("postmaster.pid").exists()
                    || test_kill_process(self.pid).is_err()
            }
        }
    }

    /// Only these two errors mean that no server listens. With any other, it may be too busy to accept.
    async fn is_listening(&self) -> bool {
        !matches!(
            UnixStream::connect(&self.socket)
                .await
                .map_err(|error| error.kind()),
            Err(io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound)
        )
    }
}
