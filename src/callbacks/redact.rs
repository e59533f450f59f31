//! The buyer leaves what partners have said about an order.
//!
//! Promises: in the redaction's own transaction; what comes later is blanked as it is applied. Must not take anything
//! away that tells how the order stands.

use buywire_adapters::callback::Callback;
use buywire_schemas::event::Report;
use buywire_schemas::ids::OrderId;

use super::door::json;
use super::{Facts, bounds};
use crate::store::{StoreError, Tx, acknowledgements, callbacks, reports};

/// Blanks words, raw values, the ways of parcels and pages of the order. The caller holds the order's row.
///
/// # Errors
/// When the database does not do it, or what is stored is not what this build stores.
pub async fn forget_buyer(tx: &Tx<'_>, order: OrderId) -> Result<(), StoreError> {
    for (id, content) in callbacks::contents(tx, order).await? {
        // What cannot be read cannot be blanked in part.
        let content = match serde_json::from_str::<Callback>(&content) {
            Ok(callback) => json(&bounds::redacted(callback))?,
            Err(_) => "{}".to_owned(),
        };
        callbacks::replace_content(tx, id, &content).await?;
    }
    for stored in reports::all(tx, order).await? {
        let unreadable = |_| StoreError::Misuse("a stored report cannot be read".into());
        let mut facts: Facts = serde_json::from_str(&stored.facts).map_err(unreadable)?;
        facts.redact();
        let report: Report = serde_json::from_str(&stored.report).map_err(unreadable)?;
        let (facts, report) = (json(&facts)?, json(&report.redacted())?);
        reports::save(tx, order, stored.partner, &facts, &report).await?;
    }
    acknowledgements::redact(tx, order).await
}
