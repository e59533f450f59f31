//! The pages of the checkout in every situation and language.

mod gallery;
mod orders;
mod pages;
mod parsing;
mod scenes;
mod sentences;
