//! The room of buyable tweets: made of products, published, taken back, shown to those who may buy.
//!
//! Promises: a refused body leaves nothing behind; what was changed is audited, and told to the platform in
//! the same transaction; asking twice is the same as asking once. How a post stands is not decided here but
//! in [`Post::settle`]; this room says what somebody wants. Must not know HTTP or SQL.

mod bulk;
mod requests;
mod rules;
pub mod scheduler;
mod service;
mod spec;
mod timeline;

pub use self::bulk::BulkOutcome;
pub use self::requests::{NewPost, PostPatch};
pub use self::rules::RuleDocument;
pub use self::service::{PostError, Posts};
pub use self::timeline::{Timeline, TimelineCursor};
