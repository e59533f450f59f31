//! A payment processor for tests.

mod cards;
mod clock;
mod flows;
mod lock;
mod machine;
mod objects;
mod store;
