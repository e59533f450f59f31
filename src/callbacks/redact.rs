//! The buyer leaves what partners have said about an order.
//!
//! Promises: in the redaction's own transaction; what comes later is blanked as it is applied. Must not take anything
//! away that tells how the order stands.

use buywire_adapters::contract::callback::Callback;
use buywire_schemas::event::OrderReport;
use buywire_schemas::ids::OrderId;

use super::receive::to_json;
use super::{PartnerReportState, sanitize};
use crate::db::{DatabaseError, Tx};
use crate::store::callbacks;
use crate::store::callbacks::reports;
use crate::store::orders::acknowledgements;

/// Blanks words, raw values, the ways of parcels and pages of the order. The caller holds the order's row.
///
/// # Errors
/// When the database does not do it, or what is stored is not what this build stores.
pub async fn redact_buyer(tx: &Tx<'_>, order: OrderId) -> Result<(), DatabaseError> {
    for (id, content) in callbacks::contents(tx, order).await? {
        // What cannot be read cannot be blanked in part.
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
