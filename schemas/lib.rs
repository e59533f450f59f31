//! The vocabulary of Buywire.
