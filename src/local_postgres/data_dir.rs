//! The data folder: the home of one gateway process on this machine.
//!
//! Promises: the folder belongs to one living process (flock, so a crash releases it). A secret is
//! written completely or not at all, only its owner can read it, and it never changes.
//! Must not interpret what it stores.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::fs::{FlockOperation, flock};

use crate::local_postgres::error::{DataDirError, io_error};

/// Others may enter, because PostgreSQL's user must reach its own folder in it, but not list or read.
const FOLDER_MODE: u32 = 0o711;
const SECRET_MODE: u32 = 0o600;

/// A locked data folder. Clones share the lock; it is released with the last of them.
#[derive(Clone, Debug)]
pub struct DataDir {
    /// Absolute, because PostgreSQL is spawned from `/`.
    path: PathBuf,
    initial_state: InitialState,
    /// Open as long as the process lives, because it holds the lock.
    _lock: Arc<File>,
}

/// What existed before the lock was acquired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InitialState {
    NonEmpty,
    Empty,
    Missing,
}

impl DataDir {
    /// Creates the folder if it is missing, and locks it for the life of this process.
    pub fn lock(path: &Path) -> Result<Self, DataDirError> {
        let (path, initial_state) = prepare(path)?;
        let lock_path = path.join("lock");
        let mut lock = open_private(
            OpenOptions::new().read(true).write(true).create(true),
            &lock_path,
        )
        .map_err(io_error("open", &lock_path))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(DataDirError::Locked {
                    path,
                    holder: holder(&mut lock),
                });
            }
            Err(errno) => return Err(io_error("lock", &lock_path)(errno.into())),
        }
        // Only for the error message of another process; the lock does not depend on it.
        lock.set_len(0)
            .and_then(|()| write!(lock, "{}", std::process::id()))
            .map_err(io_error("write", &lock_path))?;
        Ok(Self {
            path,
            initial_state,
            _lock: Arc::new(lock),
        })
    }

    /// The absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the folder was empty or missing before this process locked it.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.initial_state != InitialState::NonEmpty
    }

    /// Removes these files, and the folder if it is empty then.
    pub(crate) fn remove(self, names: &[&str]) {
        for name in names {
            fs::remove_file(self.path.join(name)).ok();
        }
        fs::remove_file(self.path.join("lock")).ok();
        if self.initial_state == InitialState::Missing {
            fs::remove_dir(&self.path).ok();
        }
    }

    /// Returns the secret with this name. The first call generates and stores it.
    pub fn load_or_create_secret(
        &self,
        name: &str,
        generate: impl FnOnce() -> String,
    ) -> Result<String, DataDirError> {
        if let Some(existing) = self.load_secret(name)? {
            return Ok(existing);
        }
        let secret = generate();
        self.write(name, &secret)?;
        Ok(secret)
    }

    /// Returns the secret with this name, if it exists.
    pub fn load_secret(&self, name: &str) -> Result<Option<String>, DataDirError> {
        let secret = self.read(name)?.map(|text| text.trim().to_owned());
        Ok(secret.filter(|text| !text.is_empty()))
    }

    /// Reads a file of this folder, if it exists.
    pub(crate) fn read(&self, name: &str) -> Result<Option<String>, DataDirError> {
        let path = self.path.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_error("read", path)(error)),
        }
    }

    /// Replaces a file of this folder atomically. It is on disk when this returns: with a lost master key, all that
    /// it sealed would be lost.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), DataDirError> {
        let path = self.path.join(name);
        let temporary = self.path.join(format!(".{name}.new"));
        open_private(
            OpenOptions::new().write(true).create(true).truncate(true),
            &temporary,
        )
        .and_then(|mut file| writeln!(file, "{text}").and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, &path))
        .and_then(|()| File::open(&self.path)?.sync_all())
        .map_err(io_error("write", path))
    }
}

/// Creates the folder. An existing one keeps its mode unless it is empty: it may be shared, and its mode is
/// its owner's choice.
fn prepare(path: &Path) -> Result<(PathBuf, InitialState), DataDirError> {
    let initial_state = match fs::read_dir(path) {
        Err(_) => InitialState::Missing,
        Ok(mut entries) => match entries.next() {
            None => InitialState::Empty,
            Some(_) => InitialState::NonEmpty,
        },
    };
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(path)
        .and_then(|()| match initial_state {
            InitialState::NonEmpty => Ok(()),
            _ => fs::set_permissions(path, Permissions::from_mode(FOLDER_MODE)),
        })
        .and_then(|()| Ok((fs::canonicalize(path)?, initial_state)))
        .map_err(io_error("create", path))
}

/// Opens a file with mode 0600, even if it existed with a wider one.
fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = options.mode(SECRET_MODE).open(path)?;
    file.set_permissions(Permissions::from_mode(SECRET_MODE))?;
    Ok(file)
}

fn holder(lock: &mut File) -> String {
    let mut pid = String::new();
    match lock.read_to_string(&mut pid) {
        Ok(_) if !pid.trim().is_empty() => format!(" (process {})", pid.trim()),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_reads_it() {
        let temp = tempfile::tempdir().unwrap();
        let folder = DataDir::lock(&temp.path().join("data")).unwrap();

        assert_eq!(
            folder
                .load_or_create_secret("key", || "first".into())
                .unwrap(),
            "first"
        );
        assert_eq!(
            folder
                .load_or_create_secret("key", || "second".into())
                .unwrap(),
            "first"
        );

        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.path().join("key")), 0o600);
        assert_eq!(mode(folder.path().to_owned()), 0o711);
    }

    #[test]
    fn a_second_lock_is_refused_by_name_and_free_again_after_the_first() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("data");
        let first = DataDir::lock(&path).unwrap();

        let refused = DataDir::lock(&path).unwrap_err().to_string();
        assert!(refused.contains(&*path.to_string_lossy()), "{refused}");
        assert!(
            refused.contains(&std::process::id().to_string()),
            "{refused}"
        );

        drop(first);
        DataDir::lock(&path).unwrap();
    }
}
