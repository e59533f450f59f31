//! Trials: an event that somebody asked for, to see whether an endpoint listens.

use buywire_adapters::{contract, samples};
use buywire_schemas::event::EventType;
use buywire_schemas::ids::{DeliveryId, EndpointId, EventId, OrderId};
use buywire_schemas::instant::whole_ms;
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

use super::endpoints::{audited, locked};
use super::{Actor, PartnerError, Partners};
use crate::store::StoreError;
use crate::store::events::emit_trial;
use crate::store::partners::Partner;

/// A trial on its way.
#[derive(Serialize)]
pub struct Trial {
    /// The event.
    event: EventId,
    /// Its one delivery, to be followed like any other.
    delivery: DeliveryId,
}

impl Partners {
    /// Send a trial to this endpoint alone, whatever it subscribes to: an `endpoint.test`, or a test order
    /// where the partner's dialect has words for orders only.
    pub async fn test_endpoint(
        &self,
        actor: Actor<'_>,
        slug: &Slug,
        id: EndpointId,
    ) -> Result<Trial, PartnerError> {
        let partner = self.store.partner(slug.as_str()).await?;
        let partner = partner.ok_or(PartnerError::NotFound)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let endpoint = locked(&tx, slug, id).await?;
        let (kind, data) = subject(&partner, id)?;
        let emitted = emit_trial(&tx, &endpoint, kind, &data).await?;
        audited(&tx, actor, "endpoint.test", id, json!({"partner": slug})).await?;
        tx.commit().await?;
        self.bell.ring_due(&[emitted]);
        Ok(Trial {
            event: emitted.event,
            delivery: emitted.id,
        })
    }
}

/// What the trial tells. A test order is nobody's: it is in no table of orders and in no figure.
fn subject(partner: &Partner, endpoint: EndpointId) -> Result<(EventType, String), PartnerError> {
    let kind = EventType::EndpointTest;
    let adapter = contract::by_name(&partner.adapter);
    if adapter.is_none_or(|adapter| adapter.profile().has_words_for(kind)) {
        let data = json!({
            "endpoint": endpoint,
            "partner": partner.slug,
            "message": "A trial: when you can read this and its signature fits, the endpoint works.",
        });
        return Ok((kind, data.to_string()));
    }
    let now = whole_ms(OffsetDateTime::now_utc());
    let order = samples::order_for(&partner.slug, OrderId::generate(), now);
    let order = order.ok_or(StoreError::Misuse("the sample order is not there".into()))?;
    Ok((EventType::OrderConfirmed, json!(order).to_string()))
}
