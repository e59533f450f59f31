//! A buyable tweet: its text, the product it sells, and its state.
//!
//! [`Post`] is the whole of it, as stored, returned and sent in events. [`Post::settle`] is the one place that decides
//! a post's state, [`PostSale`] the one that decides who can buy from it now; [`publishers`] decides how it leaves the
//! gateway. No I/O, no clock, no randomness.

mod card;
mod model;
mod price_mentions;
mod product;
pub mod publishers;
pub mod rollout;
pub mod sale;
mod settle;
mod state;
mod viewer;

pub use self::card::PostCard;
pub use self::model::{Post, ProductRef, Publication, PublicationState, truncate_to_micros};
pub use self::product::{Merchant, SoldProduct};
pub use self::sale::PostSale;
pub use self::settle::SettledPost;
pub use self::state::{PostReason, State};
pub use self::viewer::ViewerDetails;
