//! Warns about an order that a partner's dialect cannot express, when the order is accepted.
//!
//! Promises: the order is accepted all the same. Must not render or send anything.

use buywire_adapters::contract::Adapter;
use buywire_schemas::event::OrderData;
use buywire_schemas::order::Order;
use buywire_schemas::problem::{FieldError, Violation};
use buywire_schemas::text::Slug;

/// The warning for the platform, if the partner's dialect cannot express the order.
pub(super) fn warning(
    dialect: &dyn Adapter,
    order: &Order,
    partner: &Slug,
    share: &OrderData,
) -> Option<FieldError> {
    let reason = dialect.check_order(share).err()?;
    let line = order.line_indices(partner).next().unwrap_or_default();
    let detail = format!(
        "this partner's dialect cannot express the order, and its deliveries will be dead: {reason}"
    );
    let flaw = Violation::new("unrenderable", detail);
    Some(FieldError::at(format!("/lines/{line}/partner"), flaw))
}
