//! What several stories need.

pub(crate) mod postgres;
