//! Search finds words in any spelling of their letters, in lists, bulks and rules, and uses an index.

use serde_json::{Value, json};

use crate::support::api::{OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::feed::feed;

/// Items whose titles have composed, decomposed and capital letters.
async fn shop() -> TestApp {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let document = feed(6)
        .csv()
        .replace("Cup 0", "Caf\u{e9} cup")
        .replace("Cup 1", "Cafe\u{301} mug")
        .replace("Cup 2", "CAF\u{c9} pot")
        .replace("item-3", "KAF-e\u{301}3");
    let report = app.push("acme", document).await;
    assert_eq!(report["status"], "applied", "{report}");
    app
}

async fn found(app: &TestApp, words: &str) -> Vec<String> {
    let words: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
    let path = format!("/v1/products?partner=acme&q={words}");
    let page = app.get(&path, OPERATOR).await.json();
    let products = page["data"].as_array().unwrap().iter();
    products
        .map(|product| product["item_id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn decomposed_letters_are_found_in_lists_bulks_and_rules() {
    let app = shop().await;
    let all = ["item-0", "item-1", "item-2"];
    for words in ["caf\u{e9}", "cafe\u{301}", "CAF\u{c9}", "CAFE\u{301} "] {
        assert_eq!(found(&app, words.trim()).await, all, "{words:?}");
    }
    assert_eq!(found(&app, "kaf-\u{e9}3").await, ["KAF-e\u{301}3"]);
    assert_eq!(found(&app, "item-4").await, ["item-4"]);
    assert_eq!(found(&app, "up 5").await, ["item-5"]);
    for none in ["%", "_", "caf\u{e8}", "cup\nitem"] {
        assert!(found(&app, none).await.is_empty(), "{none:?}");
    }

    let filter = json!({"partner": "acme", "q": "CAFE\u{301}"});
    let bulk = json!({"filter": filter, "dry_run": true});
    let answer = app.post("/v1/posts/bulk", PLATFORM, &bulk).await;
    assert_eq!(answer.json()["matched"], 3, "{answer:?}");
    let rule = json!({"name": "caf\u{e9}s", "filter": filter, "existing": true});
    let answer = app.post("/v1/post-rules", PLATFORM, &rule).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    app.wait_for_posts(3).await;
    app.finish().await;
}

#[tokio::test]
async fn a_search_reads_the_index_and_what_it_finds() {
    let app = shop().await;
    let search = include_str!("../../../src/store/sql/catalog/search_products.sql");
    let plan = format!(
        "SET enable_seqscan = off; PREPARE search(uuid, uuid, text, bigint, text) AS {search}"
    );
    app.sql
        .batch_execute("VACUUM ANALYZE products")
        .await
        .unwrap();
    app.sql.batch_execute(&plan).await.unwrap();
    let select = "SELECT id FROM partners WHERE slug = 'acme'";
    let id: uuid::Uuid = app.sql.query_one(select, &[]).await.unwrap().get(0);
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE search('{id}', NULL, NULL, 50, 'pot')");
    let row = app.sql.simple_query(&explain).await.unwrap();
    let plan: String = row
        .iter()
        .filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
        .collect();
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let text = plan.to_string();
    assert!(text.contains("\"Index Only Scan\""), "{text}");
    assert!(text.contains("products_of_partner"), "{text}");
    app.finish().await;
}
