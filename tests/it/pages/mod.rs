//! The pages: for buyers, and at `/`.

mod home;
mod product;
mod shops;
