//! Retention: old rows are deleted, young ones stay, and no request waits for it.

use buywire::testing::{close_undeliverable, keep};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::postgres::{TestDatabase, connect};

#[tokio::test]
async fn a_day_of_attempts_leaves_as_a_table_and_days_are_made_ahead() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let store = database.store().await;
    // What a gateway finds after a long pause: no partitions ahead, old partitions, and an interrupted removal.
    sql.batch_execute(
        "DO $$ DECLARE t text; BEGIN
             FOR t IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent IN ('attempts'::regclass, 'delivered'::regclass)
             LOOP EXECUTE 'DROP TABLE ' || t; END LOOP;
         END $$;
         SELECT make_day_partitions(((now() AT TIME ZONE 'UTC')::date) + off, ((now() AT TIME ZONE 'UTC')::date) + off)
         FROM unnest(ARRAY[-40, -35, -34, -33, -30]) AS off;
         INSERT INTO attempts (delivery, number, at, opened_at, duration_ms)
         SELECT gen_random_uuid(), 1, now(), now() - interval '40 days', 1 FROM generate_series(1, 200000);
         CREATE TABLE attempts_20200101 (LIKE attempts)",
    )
    .await
    .unwrap();
    cut_short(&database, &sql).await;

    keep(&store).await.unwrap();
    let days = "SELECT array_agg(((right(relname::text, 8)::date) - (now() AT TIME ZONE 'UTC')::date)::int ORDER BY relname)
                FROM pg_class WHERE relname ~ ($1::text || '_[0-9]{8}$') AND relkind = 'r'";
    for table in ["^attempts", "^delivered"] {
        let row = sql.query_one(days, &[&table]).await.unwrap();
        let days: Vec<i32> = row.get(0);
        assert_eq!(days, [-33, -30, -1, 0, 1, 2, 3, 4, 5, 6, 7], "{table}");
    }
}

#[tokio::test]
async fn a_new_day_waits_for_no_reader_and_holds_up_no_record() {
    let database = TestDatabase::create().await;
    let config = database.url.parse().unwrap();
    let (reader, sql) = (connect(&config).await, connect(&config).await);
    let read = "BEGIN; SELECT count(*) FROM delivered; SELECT count(*) FROM attempts";
    reader.batch_execute(read).await.unwrap();
    let day = "((now() AT TIME ZONE 'UTC')::date + 8)";
    sql.batch_execute(&format!(
        "SET lock_timeout = '2s'; SELECT make_day_partitions({day}, {day})"
    ))
    .await
    .unwrap();
    // While open, it holds no lock that the reader, now a recorder, would wait for.
    sql.batch_execute(&format!(
        "BEGIN; SELECT make_day_partitions({day} + 1, {day} + 1)"
    ))
    .await
    .unwrap();
    let record = "SET lock_timeout = '2s';
        INSERT INTO delivered (id, event, endpoint, partner, attempts, created_at, opened_at)
        SELECT i, i, i, i, 1, now(), now() FROM gen_random_uuid() AS i; COMMIT";
    reader.batch_execute(record).await.unwrap();
    sql.batch_execute("COMMIT").await.unwrap();
}

#[tokio::test]
async fn holds_that_ended_long_ago_leave_and_sold_ones_stay() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    sql.batch_execute(
        "INSERT INTO partners (id, slug, name, adapter) VALUES (new_uuid_v7(), 'acme', 'Acme', 'standard');
         INSERT INTO stock (partner, item_id, kind, set_by) SELECT id, 'cup', 'unlimited', 'request' FROM partners
             WHERE slug = 'acme';
         INSERT INTO holds (id, checkout, partner, item_id, quantity, state, expires_at, updated_at)
         SELECT gen_random_uuid(), gen_random_uuid(), partner, item_id, 1, state, now(), now() - days * interval '1 day'
         FROM stock, unnest(ARRAY['held', 'sold', 'released', 'expired']) state, unnest(ARRAY[29, 31]) days",
    )
    .await
    .unwrap();
    keep(&database.store().await).await.unwrap();
    let left = "SELECT string_agg(state || ' ' || (now()::date - updated_at::date), ', '
                    ORDER BY state, updated_at DESC) FROM holds";
    let left: String = sql.query_one(left, &[]).await.unwrap().get(0);
    assert_eq!(
        left,
        "expired 29, held 29, held 31, released 29, sold 29, sold 31"
    );
}

/// A removal that waited for an old transaction and was interrupted.
async fn cut_short(database: &TestDatabase, sql: &Client) {
    let reader = connect(&database.url.parse().unwrap()).await;
    reader
        .batch_execute("BEGIN; SELECT count(*) FROM attempts WHERE number < 0")
        .await
        .unwrap();
    let day = "SELECT 'attempts_' || to_char((now() AT TIME ZONE 'UTC')::date - 35, 'YYYYMMDD')";
    let name: String = sql.query_one(day, &[]).await.unwrap().get(0);
    sql.batch_execute("SET statement_timeout = '300ms'")
        .await
        .unwrap();
    let cut = format!("ALTER TABLE attempts DETACH PARTITION {name} CONCURRENTLY");
    assert!(sql.batch_execute(&cut).await.is_err());
    sql.batch_execute("SET statement_timeout = 0")
        .await
        .unwrap();
    reader.batch_execute("ROLLBACK").await.unwrap();
    let pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending";
    assert_eq!(count(sql, pending).await, 1);
}

#[tokio::test]
async fn what_is_too_old_leaves_in_slices_and_never_before_its_deliveries() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let store = database.store().await;
    let endpoint = endpoint(&sql, "enabled").await;
    // 2,500 orders of 401 days ago: 2,499 are deleted; one has a dead letter that is still kept.
    let add = "WITH made AS (
                   SELECT n, overlay(new_uuid_v7()::text placing
                       left(lpad(to_hex((extract(epoch FROM now() - make_interval(days => $1)) * 1000)::bigint), 12, '0'), 8) || '-' ||
                       right(lpad(to_hex((extract(epoch FROM now() - make_interval(days => $1)) * 1000)::bigint), 12, '0'), 4) from 1 for 13)::uuid AS id
                   FROM generate_series(1, $2) AS n
               ), orders AS (
                   INSERT INTO orders (id, platform_id, content_hash, body, test)
                   SELECT id, 'O-' || id, sha256(id::text::bytea), '{}', false FROM made
               )
               INSERT INTO events (id, order_id, partner, sequence, type, data)
               SELECT id, id, (SELECT partner FROM endpoints LIMIT 1), 1, 'order.confirmed', '{}' FROM made";
    sql.execute(add, &[&401, &2_500]).await.unwrap();
    sql.execute(add, &[&399, &10]).await.unwrap();
    let dead = "INSERT INTO dead_deliveries (id, event, endpoint, partner, order_id, sequence, attempts, created_at, died_at, reason)
                SELECT new_uuid_v7(), e.id, $1, e.partner, e.order_id, 1, 1, now(), now() - make_interval(days => $2), 'exhausted'
                FROM events e ORDER BY e.id DESC LIMIT 1 OFFSET $3";
    sql.execute(dead, &[&endpoint, &89, &10_i64]).await.unwrap();
    sql.execute(dead, &[&endpoint, &91, &11_i64]).await.unwrap();
    // Their callbacks are deleted with them; callbacks without an order at the same age.
    sql.batch_execute(
        "INSERT INTO callbacks (id, partner, key, content, order_id, state, due_at)
         SELECT o.id, e.partner, o.id::text, '{}', o.id, 'applied', NULL
         FROM orders o JOIN events e ON e.order_id = o.id;
         INSERT INTO order_reports (order_id, partner, state, report)
         SELECT order_id, partner, '{}', '{}' FROM events;
         INSERT INTO acknowledgements (order_id, partner, delivery, at)
         SELECT order_id, partner, order_id, now() FROM events;
         INSERT INTO callbacks (id, partner, key, content, state, due_at)
         SELECT overlay(new_uuid_v7()::text placing left(o.id::text, 13) from 1 for 13)::uuid, e.partner, 'stock' || o.id, '{}', 'applied', NULL
         FROM orders o JOIN events e ON e.order_id = o.id",
    )
    .await
    .unwrap();

    keep(&store).await.unwrap();
    assert_eq!(count(&sql, "SELECT count(*) FROM dead_deliveries").await, 1);
    assert_eq!(count(&sql, "SELECT count(*) FROM orders").await, 11);
    assert_eq!(count(&sql, "SELECT count(*) FROM events").await, 11);
    for kept in ["order_reports", "acknowledgements"] {
        assert_eq!(
            count(&sql, &format!("SELECT count(*) FROM {kept}")).await,
            11
        );
    }
    // Ten young orders and the one that is still kept; ten stock levels of the same days.
    assert_eq!(count(&sql, "SELECT count(*) FROM callbacks").await, 21);
}

#[tokio::test]
async fn what_can_never_be_sent_is_buried_and_nothing_else() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let store = database.store().await;
    let add = "INSERT INTO deliveries (id, event, endpoint, partner, shard, due_at, opened_at)
               SELECT new_uuid_v7(), gen_random_uuid(), id, partner, shard, now() - make_interval(days => $2), now() - make_interval(days => $2)
               FROM endpoints, generate_series(1, $3) WHERE id = $1";
    for status in ["enabled", "disabled", "deleted"] {
        let endpoint = endpoint(&sql, status).await;
        sql.execute(add, &[&endpoint, &31, &600]).await.unwrap();
        sql.execute(add, &[&endpoint, &29, &600]).await.unwrap();
    }
    close_undeliverable(&store).await.unwrap();
    let left =
        "SELECT count(*) FROM deliveries d JOIN endpoints p ON p.id = d.endpoint WHERE p.url LIKE ";
    for (status, open) in [("enabled", 1_200), ("disabled", 600), ("deleted", 0)] {
        assert_eq!(
            count(&sql, &format!("{left} '%{status}'")).await,
            open,
            "{status}"
        );
    }
    let expired = "SELECT count(*) FROM dead_deliveries WHERE reason = 'expired'";
    assert_eq!(count(&sql, expired).await, 600);
    let deleted = "SELECT count(*) FROM dead_deliveries WHERE reason = 'endpoint_deleted'";
    assert_eq!(count(&sql, deleted).await, 1_200);
}

#[tokio::test]
async fn one_node_at_a_time_keeps_house() {
    let database = TestDatabase::create().await;
    let (one, other) = (database.store().await, database.store().await);
    let house = one.begin_retention().await.unwrap().unwrap();
    assert!(other.begin_retention().await.unwrap().is_none());
    house.end().await.unwrap();
    assert!(other.begin_retention().await.unwrap().is_some());
}

async fn endpoint(sql: &Client, status: &str) -> Uuid {
    let row = sql
        .query_one(
            "WITH partner AS (INSERT INTO partners (id, slug, name, adapter) VALUES (new_uuid_v7(), $1::text, $1, 'standard') RETURNING id)
             INSERT INTO endpoints (id, partner, shard, url, url_saved_by, event_types, status, status_reason, deleted_at)
             SELECT new_uuid_v7(), id, 1, 'https://example.com/' || $1, 'operator', '{*}',
                    CASE $1 WHEN 'disabled' THEN 'disabled' ELSE 'enabled' END,
                    CASE $1 WHEN 'disabled' THEN 'operator' END,
                    CASE $1 WHEN 'deleted' THEN now() - interval '1 minute' END
             FROM partner RETURNING id",
            &[&status],
        )
        .await
        .unwrap();
    row.get(0)
}

async fn count(sql: &Client, query: &str) -> i64 {
    sql.query_one(query, &[]).await.unwrap().get(0)
}
