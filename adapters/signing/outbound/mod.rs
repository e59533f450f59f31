//! How our requests are signed.
//!
//! A scheme is data: which headers it adds, what stands in them, and what its signatures cover.

mod description;
mod scheme;
mod schemes;
mod write;

pub use description::DescriptionError;
pub use scheme::Scheme;
