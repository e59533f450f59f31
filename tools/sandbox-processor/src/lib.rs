//! A payment processor for tests.

mod api;
mod cards;
mod clock;
mod faults;
mod flows;
mod lock;
mod machine;
mod objects;
mod page;
mod recorder;
mod sandbox;
mod store;
mod webhooks;
