//! The part of the text in which the splitters find records.
//!
//! Promises: holds at most [`Limits::record_bytes_max`](super::Limits) bytes of text, and knows the line and
//! column of its first byte. A record that needs more is too large.

use super::charset::{OUTPUT_BYTES_MIN, TextDecoder};
use super::fault::Fault;

/// Bytes read at once: many records of a typical size, and little compared to a thread's stack.
const CHUNK_BYTES: usize = 256 << 10;

/// A section of UTF-8 that moves forwards.
pub(super) struct Window {
    text: TextDecoder,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    bytes_max: usize,
    /// The line of the first byte, from 1.
    line: u64,
    /// Bytes of the first line that were removed.
    column: u64,
}

impl Window {
    pub(super) fn new(text: TextDecoder, bytes_max: usize) -> Self {
        Self {
            text,
            buffer: Vec::new(),
            start: 0,
            ended: false,
            bytes_max,
            line: 1,
            column: 0,
        }
    }

    /// The loaded bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Whether no bytes follow [`Self::bytes`].
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Loads more text, at least doubling it, so that scanning again from the start
    /// stays linear. False at the end.
    pub(super) fn read_more(&mut self) -> Result<bool, Fault> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let length = self.buffer.len();
        if length + OUTPUT_BYTES_MIN > self.bytes_max {
            return Err(Fault::RecordTooLarge {
                line: self.line,
                bytes_max: self.bytes_max,
            });
        }
        let growth = length.max(CHUNK_BYTES).min(self.bytes_max - length);
        self.buffer.resize(length + growth, 0);
        let mut filled = length;
        while let Some(into) = self
            .buffer
            .get_mut(filled..)
            .filter(|into| into.len() >= OUTPUT_BYTES_MIN)
        {
            let read = self.text.read(into)?;
            filled += read;
            if read == 0 {
                self.ended = true;
                break;
            }
        }
        self.buffer.truncate(filled);
        Ok(filled > length)
    }

    /// Loads more text. False if all or too much is already loaded.
    pub(super) fn try_read_more(&mut self) -> Result<bool, Fault> {
        if self.ended || self.bytes().len() + OUTPUT_BYTES_MIN > self.bytes_max {
            return Ok(false);
        }
        self.read_more()?;
        Ok(true)
    }

    /// Removes the first bytes.
    pub(super) fn skip(&mut self, count: usize) {
        let skipped = self.bytes().get(..count).unwrap_or(self.bytes());
        let (count, lines) = (skipped.len(), lines(skipped));
        self.column = match memchr::memrchr(b'\n', skipped) {
            Some(last) => (count - last - 1) as u64,
            None => self.column + count as u64,
        };
        self.line += lines;
        self.start += count;
    }

    /// The line of the byte at this position, from 1.
    pub(super) fn line_at(&self, at: usize) -> u64 {
        self.line + lines(self.bytes().get(..at).unwrap_or(self.bytes()))
    }

    /// The column of the first byte, in bytes from 1.
    pub(super) fn column(&self) -> u64 {
        self.column + 1
    }

    /// Skips whitespace and returns the next byte, if any.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let bytes = self.bytes();
            let blank = bytes
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
            let next = bytes.get(blank).copied();
            self.skip(blank);
            if next.is_some() || !self.read_more()? {
                return Ok(next);
            }
        }
    }
}

fn lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}
