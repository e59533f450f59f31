//! The running server's main process, our child or an adopted one.
//!
//! Promises: `exited` notices either kind's end; `stop` ends it and returns when it is gone.
//! Dropping it leaves the server running.

use std::{
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::{net::UnixStream, process::Child, time::sleep};

/// A shutdown writes what is in memory; with our settings that takes a second or two.
const FAST_STOP_TIMEOUT: Duration = Duration::from_secs(15);
const IMMEDIATE_STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// How soon the death of an adopted server is noticed. Only asked of what is not our child.
const ADOPTED_POLL_INTERVAL: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug)]
pub(crate) struct Postmaster {
    pid: Pid,
    /// Present when we spawned it; then its end must be waited for, or it stays a zombie.
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

    /// Returns when the server has ended.
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

    /// A fast shutdown (sessions end, nothing is lost); an immediate one as a last resort, which
    /// loses nothing either but makes the next start recover.
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
                "the private PostgreSQL does not stop"
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

    /// A clean shutdown removes the pid file last. The process may outlive itself as a zombie
    /// where nobody collects orphans, as in many containers.
    fn has_exited(&mut self) -> bool {
        match &mut self.child {
            Some(child) => child.try_wait().is_ok_and(|status| status.is_some()),
            None => {
                !self.cluster.join("postmaster.pid").exists()
                    || test_kill_process(self.pid).is_err()
            }
        }
    }

    /// Only these two say that nobody listens; anything else may be a server too busy to accept.
    async fn is_listening(&self) -> bool {
        !matches!(
            UnixStream::connect(&self.socket)
                .await
                .map_err(|error| error.kind()),
            Err(io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound)
        )
    }
}
