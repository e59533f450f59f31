//! Posts follow their products: in the transaction that changes the product, or not at all.

use serde_json::{Value, json};

use crate::support::api::{OPERATOR, PLATFORM, uuid_of};
use crate::support::app::TestApp;
use crate::support::feed::feed;
use crate::support::postgres::connect;
use crate::support::receiver::Receiver;

async fn shop() -> TestApp {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    app
}

fn cup(n: usize, price: &str, availability: &str) -> Value {
    json!({
        "id": format!("item-{n}"), "title": format!("Cup {n}"), "link": format!("https://shop.example/{n}"),
        "image_link": format!("https://img.example/{n}.jpg"), "price": price, "availability": availability,
        "brand": "Acme"
    })
}

/// Reads a post, and asserts that its row, its document and its product agree.
async fn consistent_post(app: &TestApp, post: &Value) -> Value {
    let now = app.reload_post(post).await;
    let id = now["product"]["id"].as_str().unwrap();
    let product = app
        .get(&format!("/v1/products/{id}"), OPERATOR)
        .await
        .json();
    let card = &now["card"];
    for member in ["title", "price", "availability", "buyable"] {
        assert_eq!(card[member], product[member], "{member}: {now} {product}");
    }
    assert_eq!(
        card["not_buyable"].is_null(),
        product["not_buyable"].is_null()
    );
    let select = "SELECT p.state, p.card, p.text, p.version, s.availability, s.price
        FROM posts p JOIN products s ON s.id = p.product WHERE p.id = $1";
    let post = uuid_of(now["id"].as_str().unwrap());
    let row = app.sql.query_one(select, &[&post]).await.unwrap();
    let stored: Value = serde_json::from_str(row.get("card")).unwrap();
    assert_eq!(stored, *card);
    assert_eq!(now["state"], row.get::<_, &str>("state"));
    assert_eq!(now["text"], row.get::<_, &str>("text"));
    assert_eq!(now["version"], row.get::<_, i64>("version"));
    assert_eq!(card["availability"], row.get::<_, &str>("availability"));
    assert_eq!(card["price"]["amount"], row.get::<_, i64>("price"));
    now
}

fn summary(post: &Value) -> (&str, &Value, &Value) {
    (
        post["state"].as_str().unwrap(),
        &post["reason"],
        &post["card"]["label"],
    )
}

#[tokio::test]
async fn stock_and_price_reach_the_post_with_the_feed_that_brings_them() {
    let app = shop().await;
    let post = app.published("acme", "item-3", json!({})).await;
    let given = app
        .published("acme", "item-3", json!({"text": "Look!"}))
        .await;
    let other = app.published("acme", "item-4", json!({})).await;
    assert_eq!(consistent_post(&app, &post).await["state"], "live");

    app.patch_items("acme", &[cup(3, "10.00 EUR", "out_of_stock")])
        .await;
    let now = consistent_post(&app, &post).await;
    assert_eq!(
        summary(&now),
        ("sold_out", &json!("out_of_stock"), &json!("Sold out"))
    );
    assert_eq!(now["version"], 3);
    app.patch_items("acme", &[cup(3, "10.00 EUR", "in_stock")])
        .await;
    assert_eq!(
        summary(&consistent_post(&app, &post).await),
        ("live", &Value::Null, &Value::Null)
    );

    app.patch_items("acme", &[cup(3, "12.50 EUR", "in_stock")])
        .await;
    let now = consistent_post(&app, &post).await;
    let text = now["text"].as_str().unwrap();
    assert!(text.starts_with("Cup 3 – 12.50 EUR\nhttp"), "{text}");
    assert_eq!(
        (&now["card"]["price"]["amount"], &now["version"]),
        (&json!(1250), &json!(5))
    );
    let given = consistent_post(&app, &given).await;
    assert_eq!(
        (&given["text"], &given["card"]["price"]["amount"]),
        (&json!("Look!"), &json!(1250))
    );
    // A post whose product did not change stays identical.
    assert_eq!(consistent_post(&app, &other).await, other);
    app.finish().await;
}

#[tokio::test]
async fn what_a_feed_leaves_out_is_sold_out_and_then_withdrawn() {
    let app = shop().await;
    let post = app.published("acme", "item-3", json!({})).await;
    let draft = app.draft("acme", "item-3", json!({})).await;
    for _ in 0..2 {
        app.push("acme", feed(20).without([3]).csv()).await;
        let now = consistent_post(&app, &post).await;
        assert_eq!(
            summary(&now),
            ("sold_out", &json!("missing"), &json!("Sold out"))
        );
    }
    app.push("acme", feed(20).without([3]).csv()).await;
    let now = consistent_post(&app, &post).await;
    assert_eq!(
        summary(&now),
        (
            "withdrawn",
            &json!("product_gone"),
            &json!("No longer available")
        )
    );
    assert_eq!(consistent_post(&app, &draft).await["state"], "draft");
    for post in [&post, &draft] {
        app.post_action(post, "publish")
            .await
            .problem(409, "state-conflict");
    }
    // It comes back: nothing is for sale again before it is approved.
    app.push("acme", feed(20).csv()).await;
    let now = consistent_post(&app, &post).await;
    assert_eq!(
        (&now["state"], &now["card"]["buyable"]),
        (&json!("withdrawn"), &json!(true))
    );
    assert_eq!(app.publish(&post).await["state"], "live");

    app.push("acme", feed(20).broken([3]).csv()).await;
    assert_eq!(
        summary(&consistent_post(&app, &post).await),
        ("sold_out", &json!("blocked"), &json!("Sold out"))
    );
    app.push("acme", feed(20).csv()).await;
    assert_eq!(consistent_post(&app, &post).await["state"], "live");
    app.patch_items("acme", &[json!({"id": "item-3", "deleted": true})])
        .await;
    assert_eq!(consistent_post(&app, &post).await["reason"], "product_gone");
    app.finish().await;
}

#[tokio::test]
async fn a_dry_run_and_a_held_run_move_no_post() {
    let app = shop().await;
    let receiver = Receiver::start().await;
    let endpoint = app.endpoint("platform", &receiver).with_events(&["post.*"]);
    endpoint.create().await;
    let post = app.published("acme", "item-3", json!({})).await;
    receiver.received(1).await;
    let dearer = feed(20).priced([3], "11.00 EUR").csv();
    let report = app.push_with("acme", "&dry_run=true", dearer).await;
    assert_eq!(report["items"]["updated"], 1, "{report}");
    assert_eq!(consistent_post(&app, &post).await, post);
    let held = app.push("acme", feed(20).without(0..15).csv()).await;
    assert_eq!(held["status"], "held");
    assert_eq!(consistent_post(&app, &post).await, post);
    app.wait_for_count("SELECT count(*) FROM events WHERE type LIKE 'post.%'", 1)
        .await;
    // After the approval it is.
    assert_eq!(app.decide_run("acme", &held, "approve").await.status, 200);
    assert_eq!(consistent_post(&app, &post).await["state"], "sold_out");
    receiver.received(2).await;
    app.finish().await;
}

#[tokio::test]
async fn the_platform_hears_everything_that_happens_to_a_live_post() {
    let app = shop().await;
    let receiver = Receiver::start().await;
    let endpoint = app.endpoint("platform", &receiver).with_events(&["post.*"]);
    let endpoint = endpoint.create().await;
    let outsider = Receiver::start().await;
    let deaf = app.endpoint("acme", &outsider).with_events(&["post.*"]);
    deaf.create().await;

    let post = app.published("acme", "item-3", json!({})).await;
    let observed = receiver.received(1).await;
    assert_eq!(
        (&observed[0].json()["type"], &observed[0].json()["data"]),
        (&json!("post.live"), &post)
    );
    for (price, availability) in [
        ("10.00 EUR", "out_of_stock"),
        ("11.00 EUR", "out_of_stock"),
        ("11.00 EUR", "in_stock"),
        ("12.00 EUR", "in_stock"),
    ] {
        let so_far = receiver.received_so_far().len();
        app.patch_items("acme", &[cup(3, price, availability)])
            .await;
        let observed = receiver.received(so_far + 1).await;
        assert_eq!(
            observed[so_far].json()["data"],
            app.reload_post(&post).await
        );
    }
    app.patch_post(&post, json!({"rollout": {"percent": 5}}))
        .await;
    receiver.received(6).await;
    app.post_action(&post, "withdraw").await;
    let observed = receiver.received(7).await;
    let kinds: Vec<_> = observed
        .iter()
        .map(|one| one.json()["type"].clone())
        .collect();
    let expected = [
        "live", "updated", "updated", "live", "updated", "updated", "updated",
    ];
    assert_eq!(kinds, expected.map(|kind| format!("post.{kind}")));
    assert_eq!(observed[6].json()["data"]["state"], "withdrawn");
    assert!(observed.iter().all(|one| one.verifies(&endpoint.secret)));

    // There is no event for a post that was never live, has ended, or is published elsewhere.
    app.patch_items("acme", &[cup(3, "13.00 EUR", "in_stock")])
        .await;
    app.published(
        "acme",
        "item-5",
        json!({"starts_at": "2099-01-01T00:00:00Z"}),
    )
    .await;
    app.published("acme", "item-6", json!({"publish": ["web_intent"]}))
        .await;
    app.draft("acme", "item-7", json!({})).await;
    app.wait_for_count("SELECT count(*) FROM events WHERE type LIKE 'post.%'", 7)
        .await;
    assert!(outsider.received_so_far().is_empty());
    app.finish().await;
}

#[tokio::test]
async fn an_intent_is_ready_with_the_text_of_the_day() {
    let app = shop().await;
    let post = app
        .published("acme", "item-3", json!({"publish": ["web_intent"]}))
        .await;
    let intent = |post: &Value| post["publications"][0]["url"].as_str().unwrap().to_owned();
    let before = intent(&post);
    assert!(before.starts_with(
        "https://x.com/intent/tweet?text=Cup%203%20%E2%80%93%2010.00%20EUR&url=http%3A%2F%2F"
    ));
    assert!(before.ends_with(post["slug"].as_str().unwrap()), "{before}");
    app.patch_items("acme", &[cup(3, "12.50 EUR", "in_stock")])
        .await;
    let now = intent(&consistent_post(&app, &post).await);
    assert_eq!(now, before.replace("10.00", "12.50"));
    let gone = app.post_action(&post, "withdraw").await.json();
    assert_eq!(gone["publications"], json!([]));
    app.finish().await;
}

#[tokio::test]
async fn a_post_that_is_made_while_its_product_changes_shows_the_change() {
    let app = shop().await;
    let mut beside = connect(&app.database_url().parse().unwrap()).await;
    let run = beside.transaction().await.unwrap();
    // As a run does: it changes the product, settles its posts, and only then commits.
    let dearer = "UPDATE products SET price = 1100, item = replace(item, '\"amount\":1000', '\"amount\":1100')
        WHERE item_id = 'item-3'";
    assert_eq!(run.execute(dearer, &[]).await.unwrap(), 1);
    let posts = run
        .query("SELECT id FROM posts FOR UPDATE", &[])
        .await
        .unwrap();
    assert!(posts.is_empty());
    let make = app.draft("acme", "item-3", json!({}));
    let commit = async {
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
            AND query LIKE '%FROM products p JOIN partners%' AND datname = current_database()";
        app.wait_for_count(waits, 1).await;
        run.commit().await.unwrap();
    };
    let (post, ()) = tokio::join!(make, commit);
    assert_eq!(post["card"]["price"]["amount"], 1100);
    consistent_post(&app, &post).await;
    app.finish().await;
}

#[tokio::test]
async fn who_waits_for_a_post_looks_at_its_product_afterwards() {
    let app = shop().await;
    let post = app.published("acme", "item-3", json!({})).await;
    let mut beside = connect(&app.database_url().parse().unwrap()).await;
    let run = beside.transaction().await.unwrap();
    run.query("SELECT id FROM posts FOR UPDATE", &[])
        .await
        .unwrap();
    let change = app.patch_post(&post, json!({"rollout": {"percent": 50}}));
    let commit = async {
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
            AND query LIKE '%FROM posts%FOR UPDATE%' AND datname = current_database()";
        app.wait_for_count(waits, 1).await;
        let dearer = "UPDATE products SET price = 1100, item = replace(item, '\"amount\":1000', '\"amount\":1100')
            WHERE item_id = 'item-3'";
        run.execute(dearer, &[]).await.unwrap();
        run.commit().await.unwrap();
    };
    let (changed, ()) = tokio::join!(change, commit);
    assert_eq!(changed.json()["card"]["price"]["amount"], 1100);
    consistent_post(&app, &post).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feeds_people_and_the_clock_never_stand_in_each_others_way() {
    let app = shop().await;
    let mut posts = Vec::new();
    for n in 0..20 {
        for _ in 0..3 {
            posts.push(app.published("acme", &format!("item-{n}"), json!({})).await);
        }
    }
    let feeds = async {
        for n in 0..8 {
            let price = format!("{}.00 EUR", 10 + n % 2);
            let report = app.push("acme", feed(20).priced(0..20, &price).csv()).await;
            assert_eq!(report["status"], "applied", "{report}");
        }
    };
    let people = async {
        for post in posts.iter().rev().chain(&posts) {
            let verb = ["withdraw", "publish"]
                [usize::from(post["id"].as_str().unwrap().ends_with(['0', '5', 'a']))];
            assert_eq!(app.post_action(post, verb).await.status, 200);
        }
    };
    let clock = async {
        for _ in 0..40 {
            let due = "UPDATE posts SET next_at = now() WHERE id IN (SELECT id FROM posts ORDER BY random() LIMIT 20
                FOR UPDATE SKIP LOCKED)";
            app.sql.execute(due, &[]).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(feeds, people, clock);
    app.wait_for_count("SELECT count(*) FROM posts WHERE next_at <= now()", 0)
        .await;
    for post in &posts {
        consistent_post(&app, post).await;
    }
    let page = app.get("/v1/posts?limit=500", PLATFORM).await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), posts.len());
    app.finish().await;
}

#[tokio::test]
async fn all_posts_of_a_product_follow_however_many_they_are() {
    let app = shop().await;
    app.published("acme", "item-3", json!({})).await;
    let many = "INSERT INTO posts (id, slug, product, partner, state, text, weighted_length, template, url, card, rollout,
            publish, publications, version, created_at, published_at, updated_at)
        SELECT new_uuid_v7(), 'crowd-' || n, product, partner, state, text, weighted_length, template, url, card, rollout,
            publish, publications, version, created_at, published_at, updated_at
        FROM posts, generate_series(1, 2200) n";
    app.sql.execute(many, &[]).await.unwrap();
    app.patch_items("acme", &[cup(3, "12.50 EUR", "in_stock")])
        .await;
    let dearer = "SELECT count(*) FROM posts WHERE card LIKE '%1250%' AND text LIKE '%12.50%' AND version = 3";
    app.wait_for_count(dearer, 2_201).await;
    let notice = "SELECT count(DISTINCT data::jsonb->>'id') FROM events WHERE type = 'post.updated'
        AND data LIKE '%\"amount\":1250%'";
    app.wait_for_count(notice, 2_201).await;
    app.finish().await;
}
