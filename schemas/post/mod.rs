//! A buyable tweet: its text, the product it sells, and its state.
//!
//! [`Post`] is the whole of it, as stored, returned and sent in events. [`Post::settle`] is the one place that decides
//! a post's state; [`publishers`] decides how it leaves the gateway. No I/O, no clock, no randomness.

mod card;
mod model;
mod price_mentions;
mod product;
pub mod publishers;
pub mod rollout;
mod settle;
mod state;

pub use self::card::PostCard;
pub use self::model::{Post, ProductRef, Publication, PublicationState, truncate_to_micros};
pub use self::product::{Merchant, SoldProduct};
pub use self::settle::SettledPost;
pub use self::state::{PostReason, State};
