//! Test events: sent on request, to see whether an endpoint works.

use buywire_adapters::conformance::test_order;
use buywire_adapters::dialects;
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{DeliveryId, EndpointId, EventId, OrderId};
use buywire_schemas::instant::truncate_to_ms;
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::json;

use super::endpoints::lock_endpoint;
use super::{PartnerError, Partners, Principal};
use crate::ambient;
use crate::db::DatabaseError;
use crate::delivery::trials;
use crate::idempotency::AnswerSlot;
use crate::store::events::emit_test;
use crate::store::partners::Partner;

#[derive(Serialize)]
pub(crate) struct TestEvent {
    event: EventId,
    /// The event's only delivery.
    pub(crate) delivery: DeliveryId,
}

impl Partners {
    /// Send a test event to this endpoint alone, whatever it subscribes to: an `endpoint.test`, or a test order
    /// if the partner's dialect only has messages for orders.
    pub(crate) async fn test_endpoint(
        &self,
        principal: Principal<'_>,
        slug: &Slug,
        id: EndpointId,
        slot: &AnswerSlot,
    ) -> Result<TestEvent, PartnerError> {
        let partner = self.store.partner(slug.as_str()).await?;
        let partner = partner.ok_or(PartnerError::NotFound)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let host = trials::admit(&tx, principal.actor, id).await?;
        let endpoint = lock_endpoint(&tx, slug, id).await?;
        let (kind, data) = test_event_data(&partner, id)?;
        let emitted = emit_test(&tx, &endpoint, kind, &data).await?;
        let details = json!({"partner": slug, "host": host});
        principal.record(&tx, "endpoint.test", id, details).await?;
        let sent = TestEvent {
            event: emitted.event,
            delivery: emitted.id,
        };
        slot.keep(&tx, &sent).await?;
        tx.commit().await?;
        self.notifier.notify_due(&[emitted]);
        Ok(sent)
    }
}

/// The test event. Its test order belongs to no one: it is in no table of orders and in no metric.
fn test_event_data(
    partner: &Partner,
    endpoint: EndpointId,
) -> Result<(EventType, String), PartnerError> {
    let kind = EventType::EndpointTest;
    let adapter = dialects::by_name(&partner.adapter);
    if adapter.is_none_or(|adapter| adapter.profile().supports(kind)) {
        let data = json!({
            "endpoint": endpoint,
            "partner": partner.slug,
            "message": "A trial: when you can read this and its signature fits, the endpoint works.",
        });
        return Ok((kind, data.to_string()));
    }
    let now = truncate_to_ms(ambient::now());
    let order = test_order::for_partner(&partner.slug, OrderId::generate(), now);
    let order = order.ok_or(DatabaseError::Misuse("the test order is missing".into()))?;
    Ok((EventType::OrderConfirmed, json!(order).to_string()))
}
