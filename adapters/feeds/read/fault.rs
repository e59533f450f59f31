//! Errors that make a whole document unusable ([`Fault`]), or one record ([`RecordFault`]).
//!
//! A fault ends the reading: after it, nothing may count as absent. A record's
//! fault costs only that record. Codes are stable and snake_case, and a run's
//! report shows them. Positions are those of the expanded document.

use std::io;

use thiserror::Error;

/// Why a document cannot be read to its proven end.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The source failed. The document may be valid, and retrying may help.
    #[error("the document could not be read: {0}")]
    ReadFailed(String),
    /// The compressed stream, or the archive around it, ends early.
    #[error("the compressed data ends early, after {at} expanded bytes")]
    DecompressTruncated {
        /// Bytes expanded before.
        at: u64,
    },
    /// A checksum, a length or the compressed stream is wrong.
    #[error("the compressed data is damaged near expanded byte {at}")]
    DecompressDamaged {
        /// Bytes expanded before.
        at: u64,
    },
    /// It expands beyond the limit, in total or relative to its size.
    #[error("the compressed data exceeds 8 GiB expanded, or 100 times its size")]
    DecompressBomb,
    /// A zip archive must contain one file. Folders and system files do not count.
    #[error("the archive contains more than one file")]
    ArchiveMultipleEntries,
    /// An unsupported archive or encoding.
    #[error("the compression or archive format is not supported: {0}")]
    ArchiveUnsupported(&'static str),
    /// Not UTF-8, and no charset is declared.
    #[error("the text is not UTF-8 and its charset is not declared{}, from byte {at} on",
        looks_like.map(|name| format!(" (it looks like {name})")).unwrap_or_default())]
    EncodingUndetected {
        /// The first byte beyond ASCII.
        at: u64,
        /// A guess for the partner, never used.
        looks_like: Option<&'static str>,
    },
    /// The declared charset does not exist.
    #[error("the charset `{0}` is unknown")]
    EncodingUnknown(String),
    /// Bytes that are not valid in the charset.
    #[error("byte {at} is not valid {charset}")]
    EncodingInvalidBytes {
        /// The charset that was declared or found.
        charset: &'static str,
        /// The first invalid byte.
        at: u64,
    },
    /// Not a feed: a web page, an error message, an image.
    #[error("this is not a feed but {what}")]
    NotAFeed {
        /// What it is, such as `a web page`.
        what: &'static str,
        /// How it begins.
        begins: String,
    },
    /// The elements around the records are not well-formed.
    #[error("the XML is not well-formed at line {line}, column {column}: {reason}")]
    XmlMalformed {
        /// From 1.
        line: u64,
        /// In bytes, from 1.
        column: u64,
        /// What is wrong.
        reason: &'static str,
    },
    /// The document ends with open elements.
    #[error("the XML ends at line {line} before `{open}` is closed")]
    XmlTruncated {
        /// From 1.
        line: u64,
        /// The innermost open element.
        open: String,
    },
    /// Document types can define entities, which no feed needs.
    #[error("the XML has a DOCTYPE, which is not allowed, at line {line}")]
    XmlDoctypeRefused {
        /// From 1.
        line: u64,
    },
    /// A quote is open at the end, so the last rows cannot be separated.
    #[error("a quote that opens at line {line} is never closed")]
    CsvUnterminatedQuote {
        /// From 1.
        line: u64,
    },
    /// The first row does not name at least two columns.
    #[error("the first line is not a header with a delimiter")]
    CsvNoHeader {
        /// How it begins.
        begins: String,
    },
    /// The array, object or sequence around the records is malformed.
    #[error("the JSON is malformed at line {line}: {reason}")]
    JsonMalformed {
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: &'static str,
    },
    /// A record, or the text between two, exceeds the limit.
    #[error("the record at line {line} exceeds {bytes_max} bytes")]
    RecordTooLarge {
        /// From 1.
        line: u64,
        /// The limit.
        bytes_max: usize,
    },
    /// The document has only whitespace.
    #[error("the document is empty")]
    EmptyFeed,
}

impl Fault {
    /// Every code that a fault can have.
    pub const CODES: [&'static str; 18] = [
        "archive_multiple_entries",
        "archive_unsupported",
        "csv_no_header",
        "csv_unterminated_quote",
        "decompress_bomb",
        "decompress_crc",
        "decompress_truncated",
        "empty_feed",
        "encoding_invalid_bytes",
        "encoding_undetected",
        "encoding_unknown",
        "json_malformed",
        "not_a_feed",
        "read_failed",
        "record_too_large",
        "xml_doctype_refused",
        "xml_malformed",
        "xml_truncated",
    ];

    /// The stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ReadFailed(_) => "read_failed",
            Self::DecompressTruncated { .. } => "decompress_truncated",
            Self::DecompressDamaged { .. } => "decompress_crc",
            Self::DecompressBomb => "decompress_bomb",
            Self::ArchiveMultipleEntries => "archive_multiple_entries",
            Self::ArchiveUnsupported(_) => "archive_unsupported",
            Self::EncodingUndetected { .. } => "encoding_undetected",
            Self::EncodingUnknown(_) => "encoding_unknown",
            Self::EncodingInvalidBytes { .. } => "encoding_invalid_bytes",
            Self::NotAFeed { .. } => "not_a_feed",
            Self::XmlMalformed { .. } => "xml_malformed",
            Self::XmlTruncated { .. } => "xml_truncated",
            Self::XmlDoctypeRefused { .. } => "xml_doctype_refused",
            Self::CsvUnterminatedQuote { .. } => "csv_unterminated_quote",
            Self::CsvNoHeader { .. } => "csv_no_header",
            Self::JsonMalformed { .. } => "json_malformed",
            Self::RecordTooLarge { .. } => "record_too_large",
            Self::EmptyFeed => "empty_feed",
        }
    }

    /// The line of the fault, from 1.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::XmlMalformed { line, .. }
            | Self::XmlTruncated { line, .. }
            | Self::XmlDoctypeRefused { line }
            | Self::CsvUnterminatedQuote { line }
            | Self::JsonMalformed { line, .. }
            | Self::RecordTooLarge { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// The byte of the fault, from 0, in the expanded document and its own charset.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::DecompressTruncated { at }
            | Self::DecompressDamaged { at }
            | Self::EncodingUndetected { at, .. }
            | Self::EncodingInvalidBytes { at, .. } => Some(*at),
            _ => None,
        }
    }

    /// The text at that place, at most 200 characters.
    #[must_use]
    pub fn excerpt(&self) -> Option<&str> {
        match self {
            Self::NotAFeed { begins, .. } | Self::CsvNoHeader { begins } => Some(begins),
            Self::XmlTruncated { open, .. } => Some(open),
            Self::EncodingUnknown(label) => Some(label),
            _ => None,
        }
    }
}

/// Faults pass through [`io::Read`] inside its errors, unchanged.
impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::other(fault)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(fault) => fault,
            Err(error) => Self::ReadFailed(error.to_string()),
        }
    }
}

/// Why one record cannot be parsed. The others are not affected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordFault {
    /// A tag, an attribute or the nesting is wrong.
    #[error("the element is not well-formed: {0}")]
    XmlMalformed(String),
    /// Not one JSON value.
    #[error("the JSON is malformed: {0}")]
    JsonMalformed(String),
    /// A quote opens in this row, and the text after it shows that it should have been closed.
    #[error("a quote is never closed in this row")]
    CsvUnterminatedQuote,
    /// More or deeper elements or values than a product can need.
    #[error("the record is too large or too deeply nested to be taken apart")]
    TooComplex,
}

impl RecordFault {
    /// Every code that a record's fault can have.
    pub const CODES: [&'static str; 4] = [
        "csv_unterminated_quote",
        "json_malformed",
        "record_too_complex",
        "xml_malformed",
    ];

    /// The stable name, the same as a fault's if both mean the same.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::XmlMalformed(_) => "xml_malformed",
            Self::JsonMalformed(_) => "json_malformed",
            Self::CsvUnterminatedQuote => "csv_unterminated_quote",
            Self::TooComplex => "record_too_complex",
        }
    }
}

/// The first 200 characters of the text.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    let bytes = bytes.get(..800).unwrap_or(bytes);
    String::from_utf8_lossy(bytes).chars().take(200).collect()
}
