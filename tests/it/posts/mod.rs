//! Buyable tweets.

mod bulk;
mod commands;
mod following;
mod posting;
mod public;
mod rules;
mod schedule;
mod timeline;
