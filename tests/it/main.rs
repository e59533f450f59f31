//! The integration tests: one executable, one file per story, `support` speaks the domain.

mod private_database;
mod store;
mod support;
