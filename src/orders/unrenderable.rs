//! What a partner's dialect can never be told: said when the order is accepted, not only by a dead delivery.
//!
//! Promises: an order is taken all the same. Must not send anything, nor build what would be sent.

use buywire_adapters::contract::Adapter;
use buywire_schemas::event::OrderData;
use buywire_schemas::order::Order;
use buywire_schemas::problem::{FieldError, Violation};
use buywire_schemas::text::Slug;

/// A warning to whoever hands the order in, where its partner's dialect cannot say it.
pub(super) fn warning(
    dialect: &dyn Adapter,
    order: &Order,
    partner: &Slug,
    share: &OrderData,
) -> Option<FieldError> {
    let reason = dialect.check_order(share).err()?;
    let line = order.line_indices(partner).next().unwrap_or_default();
    let detail = format!(
        "this partner cannot be told of the order, and its deliveries will be dead: {reason}"
    );
    let flaw = Violation::new("unrenderable", detail);
    Some(FieldError::at(format!("/lines/{line}/partner"), flaw))
}
