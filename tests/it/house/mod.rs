//! The house rules that no compiler checks.

mod architecture;
mod imports;
mod migrations;
mod rooms;
mod statements;
mod structure;
mod templates;
mod tidy;
mod words;
