//! Golden drafts of every format, recognition, and properties of all formats.

mod golden;
mod properties;
mod reading;
mod recognising;
mod spelling;
mod vocabularies;
