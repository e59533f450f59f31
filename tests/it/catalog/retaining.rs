//! Retention of feeds: old findings and runs are deleted, except those that are still needed.

use buywire::testing::keep;
use tokio_postgres::Client;

use crate::support::postgres::{TestDatabase, connect};

/// Adds runs of a partner with this age in days, each with this number of findings, and their held rows.
async fn runs(sql: &Client, partner: &str, age_days: i32, status: &str, count: i32, findings: i32) {
    let add = "WITH owner AS (
                   INSERT INTO partners (id, slug, name, adapter) VALUES (new_uuid_v7(), $1::text, $1, 'standard')
                   ON CONFLICT (slug) DO UPDATE SET name = excluded.name RETURNING id
               ), made AS (
                   SELECT overlay(new_uuid_v7()::text placing left(at, 8) || '-' || right(at, 4) from 1 for 13)::uuid AS id
                   FROM (SELECT lpad(to_hex((extract(epoch FROM now() - make_interval(days => $2)) * 1000)::bigint), 12, '0') AS at) past,
                        generate_series(1, $4)
               ), runs AS (
                   INSERT INTO feed_runs (id, partner, mode, dry_run, status, base_version, bytes, sha256, actor, lease_expires_at, finished_at)
                   SELECT made.id, owner.id, 'full', false, $3::text, 0, 1, sha256(''), 'x',
                          CASE WHEN $3 IN ('queued', 'running') THEN now() END,
                          CASE WHEN $3 NOT IN ('queued', 'running') THEN now() END
                   FROM made, owner RETURNING id
               ), held AS (
                   INSERT INTO feed_held_plan (action, product, repriced, jumped, stopped, moved, renamed, reassigned, gained, lost, run)
                   SELECT 'miss', id, false, false, false, false, false, false, false, false, id FROM runs
               ), staged AS (
                   INSERT INTO feed_held_staged (n, line, kind, run) SELECT 0, 1, 0, id FROM runs
               ), contents AS (
                   INSERT INTO feed_held_contents (n, item_id, search, price, currency, availability, item, content_hash, sketch, run)
                   SELECT 0, 'a', 'a', 1, 'EUR', 'in_stock', '{}', '', '', id FROM runs
               )
               INSERT INTO feed_issues (run, n, code) SELECT id, n, 'title_missing' FROM runs, generate_series(1, $5) AS n";
    // Findings reference runs of the same statement, so their constraint is checked at its end.
    sql.execute(add, &[&partner, &age_days, &status, &count, &findings])
        .await
        .unwrap();
}

async fn left(sql: &Client, table: &str, run: &str) -> Vec<(String, i64)> {
    let query = format!(
        "SELECT p.slug || ' ' || r.status, count(*) FROM {table} t JOIN feed_runs r ON r.id = t.{run}
         JOIN partners p ON p.id = r.partner GROUP BY 1 ORDER BY 1"
    );
    let rows = sql.query(&query, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn owned(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    let owned = expected
        .iter()
        .map(|(what, count)| ((*what).to_owned(), *count));
    owned.collect()
}

#[tokio::test]
async fn old_findings_and_runs_leave_and_never_what_made_the_catalog_or_waits_for_a_word() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let store = database.store().await;
    // One shop still sends feeds; the other stopped 500 days ago.
    runs(&sql, "alive", 401, "applied", 3, 2).await;
    runs(&sql, "alive", 401, "discarded", 2, 2).await;
    runs(&sql, "alive", 399, "failed", 1, 2_500).await;
    runs(&sql, "alive", 91, "applied", 1, 2_500).await;
    runs(&sql, "alive", 91, "held", 1, 3).await;
    runs(&sql, "alive", 89, "applied", 1, 4).await;
    runs(&sql, "dormant", 501, "applied", 1, 5).await;
    runs(&sql, "dormant", 500, "applied", 1, 6).await;
    runs(&sql, "dormant", 450, "dry_run", 1, 7).await;
    runs(&sql, "dormant", 450, "held", 1, 8).await;

    keep(&store).await.unwrap();
    let runs = [
        ("alive applied", 2),
        ("alive failed", 1),
        ("alive held", 1),
        ("dormant applied", 1),
        ("dormant held", 1),
    ];
    assert_eq!(left(&sql, "feed_runs", "id").await, owned(&runs));
    let findings = [
        ("alive applied", 4),
        ("alive held", 3),
        ("dormant applied", 6),
        ("dormant held", 8),
    ];
    assert_eq!(left(&sql, "feed_issues", "run").await, owned(&findings));
    for held in ["feed_held_plan", "feed_held_staged", "feed_held_contents"] {
        let rows = sql.query(&format!("SELECT FROM {held}"), &[]).await;
        assert_eq!(rows.unwrap().len(), 6, "{held}");
    }
}
