//! The console: signing in, what a session may do, and its pages.

mod browser;
mod deliveries;
mod orders;
mod partners;
mod replays;
mod searching;
mod security;
mod signing_in;
