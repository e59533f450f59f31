//! Whom no delivery tells that a buyer must be forgotten: an operator's list, so that somebody does.

use buywire_adapters::contract;
use buywire_adapters::dialect::Dialect;
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{EventId, OrderId};
use serde_json::json;

use super::{OrderError, Orders};
use crate::store::audit::{self, Author, Change};
use crate::store::events::{Emit, Emitted};
use crate::store::{StoreError, Tx, redactions};

/// Notes each partner whose dialect has no words for a redaction, or who has no endpoint that hears of it.
pub(super) async fn note_untold(
    tx: &Tx<'_>,
    order: OrderId,
    events: &[Emit],
    emitted: &[Emitted],
) -> Result<(), StoreError> {
    for event in events
        .iter()
        .filter(|one| one.kind == EventType::BuyerRedacted)
    {
        let is_heard = emitted.iter().any(|delivery| delivery.event == event.id);
        let dialect = redactions::dialect(tx, event.partner).await?;
        let can_say = dialect.is_none_or(|(name, settings)| {
            let adapter = contract::by_name(&name);
            let dialect = adapter.and_then(|adapter| Dialect::new(adapter, &settings).ok());
            dialect.is_none_or(|dialect| dialect.has_words_for(event.kind, &settings))
        });
        let reason = match (can_say, is_heard) {
            (false, _) => "no_words",
            (true, false) => "no_endpoint",
            (true, true) => continue,
        };
        redactions::add(tx, event.id, order, event.partner, reason).await?;
    }
    Ok(())
}

impl Orders {
    /// Takes a partner off the list: somebody has told it.
    ///
    /// # Errors
    /// It was never on it.
    pub async fn told_by_hand(&self, who: &Author, event: EventId) -> Result<(), OrderError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let order = redactions::told(&tx, event).await?;
        let order = order.ok_or(OrderError::NotFound)?;
        let change = Change {
            who,
            action: "redaction.told",
            subject: &order.to_string(),
            details: json!({"event": event}),
        };
        audit::record(&tx, change).await?;
        Ok(tx.commit().await?)
    }
}
