//! A folder that is gone afterwards, with the private PostgreSQL that lived in it.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::local_postgres;
use crate::output;

/// A fresh folder below the system's folder for temporary files (`TMPDIR`). Dropped after the processes
/// that use it.
#[derive(Debug)]
pub struct TempFolder {
    path: PathBuf,
}

impl TempFolder {
    /// Makes one.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(purpose: &str) -> io::Result<Self> {
        let name = format!("buywire-{purpose}-{:016x}", rand::random::<u64>());
        let path = std::env::temp_dir().join(name);
        // Others may pass, not look: PostgreSQL's user must reach its own folder below.
        DirBuilder::new().mode(0o711).create(&path)?;
        Ok(Self { path })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
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
