//! Dead deliveries, made behind the product's back.

use tokio_postgres::Client;
use uuid::Uuid;

use super::app::TestApp;

impl TestApp {
    /// So many dead deliveries at an endpoint, each of an order of its own.
    pub(crate) async fn bury(&self, partner: Uuid, endpoint: Uuid, count: i64) {
        bury(&self.sql, partner, endpoint, count).await;
    }
}

/// The same, without an app.
pub(crate) async fn bury(sql: &Client, partner: Uuid, endpoint: Uuid, count: i64) {
    let rows = include_str!("bury.sql");
    sql.execute(rows, &[&partner, &endpoint, &count])
        .await
        .unwrap();
}
