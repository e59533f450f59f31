//! The pages: for buyers, and at `/`.

mod checkout;
mod home;
mod product;
mod shops;
