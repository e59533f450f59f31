//! Every statement fits the migrated schema, and those that run for every delivery use their index.

use std::fs;
use std::path::{Path, PathBuf};

use tokio_postgres::Client;

use crate::support::postgres::{TestDatabase, connect};

/// Sixty endpoints share 120,000 pending deliveries; a dead one has 60,000 more.
const OPEN_DELIVERIES: &str = "
    INSERT INTO endpoints (id, partner, shard, url, url_saved_by, event_types)
    SELECT new_uuid_v7(), (SELECT id FROM partners), n % 64, 'https://example.com/', 'operator', '{*}'
    FROM generate_series(1, 60) n;
    CREATE TEMP TABLE made AS
    SELECT n, gen_random_uuid() AS order_id, new_uuid_v7() AS event, new_uuid_v7() AS delivery,
           CASE WHEN n % 3 = 0 THEN 1 ELSE 1 + n % 60 END AS endpoint
    FROM generate_series(1, 180000) n;
    INSERT INTO events (id, order_id, partner, sequence, type, data)
    SELECT event, order_id, (SELECT id FROM partners), 1, 'order.confirmed', '{}' FROM made;
    INSERT INTO deliveries (id, event, endpoint, partner, order_id, sequence, shard)
    SELECT m.delivery, m.event, p.id, p.partner, m.order_id, 1, p.shard
    FROM made m JOIN (SELECT *, row_number() OVER (ORDER BY id) AS n FROM endpoints) p ON p.n = m.endpoint;
    ANALYZE;";

/// A hot statement, and the index by which it finds deliveries.
const HOT_STATEMENTS: [(&str, &str); 4] = [
    ("queue/due.sql", "deliveries_due"),
    ("queue/unblocked.sql", "deliveries_of_endpoint"),
    ("queue/record_accepted.sql", "deliveries_pkey"),
    ("queue/record_failed.sql", "deliveries_pkey"),
];

#[tokio::test]
async fn every_statement_says_why_it_exists_and_fits_the_schema() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let files = files();
    assert!(
        files.len() > 50,
        "only {} statements were found",
        files.len()
    );
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("-- "),
            "{} does not say why it exists",
            file.display()
        );
        if let Err(error) = sql.prepare(&text).await {
            panic!("{}: {error}", file.display());
        }
    }
}

#[tokio::test]
async fn statements_of_the_hot_path_never_walk_the_queue() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    sql.batch_execute(OPEN_DELIVERIES).await.unwrap();
    for (name, index) in HOT_STATEMENTS {
        let text = fs::read_to_string(folder().join(name)).unwrap();
        for mode in ["force_generic_plan", "force_custom_plan"] {
            let plan = plan(&sql, &text, mode).await;
            assert!(
                !plan.contains("Seq Scan on deliveries"),
                "{name}, {mode}:\n{plan}"
            );
            assert!(
                plan.contains(index),
                "{name}, {mode}: not by {index}\n{plan}"
            );
        }
    }
}

/// How PostgreSQL would execute a statement over two hundred deliveries or endpoints.
async fn plan(sql: &Client, statement: &str, mode: &str) -> String {
    let prepared = sql.prepare(statement).await.unwrap();
    let mut arguments = Vec::new();
    for kind in prepared.params() {
        arguments.push(argument(sql, kind.name()).await);
    }
    let explain = format!(
        "SET plan_cache_mode = {mode}; DEALLOCATE ALL; PREPARE hot AS {statement};
         EXPLAIN EXECUTE hot ({})",
        arguments.join(", ")
    );
    let rows = sql.simple_query(&explain).await.unwrap();
    let lines = rows.iter().filter_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Two hundred plausible values of an array type; one of any other.
async fn argument(sql: &Client, kind: &str) -> String {
    let value = match kind.trim_start_matches('_') {
        "uuid" => "gen_random_uuid()",
        "timestamptz" => "now()",
        "bool" => "false",
        "text" | "bytea" | "jsonb" => "NULL",
        _ => "1",
    };
    let Some(element) = kind.strip_prefix('_') else {
        return value.to_owned();
    };
    let select = format!(
        "SELECT quote_literal(array_agg({value}::{element})::text) FROM generate_series(1, 200)"
    );
    let literal: String = sql.query_one(&select, &[]).await.unwrap().get(0);
    format!("{literal}::{element}[]")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sql")
}

/// Statements of the benchmarks.
fn bench_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tools/bench/sql")
}

fn files() -> Vec<PathBuf> {
    let folders = fs::read_dir(folder())
        .unwrap()
        .map(|module| module.unwrap().path());
    folders
        .chain([bench_folder()])
        .flat_map(|module| {
            fs::read_dir(module)
                .unwrap()
                .map(|file| file.unwrap().path())
        })
        .collect()
}
