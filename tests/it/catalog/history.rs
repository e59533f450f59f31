//! What products cost and how many units there were: one row per change, for 400 days.

use buywire::testing::keep;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::support::app::{OPERATOR, TestApp};
use crate::support::feed::{feed, row};
use crate::support::postgres::{TestDatabase, connect};

/// The rows of an item, oldest first: price, sale price and its days, units and availability.
async fn history(sql: &Client, item: &str) -> Vec<String> {
    let select = "SELECT concat_ws(' ', h.price, coalesce('sale ' || h.sale_price, '-'),
            to_char(h.sale_starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
            to_char(h.sale_ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
            coalesce(h.quantity || ' units', '-'), h.currency, h.availability)
        FROM product_history h JOIN products p ON p.id = h.product WHERE p.item_id = $1 ORDER BY h.at";
    let rows = sql.query(select, &[&item]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn rows(sql: &Client) -> i64 {
    let select = "SELECT count(*) FROM product_history";
    sql.query_one(select, &[]).await.unwrap().get(0)
}

async fn set_stock(app: &TestApp, body: &Value) {
    let path = "/v1/partners/acme/stock/item-1";
    let answer = app.call(Method::PUT, path, OPERATOR, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn each_change_is_one_row_and_what_stays_the_same_is_none() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    assert_eq!(rows(&app.sql).await, 20, "the first appearance is a row");
    app.push("acme", feed(20).csv()).await;
    assert_eq!(rows(&app.sql).await, 20);
    let renamed = feed(20).csv().replace("Cup 7", "Mug 7");
    app.push("acme", renamed).await;
    assert_eq!(rows(&app.sql).await, 20, "a title is no price");
    let twice = feed(20).with_row(row(2, "11.00 EUR"));
    app.push("acme", twice.csv()).await;
    assert_eq!(
        rows(&app.sql).await,
        21,
        "two rows of one id are one change"
    );
    app.push("acme", feed(20).priced([1], "12.00 EUR").csv())
        .await;
    app.push("acme", feed(20).broken([1]).csv()).await;
    app.push("acme", feed(20).without([1]).csv()).await;
    let reduced = json!({"id": "item-1", "title": "Cup 1", "link": "https://shop.example/1",
        "image_link": "https://img.example/1.jpg", "price": "12.00 EUR", "sale_price": "9.00 EUR", "brand": "Acme",
        "sale_price_effective_date": "2027-03-01T00:00+14:00/2027-03-10T00:00Z", "availability": "in_stock"});
    app.patch_items("acme", std::slice::from_ref(&reduced))
        .await;
    let mut counted = reduced;
    counted["quantity"] = json!(4);
    app.patch_items("acme", &[counted]).await;
    assert_eq!(
        history(&app.sql, "item-1").await,
        [
            "1000 - - EUR in_stock",
            "1200 - - EUR in_stock",
            "1200 - - EUR out_of_stock",
            "1200 sale 900 2027-02-28 10:00 2027-03-10 00:00 - EUR in_stock",
            "1200 sale 900 2027-02-28 10:00 2027-03-10 00:00 4 units EUR in_stock",
        ],
        "missing after out of stock changes nothing that is offered"
    );
    assert_eq!(rows(&app.sql).await, 26);
    app.finish().await;
}

#[tokio::test]
async fn a_dry_run_and_a_held_run_are_no_history_until_it_is_approved() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(50).csv()).await;
    let next = feed(51).without(0..15).priced([20], "99.00 EUR").csv();
    app.push_with("acme", "&dry_run=true", next.clone()).await;
    let held = app.push("acme", next).await;
    assert_eq!(held["status"], "held", "{held}");
    assert_eq!(rows(&app.sql).await, 50);
    assert_eq!(app.decide_run("acme", &held, "approve").await.status, 200);
    let one_new_one_repriced_fifteen_gone = 50 + 1 + 1 + 15;
    assert_eq!(rows(&app.sql).await, one_new_one_repriced_fifteen_gone);
    assert_eq!(
        history(&app.sql, "item-20").await,
        ["1000 - - EUR in_stock", "9900 - - EUR in_stock"]
    );
    app.finish().await;
}

#[tokio::test]
async fn stock_that_a_partner_sets_is_history_of_its_own_item() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(3).csv()).await;
    for total in [7, 7, 0] {
        set_stock(&app, &json!({"kind": "counter", "total": total})).await;
    }
    set_stock(&app, &json!({"kind": "unlimited"})).await;
    assert_eq!(
        history(&app.sql, "item-1").await,
        [
            "1000 - - EUR in_stock",
            "1000 - 7 units EUR in_stock",
            "1000 - 0 units EUR out_of_stock",
            "1000 - - EUR in_stock",
        ]
    );
    assert_eq!(rows(&app.sql).await, 6);
    app.finish().await;
}

#[tokio::test]
async fn changes_at_the_same_time_end_with_what_the_product_is() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(3).csv()).await;
    for round in 1..=10 {
        let csv = feed(3).priced([1], &format!("1{round}.00 EUR")).csv();
        let counter = json!({"kind": "counter", "total": round});
        tokio::join!(app.push("acme", csv), set_stock(&app, &counter));
        let select = "SELECT (SELECT h.price || ' ' || h.quantity FROM product_history h WHERE h.product = p.id
                ORDER BY h.at DESC LIMIT 1), p.price || ' ' || s.total
            FROM products p JOIN stock s USING (partner, item_id) WHERE p.item_id = 'item-1'";
        let row = app.sql.query_one(select, &[]).await.unwrap();
        let (last, product): (String, String) = (row.get(0), row.get(1));
        assert_eq!(last, product);
    }
    app.finish().await;
}

/// Adds a product with rows of these ages in days; a removed one if asked.
async fn product(sql: &Client, item: &str, is_removed: bool, ages: &[i32]) {
    let add = "WITH owner AS (
            INSERT INTO partners (id, slug, name, adapter) VALUES (new_uuid_v7(), 'acme', 'Acme', 'standard')
            ON CONFLICT (slug) DO UPDATE SET name = excluded.name RETURNING id
        ), made AS (
            INSERT INTO products (id, partner, item_id, search, price, currency, availability, item, content_hash, sketch, removed_at)
            SELECT new_uuid_v7(), id, $1, '', 1, 'EUR', 'in_stock', '{}', '', repeat('a', 16)::bytea,
                   CASE WHEN $2::boolean THEN now() - interval '1 day' END
            FROM owner RETURNING id
        )
        INSERT INTO product_history (product, at, price, currency, availability)
        SELECT id, now() - make_interval(days => age), age, 'EUR', 'in_stock' FROM made, unnest($3::int[]) AS age";
    sql.execute(add, &[&item, &is_removed, &ages])
        .await
        .unwrap();
}

#[tokio::test]
async fn history_is_kept_for_400_days_and_what_a_living_product_cost_then() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let store = database.store().await;
    product(&sql, "changing", false, &[900, 500, 401, 399, 1]).await;
    product(&sql, "constant", false, &[700]).await;
    product(&sql, "removed", true, &[500, 401, 399]).await;
    let many: Vec<i32> = (401..2_600).collect();
    product(&sql, "busy", false, &many).await;
    for _ in 0..2 {
        keep(&store).await.unwrap();
        let mut left = Vec::new();
        for item in ["changing", "constant", "removed", "busy"] {
            let select = "SELECT h.price FROM product_history h JOIN products p ON p.id = h.product
                WHERE p.item_id = $1 ORDER BY h.at";
            let rows = sql.query(select, &[&item]).await.unwrap();
            left.push(rows.iter().map(|row| row.get(0)).collect::<Vec<i64>>());
        }
        assert_eq!(left, [vec![401, 399, 1], vec![700], vec![399], vec![401]]);
    }
}
