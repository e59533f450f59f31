//! What can go wrong with the data folder and the private PostgreSQL, as sentences for an operator.
//!
//! Each says what to do next where that is known. None holds a password.

use std::{io, path::PathBuf};

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process holds the folder's lock.
    #[error(
        "the data folder {path} is in use by another buywire process{holder}; stop that one, or set BUYWIRE_DATA_DIR to another folder"
    )]
    Locked {
        /// The folder.
        path: PathBuf,
        /// ` (process 123)`, or nothing where it is not known.
        holder: String,
    },
    /// The file system refused.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// A verb: `create`, `read`, …
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why the private PostgreSQL does not run.
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
    /// The files were made by a major version that is not here any more.
    #[error(
        "the database in {cluster} was made by PostgreSQL {made_by}, which is not installed: install that version again, or move the database with pg_upgrade"
    )]
    OtherMajor {
        /// The folder of the database.
        cluster: PathBuf,
        /// The major version that made it.
        made_by: u32,
    },
    /// We are root, and there is nobody to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root and this system has neither a user `postgres` nor `nobody`: start buywire as an ordinary user"
    )]
    NoOsUser,
    /// The folder was reachable for PostgreSQL's user once and is not any more.
    #[error(
        "PostgreSQL runs as {account} here, who cannot reach {path}: allow others to pass its parent folders (chmod o+x), or move the data folder back"
    )]
    Unreachable {
        /// Who.
        account: String,
        /// What.
        path: PathBuf,
    },
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
        /// The log file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// Something answers on our socket, but not as our server would.
    #[error("the private PostgreSQL answers but refuses us: {0}")]
    Refused(String),
    /// The data folder.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
}

/// Names the file and the verb for an I/O error: `.map_err(at("read", path))`.
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
