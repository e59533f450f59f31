//! Errors of the data folder and of the private PostgreSQL, as sentences for an operator.
//!
//! Each says what to do next where that is known. None contains a password.

use std::{io, path::PathBuf};

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process holds the folder's lock.
    #[error(
        "the data folder {path} is in use by another buywire process{holder}: stop that process, or set BUYWIRE_DATA_DIR to another folder"
    )]
    Locked {
        path: PathBuf,
        /// ` (process 123)`, or nothing if unknown.
        holder: String,
    },
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// A verb: `create`, `read`, …
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

/// Why the private PostgreSQL is not running.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No usable installation was found.
    #[error(
        "no PostgreSQL 15 or newer was found{other}: install it (Debian: `apt install postgresql`, Fedora: `dnf install postgresql-server`, macOS: `brew install postgresql@17`), or set DATABASE_URL to a running one"
    )]
    NotInstalled {
        /// ` (only version 13)`, or nothing.
        other: String,
    },
    /// The major version that made the cluster is no longer installed.
    #[error(
        "the database in {cluster} was made by PostgreSQL {made_by}, which is not installed: install that version again, or move the database with pg_upgrade"
    )]
    OtherMajor { cluster: PathBuf, made_by: u32 },
    /// The gateway runs as root, and there is no other user to run PostgreSQL as.
    #[error(
        "PostgreSQL does not run as root, and this system has neither a user `postgres` nor `nobody`: start buywire as an ordinary user"
    )]
    NoOsUser,
    /// PostgreSQL's user can no longer reach the folder.
    #[error(
        "PostgreSQL runs as {account}, which cannot reach {path}: let other users enter its parent folders (chmod o+x), or move the data folder back"
    )]
    Unreachable { account: String, path: PathBuf },
    /// A tool of PostgreSQL failed.
    #[error("{tool} failed: {output}")]
    Tool {
        /// `initdb`, `postgres`, …
        tool: &'static str,
        /// What it printed.
        output: String,
    },
    /// The server ended while starting, or did not come up in time.
    #[error("the private PostgreSQL did not start; its log {log} ends with: {tail}")]
    DidNotStart {
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
    /// A server answers on the socket, but not as this folder's server would.
    #[error("the private PostgreSQL refuses the connection: {0}")]
    Refused(String),
    #[error(transparent)]
    DataDir(#[from] DataDirError),
}

/// Names the file and the verb for an I/O error: `.map_err(io_error("read", path))`.
pub(crate) fn io_error(
    doing: &'static str,
    path: impl Into<PathBuf>,
) -> impl FnOnce(io::Error) -> DataDirError {
    let path = path.into();
    move |source| DataDirError::Io {
        doing,
        path,
        source,
    }
}
