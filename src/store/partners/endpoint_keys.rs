//! The keys of endpoints: one current key per kind, and earlier ones during a rotation.
//!
//! Must not decide which kinds an endpoint needs. Only sees sealed keys.

use buywire_schemas::ids::{EndpointId, PartnerId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};

/// A stored key: its row, the sealed secret, and its end if it has one.
pub(crate) type SealedKey = (Uuid, Vec<u8>, Option<OffsetDateTime>);

/// A key to be stored.
#[derive(Debug)]
pub(crate) struct NewKey {
    pub id: Uuid,
    /// `endpoint_keys.kind`.
    pub kind: &'static str,
    pub sealed: Vec<u8>,
}

/// Adds a key of a kind that the endpoint does not have.
pub(crate) async fn add(
    tx: &Tx<'_>,
    endpoint: EndpointId,
    key: &NewKey,
) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/endpoints/add_key.sql");
    tx.execute(sql, &[&key.id, &endpoint.uuid(), &key.kind, &key.sealed])
        .await
        .map(drop)
}

/// Lists the kinds that a locked endpoint signs with.
pub(crate) async fn current_kinds(
    tx: &Tx<'_>,
    endpoint: EndpointId,
) -> Result<Vec<String>, DatabaseError> {
    let sql = include_str!("../sql/endpoints/current_kinds.sql");
    let rows = tx.query(sql, &[&endpoint.uuid()]).await?;
    rows.iter().map(|row| Ok(row.try_get("kind")?)).collect()
}

/// Lists the endpoints of a locked partner that have no current key of a kind.
pub(crate) async fn endpoints_without(
    tx: &Tx<'_>,
    partner: PartnerId,
    kind: &str,
) -> Result<Vec<EndpointId>, DatabaseError> {
    let sql = include_str!("../sql/endpoints/without_key.sql");
    let rows = tx.query(sql, &[&partner.uuid(), &kind]).await?;
    rows.iter()
        .map(|row| Ok(EndpointId::from_uuid(row.try_get("id")?)))
        .collect()
}

/// Replaces each key of a locked endpoint. Of each kind, the `retain` newest old keys stay valid for the overlap.
/// Returns when the previous current keys end.
pub(crate) async fn replace(
    tx: &Tx<'_>,
    endpoint: EndpointId,
    keys: &[NewKey],
    overlap_hours: i32,
    retain: i64,
) -> Result<Option<OffsetDateTime>, DatabaseError> {
    let id = endpoint.uuid();
    tx.execute(include_str!("../sql/endpoints/drop_ended_keys.sql"), &[&id])
        .await?;
    let sql = include_str!("../sql/endpoints/end_keys.sql");
    let ended = tx.query(sql, &[&id, &overlap_hours, &retain]).await?;
    let mut last = None;
    for row in &ended {
        last = last.max(row.try_get::<_, Option<OffsetDateTime>>("valid_until")?);
    }
    for key in keys {
        add(tx, endpoint, key).await?;
    }
    tx.execute(include_str!("../sql/endpoints/touch.sql"), &[&id])
        .await?;
    Ok(last)
}

/// Reads the keys from a row's three arrays.
pub(crate) fn sealed_keys(row: &Row) -> Result<Vec<SealedKey>, DatabaseError> {
    let ids: Vec<Uuid> = row.try_get("key_ids")?;
    let secrets: Vec<Vec<u8>> = row.try_get("secrets")?;
    let expiries: Vec<Option<OffsetDateTime>> = row.try_get("key_expiries")?;
    let keys = ids.into_iter().zip(secrets).zip(expiries);
    Ok(keys
        .map(|((id, sealed), expires_at)| (id, sealed, expires_at))
        .collect())
}
