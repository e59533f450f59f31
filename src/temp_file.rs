//! Temporary files: without a name, deleted with the process, and freed while they are read.
//!
//! A large feed goes through two of them. If both stayed whole, it would need more than twice its size on disk and in the
//! kernel's cache, and the kernel would write out what has been read already. Must not know what they contain.

use std::fs::File;
use std::io::{self, Read, Seek};

/// How much is freed at a time.
const PUNCH_BYTES: u64 = 4 << 20;

/// Creates an empty file.
///
/// # Errors
/// There is no room for temporary files.
pub(crate) fn create() -> io::Result<File> {
    tempfile::tempfile()
}

/// The free bytes on the file's disk, for users other than the superuser.
///
/// # Errors
/// The system call fails.
pub(crate) fn free_disk_bytes(file: &File) -> io::Result<u64> {
    let disk = rustix::fs::fstatvfs(file)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Reads a file from its beginning, for the last time.
#[derive(Debug)]
pub(crate) struct DrainingFile {
    file: File,
    read: u64,
    freed: u64,
}

impl DrainingFile {
    /// # Errors
    /// Rewinding the file fails.
    pub(crate) fn new(mut file: File) -> io::Result<Self> {
        file.rewind()?;
        Ok(Self {
            file,
            read: 0,
            freed: 0,
        })
    }
}

impl Read for DrainingFile {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(to)?;
        self.read += count as u64;
        let spent = self.read - self.freed;
        if spent >= PUNCH_BYTES {
            punch_hole(&self.file, self.freed, spent);
            self.freed = self.read;
        }
        Ok(count)
    }
}

/// If the system or the file system cannot do so, everything is freed at the end.
fn punch_hole(file: &File, from: u64, bytes: u64) {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{FallocateFlags, fallocate};
        let how = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        let _ = fallocate(file, how, from, bytes);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (create, from, bytes);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn what_was_read_has_no_room_any_more_and_the_rest_is_there() {
        let mut file = create().unwrap();
        let step = PUNCH_BYTES as usize;
        file.write_all(&vec![7; 3 * step]).unwrap();
        let mut draining = DrainingFile::new(file.try_clone().unwrap()).unwrap();
        let whole = file.metadata().unwrap().blocks();
        let mut half = vec![0; step + step / 2];
        draining.read_exact(&mut half).unwrap();
        assert!(half.iter().all(|byte| *byte == 7));
        let left = file.metadata().unwrap().blocks();
        assert!(
            left <= whole - PUNCH_BYTES / 512,
            "{left} of {whole} blocks"
        );
        let mut rest = Vec::new();
        draining.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, vec![7; 3 * step - half.len()]);
        assert_eq!(file.metadata().unwrap().len(), 3 * PUNCH_BYTES);
    }
}
