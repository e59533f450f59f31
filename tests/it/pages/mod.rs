//! The pages: for buyers, and at `/`.

mod checkout;
mod home;
mod pictures;
mod product;
mod reading;
mod shops;
