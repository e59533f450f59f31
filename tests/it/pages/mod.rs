//! What buyers see.

mod product;
mod shops;
