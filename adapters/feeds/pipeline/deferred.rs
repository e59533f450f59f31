//! Records deferred to the document's end, because only the whole document shows what their numbers mean.
//!
//! Up to 4 MiB stay in memory, the others in a file of the caller. Promises: they come back in their
//! order, with their rows. A record without room is not deferred, and is read by itself.

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};

use super::RawRecord;

/// Bytes held in memory.
const MEMORY_BYTES: usize = 4 << 20;

/// An empty file for records that do not fit into memory.
pub trait Scratch: Read + Write + Seek + Send {}

impl<T: Read + Write + Seek + Send> Scratch for T {}

/// Creates a scratch file.
pub type NewScratch = fn() -> io::Result<Box<dyn Scratch>>;

/// See the module.
pub(super) struct DeferredRecords {
    new_scratch: Option<NewScratch>,
    scratch: Option<Box<dyn Scratch>>,
    memory: Vec<u8>,
    records: u64,
    is_full: bool,
    /// Whether records are being returned. Then no more are accepted.
    reading: Option<Box<dyn Read + Send>>,
}

impl DeferredRecords {
    pub(super) fn new(new_scratch: Option<NewScratch>) -> Self {
        Self {
            new_scratch,
            scratch: None,
            memory: Vec::new(),
            records: 0,
            is_full: false,
            reading: None,
        }
    }

    /// Defers a record. False if there is no room.
    pub(super) fn push(&mut self, raw: &RawRecord) -> bool {
        let is_closed = self.is_full || self.reading.is_some();
        if is_closed || self.memory.len() + raw.bytes() > MEMORY_BYTES && self.spill().is_err() {
            self.is_full = true;
            return false;
        }
        self.memory.extend((raw.rows() as u64).to_le_bytes());
        for (row, bytes) in raw.records() {
            self.memory.extend(row.to_le_bytes());
            self.memory.extend((bytes.len() as u64).to_le_bytes());
            self.memory.extend_from_slice(bytes);
        }
        self.records += 1;
        true
    }

    /// Moves the next deferred record into an empty one. False if there is none.
    pub(super) fn next(&mut self, raw: &mut RawRecord) -> io::Result<bool> {
        if self.records == 0 {
            return Ok(false);
        }
        let reading = match &mut self.reading {
            Some(reading) => reading,
            None => {
                let memory = std::mem::take(&mut self.memory);
                let reading: Box<dyn Read + Send> = match self.scratch.take() {
                    None => Box::new(Cursor::new(memory)),
                    Some(mut scratch) => {
                        scratch.seek(SeekFrom::Start(0))?;
                        Box::new(BufReader::new(scratch).chain(Cursor::new(memory)))
                    }
                };
                self.reading.insert(reading)
            }
        };
        let rows = read_number(reading)?;
        for _ in 0..rows {
            let (row, length) = (read_number(reading)?, read_number(reading)?);
            let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
            reading.read_exact(&mut bytes)?;
            raw.add(row, &bytes);
        }
        self.records -= 1;
        Ok(true)
    }

    fn spill(&mut self) -> io::Result<()> {
        let scratch = match &mut self.scratch {
            Some(scratch) => scratch,
            None => {
                let new = self.new_scratch.ok_or(io::ErrorKind::StorageFull)?;
                self.scratch.insert(new()?)
            }
        };
        scratch.write_all(&self.memory)?;
        self.memory.clear();
        Ok(())
    }
}

fn read_number(from: &mut dyn Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(rows: &[(u64, &[u8])]) -> RawRecord {
        let mut raw = RawRecord::default();
        raw.begin(0);
        rows.iter().for_each(|(row, bytes)| raw.add(*row, bytes));
        raw
    }

    fn taken(held: &mut DeferredRecords) -> Vec<(u64, Vec<u8>)> {
        let mut taken = Vec::new();
        let mut raw = raw(&[]);
        while held.next(&mut raw).unwrap() {
            taken.extend(raw.records().map(|(row, bytes)| (row, bytes.to_vec())));
            raw.begin(0);
        }
        taken
    }

    #[test]
    fn they_come_back_in_their_order_wherever_they_waited() {
        let long = vec![b'x'; MEMORY_BYTES / 3];
        let mut held = DeferredRecords::new(Some(|| Ok(Box::new(Cursor::new(Vec::new())))));
        for row in 1..=8 {
            assert!(held.push(&raw(&[(row, &long), (row + 100, b"b")])));
        }
        assert!(held.memory.len() <= MEMORY_BYTES);
        let rows: Vec<_> = taken(&mut held).into_iter().map(|(row, _)| row).collect();
        let expected: Vec<_> = (1..=8).flat_map(|row| [row, row + 100]).collect();
        assert_eq!(rows, expected);
        assert!(!held.push(&raw(&[(9, b"late")])));
    }

    #[test]
    fn one_without_a_place_is_not_taken_and_the_others_are_there() {
        let long = vec![b'x'; MEMORY_BYTES - 100];
        let mut held = DeferredRecords::new(None);
        assert!(held.push(&raw(&[(1, &long)])));
        assert!(!held.push(&raw(&[(2, &long)])) && !held.push(&raw(&[(3, b"c")])));
        assert_eq!(taken(&mut held).len(), 1);
    }
}
