//! A document on the disk before anything is done with it: bounded, hashed, and gone with the process.
//!
//! Promises: the documents of all partners together, and of each of them, have a bound, and the last of the disk is left to
//! others. What a document took is free again when its run has ended.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use buywire_schemas::ids::PartnerId;
use sha2::{Digest, Sha256};

use crate::scratch::{self, Draining};

/// The largest document, as it is sent: what the large catalogs take.
pub const SPOOL_BYTES_MAX: u64 = 4 << 30;

/// What the documents that wait on a node may take together …
const ALL_BYTES_MAX: u64 = 32 << 30;
/// … and those of one partner: the largest document, and the next one behind it.
const OF_PARTNER_BYTES_MAX: u64 = 2 * SPOOL_BYTES_MAX;
/// The database may live on the same disk, and dies without any.
const DISK_FREE_MIN: u64 = 1 << 30;
/// How much is written between two looks at the disk.
const LOOK_EVERY: u64 = 64 << 20;

/// What is on the disk.
#[derive(Debug, Default)]
pub(super) struct Disk {
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: u64,
    of_partner: HashMap<PartnerId, u64>,
}

/// A document's share of it; free again when it is dropped.
#[derive(Debug)]
struct Share {
    disk: Arc<Disk>,
    partner: PartnerId,
    bytes: u64,
}

impl Disk {
    /// An empty document of that partner.
    ///
    /// # Errors
    /// When there is no room for temporary files.
    pub(super) fn spool(self: &Arc<Self>, partner: PartnerId) -> Result<Spool, SpoolError> {
        Spool::new(self.share(partner))
    }

    /// Nothing yet, for one document of that partner.
    fn share(self: &Arc<Self>, partner: PartnerId) -> Share {
        let disk = Arc::clone(self);
        Share {
            disk,
            partner,
            bytes: 0,
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    fn grow(&mut self, bytes: u64) -> Result<(), SpoolError> {
        let mut taken = self.disk.taken();
        let all = taken.all + bytes;
        let of_partner = taken.of_partner.entry(self.partner).or_default();
        if *of_partner + bytes > OF_PARTNER_BYTES_MAX || all > ALL_BYTES_MAX {
            return Err(SpoolError::Full);
        }
        *of_partner += bytes;
        taken.all = all;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.disk.taken();
        taken.all -= self.bytes;
        let left = taken.of_partner.remove(&self.partner).unwrap_or(0) - self.bytes;
        if left > 0 {
            taken.of_partner.insert(self.partner, left);
        }
    }
}

/// A document that is being written.
pub struct Spool {
    share: Share,
    looked_at: u64,
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
    _share: Share,
}

/// Why it cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// It is larger than what is taken.
    #[error("larger than {SPOOL_BYTES_MAX} bytes")]
    TooLarge,
    /// Too much waits here already.
    #[error("too many bytes wait here already")]
    Full,
    /// The disk does not take it.
    #[error("the disk does not take it: {0}")]
    Disk(#[from] io::Error),
}

impl Spool {
    fn new(share: Share) -> Result<Self, SpoolError> {
        Ok(Self {
            share,
            looked_at: 0,
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
        self.share.grow(chunk.len() as u64)?;
        if self.bytes - self.looked_at >= LOOK_EVERY {
            self.looked_at = self.bytes;
            if scratch::free_bytes(&self.file)? < DISK_FREE_MIN {
                return Err(SpoolError::Full);
            }
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
            _share: self.share,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_partner_takes_its_share_of_the_disk_and_gives_it_back() {
        let disk = Arc::new(Disk::default());
        let [greedy, other] = [PartnerId::generate(), PartnerId::generate()];
        let mut shares: Vec<_> = (0..2).map(|_| disk.share(greedy)).collect();
        for share in &mut shares {
            share.grow(SPOOL_BYTES_MAX).unwrap();
        }
        assert!(matches!(disk.share(greedy).grow(1), Err(SpoolError::Full)));
        disk.share(other).grow(SPOOL_BYTES_MAX).unwrap();
        drop(shares);
        disk.share(greedy).grow(SPOOL_BYTES_MAX).unwrap();
        let taken = disk.taken();
        assert_eq!((taken.all, taken.of_partner.len()), (0, 0));
    }

    #[test]
    fn all_partners_together_have_a_bound() {
        let disk = Arc::new(Disk::default());
        let mut shares = Vec::new();
        for _ in 0..ALL_BYTES_MAX / SPOOL_BYTES_MAX {
            let mut share = disk.share(PartnerId::generate());
            share.grow(SPOOL_BYTES_MAX).unwrap();
            shares.push(share);
        }
        let mut one_more = disk.share(PartnerId::generate());
        assert!(matches!(one_more.grow(1), Err(SpoolError::Full)));
        shares.pop();
        one_more.grow(1).unwrap();
    }
}
