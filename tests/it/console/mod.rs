//! The console: signing in, what a session may do, and its pages.

mod browser;
mod catalog;
mod deliveries;
mod security;
mod signing_in;
