//! Golden drafts of every format, and what no format may do.

mod golden;
mod properties;
mod reading;
mod recognising;
mod spelling;
