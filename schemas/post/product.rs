//! The product that a post sells, as the catalog knows it.

use serde::{Deserialize, Serialize};

use crate::catalog::{Item, ProductState};

/// A product, as the catalog knows it.
#[derive(Debug, Clone, Copy)]
pub struct SoldProduct<'a> {
    /// The last valid data.
    pub item: &'a Item,
    /// What the catalog knows besides.
    pub state: ProductState,
    /// The merchant.
    pub merchant: &'a Merchant,
}

/// A merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    /// The display name.
    pub name: String,
    /// The short name in URLs.
    pub slug: String,
}
