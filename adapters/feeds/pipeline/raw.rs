//! Records as bytes, and the hash that shows whether they changed.

use twox_hash::XxHash3_128;

use crate::formats::FormatRules;
use crate::read::DocumentKind;
use crate::validate::{Rules, SignProofs};

/// A raw record, or the rows of one product, as in the document. Reused from record to record.
#[derive(Debug, Default)]
pub struct RawRecord {
    /// The preamble's hash, then the records one after the other.
    buffer: Vec<u8>,
    /// Row and end of each record.
    ends: Vec<(u64, usize)>,
    hash: u128,
}

/// The bytes of the preamble's hash.
const PREAMBLE_BYTES: usize = 16;

impl RawRecord {
    /// XXH3-128 over the records and everything that decides what they mean, without the bits that are reserved
    /// for sign proofs. Equal hashes mean equal drafts. The hash detects change, not
    /// malice.
    #[must_use]
    pub fn hash(&self) -> u128 {
        self.hash
    }

    /// The row of its first record.
    #[must_use]
    pub fn row(&self) -> u64 {
        self.ends.first().map_or(0, |(row, _)| *row)
    }

    /// The number of records.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    /// The number of bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.buffer.len().saturating_sub(PREAMBLE_BYTES)
    }

    /// Each record and its row.
    pub fn records(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut start = PREAMBLE_BYTES;
        self.ends.iter().map(move |(row, end)| {
            let bytes = &self.buffer[start..*end];
            start = *end + 1;
            (*row, bytes)
        })
    }

    pub(super) fn last(&self) -> Option<(u64, &[u8])> {
        self.records().last()
    }

    pub(super) fn begin(&mut self, preamble: u128) {
        self.buffer.clear();
        self.buffer.extend(preamble.to_le_bytes());
        self.ends.clear();
        self.hash = 0;
    }

    pub(super) fn add(&mut self, row: u64, record: &[u8]) {
        if !self.ends.is_empty() {
            self.buffer.push(b'\n');
        }
        self.buffer.extend_from_slice(record);
        self.ends.push((row, self.buffer.len()));
    }

    pub(super) fn seal(&mut self) {
        self.hash = XxHash3_128::oneshot(&self.buffer) & !SignProofs::MASK;
    }
}

/// Everything that decides what a record's bytes mean, including this program's version: what a new version
/// reads better, it must read again.
pub(super) fn preamble_hash(
    kind: &DocumentKind,
    format: &str,
    format_rules: &FormatRules,
    rules: &Rules,
) -> u128 {
    let version = env!("CARGO_PKG_VERSION");
    let kind = kind.preamble_hash();
    let all = format!("{version} {kind:x} {format} {format_rules:?} {rules:?}");
    XxHash3_128::oneshot(all.as_bytes())
}
