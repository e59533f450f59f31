//! Who runs PostgreSQL.
//!
//! PostgreSQL refuses to run as root, so under root it runs as the cluster's owner, and a new
//! cluster belongs to `postgres`, or else to `nobody`. Otherwise it runs as ourselves. Whatever it runs as, it starts from `/`, in a process group of its own
//! (Ctrl-C on our terminal is for us), and sees nothing of our environment: keys live there.

use std::{
    fs, io,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
};

use crate::local_postgres::error::EmbeddedError;

/// The user that PostgreSQL's processes and files belong to.
#[derive(Clone, Debug)]
pub(crate) struct OsUser {
    name: String,
    uid: u32,
    gid: u32,
    /// Whether that is somebody else than us; only root can be in this case.
    is_other: bool,
}

impl OsUser {
    /// Who shall own and run a new cluster.
    pub(crate) fn for_new_cluster() -> Result<Self, EmbeddedError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::current());
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(Self::by_name)
            .ok_or(EmbeddedError::NoOsUser)
    }

    /// Who runs a cluster that is there already: under root its owner, whoever that is. It may
    /// have been made without root, or before there was a user `postgres`.
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

    /// Asks `id`, which knows every directory service of the system, not only /etc/passwd.
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

    /// A command run by this user, from `/`, with nothing of our environment but PATH.
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

    /// Hands a file or folder that we made to this user.
    pub(crate) fn chown(&self, path: &Path) -> io::Result<()> {
        if self.is_other {
            std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// The same for an open file: no name is followed, so nobody can swap the file for another.
    pub(crate) fn chown_file(&self, file: &fs::File) -> io::Result<()> {
        if self.is_other {
            std::os::unix::fs::fchown(file, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// Whether this user can work in that folder. Tried, not computed: mode bits are not the
    /// whole truth where ACLs or a security module have a say.
    pub(crate) fn can_write(&self, folder: &Path) -> bool {
        self.command("/bin/sh")
            .args(["-c", "cd -- \"$1\" && test -w .", "sh"])
            .arg(folder)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Whether that is a folder of this user that nobody else can enter or swap for another.
    pub(crate) fn owns_privately(&self, folder: &Path) -> bool {
        fs::symlink_metadata(folder).is_ok_and(|found| {
            found.is_dir() && found.uid() == self.uid && found.mode() & 0o777 == 0o700
        })
    }
}
