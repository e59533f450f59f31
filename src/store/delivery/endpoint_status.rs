//! Records how attempts changed an endpoint, behind its shard's fence, and emits the events to the partner and the
//! operators in the same transaction.

use buywire_schemas::event::EventType;
use buywire_schemas::ids::PartnerId;
use buywire_schemas::instant::truncate_to_ms;
use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;
use crate::store::delivery::queue::EndpointTransition;
use crate::store::events::emit_operational;
use crate::store::partners::endpoints::host;

impl Store {
    /// Records transitions in one commit. Skips those whose shard was lost or whose endpoint was deleted.
    pub async fn record_transitions(
        &self,
        node: Uuid,
        transitions: &[EndpointTransition],
    ) -> Result<(), DatabaseError> {
        let mut conn = self.record().await?;
        let tx = conn.begin().await?;
        for transition in transitions {
            record(&tx, node, transition).await?;
        }
        tx.commit().await
    }
}

async fn record(
    tx: &Tx<'_>,
    node: Uuid,
    transition: &EndpointTransition,
) -> Result<(), DatabaseError> {
    let (shard, epoch) = transition.shard_epoch;
    let row = tx
        .query_opt(
            include_str!("../sql/queue/record_endpoint.sql"),
            &[
                &node,
                &shard.number(),
                &epoch,
                &transition.endpoint.uuid(),
                &transition.circuit,
                &transition.failing_since,
                &transition.disable_reason,
                &transition.version,
            ],
        )
        .await?;
    match row {
        Some(row) => emit_transition(tx, &row, transition).await,
        None => Ok(()),
    }
}

async fn emit_transition(
    tx: &Tx<'_>,
    row: &Row,
    transition: &EndpointTransition,
) -> Result<(), DatabaseError> {
    let kind = match row.try_get("disables")? {
        true => EventType::EndpointDisabled,
        false if transition.recovered => EventType::EndpointRecovered,
        false => return Ok(()),
    };
    let slug: &str = row.try_get("slug")?;
    let data = json!({
        "endpoint": transition.endpoint,
        "partner": slug,
        "host": host(row.try_get("url")?),
        "status": row.try_get::<_, &str>("status")?,
        "status_reason": row.try_get::<_, Option<&str>>("status_reason")?,
        "failing_since": transition.failing_since.map(rfc3339),
    });
    let partner = PartnerId::from_uuid(row.try_get("partner")?);
    emit_operational(tx, partner, kind, &data).await.map(drop)
}

fn rfc3339(at: time::OffsetDateTime) -> Option<String> {
    truncate_to_ms(at)
        .format(&time::format_description::well_known::Rfc3339)
        .ok()
}
