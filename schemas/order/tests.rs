//! What the order promises.
