//! Detects a document's kind from its content. Names and declared types only break ties.

use super::RecordSplitter;
use super::fault::Fault;
use super::kind::DocumentKind;
use super::limits::Hints;
use super::window::Window;
use super::{json, table, xml};

const BOM: &str = "\u{feff}";

/// Detects the kind, and leaves the window before the first record.
pub(super) fn detect_kind(
    window: &mut Window,
    hints: &Hints,
) -> Result<(DocumentKind, RecordSplitter), Fault> {
    window.read_more()?;
    let boms = window
        .bytes()
        .chunks(BOM.len())
        .take_while(|bytes| *bytes == BOM.as_bytes())
        .count();
    window.skip(boms * BOM.len());
    match first_byte(window)? {
        None => Err(Fault::EmptyFeed),
        Some(b'<') => xml::detect_root(window),
        Some(b'{' | b'[') => json::detect_shape(window, hints),
        Some(_) => {
            let (kind, rows) = table::open(window, hints)?;
            Ok((kind, RecordSplitter::Table(rows)))
        }
    }
}

/// The first non-whitespace byte. Whitespace is kept: it may be a table's blank first rows,
/// or a first column without a name.
fn first_byte(window: &mut Window) -> Result<Option<u8>, Fault> {
    loop {
        let bytes = window.bytes();
        let blank = bytes.len() - bytes.trim_ascii_start().len();
        if let Some(byte) = bytes.get(blank) {
            return Ok(Some(*byte));
        }
        window.skip(blank);
        if !window.read_more()? {
            return Ok(None);
        }
    }
}
