//! Feeds, their runs and findings, images and products.

pub(super) mod images;
pub(super) mod issues;
pub(super) mod products;
pub(super) mod runs;
pub(super) mod sources;
