//! What kind of document it is.

use std::sync::Arc;

/// The kind, with what is known of the whole document before its first record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Delimiter-separated rows under one header.
    Table {
        /// `,`, `;`, tab or `|`.
        delimiter: u8,
        /// The names as they are spelled, in order.
        header: Vec<Arc<str>>,
    },
    /// XML: records are `item` or `entry` elements, wherever they stand, or the children of the root.
    Xml {
        /// The root element's name as it is written.
        root: String,
        /// The records' element name.
        record: String,
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
