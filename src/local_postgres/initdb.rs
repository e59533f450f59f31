//! Creates a new cluster with PostgreSQL's `initdb`.
//!
//! Promises: the cluster is complete or absent; it has its final name only when it is on disk. The
//! password is never an argument, because every user of the machine could read it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Output,
};

use crate::local_postgres::binaries::Binaries;
use crate::local_postgres::error::{DataDirError, EmbeddedError, io_error};
use crate::local_postgres::location::ClusterLocation;
use crate::local_postgres::os_user::OsUser;

#[derive(Debug)]
pub(crate) struct NewCluster<'a> {
    pub(crate) location: &'a ClusterLocation,
    pub(crate) binaries: &'a Binaries,
    pub(crate) os_user: &'a OsUser,
    /// The superuser's name and password.
    pub(crate) superuser: (&'a str, &'a str),
    /// Whether the files must survive a power failure.
    pub(crate) durable: bool,
}

impl NewCluster<'_> {
    /// Creates the cluster under a draft name, and renames it when complete. Removes the leftovers of an
    /// earlier attempt.
    pub(crate) fn create(&self) -> Result<(), EmbeddedError> {
        let draft = self.location.home().join("cluster.draft");
        let password_file = self.location.home().join("initdb.password");
        let mut output = None;
        // C.UTF-8 folds case in every script, but not every system has it.
        for locale in ["C.UTF-8", "C"] {
            remove_leftovers(&draft, &password_file)?;
            self.write_password(&password_file)
                .map_err(io_error("write", &password_file))?;
            let done = self.run(locale, &draft, &password_file)?;
            if done.status.success() {
                fs::remove_file(&password_file).map_err(io_error("remove", &password_file))?;
                return Ok(self.publish(&draft).map_err(io_error("rename", draft))?);
            }
            output = Some(done);
        }
        remove_leftovers(&draft, &password_file)?;
        Err(initdb_error(output))
    }

    fn run(
        &self,
        locale: &str,
        draft: &Path,
        password_file: &Path,
    ) -> Result<Output, DataDirError> {
        let program: PathBuf = self.binaries.program("initdb");
        let mut initdb = self.os_user.command(&program);
        initdb
            .arg("-D")
            .arg(draft)
            .arg("--pwfile")
            .arg(password_file);
        initdb.args(["--username", self.superuser.0, "--auth=scram-sha-256"]);
        initdb.args(["--encoding=UTF8", "--locale", locale]);
        if !self.durable {
            initdb.arg("--no-sync");
        }
        initdb.output().map_err(io_error("run", program))
    }

    /// The final name must be on disk before anything is written under it: after a power failure, a cluster
    /// with the draft name counts as incomplete.
    fn publish(&self, draft: &Path) -> io::Result<()> {
        fs::rename(draft, self.location.cluster())?;
        let home = self.location.home();
        File::open(home)?.sync_all()?;
        home.parent()
            .map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    }

    fn write_password(&self, path: &Path) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        self.os_user.chown_file(&file)?;
        writeln!(file, "{}", self.superuser.1)
    }
}

fn remove_leftovers(draft: &Path, password_file: &Path) -> Result<(), DataDirError> {
    ignore_missing(fs::remove_dir_all(draft)).map_err(io_error("remove", draft))?;
    ignore_missing(fs::remove_file(password_file)).map_err(io_error("remove", password_file))
}

fn ignore_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn initdb_error(output: Option<Output>) -> EmbeddedError {
    let printed = output.map(|output| output.stderr).unwrap_or_default();
    let output = String::from_utf8_lossy(&printed)
        .trim()
        .replace('\n', " | ");
    EmbeddedError::Tool {
        tool: "initdb",
        output,
    }
}
