//! What a document is, by its content. Names and declared types only break ties.

use super::Splitter;
use super::fault::Fault;
use super::kind::Kind;
use super::limits::Hints;
use super::window::Window;
use super::{json, table, xml};

const MARK: &str = "\u{feff}";

/// Finds the kind, and leaves the window before the first record.
pub(super) fn sniff(window: &mut Window, hints: &Hints) -> Result<(Kind, Splitter), Fault> {
    window.more()?;
    let marks = window
        .bytes()
        .chunks(MARK.len())
        .take_while(|bytes| *bytes == MARK.as_bytes())
        .count();
    window.skip(marks * MARK.len());
    match first_byte(window)? {
        None => Err(Fault::EmptyFeed),
        Some(b'<') => xml::open(window),
        Some(b'{' | b'[') => json::open(window, hints),
        Some(_) => {
            let (kind, rows) = table::open(window, hints)?;
            Ok((kind, Splitter::Table(rows)))
        }
    }
}

/// The first byte that is no white space. White space stays: it may be a table's blank first rows,
/// or a first column without a name.
fn first_byte(window: &mut Window) -> Result<Option<u8>, Fault> {
    loop {
        let bytes = window.bytes();
        let blank = bytes.len() - bytes.trim_ascii_start().len();
        if let Some(byte) = bytes.get(blank) {
            return Ok(Some(*byte));
        }
        window.skip(blank);
        if !window.more()? {
            return Ok(None);
        }
    }
}
