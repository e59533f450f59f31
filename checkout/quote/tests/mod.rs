//! What a quote promises.

mod examples;
mod intake;
