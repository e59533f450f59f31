//! Makes a new cluster with PostgreSQL's `initdb`.
//!
//! Promises: the cluster appears whole or not at all, under its final name only when it is on
//! disk; the password is never an argument, which every user of the machine could read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Output,
};

use super::{
    account::Account,
    binaries::Binaries,
    error::{DataDirError, EmbeddedError, at},
    place::Place,
};

/// What `initdb` is told.
#[derive(Debug)]
pub(super) struct Birth<'a> {
    pub(super) place: &'a Place,
    pub(super) binaries: &'a Binaries,
    pub(super) account: &'a Account,
    /// The superuser's name and password.
    pub(super) superuser: (&'a str, &'a str),
    /// Whether the files must survive a power cut.
    pub(super) durable: bool,
}

impl Birth<'_> {
    /// Makes the cluster: as a draft first, renamed when whole. What an earlier attempt left
    /// behind is removed.
    pub(super) fn make_cluster(&self) -> Result<(), EmbeddedError> {
        let draft = self.place.home().join("cluster.draft");
        let password_file = self.place.home().join("initdb.password");
        let mut output = None;
        // C.UTF-8 folds case for every script, but not every system has it.
        for locale in ["C.UTF-8", "C"] {
            remove_leftovers(&draft, &password_file)?;
            self.write_password(&password_file)
                .map_err(at("write", &password_file))?;
            let done = self.run(locale, &draft, &password_file)?;
            if done.status.success() {
                fs::remove_file(&password_file).map_err(at("remove", &password_file))?;
                return Ok(self.publish(&draft).map_err(at("rename", draft))?);
            }
            output = Some(done);
        }
        remove_leftovers(&draft, &password_file)?;
        Err(failed(output))
    }

    fn run(
        &self,
        locale: &str,
        draft: &Path,
        password_file: &Path,
    ) -> Result<Output, DataDirError> {
        let program: PathBuf = self.binaries.program("initdb");
        let mut initdb = self.account.command(&program);
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
        initdb.output().map_err(at("run", program))
    }

    /// The new name must be on disk before anything is written under it: after a power cut, what
    /// still has the draft's name is taken for half made.
    fn publish(&self, draft: &Path) -> io::Result<()> {
        fs::rename(draft, self.place.cluster())?;
        let home = self.place.home();
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
        self.account.give_file(&file)?;
        writeln!(file, "{}", self.superuser.1)
    }
}

fn remove_leftovers(draft: &Path, password_file: &Path) -> Result<(), DataDirError> {
    unless_missing(fs::remove_dir_all(draft)).map_err(at("remove", draft))?;
    unless_missing(fs::remove_file(password_file)).map_err(at("remove", password_file))
}

fn unless_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn failed(output: Option<Output>) -> EmbeddedError {
    let printed = output.map(|output| output.stderr).unwrap_or_default();
    let output = String::from_utf8_lossy(&printed)
        .trim()
        .replace('\n', " | ");
    EmbeddedError::Tool {
        tool: "initdb",
        output,
    }
}
