//! The partner's decision hook: what is asked before a buyer pays, and how its answer is read.
//!
//! Promises: the answer is bounded and read strictly; whatever is wrong with it is an error that names the JSON pointer; a
//! tax that the partner did not state stays unknown, and none is invented. Must not send anything.

mod reply;
mod request;
#[cfg(test)]
mod tests;

pub use self::reply::{HookOption, HookPrices, HookRefusal, HookReply, RefusalReason};
pub use self::request::{HookAddress, HookLine, HookRequest};
