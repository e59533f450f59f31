//! Reading documents of any size, one raw record at a time.
//!
//! [`open`] detects what the bytes are: gzip or zip, their charset, and their
//! kind (a table, XML, a JSON array, JSON Lines). [`Document::next`] returns the
//! raw bytes of one record after the other, so that a record that has not
//! changed can be recognised without being parsed. [`DocumentKind::parse`] parses
//! one.
//!
//! Promises: memory is bounded by the largest record allowed, never by the
//! document; the end of a document is reported only if it is proven to be
//! the end (trailers and checksums correct, elements and arrays closed, no open
//! quote); DOCTYPE is rejected and nothing is expanded without a limit; no
//! input panics. Must not know what an item is.
//!
//! A document without records (only a header, an empty array) is not a fault: it
//! ends at once, complete. The catalog decides what that means.
//! A table and JSON Lines have no end marker. If their last record lacks
//! its line end, or an error message begins, they end there, and [`Document::truncation`]
//! reports it. If they are cut exactly between two lines, only the transport's length shows it.
//!
//! `cargo run --release -p buywire-feeds --example fuzz_readers -- --inputs 10000000`
//! runs mutated documents of all kinds through the readers.

mod charset;
mod error_message;
mod fault;
mod json;
mod kind;
mod limits;
mod parsed;
mod sniff;
mod table;
#[cfg(test)]
mod tests;
mod truncation;
mod unpack;
mod window;
mod xml;
mod zip;

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

pub use fault::{Fault, RecordFault};
pub use kind::{DocumentKind, Quoting};
pub use limits::{Hints, Limits};
pub use parsed::{Element, Parsed};
pub use truncation::Truncation;

use charset::TextDecoder;
use window::Window;

/// A document being read.
pub struct Document {
    kind: Arc<DocumentKind>,
    window: Window,
    splitter: RecordSplitter,
    /// Bytes of the last record, which the next call skips.
    consumed: usize,
    fault: Option<Fault>,
}

/// One unparsed record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The record's bytes in UTF-8, without line end.
    pub raw: &'a [u8],
    /// Where a partner finds it. In a table the row: the header is row 1, blank rows count, and a row
    /// with line feeds in its cells counts once, as in a spreadsheet. In a JSON array the
    /// element's number, from 1, because many of them share a line. The same in XML that has its first
    /// two records on one line. Otherwise the line where it begins, from 1.
    pub row: u64,
}

/// Where a splitter found a record in the window.
struct Span {
    raw: Range<usize>,
    /// The bytes it takes of the window, including the line end.
    total: usize,
    row: u64,
}

/// Finds records, and the proof of the end.
enum RecordSplitter {
    Table(table::RowSplitter),
    Xml(xml::ElementSplitter),
    JsonArray(json::ArraySplitter),
    JsonLines(json::LineSplitter),
    JsonObject {
        /// The one record has been given.
        is_read: bool,
    },
}

/// Opens a document with the default limits.
///
/// # Errors
///
/// The document is not a feed, or is not readable.
pub fn open(source: impl Read + Send + 'static, hints: &Hints) -> Result<Document, Fault> {
    open_within(source, hints, &Limits::default())
}

/// Opens a document with these limits.
///
/// # Errors
///
/// As [`open`].
pub fn open_within(
    source: impl Read + Send + 'static,
    hints: &Hints,
    limits: &Limits,
) -> Result<Document, Fault> {
    let plain = unpack::unpack(Box::new(source), hints, limits)?;
    let text = TextDecoder::open(plain, hints)?;
    let mut window = Window::new(text, limits.record_bytes_max);
    let (kind, splitter) = sniff::detect_kind(&mut window, hints)?;
    Ok(Document {
        kind: Arc::new(kind),
        window,
        splitter,
        consumed: 0,
        fault: None,
    })
}

impl Document {
    /// The document's kind, which parses its records.
    #[must_use]
    pub fn kind(&self) -> &Arc<DocumentKind> {
        &self.kind
    }

    /// The next record. `None` at the document's proven end.
    ///
    /// # Errors
    ///
    /// The document is damaged. Every further call fails in the same way.
    #[allow(
        clippy::should_implement_trait,
        reason = "a record borrows from the document"
    )]
    pub fn next(&mut self) -> Result<Option<Record<'_>>, Fault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        self.window.skip(std::mem::take(&mut self.consumed));
        match self.next_span() {
            Ok(None) => Ok(None),
            Ok(Some(span)) => {
                self.consumed = span.total;
                let raw = self.window.bytes().get(span.raw).unwrap_or_default();
                Ok(Some(Record { raw, row: span.row }))
            }
            Err(fault) => {
                self.fault = Some(fault.clone());
                Err(fault)
            }
        }
    }

    /// Where the document was truncated, once [`Self::next`] has returned its last record. Then nothing may count as
    /// missing from it.
    #[must_use]
    pub fn truncation(&self) -> Option<&Truncation> {
        match &self.splitter {
            RecordSplitter::Table(rows) => rows.truncation.as_ref(),
            RecordSplitter::JsonLines(lines) => lines.truncation.as_ref(),
            RecordSplitter::Xml(_)
            | RecordSplitter::JsonArray(_)
            | RecordSplitter::JsonObject { .. } => None,
        }
    }

    fn next_span(&mut self) -> Result<Option<Span>, Fault> {
        let window = &mut self.window;
        match &mut self.splitter {
            RecordSplitter::Table(rows) => rows.next(window),
            RecordSplitter::Xml(elements) => elements.next(window),
            RecordSplitter::JsonArray(array) => array.next(window),
            RecordSplitter::JsonLines(lines) => lines.next(window),
            RecordSplitter::JsonObject { is_read: given } => json::single_value(window, given),
        }
    }
}
