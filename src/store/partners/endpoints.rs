//! Endpoints as their administration reads and writes them.
//!
//! Promises: every statement finds an endpoint under its partner, so that callers cannot reach another partner's;
//! every change raises the version that the shard's owner watches. Only sees sealed secrets.

use buywire_schemas::ids::{EndpointId, PartnerId};
use deadpool_postgres::GenericClient;
use serde::{Serialize, Serializer};
use serde_json::Value;
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Db, Tx};
use crate::store::Store;
use crate::store::delivery::queue::Shard;
use crate::store::partners::endpoint_keys::{SealedKey, sealed_keys};

/// An endpoint's row. Its serialized form holds what may be shown.
#[derive(Debug, Clone, Serialize)]
pub struct Endpoint {
    pub id: EndpointId,
    /// The partner's slug.
    pub partner: String,
    #[serde(skip)]
    pub partner_id: PartnerId,
    /// The URL without its secrets. The path may hold a token: only for its partner and operators.
    pub url: String,
    /// The whole URL, sealed, if it holds a secret.
    #[serde(skip)]
    pub sealed_url: Option<Vec<u8>>,
    /// Who saved the URL: `operator` or `partner`.
    #[serde(skip)]
    pub url_saved_by: String,
    /// The subscriptions.
    pub event_types: Vec<String>,
    /// The extra headers, sealed with their values.
    #[serde(skip)]
    pub headers: Option<Vec<u8>>,
    /// The names of the extra headers, shown as an object of nulls.
    #[serde(rename = "headers", serialize_with = "names_only")]
    pub header_names: Vec<String>,
    /// The certificates with their key, sealed.
    #[serde(skip)]
    pub tls: Option<Vec<u8>>,
    /// What is shown of the certificates.
    #[serde(rename = "tls")]
    pub tls_summary: Option<Value>,
    /// The proxy without its credentials.
    pub proxy: Option<String>,
    /// The whole URL of the proxy, sealed.
    #[serde(skip)]
    pub sealed_proxy: Option<Vec<u8>>,
    /// Retry delays in seconds; `None` uses the gateway's.
    pub retry: Option<Vec<i64>>,
    /// Concurrent attempts.
    pub max_in_flight: i32,
    /// Attempts per second.
    pub rate_per_second: Option<f64>,
    /// Events of test orders: `include`, `only` or `exclude`.
    pub test_orders: String,
    /// `enabled` or `disabled`.
    pub status: String,
    /// Why it is disabled: `operator`, `gone` or `failing`.
    pub status_reason: Option<String>,
    /// `closed`, `open` or `half_open`.
    pub circuit: String,
    /// Since when every attempt has failed.
    #[serde(with = "time::serde::rfc3339::option")]
    pub failing_since: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Grows with every change of its settings, keys or status.
    #[serde(skip)]
    pub version: i64,
    /// The key pairs, of which the public halves are shown.
    #[serde(skip)]
    pub key_pairs: Vec<SealedKey>,
}

fn names_only<S: Serializer>(names: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(names.iter().map(|name| (name, ())))
}

impl Endpoint {
    /// The shard whose owner sends to this endpoint.
    pub fn shard(&self) -> Shard {
        Shard::of(self.id)
    }
}

impl Store {
    /// Reads one endpoint of a partner.
    pub async fn endpoint(
        &self,
        partner: &str,
        id: EndpointId,
    ) -> Result<Option<Endpoint>, DatabaseError> {
        find(&self.general().await?, partner, id).await
    }

    /// Lists a partner's endpoints, oldest first.
    pub async fn endpoints(&self, partner: &str) -> Result<Vec<Endpoint>, DatabaseError> {
        let sql = include_str!("../sql/endpoints/list.sql");
        let rows = self.general().await?.query(sql, &[&partner]).await?;
        rows.iter().map(endpoint).collect()
    }
}

/// Counts the endpoints of a locked partner.
pub(crate) async fn count(tx: &Tx<'_>, partner: PartnerId) -> Result<i64, DatabaseError> {
    let sql = include_str!("../sql/endpoints/count.sql");
    let row = tx.query_one(sql, &[&partner.uuid()]).await?;
    Ok(row.try_get(0)?)
}

pub(crate) async fn add(tx: &Tx<'_>, endpoint: &Endpoint) -> Result<(), DatabaseError> {
    tx.execute(
        include_str!("../sql/endpoints/add.sql"),
        &[
            &endpoint.id.uuid(),
            &endpoint.partner_id.uuid(),
            &endpoint.shard().number(),
            &endpoint.url,
            &endpoint.url_saved_by,
            &endpoint.event_types,
            &endpoint.headers,
            &endpoint.header_names,
            &endpoint.retry,
            &endpoint.max_in_flight,
            &endpoint.rate_per_second,
            &endpoint.sealed_url,
            &endpoint.test_orders,
            &endpoint.tls,
            &endpoint.tls_summary,
            &endpoint.proxy,
            &endpoint.sealed_proxy,
        ],
    )
    .await
    .map(drop)
}

/// Locks one endpoint of a partner until the commit.
pub(crate) async fn lock(
    tx: &Tx<'_>,
    partner: &str,
    id: EndpointId,
) -> Result<Option<Endpoint>, DatabaseError> {
    let sql = include_str!("../sql/endpoints/lock.sql");
    tx.query_opt(sql, &[&partner, &id.uuid()]).await?;
    find(tx, partner, id).await
}

/// Saves the settings of a locked endpoint.
pub(crate) async fn save(tx: &Tx<'_>, endpoint: &Endpoint) -> Result<(), DatabaseError> {
    tx.execute(
        include_str!("../sql/endpoints/save.sql"),
        &[
            &endpoint.id.uuid(),
            &endpoint.url,
            &endpoint.url_saved_by,
            &endpoint.event_types,
            &endpoint.headers,
            &endpoint.header_names,
            &endpoint.retry,
            &endpoint.max_in_flight,
            &endpoint.rate_per_second,
            &endpoint.sealed_url,
            &endpoint.test_orders,
            &endpoint.tls,
            &endpoint.tls_summary,
            &endpoint.proxy,
            &endpoint.sealed_proxy,
        ],
    )
    .await
    .map(drop)
}

/// Enables a locked endpoint. Returns whether it was disabled.
pub(crate) async fn enable(tx: &Tx<'_>, id: EndpointId) -> Result<bool, DatabaseError> {
    let sql = include_str!("../sql/endpoints/enable.sql");
    Ok(tx.execute(sql, &[&id.uuid()]).await? > 0)
}

pub(crate) async fn disable(tx: &Tx<'_>, id: EndpointId) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/endpoints/disable.sql");
    tx.execute(sql, &[&id.uuid()]).await.map(drop)
}

/// Marks a locked endpoint as deleted and erases its secrets.
pub(crate) async fn delete(tx: &Tx<'_>, id: EndpointId) -> Result<(), DatabaseError> {
    tx.execute(include_str!("../sql/endpoints/delete.sql"), &[&id.uuid()])
        .await?;
    tx.execute(
        include_str!("../sql/endpoints/delete_keys.sql"),
        &[&id.uuid()],
    )
    .await
    .map(drop)
}

async fn find(
    db: &Db<impl GenericClient>,
    partner: &str,
    id: EndpointId,
) -> Result<Option<Endpoint>, DatabaseError> {
    let sql = include_str!("../sql/endpoints/find.sql");
    let row = db.query_opt(sql, &[&partner, &id.uuid()]).await?;
    row.as_ref().map(endpoint).transpose()
}

fn endpoint(row: &Row) -> Result<Endpoint, DatabaseError> {
    Ok(Endpoint {
        id: EndpointId::from_uuid(row.try_get("id")?),
        partner: row.try_get("slug")?,
        partner_id: PartnerId::from_uuid(row.try_get("partner_id")?),
        url: row.try_get("url")?,
        sealed_url: row.try_get("sealed_url")?,
        url_saved_by: row.try_get("url_saved_by")?,
        event_types: row.try_get("event_types")?,
        headers: row.try_get("headers")?,
        header_names: row.try_get("header_names")?,
        tls: row.try_get("tls")?,
        tls_summary: row.try_get("tls_summary")?,
        proxy: row.try_get("proxy")?,
        sealed_proxy: row.try_get("sealed_proxy")?,
        retry: row.try_get("retry")?,
        max_in_flight: row.try_get("max_in_flight")?,
        rate_per_second: row.try_get("rate_per_second")?,
        test_orders: row.try_get("test_orders")?,
        status: row.try_get("status")?,
        status_reason: row.try_get("status_reason")?,
        circuit: row.try_get("circuit")?,
        failing_since: row.try_get("failing_since")?,
        created_at: row.try_get("created_at")?,
        version: row.try_get("version")?,
        key_pairs: sealed_keys(row)?,
    })
}

/// How many deliveries of an endpoint wait and are dead, each counted up to [`COUNT_MAX`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct EndpointBacklog {
    pub waiting: i64,
    pub dead: i64,
}

/// A page counts no further: the statement stays short, however long an endpoint was down.
pub(crate) const COUNT_MAX: i64 = 10_000;

/// A key of an endpoint, without the key.
#[derive(Debug, Clone)]
pub(crate) struct EndpointKeyEntry {
    /// `shared` or `ed25519`.
    pub kind: String,
    pub created_at: OffsetDateTime,
    /// When it ends; `None` for the current one of its kind.
    pub valid_until: Option<OffsetDateTime>,
}

impl Store {
    /// Counts the deliveries of an endpoint that wait and that are dead.
    pub(crate) async fn endpoint_backlog(
        &self,
        id: EndpointId,
    ) -> Result<EndpointBacklog, DatabaseError> {
        let sql = include_str!("../sql/endpoints/backlog.sql");
        let conn = self.general().await?;
        let row = conn.query_one(sql, &[&id.uuid(), &COUNT_MAX]).await?;
        Ok(EndpointBacklog {
            waiting: row.try_get("waiting")?,
            dead: row.try_get("dead")?,
        })
    }

    /// Lists the keys with which an endpoint signs, the current ones first.
    pub(crate) async fn endpoint_keys(
        &self,
        id: EndpointId,
    ) -> Result<Vec<EndpointKeyEntry>, DatabaseError> {
        let sql = include_str!("../sql/endpoints/keys.sql");
        let rows = self.general().await?.query(sql, &[&id.uuid()]).await?;
        let entries = rows.iter().map(|row| {
            Ok(EndpointKeyEntry {
                kind: row.try_get("kind")?,
                created_at: row.try_get("created_at")?,
                valid_until: row.try_get("valid_until")?,
            })
        });
        entries.collect()
    }
}

/// Returns the host of a URL for logs and the audit log: the path may hold a token.
pub(crate) fn host(url: &str) -> Option<String> {
    url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
}
