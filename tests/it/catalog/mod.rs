//! Feeds and the live catalog.

mod check;
mod commands;
mod conflicts;
mod feed_values;
mod gate;
mod gate_identity;
mod history;
mod images;
mod killed;
mod modes;
mod pulling;
mod push_requests;
mod pushing;
mod pushing_again;
mod retaining;
mod searching;
mod sequences;
mod supplements;
mod truncated;
