//! Posts in the database: written, read, and kept in step with the catalog.
//!
//! Promises: a post agrees with its product in every committed state, and within seconds with its partner. A transaction that changes a product settles
//! the product's posts ([`settle_for_products`]), one that creates a post locks the product, and one that settles a post locks
//! it first and reads the product afterwards. To avoid deadlocks, posts are locked in the order of their ids or
//! skipped if locked, and a transaction that has locked a post never waits for a product.

mod queries;
mod row;
pub(crate) mod rules;
mod sales;
pub(crate) mod selecting;
mod settling;

pub(crate) use self::queries::{
    PostFilter, PostProduct, ProductKey, ProductSnapshot, add, hold_product, lock, save,
};
pub(in crate::store) use self::settling::settle_for_plan;
pub(crate) use self::settling::{settle_due, settle_for_products, settle_soon};
