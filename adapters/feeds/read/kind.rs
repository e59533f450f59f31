//! What kind of document it is, and how a record of that kind is taken apart.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::fault::RecordFault;
use super::parsed::Parsed;
use super::{json, table, xml};

/// The kind, with what is known of the whole document before its first record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentKind {
    /// Delimiter-separated rows under one header.
    Table {
        /// `,`, `;`, tab or `|`.
        delimiter: u8,
        /// What a quote means.
        quotes: Quoting,
        /// The names as they are spelled, in order.
        header: Vec<Arc<str>>,
    },
    /// XML: records are the elements of one name, wherever they stand.
    Xml {
        /// The root element's name as it is written.
        root: String,
        /// The records' element name.
        record: String,
        /// The prefixes of namespaces that are declared before the records.
        prefixes: Vec<String>,
    },
    /// One JSON array, or one inside an object.
    JsonArray {
        /// The keys that lead to it, such as `["products"]`; empty for a bare array.
        path: Vec<String>,
    },
    /// One JSON value a line.
    JsonLines,
    /// One JSON value that is one record.
    JsonObject,
}

/// What `"` means in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// At a cell's beginning it opens a quoted cell, which may hold delimiters and line feeds.
    Csv,
    /// A cell is quoted only if its closing quote stands before a delimiter on the same line: text
    /// between tabs often holds stray quotes, as in `"Best" shoes`.
    SameLine,
    /// Nothing.
    Plain,
}

impl DocumentKind {
    /// Takes a record apart. Pure, so that records can be parsed on other threads than the reader's.
    ///
    /// # Errors
    ///
    /// When this record, and no other, is damaged.
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

    /// Identifies what a record's bytes mean: two records of equal bytes under equal hashes are parsed
    /// alike. Holds the header and the kind, nothing of the document's date or length.
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
