//! A temporary folder, removed when dropped, with the private PostgreSQL in it.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::ambient;
use crate::local_postgres;
use crate::output;

/// A fresh folder in the system's folder for temporary files (`TMPDIR`). Drop it after the processes that
/// use it.
#[derive(Debug)]
pub(crate) struct TempFolder {
    path: PathBuf,
}

impl TempFolder {
    pub(crate) fn create(purpose: &str) -> io::Result<Self> {
        let name = format!("buywire-{purpose}-{:016x}", ambient::random::<u64>());
        let path = std::env::temp_dir().join(name);
        // Others may enter but not list: PostgreSQL's user must reach its own folder in it.
        DirBuilder::new().mode(0o711).create(&path)?;
        Ok(Self { path })
    }

    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        local_postgres::destroy(&self.path.join(crate::tools::harness::gateway::DATA_FOLDER));
        if let Err(error) = fs::remove_dir_all(&self.path) {
            output::note(format_args!(
                "buywire: cannot remove {}: {error}",
                self.path.display()
            ));
        }
    }
}
