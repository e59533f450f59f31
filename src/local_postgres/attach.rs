//! Finds or destroys a private PostgreSQL from outside its gateway, while it runs or after it was killed.
//!
//! Only for temporary folders: it takes no lock.

use std::{
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::local_postgres::EmbeddedOptions;
use crate::local_postgres::location::recorded_location;
use crate::local_postgres::server::client_config;

/// An immediate stop writes nothing, so it is fast.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// How to connect to the private PostgreSQL of a data folder, if it has one.
#[must_use]
pub(crate) fn connection_config(folder: &Path) -> Option<tokio_postgres::Config> {
    let (_, sockets) = recorded_location(folder)?;
    let password = fs::read_to_string(folder.join("postgres.password")).ok()?;
    let port = EmbeddedOptions::default().port;
    Some(client_config(&sockets, port, password.trim()))
}

/// Stops the private PostgreSQL of a temporary folder and removes its files, even those outside the folder.
/// Does nothing if nothing is left.
pub(crate) fn destroy(folder: &Path) {
    let Some((home, sockets)) = recorded_location(folder) else {
        return;
    };
    let pid_file = home.join("cluster").join("postmaster.pid");
    let pid = fs::read_to_string(&pid_file).ok();
    let pid = pid.and_then(|text| {
        text.lines()
            .next()?
            .trim()
            .parse()
            .ok()
            .and_then(Pid::from_raw)
    });
    if let Some(pid) = pid {
        kill_process(pid, Signal::QUIT).ok();
        let signalled_at = Instant::now();
        // The server removes its pid file last; an uncollected zombie still counts as running.
        while pid_file.exists()
            && test_kill_process(pid).is_ok()
            && signalled_at.elapsed() < STOP_TIMEOUT
        {
            sleep(Duration::from_millis(10));
        }
    }
    // An error only leaves temporary files behind, under names that say what they are.
    fs::remove_dir_all(home).ok();
    fs::remove_dir_all(sockets).ok();
}
