//! Golden drafts of every format, and what no format may do.
