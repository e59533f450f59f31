//! The house rules that no compiler checks.

mod statements;
mod tidy;
