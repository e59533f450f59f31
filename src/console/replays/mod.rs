//! The pages of replays: the list, a new one with what it would do, one at work.

pub(crate) mod job;
pub(crate) mod list;
pub(crate) mod new;
