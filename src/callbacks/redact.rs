//! Redaction: removes the buyer from what a partner has reported about an order.
//!
//! Promises: it happens in the redaction's own transaction; later callbacks are redacted as they are applied. Must not
//! remove anything about the order's state.

use buywire_adapters::contract::callback::Callback;
use buywire_schemas::event::OrderReport;
use buywire_schemas::ids::OrderId;

use super::receive::to_json;
use super::{PartnerReportState, sanitize};
use crate::db::{DatabaseError, Tx};
use crate::store::callbacks;
use crate::store::callbacks::reports;
use crate::store::orders::acknowledgements;

/// Removes free text, raw values, tracking data and links to the order's pages. The caller holds the order's row.
///
/// # Errors
/// The database fails, or a stored value cannot be read.
pub(crate) async fn redact_buyer(tx: &Tx<'_>, order: OrderId) -> Result<(), DatabaseError> {
    for (id, content) in callbacks::contents(tx, order).await? {
        // An unreadable callback cannot be redacted in part.
        let content = match serde_json::from_str::<Callback>(&content) {
            Ok(callback) => to_json(&sanitize::redact_callback(callback))?,
            Err(_) => "{}".to_owned(),
        };
        callbacks::replace_content(tx, id, &content).await?;
    }
    for stored in reports::list(tx, order).await? {
        let unreadable = |_| DatabaseError::Misuse("a stored report cannot be read".into());
        let mut state: PartnerReportState =
            serde_json::from_str(&stored.state).map_err(unreadable)?;
        state.redact();
        let report: OrderReport = serde_json::from_str(&stored.report).map_err(unreadable)?;
        let (state, report) = (to_json(&state)?, to_json(&report.redacted())?);
        reports::save(tx, order, stored.partner, &state, &report).await?;
    }
    acknowledgements::redact(tx, order).await
}
