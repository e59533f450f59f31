//! The console: signing in, what a session may do, and its pages.

mod browser;
mod catalog;
mod counting;
mod deliveries;
mod orders;
mod overview;
mod partners;
mod paying;
mod replays;
mod searching;
mod security;
mod selling;
mod shop;
mod signing_in;
mod stopping;
