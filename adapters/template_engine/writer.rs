//! A template's output buffer, bounded in size.

use std::io;

pub(super) struct BoundedWriter {
    bytes: Vec<u8>,
    bytes_max: usize,
}

impl BoundedWriter {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            // Few orders have a larger body.
            bytes: Vec::with_capacity(2048),
            bytes_max,
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl io::Write for BoundedWriter {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + piece.len() > self.bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
