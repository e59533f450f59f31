//! The pages of the checkout in every situation and language.

#![allow(
    clippy::too_many_lines,
    reason = "a list of scenes reads best in one piece"
)]

mod gallery;
mod orders;
mod pages;
mod parsing;
mod scenes;
mod sentences;
