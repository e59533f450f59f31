//! A document on the disk before anything is done with it: bounded, hashed, and gone with the process.

use std::fs::File;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use crate::scratch::{self, Draining};

/// The largest document, as it is sent: what the large catalogs take.
pub const SPOOL_BYTES_MAX: u64 = 4 << 30;

/// A document that is being written.
pub struct Spool {
    file: File,
    hash: Sha256,
    bytes: u64,
}

/// A document, whole.
pub struct Spooled {
    /// Without a name: it is gone when it is closed, however the process ends.
    pub(super) file: Draining,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// Why it cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// It is larger than what is taken.
    #[error("larger than {SPOOL_BYTES_MAX} bytes")]
    TooLarge,
    /// The disk does not take it.
    #[error("the disk does not take it: {0}")]
    Disk(#[from] io::Error),
}

impl Spool {
    /// Empty.
    ///
    /// # Errors
    /// When there is no room for temporary files.
    pub fn new() -> Result<Self, SpoolError> {
        Ok(Self {
            file: scratch::file()?,
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Adds what came. Blocks for as long as the disk does: chunks are small and go to the page cache.
    ///
    /// # Errors
    /// Too large, or the disk.
    pub fn write(&mut self, chunk: &[u8]) -> Result<(), SpoolError> {
        self.bytes += chunk.len() as u64;
        if self.bytes > SPOOL_BYTES_MAX {
            return Err(SpoolError::TooLarge);
        }
        self.hash.update(chunk);
        Ok(self.file.write_all(chunk)?)
    }

    /// The whole document, to be read from its beginning.
    ///
    /// # Errors
    /// The disk.
    pub fn finish(self) -> Result<Spooled, SpoolError> {
        Ok(Spooled {
            file: Draining::new(self.file)?,
            bytes: self.bytes,
            sha256: self.hash.finalize().into(),
        })
    }
}
