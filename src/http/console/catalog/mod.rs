//! The pages of catalogs.

mod history;
mod images;
mod parts;
mod product;
mod products;
mod run;
mod run_changes;
mod run_decision;
mod runs;
mod sources;
mod words;

pub(in crate::http) use self::images::list as list_images;
pub(in crate::http) use self::product::show as show_product;
pub(in crate::http) use self::products::list as list_products;
pub(in crate::http) use self::run::show as show_run;
pub(in crate::http) use self::run_decision::{approve, confirm, discard};
pub(in crate::http) use self::runs::list as list_runs;
pub(in crate::http) use self::sources::{list as list_sources, pull};
