//! Clocks: a node reports that its clock differs from its database's.

use buywire::testing::MasterKeys;
use tokio::process::Command;

use crate::support::api::OPERATOR;
use crate::support::node::Node;
use crate::support::postgres::{TestDatabase, connect};

#[tokio::test]
async fn a_clock_that_differs_from_the_databases_is_told_counted_and_checked() {
    let database = TestDatabase::create().await;
    // For its sessions, the database's clock is 40 s ahead.
    let sql = connect(&database.url.parse().unwrap()).await;
    sql.batch_execute(
        "CREATE SCHEMA ahead;
         CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE sql
             AS 'SELECT pg_catalog.clock_timestamp() + interval ''40 seconds''';
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = ahead, pg_catalog, public', current_database()); END $$",
    )
    .await
    .unwrap();
    let master = MasterKeys::generate();
    let node = Node::on_database(&database.url, &master).await;
    let begun = std::time::Instant::now();
    let offset = loop {
        let metrics = node.api().get("/metrics", OPERATOR).await;
        let text = String::from_utf8(metrics.bytes.to_vec()).unwrap();
        let line = text
            .lines()
            .find(|line| line.starts_with("buywire_clock_offset_seconds "));
        let offset: f64 = line.unwrap().rsplit(' ').next().unwrap().parse().unwrap();
        if offset != 0.0 {
            break offset;
        }
        assert!(begun.elapsed() < crate::support::receiver::DEADLINE);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    assert!((30.0..=40.1).contains(&offset), "{offset}");
    let words = node.log_text();
    assert!(words.contains("s behind the database's"), "{words}");

    let check = Command::new(env!("CARGO_BIN_EXE_buywire"))
        .arg("check")
        .env("DATABASE_URL", &database.url)
        .env("BUYWIRE_MASTER_KEY", master.as_str())
        .env("BUYWIRE_LISTEN", "127.0.0.1:0")
        .output()
        .await
        .unwrap();
    let message = String::from_utf8(check.stdout).unwrap();
    assert!(
        !check.status.success() && message.contains("FAIL clock: this machine's"),
        "{message}"
    );
}
