//! A payment processor for tests.

mod clock;
mod lock;
mod machine;
