//! A hundred thousand dead deliveries in forty groups: no page reads more than a small part of them.

use std::fs;
use std::path::Path;

use tokio_postgres::Client;

use crate::support::postgres::{TestDatabase, connect};

/// What one statement may read.
const ROWS_MAX: f64 = 20_000.0;

const MANY: &str = "
    INSERT INTO partners (id, slug, name, adapter)
    SELECT new_uuid_v7(), 'p' || n, 'P', 'standard' FROM generate_series(1, 500) n;
    INSERT INTO endpoints (id, partner, shard, url, url_saved_by, event_types)
    SELECT new_uuid_v7(), p.id, n % 64, 'https://example.com/', 'operator', '{*}'
    FROM (SELECT id FROM partners WHERE slug LIKE 'p%' AND slug <> 'platform') p, generate_series(1, 4) n;
    INSERT INTO failure_groups (id, partner, endpoint, cause, signature, first_seen_at, last_seen_at, attempts, waiting, dead)
    SELECT gen_random_uuid(), partner, id, 'server_error', 'v1:' || n, now(), now() - n * interval '1 second', 2500, 0, 2500
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM endpoints) e WHERE n % 50 = 0;
    INSERT INTO dead_deliveries (id, event, endpoint, partner, attempts, created_at, reason, failure_group)
    SELECT new_uuid_v7(), new_uuid_v7(), g.endpoint, g.partner, 1, now(), 'exhausted', g.id
    FROM failure_groups g, generate_series(1, 2500);
    INSERT INTO minute_stats
    SELECT s, date_trunc('minute', now()) - n * interval '1 minute', 1, 1, 0, 0, 5, '{1,0,0,0,0,0,0,0}'
    FROM unnest(ARRAY(SELECT id FROM endpoints LIMIT 100) || '00000000-0000-0000-0000-000000000000'::uuid) s,
         generate_series(0, 1440) n;
    ANALYZE;";

#[tokio::test]
async fn no_statement_of_a_page_reads_more_than_twenty_thousand_rows() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    sql.batch_execute(MANY).await.unwrap();
    let count: i64 = sql
        .query_one("SELECT count(*) FROM dead_deliveries", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(count, 100_000);
    let one = "SELECT id::text, partner::text, endpoint::text FROM failure_groups LIMIT 1";
    let one = sql.query_one(one, &[]).await.unwrap();
    let [group, partner, endpoint]: [String; 3] =
        [0, 1, 2].map(|column| format!("'{}'::uuid", one.get::<_, &str>(column)));
    let end = "'9999-12-31'::timestamptz, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid, '1970-01-01'::timestamptz";
    let day = "now() - interval '1 day', now(), 1500::bigint";
    for (file, arguments) in [
        ("failures/page.sql", format!("{end}, NULL, 51")),
        ("failures/page.sql", format!("{end}, 'dns', 2000")),
        (
            "failures/page_of_partner.sql",
            format!("{end}, NULL, 51, {partner}"),
        ),
        (
            "failures/page_of_endpoint.sql",
            format!("{end}, NULL, 51, {endpoint}"),
        ),
        ("failures/find.sql", format!("{group}, NULL")),
        (
            "replays/count_dead_of_group.sql",
            format!("NULL, {endpoint}, now(), NULL, NULL, NULL, NULL, {group}"),
        ),
        (
            "stats/minutes.sql",
            format!("'00000000-0000-0000-0000-000000000000'::uuid, {day}"),
        ),
    ] {
        let read = rows_read(&sql, file, &arguments).await;
        assert!(read <= ROWS_MAX, "{file} ({arguments}): {read} rows");
    }
}

/// Rows that scans returned or left out, whichever plan is used.
async fn rows_read(sql: &Client, file: &str, arguments: &str) -> f64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sql");
    let statement = fs::read_to_string(folder.join(file)).unwrap();
    let mut most: f64 = 0.0;
    for mode in ["force_generic_plan", "force_custom_plan"] {
        let explain = format!(
            "SET plan_cache_mode = {mode}; DEALLOCATE ALL; PREPARE page AS {statement};
             EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE page ({arguments})"
        );
        let rows = sql.simple_query(&explain).await.unwrap();
        let plan = rows.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let plan: serde_json::Value = serde_json::from_str(plan.unwrap()).unwrap();
        most = most.max(scanned(&plan[0]["Plan"]));
    }
    most
}

fn scanned(node: &serde_json::Value) -> f64 {
    let number = |field: &str| node[field].as_f64().unwrap_or(0.0);
    let kind = node["Node Type"].as_str().unwrap();
    let own = match kind.contains("Scan") && node["Relation Name"].is_string() {
        true => (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops"),
        false => 0.0,
    };
    let children = node["Plans"].as_array().cloned().unwrap_or_default();
    own + children.iter().map(scanned).sum::<f64>()
}
