//! What stands in a mail, before it is text or HTML.
//!
//! Promises: both forms are made from one [`Document`], so that they say the same; every text in it is bounded and free
//! of control characters and, but for a seller's own account, card numbers. Must not know which mail it is.

mod clean;
mod document;
mod html;
mod plain_text;

pub(super) use self::clean::{greeting_name, single_line, verbatim_lines};
pub(super) use self::document::{Block, Document, ItemRow, SumRow};
pub(super) use self::html::html;
pub(super) use self::plain_text::plain_text;
