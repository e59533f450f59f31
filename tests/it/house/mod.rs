//! The house rules that no compiler checks.

mod migrations;
mod statements;
mod tidy;
