//! Lists of posts, and the timeline: what one viewer may buy from.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, PLATFORM};
use crate::support::app::TestApp;
use crate::support::feed::{feed, row};

async fn shop() -> TestApp {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    app
}

fn id(post: &Value) -> String {
    post["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn only_live_posts_are_there_the_newest_first() {
    let app = shop().await;
    let first = app.draft("acme", "item-1", json!({})).await;
    let second = app.published("acme", "item-2", json!({})).await;
    app.draft("acme", "item-3", json!({})).await;
    app.published(
        "acme",
        "item-4",
        json!({"starts_at": "2099-01-01T00:00:00Z"}),
    )
    .await;
    let withdrawn = app.published("acme", "item-5", json!({})).await;
    app.post_action(&withdrawn, "withdraw").await;
    // Created first, published last.
    app.publish(&first).await;
    assert_eq!(
        app.timeline("").await,
        (vec![id(&first), id(&second)], None)
    );
    let (page, cursor) = app.timeline("limit=1").await;
    assert_eq!(page, [id(&first)]);
    let (page, cursor) = app
        .timeline(&format!("limit=1&cursor={}", cursor.unwrap()))
        .await;
    assert_eq!((page, cursor), (vec![id(&second)], None));
    let whole = app.get("/v1/timeline", PLATFORM).await.json();
    assert_eq!(whole["data"][1], second);
    for query in ["cursor=1", "cursor=1.pst_1", "limit=0", "age=7"] {
        let answer = app.get(&format!("/v1/timeline?{query}"), PLATFORM).await;
        answer.problem(400, "query-invalid");
    }
    app.finish().await;
}

#[tokio::test]
async fn what_is_not_known_of_a_viewer_counts_against_it() {
    let app = shop().await;
    let rollout = json!({"percent": 100, "countries": ["US", "CA"], "platforms": ["ios"], "languages": ["en"]});
    let post = app
        .published("acme", "item-1", json!({"rollout": rollout}))
        .await;
    let half = app
        .published("acme", "item-2", json!({"rollout": {"percent": 0.0}}))
        .await;
    assert_eq!(half["state"], "live");
    for (query, allowed) in [
        ("viewer=v&country=US&platform=ios&lang=en-GB", true),
        ("country=ca&platform=ios&lang=en", true),
        ("viewer=v&country=DE&platform=ios&lang=en", false),
        ("viewer=v&country=US&platform=web&lang=en", false),
        ("viewer=v&country=US&platform=ios&lang=de", false),
        ("viewer=v&platform=ios&lang=en", false),
        ("viewer=v&country=US&lang=en", false),
        ("viewer=v&country=US&platform=ios", false),
        ("", false),
    ] {
        let (recorded, _) = app.timeline(query).await;
        assert_eq!(recorded.contains(&id(&post)), allowed, "{query}");
        assert!(!recorded.contains(&id(&half)), "{query}");
    }
    app.finish().await;
}

#[tokio::test]
async fn what_is_sold_in_some_countries_is_shown_only_there() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let rows = [
        (1, "US:::5.00 EUR", ""),
        (2, "", "FR"),
        (3, "", ""),
        (4, "FR:::5.00 EUR,US:::5.00 EUR", "US"),
    ];
    let rows = rows.map(|(n, shipping, excluded)| {
        format!("{},\"{shipping}\",{excluded}\n", row(n, "10.00 EUR"))
    });
    let header =
        "id,title,link,image_link,price,availability,brand,gtin,shipping,excluded_countries";
    let report = app
        .push("acme", format!("{header}\n{}", rows.concat()))
        .await;
    assert_eq!(report["status"], "applied", "{report}");
    let mut posts = Vec::new();
    for n in 1..=4 {
        let post = app.published("acme", &format!("item-{n}"), json!({})).await;
        posts.push(id(&post));
    }
    for (query, shown) in [
        ("country=US", &[3, 2, 1][..]),
        ("country=fr", &[4, 3]),
        ("country=DE", &[3, 2]),
        ("viewer=v", &[4, 3, 2, 1]),
    ] {
        let (found, _) = app.timeline(query).await;
        let shown: Vec<_> = shown.iter().map(|n| posts[n - 1].clone()).collect();
        assert_eq!(found, shown, "{query}");
    }
    app.finish().await;
}

#[tokio::test]
async fn raising_the_percentage_takes_a_post_from_nobody() {
    let app = shop().await;
    let post = app
        .published("acme", "item-1", json!({"rollout": {"percent": 0}}))
        .await;
    let viewers: Vec<_> = (0..60).map(|n| format!("viewer-{n}")).collect();
    let mut before = BTreeSet::new();
    for percent in [5, 20, 50, 90, 100] {
        let change = json!({"rollout": {"percent": percent}});
        assert_eq!(app.patch_post(&post, change).await.status, 200);
        let mut now = BTreeSet::new();
        for viewer in &viewers {
            if !app.timeline(&format!("viewer={viewer}")).await.0.is_empty() {
                now.insert(viewer.clone());
            }
        }
        assert!(before.is_subset(&now), "{percent}: {before:?} {now:?}");
        // An unknown viewer is last.
        assert_eq!(app.timeline("").await.0.is_empty(), percent < 100);
        before = now;
    }
    assert_eq!(before.len(), viewers.len());
    app.finish().await;
}

#[tokio::test]
async fn an_answer_looks_at_so_many_posts_and_no_more() {
    let app = shop().await;
    let post = app.published("acme", "item-1", json!({})).await;
    let many = "INSERT INTO posts (id, slug, product, partner, state, text, weighted_length, url, card, rollout, publish,
            publications, created_at, published_at, updated_at)
        SELECT new_uuid_v7(), 'crowd-' || n, product, partner, state, text, weighted_length, url, card,
            '{\"percent\":100,\"countries\":[\"NZ\"]}', publish, publications, created_at,
            published_at + n * interval '1 second', updated_at
        FROM posts, generate_series(1, 4600) n";
    app.sql.execute(many, &[]).await.unwrap();
    let mut query = "country=US".to_owned();
    for scanned_at in [2_000, 4_000] {
        let (recorded, cursor) = app.timeline(&query).await;
        assert!(recorded.is_empty(), "{scanned_at}: {recorded:?}");
        query = format!("country=US&cursor={}", cursor.unwrap());
    }
    assert_eq!(app.timeline(&query).await, (vec![id(&post)], None));
    let (recorded, cursor) = app.timeline("country=NZ&limit=500").await;
    assert_eq!((recorded.len(), cursor.is_some()), (500, true));
    app.stop().await;
}

#[tokio::test]
async fn posts_are_listed_the_newest_first_and_narrowed() {
    let app = shop().await;
    app.partner("other").await;
    app.push("other", feed(20).csv()).await;
    let mut ids = Vec::new();
    for n in 0..3 {
        let post = app.draft("acme", &format!("item-{n}"), json!({})).await;
        ids.insert(0, post["id"].clone());
    }
    let live = app.published("other", "item-1", json!({})).await;
    let list = async |query: &str| {
        let page = app
            .get(&format!("/v1/posts?{query}"), PLATFORM)
            .await
            .json();
        let data = page["data"].as_array().unwrap().clone();
        let ids: Vec<_> = data.iter().map(|post| post["id"].clone()).collect();
        (ids, page["next_cursor"].clone())
    };
    assert_eq!(list("partner=acme").await, (ids.clone(), Value::Null));
    assert_eq!(list("state=live").await.0, [live["id"].clone()]);
    let product = live["product"]["id"].as_str().unwrap();
    assert_eq!(
        list(&format!("product={product}")).await.0,
        [live["id"].clone()]
    );
    let (first, cursor) = list("partner=acme&limit=2").await;
    assert_eq!(first, ids[..2]);
    let cursor = cursor.as_str().unwrap().to_owned();
    assert_eq!(
        list(&format!("partner=acme&limit=2&cursor={cursor}")).await,
        (ids[2..].to_vec(), Value::Null)
    );
    assert_eq!(list("partner=nobody").await.0, Vec::<Value>::new());
    for query in [
        "state=dead",
        "product=x",
        "partner=-",
        "cursor=x",
        "colour=red",
    ] {
        app.get(&format!("/v1/posts?{query}"), PLATFORM)
            .await
            .problem(400, "query-invalid");
    }
    // Partners may not use it.
    let partner = app.partner_key("acme").await;
    let path = format!("/v1/posts/{}", live["id"].as_str().unwrap());
    for (method, path) in [
        (Method::GET, path.as_str()),
        (Method::GET, "/v1/timeline"),
        (Method::POST, "/v1/posts"),
    ] {
        Answer::send(app.request(method, path, &partner))
            .await
            .problem(403, "forbidden");
    }
    app.finish().await;
}
