//! What became of an endpoint: recorded behind its shard's fence, and told in the same transaction to
//! its partner and to the operators.

use buywire_schemas::event::EventType;
use buywire_schemas::ids::PartnerId;
use buywire_schemas::instant::whole_ms;
use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

use super::endpoints::host;
use super::events::tell;
use super::queue::EndpointTurn;
use super::{Store, StoreError, Tx};

impl Store {
    /// Record turns, all of them in one commit. Nothing happens where a shard was lost or an endpoint
    /// deleted.
    pub async fn record_turns(&self, node: Uuid, turns: &[EndpointTurn]) -> Result<(), StoreError> {
        let mut conn = self.record().await?;
        let tx = conn.begin().await?;
        for turn in turns {
            record(&tx, node, turn).await?;
        }
        tx.commit().await
    }
}

async fn record(tx: &Tx<'_>, node: Uuid, turn: &EndpointTurn) -> Result<(), StoreError> {
    let (shard, epoch) = turn.held;
    let row = tx
        .query_opt(
            include_str!("sql/queue/record_endpoint.sql"),
            &[
                &node,
                &shard.number(),
                &epoch,
                &turn.endpoint.uuid(),
                &turn.circuit,
                &turn.failing_since,
                &turn.disabled,
                &turn.version,
            ],
        )
        .await?;
    match row {
        Some(row) => tell_of(tx, &row, turn).await,
        None => Ok(()),
    }
}

async fn tell_of(tx: &Tx<'_>, row: &Row, turn: &EndpointTurn) -> Result<(), StoreError> {
    let kind = match row.try_get("disables")? {
        true => EventType::EndpointDisabled,
        false if turn.recovered => EventType::EndpointRecovered,
        false => return Ok(()),
    };
    let slug: &str = row.try_get("slug")?;
    let data = json!({
        "endpoint": turn.endpoint,
        "partner": slug,
        "host": host(row.try_get("url")?),
        "status": row.try_get::<_, &str>("status")?,
        "status_reason": row.try_get::<_, Option<&str>>("status_reason")?,
        "failing_since": turn.failing_since.map(rfc3339),
    });
    let partner = PartnerId::from_uuid(row.try_get("partner")?);
    tell(tx, partner, kind, &data).await.map(drop)
}

fn rfc3339(at: time::OffsetDateTime) -> Option<String> {
    whole_ms(at)
        .format(&time::format_description::well_known::Rfc3339)
        .ok()
}
