//! The operating system user that runs PostgreSQL.
//!
//! PostgreSQL does not run as root. So if the gateway is root, the server runs as the cluster's owner, and
//! a new cluster belongs to `postgres`, or else to `nobody`. Otherwise it runs as the gateway's user. It
//! starts from `/`, in its own process group, so that Ctrl-C reaches the gateway only, and without the
//! gateway's environment, which holds keys.

use std::{
    fs, io,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use crate::local_postgres::error::EmbeddedError;

/// The user that owns PostgreSQL's processes and files.
#[derive(Clone, Debug)]
pub(crate) struct OsUser {
    name: String,
    uid: u32,
    gid: u32,
    /// Whether that is another user than the gateway's. Only root can run a server as another user.
    is_other: bool,
}

impl OsUser {
    /// The user for a new cluster.
    pub(crate) fn for_new_cluster() -> Result<Self, EmbeddedError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::current());
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(Self::by_name)
            .ok_or(EmbeddedError::NoOsUser)
    }

    /// The user of an existing cluster: for root, its owner. The cluster may have been created without root, or
    /// before the user `postgres` existed.
    pub(crate) fn owner_of(home: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(home)?;
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::current());
        }
        Ok(Self {
            name: format!("user {}", metadata.uid()),
            uid: metadata.uid(),
            gid: metadata.gid(),
            is_other: true,
        })
    }

    fn current() -> Self {
        Self {
            name: "ourselves".into(),
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
            is_other: false,
        }
    }

    /// Asks `id`, which reads every user database of the system, not only /etc/passwd.
    fn by_name(name: &str) -> Option<Self> {
        let query_id = |flag| {
            let output = Command::new("id")
                .args([flag, name])
                .stderr(Stdio::null())
                .output()
                .ok()?;
            String::from_utf8(output.stdout).ok()?.trim().parse().ok()
        };
        Some(Self {
            name: format!("user {name}"),
            uid: query_id("-u")?,
            gid: query_id("-g")?,
            is_other: true,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn is_other(&self) -> bool {
        self.is_other
    }

    /// A command that this user runs from `/`, with PATH as its only environment variable.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .current_dir("/")
            .env_clear()
            .env(
                "PATH",
                std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()),
            )
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .process_group(0);
        if self.is_other {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Makes this user the owner of a file or folder.
    pub(crate) fn chown(&self, path: &Path) -> io::Result<()> {
        if self.is_other {
            std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// The same for an open file. No path is followed, so the file cannot be swapped.
    pub(crate) fn chown_file(&self, file: &fs::File) -> io::Result<()> {
        if self.is_other {
            std::os::unix::fs::fchown(file, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// Whether this user can write to the folder. It is tried, because ACLs and security modules may overrule
    /// the mode bits.
    pub(crate) fn can_write(&self, folder: &Path) -> bool {
        self.command("/bin/sh")
            .args(["-c", "cd -- \"$1\" && test -w .", "sh"])
            .arg(folder)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Whether this user owns the folder, and no other user can enter or replace it.
    pub(crate) fn owns_privately(&self, folder: &Path) -> bool {
        fs::symlink_metadata(folder).is_ok_and(|found| {
            found.is_dir() && found.uid() == self.uid && found.mode() & 0o777 == 0o700
        })
    }
}
