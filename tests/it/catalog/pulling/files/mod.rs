//! Feeds as files: pulled by SFTP from a real sshd, and by FTPS from a real FTP server.

mod ftp_server;
mod ftps;
mod sftp;
mod sshd;

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Writes a feed that has not changed for an hour.
fn write_settled(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    let file = fs::File::options().write(true).open(path).unwrap();
    let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
    file.set_modified(an_hour_ago).unwrap();
}

/// The finding of a failed run, with the code and what it says.
fn finding(report: &serde_json::Value) -> (String, String) {
    let issue = &report["issues"][0];
    let value = issue["examples"][0]["value"].as_str().unwrap_or_default();
    (
        issue["code"].as_str().unwrap_or_default().to_owned(),
        value.to_owned(),
    )
}
