//! Decompresses bodies and strips byte order marks.
//!
//! Promises: the output is bounded, whatever the input claims, and includes everything before a fault.

use std::io::Read;

use flate2::read::MultiGzDecoder;

/// A decompressed body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decompressed {
    /// The plain bytes, as far as they were read.
    pub bytes: Vec<u8>,
    /// Whether the input is intact, and all of it was read.
    pub complete: bool,
    /// Whether the output exceeds the limit.
    pub too_large: bool,
}

/// Decompresses gzip to at most `bytes_max` bytes.
#[must_use]
pub fn gunzip(compressed: &[u8], bytes_max: usize) -> Decompressed {
    let mut bytes = Vec::new();
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    let mut decoder = MultiGzDecoder::new(compressed).take(limit.saturating_add(1));
    let finished = decoder.read_to_end(&mut bytes).is_ok();
    let too_large = bytes.len() > bytes_max;
    bytes.truncate(bytes_max);
    Decompressed {
        bytes,
        complete: finished && !too_large,
        too_large,
    }
}

/// Whether the bytes begin as gzip does.
#[must_use]
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Strips a UTF-8 byte order mark.
#[must_use]
pub fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}
