//! What the refund promises.
