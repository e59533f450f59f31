//! The posts room: creates, publishes and withdraws buyable tweets, and shows them to viewers who may buy.
//!
//! Promises: a refused body changes nothing; a change, its audit entry and its event to the platform commit
//! together; a repeated request has no further effect. A post's state is not decided here but in
//! [`Post::settle`](buywire_schemas::post::Post::settle); this room only states what was requested. Must not know
//! HTTP or SQL.

mod bulk;
mod requests;
mod rules;
pub mod scheduler;
mod service;
mod spec;
mod timeline;

pub(crate) use self::service::PostError;
pub use self::service::Posts;
pub(crate) use self::timeline::TimelineCursor;
