//! The spool: stores an upload on disk before it is read. Spooled documents are bounded, hashed, and gone with the
//! process.
//!
//! Promises: there is a bound for the documents of each partner and one for all partners together, and some disk
//! space always stays free for others. A document's space is released when its run ends.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use buywire_schemas::ids::PartnerId;
use sha2::{Digest, Sha256};

use crate::temp_file::{self, DrainingFile};

/// The largest document, as sent: the limit that the large catalogs use.
pub(crate) const SPOOL_BYTES_MAX: u64 = 4 << 30;

/// Bytes of all documents that wait on a node …
const TOTAL_BYTES_MAX: u64 = 32 << 30;
/// … and of one partner's: the largest document, and the next one behind it.
const PARTNER_BYTES_MAX: u64 = 2 * SPOOL_BYTES_MAX;
/// The database may share the disk, and fails when it is full.
const DISK_FREE_MIN: u64 = 1 << 30;
/// Bytes written between two checks of the free space.
const DISK_CHECK_BYTES: u64 = 64 << 20;

/// Tracks the disk space of spooled documents, per partner and in total.
#[derive(Debug, Default)]
pub(crate) struct SpoolDisk {
    usage: Mutex<DiskUsage>,
}

#[derive(Debug, Default)]
struct DiskUsage {
    total: u64,
    by_partner: HashMap<PartnerId, u64>,
}

/// One document's disk space; dropping it releases the space.
#[derive(Debug)]
struct DiskReservation {
    disk: Arc<SpoolDisk>,
    partner: PartnerId,
    bytes: u64,
}

impl SpoolDisk {
    /// Opens an empty spool for a document of this partner.
    ///
    /// # Errors
    /// When no temporary file can be created.
    pub(super) fn spool(self: &Arc<Self>, partner: PartnerId) -> Result<Spool, SpoolError> {
        Spool::new(self.reserve(partner))
    }

    /// An empty reservation for one document of this partner.
    fn reserve(self: &Arc<Self>, partner: PartnerId) -> DiskReservation {
        let disk = Arc::clone(self);
        DiskReservation {
            disk,
            partner,
            bytes: 0,
        }
    }

    fn usage(&self) -> MutexGuard<'_, DiskUsage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DiskReservation {
    fn grow(&mut self, bytes: u64) -> Result<(), SpoolError> {
        let mut usage = self.disk.usage();
        let total = usage.total + bytes;
        let partner_bytes = usage.by_partner.entry(self.partner).or_default();
        if *partner_bytes + bytes > PARTNER_BYTES_MAX || total > TOTAL_BYTES_MAX {
            return Err(SpoolError::Full);
        }
        *partner_bytes += bytes;
        usage.total = total;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for DiskReservation {
    fn drop(&mut self) {
        let mut usage = self.disk.usage();
        usage.total -= self.bytes;
        let left = usage.by_partner.remove(&self.partner).unwrap_or(0) - self.bytes;
        if left > 0 {
            usage.by_partner.insert(self.partner, left);
        }
    }
}

/// A document that is being written.
pub(crate) struct Spool {
    reservation: DiskReservation,
    disk_checked_at: u64,
    file: File,
    hash: Sha256,
    bytes: u64,
}

/// A complete document.
pub(crate) struct Spooled {
    /// Has no name in the file system, so it is gone when it is closed, however the process ends.
    pub(super) file: DrainingFile,
    pub bytes: u64,
    pub sha256: [u8; 32],
    _reservation: DiskReservation,
}

/// Why a document cannot be spooled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpoolError {
    /// The document exceeds [`SPOOL_BYTES_MAX`].
    #[error("the document exceeds {SPOOL_BYTES_MAX} bytes")]
    TooLarge,
    /// Other documents use the space that is available.
    #[error("the spool is full")]
    Full,
    #[error("the disk failed: {0}")]
    Disk(#[from] io::Error),
}

impl Spool {
    fn new(reservation: DiskReservation) -> Result<Self, SpoolError> {
        Ok(Self {
            reservation,
            disk_checked_at: 0,
            file: temp_file::create()?,
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Appends a chunk. Blocks while the disk does: chunks are small and go to the page cache.
    ///
    /// # Errors
    /// When the document is too large, the spool is full, or the disk fails.
    pub(crate) fn write(&mut self, chunk: &[u8]) -> Result<(), SpoolError> {
        self.bytes += chunk.len() as u64;
        if self.bytes > SPOOL_BYTES_MAX {
            return Err(SpoolError::TooLarge);
        }
        self.reservation.grow(chunk.len() as u64)?;
        if self.bytes - self.disk_checked_at >= DISK_CHECK_BYTES {
            self.disk_checked_at = self.bytes;
            if temp_file::free_disk_bytes(&self.file)? < DISK_FREE_MIN {
                return Err(SpoolError::Full);
            }
        }
        self.hash.update(chunk);
        Ok(self.file.write_all(chunk)?)
    }

    /// Returns the complete document, to be read from its beginning.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn finish(self) -> Result<Spooled, SpoolError> {
        Ok(Spooled {
            file: DrainingFile::new(self.file)?,
            bytes: self.bytes,
            sha256: self.hash.finalize().into(),
            _reservation: self.reservation,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_partner_takes_its_share_of_the_disk_and_gives_it_back() {
        let disk = Arc::new(SpoolDisk::default());
        let [greedy, other] = [PartnerId::generate(), PartnerId::generate()];
        let mut reservations: Vec<_> = (0..2).map(|_| disk.reserve(greedy)).collect();
        for reservation in &mut reservations {
            reservation.grow(SPOOL_BYTES_MAX).unwrap();
        }
        assert!(matches!(
            disk.reserve(greedy).grow(1),
            Err(SpoolError::Full)
        ));
        disk.reserve(other).grow(SPOOL_BYTES_MAX).unwrap();
        drop(reservations);
        disk.reserve(greedy).grow(SPOOL_BYTES_MAX).unwrap();
        let usage = disk.usage();
        assert_eq!((usage.total, usage.by_partner.len()), (0, 0));
    }

    #[test]
    fn all_partners_together_have_a_bound() {
        let disk = Arc::new(SpoolDisk::default());
        let mut reservations = Vec::new();
        for _ in 0..TOTAL_BYTES_MAX / SPOOL_BYTES_MAX {
            let mut reservation = disk.reserve(PartnerId::generate());
            reservation.grow(SPOOL_BYTES_MAX).unwrap();
            reservations.push(reservation);
        }
        let mut one_more = disk.reserve(PartnerId::generate());
        assert!(matches!(one_more.grow(1), Err(SpoolError::Full)));
        reservations.pop();
        one_more.grow(1).unwrap();
    }
}
