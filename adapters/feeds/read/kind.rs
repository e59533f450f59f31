//! The kind of a document, and how its records are parsed.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::fault::RecordFault;
use super::parsed::Parsed;
use super::{json, table, xml};

/// The kind, with what is known about the whole document before its first record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentKind {
    /// Delimiter-separated rows under one header.
    Table {
        /// `,`, `;`, tab or `|`.
        delimiter: u8,
        /// What a quote means.
        quotes: Quoting,
        /// The column names as spelled, in order.
        header: Vec<Arc<str>>,
    },
    /// XML: records are the elements of one name, at any depth.
    Xml {
        /// The root element's name as written.
        root: String,
        /// The records' element name.
        record: String,
        /// The namespace prefixes declared before the records.
        prefixes: Vec<String>,
    },
    /// One JSON array, or one inside an object.
    JsonArray {
        /// The keys that lead to it, such as `["products"]`; empty for a bare array.
        path: Vec<String>,
    },
    /// JSON Lines: one value per line.
    JsonLines,
    /// One JSON value that is one record.
    JsonObject,
}

/// What `"` means in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// At the start of a cell, it opens a quoted cell, which may contain delimiters and line feeds.
    Csv,
    /// A cell is quoted only if its closing quote is followed by a delimiter on the same line: text
    /// between tabs often contains stray quotes, as in `"Best" shoes`.
    SameLine,
    /// Nothing.
    Plain,
}

impl DocumentKind {
    /// Parses a record. Pure, so that records can be parsed on other threads than the reader's.
    ///
    /// # Errors
    ///
    /// This record is damaged.
    pub fn parse<'a>(&'a self, raw: &'a [u8]) -> Result<Parsed<'a>, RecordFault> {
        match self {
            Self::Table {
                delimiter,
                quotes,
                header,
            } => {
                let row = table::cells(raw, *delimiter, *quotes, header.len())?;
                Ok(Parsed::Cells {
                    header,
                    cells: row.cells,
                    has_stray_quote: row.has_stray_quote,
                })
            }
            Self::Xml { .. } => xml::element(raw).map(Parsed::Element),
            Self::JsonArray { .. } | Self::JsonLines | Self::JsonObject => {
                json::value(raw).map(Parsed::Json)
            }
        }
    }

    /// Identifies what a record's bytes mean: equal bytes under equal hashes are parsed
    /// alike. Covers the header and the kind, not the document's date or length.
    #[must_use]
    pub fn preamble_hash(&self) -> u128 {
        let text = match self {
            Self::Table {
                delimiter,
                quotes,
                header,
            } => format!("table {delimiter} {quotes:?} {header:?}"),
            Self::Xml { root, record, .. } => format!("xml {root:?} {record:?}"),
            Self::JsonArray { path } => format!("json {path:?}"),
            Self::JsonLines | Self::JsonObject => "json".to_owned(),
        };
        let digest = Sha256::digest(text.as_bytes());
        digest
            .iter()
            .take(16)
            .fold(0, |hash, byte| hash << 8 | u128::from(*byte))
    }
}
