//! Reading documents of any size, one raw record at a time.
//!
//! [`open`] finds out what the bytes are: gzip or zip, their charset, and their
//! kind (a table, XML, a JSON array, JSON lines). [`Document::next`] gives the
//! raw bytes of one record after the other, so that a record that has not
//! changed can be recognised without being parsed; [`Document::parse`] takes
//! one apart.
//!
//! Promises: memory is bounded by the largest record allowed, never by the
//! document; the end of a document is reported only when it is proven to be
//! the end (trailers and checksums right, elements and arrays closed, no open
//! quote); DOCTYPE is refused and nothing is expanded without a bound; no
//! input panics. Must not know what an item is.
