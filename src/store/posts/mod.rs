//! Posts in the tables: written, read, and kept in step with the catalog.
//!
//! Promises: a post agrees with its product in every committed state. Whoever changes a product settles its
//! posts in the same transaction (`settling.rs`); whoever makes a post holds its product meanwhile; whoever
//! settles one locks it first and looks at its product afterwards. Posts are locked in the order of their
//! ids, or not waited for, and nobody who holds one waits for a product: nobody waits in a circle.

mod queries;
mod row;
pub mod rules;
pub mod selecting;
mod settling;

pub use self::queries::{
    PostFilter, PostProduct, ProductKey, ProductSnapshot, TimelineRow, add, hold_product, lock,
    save,
};
pub(in crate::store) use self::settling::settle_for_plan;
pub use self::settling::{settle_due, settle_for_products};
