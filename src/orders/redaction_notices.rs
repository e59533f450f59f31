//! Redaction notices: the partners that no delivery informs of a redaction, so that an operator does.

use buywire_adapters::contract::configured::ConfiguredAdapter;
use buywire_adapters::dialects;
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{EventId, OrderId};
use serde_json::json;

use super::{OrderError, Orders, record_audit};
use crate::db::{DatabaseError, Tx};
use crate::store::audit::Actor;
use crate::store::events::{EmittedDelivery, NewEvent};
use crate::store::orders::redactions;

/// Adds a notice for each partner whose dialect has no message for a redaction, or that has no subscribed endpoint.
pub(super) async fn add_redaction_notices(
    tx: &Tx<'_>,
    order: OrderId,
    events: &[NewEvent],
    emitted: &[EmittedDelivery],
) -> Result<(), DatabaseError> {
    for event in events
        .iter()
        .filter(|one| one.kind == EventType::BuyerRedacted)
    {
        let has_delivery = emitted.iter().any(|delivery| delivery.event == event.id);
        let dialect = redactions::dialect(tx, event.partner).await?;
        let is_supported = dialect.is_none_or(|(name, settings)| {
            let adapter = dialects::by_name(&name);
            let dialect =
                adapter.and_then(|adapter| ConfiguredAdapter::new(adapter, &settings).ok());
            dialect.is_none_or(|dialect| dialect.supports(event.kind, &settings))
        });
        let reason = match (is_supported, has_delivery) {
            (false, _) => "no_words",
            (true, false) => "no_endpoint",
            (true, true) => continue,
        };
        redactions::add(tx, event.id, order, event.partner, reason).await?;
    }
    Ok(())
}

impl Orders {
    /// Close a notice: an operator has informed the partner.
    ///
    /// # Errors
    /// There is no such notice.
    pub(crate) async fn close_redaction_notice(
        &self,
        caller: &Actor,
        event: EventId,
    ) -> Result<(), OrderError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let order = redactions::close(&tx, event).await?;
        let order = order.ok_or(OrderError::NotFound)?;
        let details = json!({"event": event});
        record_audit(&tx, caller, "redaction.close", order, details).await?;
        Ok(tx.commit().await?)
    }
}
