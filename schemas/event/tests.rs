//! What the event promises.
