//! Partners and endpoints of a story, made as the tables say.

use std::sync::Arc;

use buywire::signing::seal::{MasterKeys, Place};
use buywire::store::queue::Shard;
use buywire_schemas::ids::{EndpointId, PartnerId};
use tokio_postgres::Client;
use uuid::Uuid;

/// A partner as a story knows it.
#[derive(Debug, Clone)]
pub(crate) struct Partner {
    pub(crate) id: PartnerId,
    pub(crate) slug: String,
}

/// An endpoint as a story knows it.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) id: EndpointId,
    pub(crate) secret: String,
}

/// An endpoint that a story is about to make.
pub(crate) struct EndpointDraft {
    pub(crate) sql: Arc<Client>,
    pub(crate) master: Arc<MasterKeys>,
    pub(crate) partner: Uuid,
    pub(crate) url: String,
    pub(crate) event_types: Vec<String>,
    pub(crate) retry: Option<Vec<i64>>,
    pub(crate) max_in_flight: i32,
    pub(crate) rate_per_second: Option<f64>,
}

impl EndpointDraft {
    /// Hears of these events only.
    pub(crate) fn with_events(mut self, patterns: &[&str]) -> Self {
        self.event_types = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        self
    }

    /// Has a retry schedule of its own, in seconds.
    pub(crate) fn with_retry(mut self, delays_s: &[i64]) -> Self {
        self.retry = Some(delays_s.to_vec());
        self
    }

    /// Takes so many requests at one time.
    pub(crate) fn with_max_in_flight(mut self, max_in_flight: i32) -> Self {
        self.max_in_flight = max_in_flight;
        self
    }

    /// Makes it.
    pub(crate) async fn create(self) -> Endpoint {
        let id = EndpointId::generate();
        let insert = "INSERT INTO endpoints (id, partner, shard, url, url_saved_by, event_types, retry, max_in_flight, rate_per_second)
            VALUES ($1, $2, $3, $4, 'operator', $5, $6, $7, $8)";
        self.sql
            .execute(
                insert,
                &[
                    &id.uuid(),
                    &self.partner,
                    &Shard::of(id).number(),
                    &self.url,
                    &self.event_types,
                    &self.retry,
                    &self.max_in_flight,
                    &self.rate_per_second,
                ],
            )
            .await
            .unwrap();
        let secret = add_key(&self.sql, &self.master, id).await;
        Endpoint { id, secret }
    }
}

/// Gives an endpoint a fresh current key; its secret.
pub(crate) async fn add_key(sql: &Client, master: &MasterKeys, endpoint: EndpointId) -> String {
    let key = Uuid::now_v7();
    let secret = buywire_adapters::signing::SigningKey::fresh(&rand::random());
    let place = Place {
        table: "endpoint_keys",
        row: &key.to_string(),
        column: "secret",
    };
    let sealed = master.seal(place, secret.expose().as_bytes()).unwrap();
    sql.execute(
        "INSERT INTO endpoint_keys (id, endpoint, secret) VALUES ($1, $2, $3)",
        &[&key, &endpoint.uuid(), &sealed],
    )
    .await
    .unwrap();
    sql.execute("NOTIFY buywire, 'endpoints'", &[])
        .await
        .unwrap();
    secret.expose().to_owned()
}
