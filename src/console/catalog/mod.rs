//! Pages of catalogs: runs and what became of them, products, sources, pictures.

pub(crate) mod history;
pub(crate) mod images;
pub(crate) mod product;
pub(crate) mod products;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod sources;

use super::format::grouped;

/// A number with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Figure {
    pub name: &'static str,
    pub value: String,
    /// Empty, `warn` or `bad`.
    pub class: &'static str,
}

impl Figure {
    pub(crate) fn new(name: &'static str, count: u64) -> Self {
        Self::marked(name, count, "")
    }

    /// The same in a colour, if it is not zero.
    pub(crate) fn marked(name: &'static str, count: u64, class: &'static str) -> Self {
        Self {
            name,
            value: number(count),
            class: if count == 0 { "" } else { class },
        }
    }
}

/// A count with its digits in groups.
pub(crate) fn number(count: u64) -> String {
    grouped(i64::try_from(count).unwrap_or(i64::MAX))
}
