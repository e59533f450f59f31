//! Buywire.
