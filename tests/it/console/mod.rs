//! The console: signing in, what a session may do, and its pages.

mod browser;
mod deliveries;
mod partners;
mod security;
mod signing_in;
