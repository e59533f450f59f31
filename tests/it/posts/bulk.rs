//! Bulk posts: one request, many drafts, and never a second post for the same item.

use serde_json::{Value, json};

use crate::support::api::{Api, OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::feed::feed;

const BULK: &str = "/v1/posts/bulk";

impl Api {
    /// Creates posts in bulk, with any answer.
    async fn bulk(&self, body: Value) -> Value {
        let answer = self.post(BULK, PLATFORM, &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

/// The counts: matched, created and skipped.
fn bulk_counts(answer: &Value) -> (u64, u64, Vec<(String, u64)>) {
    let skipped = answer["skipped"].as_array().unwrap().iter();
    let skipped = skipped.map(|one| {
        let reason = one["reason"].as_str().unwrap();
        (reason.to_owned(), one["count"].as_u64().unwrap())
    });
    let count = |name: &str| answer[name].as_u64().unwrap();
    (count("matched"), count("made"), skipped.collect())
}

fn skipped(reason: &str, count: u64) -> Vec<(String, u64)> {
    vec![(reason.to_owned(), count)]
}

async fn merchant(document: String) -> TestApp {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let report = app.push("acme", document).await;
    assert_eq!(report["status"], "applied", "{report}");
    app
}

#[tokio::test]
async fn a_bulk_makes_a_draft_of_each_item_that_can_be_bought_and_has_none() {
    let document = feed(10)
        .csv()
        .replace("4.jpg,10.00 EUR,in_stock", "4.jpg,10.00 EUR,out_of_stock");
    let app = merchant(document).await;
    let own = json!({"product": {"partner": "acme", "item_id": "item-7"}});
    assert_eq!(app.post("/v1/posts", PLATFORM, &own).await.status, 201);
    let request = json!({"filter": {"partner": "acme"}, "template": "{title}: {price} {url}"});
    let mut dry = request.clone();
    dry["dry_run"] = json!(true);
    let both = vec![("has_post".to_owned(), 1), ("not_buyable".to_owned(), 1)];
    assert_eq!(bulk_counts(&app.bulk(dry).await), (10, 8, both.clone()));
    app.wait_for_draft_posts(1).await;

    let made = app.bulk(request.clone()).await;
    assert_eq!(bulk_counts(&made), (10, 8, both));
    app.wait_for_draft_posts(9).await;
    let posts = made["posts"].as_array().unwrap();
    assert_eq!(posts.len(), 8);
    let path = format!("/v1/posts/{}", posts[0].as_str().unwrap());
    let first = app.get(&path, PLATFORM).await.json();
    assert_eq!(first["product"]["item_id"], "item-0");
    let text = first["text"].as_str().unwrap();
    assert!(text.starts_with("Cup 0: 10.00 EUR "), "{text}");

    // The same request again creates nothing; a withdrawn post may be created again.
    let again = bulk_counts(&app.bulk(request.clone()).await);
    assert_eq!((again.0, again.1), (10, 0));
    assert_eq!(
        app.post(&format!("{path}/withdraw"), PLATFORM, &json!({}))
            .await
            .status,
        200
    );
    assert_eq!(bulk_counts(&app.bulk(request).await).1, 1);
    app.finish().await;
}

#[tokio::test]
async fn bulks_at_the_same_time_make_each_post_once() {
    let app = merchant(feed(60).csv()).await;
    let request = json!({"filter": {"partner": "acme"}, "go_live": true});
    let all = futures_util::future::join_all((0..6).map(|_| app.bulk(request.clone()))).await;
    let made: u64 = all.iter().map(|answer| bulk_counts(answer).1).sum();
    assert_eq!(made, 60, "{all:?}");
    let once = "SELECT count(DISTINCT product) FROM posts WHERE state = 'live'";
    app.wait_for_count(once, 60).await;
    app.wait_for_posts(60).await;
    app.finish().await;
}

#[tokio::test]
async fn a_bulk_goes_no_further_than_its_limit_and_the_next_goes_on() {
    let app = merchant(feed(12).csv()).await;
    let request = json!({"filter": {"partner": "acme"}, "limit": 5});
    assert_eq!(
        bulk_counts(&app.bulk(request.clone()).await),
        (12, 5, skipped("over_limit", 7))
    );
    assert_eq!(bulk_counts(&app.bulk(request.clone()).await).1, 5);
    assert_eq!(
        bulk_counts(&app.bulk(request.clone()).await),
        (12, 2, skipped("has_post", 10))
    );
    app.wait_for_draft_posts(12).await;
    app.finish().await;
}

#[tokio::test]
async fn every_condition_narrows() {
    let header = "id,title,link,image_link,price,sale_price,availability,availability_date,brand,product_type\n";
    let row = |id: &str, price: &str, sale: &str, availability: &str, category: &str| {
        let page = format!("https://shop.example/{id}");
        format!(
            "{id},Thing {id},{page},{page}.jpg,{price},{sale},{availability},2036-01-01T00:00:00Z,Acme,{category}\n"
        )
    };
    let rows = [
        row("shirt", "20.00 USD", "", "in_stock", "Apparel > Shirts"),
        row(
            "polo",
            "30.00 USD",
            "15.00 USD",
            "in_stock",
            "Apparel > Shirts > Polo",
        ),
        row(
            "shirts-box",
            "20.00 USD",
            "",
            "in_stock",
            "Apparel > Shirtsboxes",
        ),
        row("early", "20.00 EUR", "", "preorder", "Apparel"),
    ];
    let app = merchant([header, &rows.concat()].concat()).await;
    app.partner("other").await;
    app.push("other", feed(3).csv()).await;
    let meant = async |filter: Value| {
        let answer = app.bulk(json!({"filter": filter, "dry_run": true})).await;
        bulk_counts(&answer).0
    };
    assert_eq!(meant(json!({"partner": "other"})).await, 3);
    assert_eq!(meant(json!({"category": "Apparel"})).await, 4);
    assert_eq!(meant(json!({"category": "Apparel > Shirts"})).await, 2);
    let usd = |min: i64, max: i64| json!({"price": {"min": min, "max": max, "currency": "USD"}});
    assert_eq!(
        meant(usd(2_000, 2_000)).await,
        2,
        "the offered price counts"
    );
    assert_eq!(
        meant(usd(1_500, 1_500)).await,
        1,
        "the offered price counts"
    );
    assert_eq!(meant(json!({"availability": "preorder"})).await, 1);
    assert_eq!(meant(json!({"q": "SHIRT"})).await, 2);
    assert_eq!(meant(json!({"q": "%"})).await, 0, "a sign is no pattern");
    assert_eq!(meant(json!({"q": "cup", "partner": "acme"})).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_bulk_that_cannot_be_meant_is_refused_whole() {
    let app = merchant(feed(2).csv()).await;
    let fine = json!({"filter": {"partner": "acme"}});
    for (name, value, pointer) in [
        ("filter", json!({}), "/filter"),
        ("filter", json!({"partner": "nobody"}), "/filter/partner"),
        (
            "filter",
            json!({"price": {"min": 1}}),
            "/filter/price/currency",
        ),
        ("template", json!("{title}"), "/template"),
        ("limit", json!(10_001), "/limit"),
        ("limit", json!(0), "/limit"),
        ("publish", json!(["fax"]), "/publish/0"),
        ("live", json!(true), "/live"),
    ] {
        let mut body = fine.clone();
        body[name] = value;
        let answer = app.post(BULK, PLATFORM, &body).await;
        let errors = answer.problem(422, "body-invalid");
        assert_eq!(errors.len(), 1, "{name}: {errors:?}");
        assert_eq!(errors[0].0, pointer);
    }
    let own = app.partner_key("acme").await;
    app.post(BULK, &own, &fine).await.problem(403, "forbidden");
    app.wait_for_posts(0).await;
    assert_eq!(app.post(BULK, OPERATOR, &fine).await.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn a_product_gets_one_post_unless_each_variant_is_asked_for() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let shirt = |n: usize, group: &str, size: &str| {
        json!({
            "id": format!("shirt-{n:03}"), "title": "Shirt", "link": format!("https://shop.example/{n}"),
            "image_link": format!("https://img.example/{n}.jpg"), "price": "9.00 EUR", "brand": "Acme",
            "availability": if n == 0 { "out_of_stock" } else { "in_stock" }, "item_group_id": group, "size": size
        })
    };
    // The variants of one product are far apart: in three slices of a bulk.
    let sizes = ["S", "M", "L"];
    let items: Vec<_> = (0..600)
        .map(|n| shirt(n, &format!("group-{}", n % 2), sizes[n % 3]))
        .collect();
    let report = app.patch_items("acme", &items).await;
    assert_eq!(report["status"], "applied", "{report}");
    let request = |more: Value| {
        let mut body =
            json!({"filter": {"partner": "acme"}, "template": "{title} ({options}) {url}"});
        for (name, value) in more.as_object().unwrap() {
            body[name.as_str()] = value.clone();
        }
        body
    };
    let others =
        |reason: &str, count| vec![("not_buyable".to_owned(), 1), (reason.to_owned(), count)];
    let one_each = (600, 2, others("variant_has_post", 597));
    let dry = app.bulk(request(json!({"dry_run": true}))).await;
    assert_eq!(bulk_counts(&dry), one_each);
    let made = app.bulk(request(json!({}))).await;
    assert_eq!(bulk_counts(&made), one_each);
    let post = app.get("/v1/posts?limit=1", PLATFORM).await.json()["data"][0].clone();
    let text = post["text"].as_str().unwrap();
    assert!(
        ["S", "M", "L"]
            .iter()
            .any(|size| text.starts_with(&format!("Shirt ({size}) http"))),
        "{text}"
    );
    // The same request again creates nothing: the other variants have theirs, too.
    assert_eq!(bulk_counts(&app.bulk(request(json!({}))).await).1, 0);
    let all = app.bulk(request(json!({"each_variant": true}))).await;
    assert_eq!(bulk_counts(&all).1, 597, "{all}");
    app.wait_for_draft_posts(599).await;
    app.finish().await;
}
