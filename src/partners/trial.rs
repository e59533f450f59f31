//! Trials: an event that somebody asked for, to see whether an endpoint listens.

use buywire_schemas::ids::{DeliveryId, EndpointId, EventId};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::json;

use super::endpoints::{audited, locked};
use super::{Actor, PartnerError, Partners};
use crate::store::bell::Ring;
use crate::store::events::emit_trial;

/// A trial on its way.
#[derive(Serialize)]
pub struct Trial {
    /// The event.
    event: EventId,
    /// Its one delivery, to be followed like any other.
    delivery: DeliveryId,
}

impl Partners {
    /// Send an `endpoint.test` to this endpoint alone, whatever it subscribes to.
    pub async fn test_endpoint(
        &self,
        actor: Actor<'_>,
        slug: &Slug,
        id: EndpointId,
    ) -> Result<Trial, PartnerError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let endpoint = locked(&tx, slug, id).await?;
        let data = json!({
            "endpoint": id,
            "partner": slug,
            "message": "A trial: when you can read this and its signature fits, the endpoint works.",
        });
        let emitted = emit_trial(&tx, &endpoint, &data).await?;
        audited(&tx, actor, "endpoint.test", id, json!({"partner": slug})).await?;
        tx.commit().await?;
        self.bell.ring(Ring::Due(vec![emitted.shard]));
        Ok(Trial {
            event: emitted.event,
            delivery: emitted.id,
        })
    }
}
