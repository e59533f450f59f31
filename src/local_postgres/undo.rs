//! Undoes a start that failed or was interrupted: stops its server and removes its files.
//!
//! The caller holds the folder's lock. Promises: removes nothing from a folder that was not empty before.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::local_postgres::data_dir::DataDir;
use crate::local_postgres::location::recorded_location;

/// Enough for a fast shutdown of a server that has just started or is recovering.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
/// What a start writes into the data folder, besides the cluster's folders.
const STARTUP_FILES: [&str; 5] = [
    "operator-key",
    "platform-key",
    "master-key",
    "postgres.json",
    "postgres.password",
];

/// Stops the private PostgreSQL that a start left behind, and waits for its end.
pub(crate) async fn stop_leftover(folder: &Path) {
    let started = Instant::now();
    while let Some(pid) = running_pid(folder)
        && started.elapsed() < STOP_TIMEOUT
    {
        kill_process(pid, Signal::INT).ok();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The pid file may be stale and the pid reused, so the process must also have the cluster as its working directory.
fn running_pid(folder: &Path) -> Option<Pid> {
    let (home, _) = recorded_location(folder)?;
    let cluster = fs::canonicalize(home.join("cluster")).ok()?;
    let text = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let pid = Pid::from_raw(text.lines().next()?.trim().parse().ok()?)?;
    let cwd = fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).ok()?;
    (cwd == cluster).then_some(pid)
}

/// Removes what a start created in a new folder.
pub(crate) fn remove_if_new(folder: DataDir) {
    if !folder.is_new() {
        return;
    }
    if let Some((home, sockets)) = recorded_location(folder.path()) {
        fs::remove_dir_all(home).ok();
        fs::remove_dir_all(sockets).ok();
    }
    fs::remove_dir_all(folder.path().join("postgres")).ok();
    folder.remove(&STARTUP_FILES);
}
