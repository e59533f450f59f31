//! Dead letters, written directly into the database.

use tokio_postgres::Client;
use uuid::Uuid;

use super::app::TestApp;

impl TestApp {
    /// Creates dead letters at an endpoint, each of its own order.
    pub(crate) async fn create_dead_letters(&self, partner: Uuid, endpoint: Uuid, count: i64) {
        insert_dead_letters(&self.sql, partner, endpoint, count).await;
    }
}

/// As `create_dead_letters`, without an app.
pub(crate) async fn insert_dead_letters(sql: &Client, partner: Uuid, endpoint: Uuid, count: i64) {
    let rows = include_str!("insert_dead_letters.sql");
    sql.execute(rows, &[&partner, &endpoint, &count])
        .await
        .unwrap();
}
