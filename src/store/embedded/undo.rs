//! Undoing a start that failed or was stopped halfway: its server is ended, its files are removed.
//!
//! The caller holds the folder's lock. Promises: nothing is removed from a folder in which something was before.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::data_dir::DataDir;
use super::place::recorded;

/// A fast shutdown of a server that has just begun, or is recovering.
const STOPS_WITHIN: Duration = Duration::from_secs(15);
/// What a start writes into the data folder, beside the cluster's own folders.
const FILES: [&str; 5] = [
    "operator-key",
    "platform-key",
    "master-key",
    "postgres.json",
    "postgres.password",
];

/// Ends the private PostgreSQL that a start has left behind, and returns when it is gone.
pub async fn stop_left(folder: &Path) {
    let asked = Instant::now();
    while let Some(pid) = running(folder)
        && asked.elapsed() < STOPS_WITHIN
    {
        kill_process(pid, Signal::INT).ok();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The pid file may be stale and the pid somebody else's by now, so the process must also work in our cluster's
/// folder.
fn running(folder: &Path) -> Option<Pid> {
    let (home, _) = recorded(folder)?;
    let cluster = fs::canonicalize(home.join("cluster")).ok()?;
    let text = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let pid = Pid::from_raw(text.lines().next()?.trim().parse().ok()?)?;
    let works_in = fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).ok()?;
    (works_in == cluster).then_some(pid)
}

/// Removes what a start has put into a folder that was new.
pub fn remove_new(folder: DataDir) {
    if !folder.is_new() {
        return;
    }
    if let Some((home, sockets)) = recorded(folder.path()) {
        fs::remove_dir_all(home).ok();
        fs::remove_dir_all(sockets).ok();
    }
    fs::remove_dir_all(folder.path().join("postgres")).ok();
    folder.remove(&FILES);
}
