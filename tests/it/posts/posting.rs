//! Buyable tweets: created from a product, published, changed, withdrawn.

use serde_json::{Value, json};

use crate::support::api::{OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::feed::feed;

async fn shop() -> TestApp {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    app
}

#[tokio::test]
async fn a_draft_is_composed_of_its_product() {
    let app = shop().await;
    let post = app.draft("acme", "item-3", json!({"text": null})).await;
    let product = &app.catalog("acme").await["item-3"];
    let slug = post["slug"].as_str().unwrap();
    let url = format!("{}/b/{slug}", app.base_url());
    assert_eq!(slug.len(), 10);
    let expected = json!({
        "id": post["id"], "slug": slug, "url": url, "state": "draft", "reason": null,
        "text": format!("Cup 3 – 10.00 EUR\n{url}"),
        "weighted_length": post["weighted_length"],
        "card": {
            "title": "Cup 3", "price": {"amount": 1000, "currency": "EUR"}, "was": null,
            "availability": "in_stock", "buyable": true, "not_buyable": null,
            "image": {"url": "https://img.example/3.jpg"}, "label": null,
            "merchant": {"name": "acme", "slug": "acme"}, "brand": "Acme", "condition": "new", "options": [],
        },
        "product": {"id": product["id"], "partner": "acme", "item_id": "item-3"},
        "starts_at": null, "ends_at": null, "rollout": {"percent": 100.0},
        "publish": ["platform"], "publications": [], "version": 1,
        "created_at": post["created_at"], "published_at": null, "updated_at": post["created_at"],
    });
    assert_eq!(post, expected);
    assert_eq!(app.reload_post(&post).await, expected);
    // By product id, with a template.
    let body = json!({"product": product["id"], "template": "Only at {merchant}: {title} {url}"});
    let answer = app.post("/v1/posts", OPERATOR, &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let text = answer.json()["text"].as_str().unwrap().to_owned();
    assert!(text.starts_with("Only at acme: Cup 3 http"), "{text}");
    // A given text stays unchanged.
    let post = app.draft("acme", "item-3", json!({"text": "Look!"})).await;
    assert_eq!(
        (&post["text"], &post["weighted_length"]),
        (&json!("Look!"), &json!(5))
    );
    app.finish().await;
}

#[tokio::test]
async fn what_cannot_be_a_post_is_refused_and_leaves_nothing() {
    let app = shop().await;
    let refusals = [
        (json!({"text": "x".repeat(281)}), "/text", "text_too_long"),
        (json!({"text": "字".repeat(141)}), "/text", "text_too_long"),
        (json!({"text": "a\u{ffff}"}), "/text", "text_invalid"),
        (json!({"text": "  "}), "/text", "blank"),
        (
            json!({"text": "x".repeat(270), "publish": ["web_intent"]}),
            "/text",
            "text_too_long",
        ),
        (
            json!({"template": "{title}"}),
            "/template",
            "template_malformed",
        ),
        (
            json!({"template": "{titel} {url}"}),
            "/template",
            "template_malformed",
        ),
        (
            json!({"template": "{url}", "text": "a"}),
            "/template",
            "text_and_template",
        ),
        (
            json!({"starts_at": "2099-01-02T00:00:00Z", "ends_at": "2099-01-02T00:00:00Z"}),
            "/ends_at",
            "window_empty",
        ),
        (
            json!({"ends_at": "2020-01-02T00:00:00Z"}),
            "/ends_at",
            "time_past",
        ),
        (
            json!({"rollout": {"percent": 101}}),
            "/rollout/percent",
            "percent_out_of_range",
        ),
        (
            json!({"rollout": {"countries": ["us"]}}),
            "/rollout/countries",
            "country_unknown",
        ),
        (
            json!({"rollout": {"viewers": []}}),
            "/rollout/viewers",
            "unknown_field",
        ),
        (
            json!({"publish": ["carrier_pigeon"]}),
            "/publish/0",
            "publisher_unknown",
        ),
        (json!({"colour": "red"}), "/colour", "unknown_field"),
    ];
    for (body, pointer, code) in refusals {
        let answer = app.try_draft("acme", "item-3", body.clone()).await;
        let errors = answer.problem(422, "body-invalid");
        assert_eq!(errors, [(pointer.to_owned(), code.to_owned())], "{body}");
    }
    let long = app
        .try_draft("acme", "item-3", json!({"text": "x".repeat(281)}))
        .await;
    assert!(
        String::from_utf8_lossy(&long.bytes).contains("weighs 281"),
        "{long:?}"
    );
    let pigeon = app
        .try_draft("acme", "item-3", json!({"publish": ["pigeon"]}))
        .await;
    let named = String::from_utf8_lossy(&pigeon.bytes).into_owned();
    assert!(named.contains("platform, web_intent"), "{named}");
    for product in [
        json!("prd_019aa0f0d20070008000000000000001"),
        json!({"partner": "acme", "item_id": "item-99"}),
        json!({"partner": "nobody", "item_id": "item-3"}),
    ] {
        let answer = app
            .post("/v1/posts", PLATFORM, &json!({"product": product}))
            .await;
        let errors = answer.problem(422, "body-invalid");
        assert_eq!(
            errors,
            [("/product".to_owned(), "product_unknown".to_owned())]
        );
    }
    for product in [
        json!(7),
        json!("prd_1"),
        json!({"partner": "acme"}),
        json!({"partner": "acme", "item_id": 1}),
    ] {
        let answer = app
            .post("/v1/posts", PLATFORM, &json!({"product": product}))
            .await;
        let errors = answer.problem(422, "body-invalid");
        assert_eq!(
            errors,
            [("/product".to_owned(), "product_malformed".to_owned())]
        );
    }
    app.wait_for_posts(0).await;
    app.wait_for_count("SELECT count(*) FROM audit WHERE action LIKE 'post.%'", 0)
        .await;
    app.finish().await;
}

#[tokio::test]
async fn what_is_gone_or_for_adults_only_cannot_be_sold() {
    let app = shop().await;
    let wine = json!({
        "id": "wine", "title": "Wine", "link": "https://shop.example/w", "image_link": "https://img.example/w.jpg",
        "price": "9.00 EUR", "availability": "in_stock", "brand": "Acme", "adult": "yes"
    });
    let report = app
        .patch_items("acme", &[wine, json!({"id": "item-4", "deleted": true})])
        .await;
    assert_eq!(report["status"], "applied", "{report}");
    for (item, code) in [("wine", "adults_only"), ("item-4", "product_unknown")] {
        let errors = app
            .try_draft("acme", item, json!({}))
            .await
            .problem(422, "body-invalid");
        assert_eq!(errors, [("/product".to_owned(), code.to_owned())]);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_post_is_published_and_taken_back_and_twice_is_once() {
    let app = shop().await;
    let draft = app
        .draft(
            "acme",
            "item-3",
            json!({"publish": ["platform", "web_intent"]}),
        )
        .await;
    let live = app.publish(&draft).await;
    assert_eq!(
        (&live["state"], &live["version"]),
        (&json!("live"), &json!(2))
    );
    assert_eq!(live["published_at"], live["updated_at"]);
    let [platform, intent] = [&live["publications"][0], &live["publications"][1]];
    assert_eq!(
        platform,
        &json!({"publisher": "platform", "state": "sent", "url": null, "at": live["updated_at"]})
    );
    assert_eq!(
        (&intent["publisher"], &intent["state"]),
        (&json!("web_intent"), &json!("ready"))
    );
    assert_eq!(app.publish(&draft).await, live);
    assert_eq!(app.reload_post(&draft).await, live);

    let answer = app.post_action(&draft, "withdraw").await;
    let withdrawn = answer.json();
    assert_eq!(
        (&withdrawn["state"], &withdrawn["reason"]),
        (&json!("withdrawn"), &json!("requested"))
    );
    assert_eq!(withdrawn["version"], 3);
    assert_eq!(app.post_action(&draft, "withdraw").await.json(), withdrawn);
    app.patch_post(&draft, json!({"text": "No."}))
        .await
        .problem(409, "state-conflict");
    let again = app.publish(&draft).await;
    assert_eq!(
        (&again["state"], &again["reason"]),
        (&json!("live"), &Value::Null)
    );

    app.patch_items("acme", &[sold_out(5)]).await;
    let post = app.published("acme", "item-5", json!({})).await;
    assert_eq!(
        (&post["state"], &post["reason"]),
        (&json!("sold_out"), &json!("out_of_stock"))
    );
    app.post_action(
        &json!({"id": "pst_019aa0f0d20070008000000000000001"}),
        "publish",
    )
    .await
    .problem(404, "not-found");
    let actions = "SELECT count(*) FROM audit WHERE action = 'post.publish' AND actor = 'environment:platform'";
    app.wait_for_count(actions, 3).await;
    app.wait_for_count(
        "SELECT count(*) FROM audit WHERE action = 'post.withdraw'",
        1,
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn what_is_over_is_not_published_until_it_ends_later() {
    let app = shop().await;
    let post = app
        .published("acme", "item-3", json!({"ends_at": "2099-01-02T00:00:00Z"}))
        .await;
    let ended = app
        .patch_post(&post, json!({"ends_at": "2020-01-02T00:00:00Z"}))
        .await
        .json();
    assert_eq!(
        (&ended["state"], &ended["reason"]),
        (&json!("ended"), &Value::Null)
    );
    app.post_action(&post, "publish")
        .await
        .problem(409, "state-conflict");
    let live = app.patch_post(&post, json!({"ends_at": null})).await.json();
    assert_eq!(live["state"], "live", "{live}");
    app.finish().await;
}

#[tokio::test]
async fn a_change_says_what_it_says_and_null_takes_back() {
    let app = shop().await;
    let post = app.published("acme", "item-3", json!({})).await;
    let composed = post["text"].clone();
    let change = json!({
        "text": "Look!", "starts_at": "2099-01-01T00:00:00Z", "rollout": {"percent": 5, "countries": ["US"]},
        "publish": []
    });
    let changed = app.patch_post(&post, change).await.json();
    assert_eq!(
        (&changed["text"], &changed["weighted_length"]),
        (&json!("Look!"), &json!(5))
    );
    assert_eq!(
        (&changed["state"], &changed["version"]),
        (&json!("scheduled"), &json!(3))
    );
    assert_eq!(
        changed["rollout"],
        json!({"percent": 5.0, "countries": ["US"]})
    );
    assert_eq!(
        (&changed["publish"], &changed["publications"]),
        (&json!([]), &json!([]))
    );
    let change = json!({"text": null, "starts_at": null, "rollout": null, "publish": null});
    let back = app.patch_post(&post, change).await.json();
    assert_eq!((&back["text"], &back["state"]), (&composed, &json!("live")));
    assert_eq!(
        (&back["rollout"], &back["publish"]),
        (&post["rollout"], &post["publish"])
    );
    // An empty change changes nothing.
    let same = app.patch_post(&post, json!({})).await.json();
    assert_eq!(same, back);
    for (change, pointer, code) in [
        (json!({"text": "x".repeat(300)}), "/text", "text_too_long"),
        (
            json!({"starts_at": "2099-01-01T00:00:00Z", "ends_at": "2098-01-01T00:00:00Z"}),
            "/ends_at",
            "window_empty",
        ),
        (json!({"state": "live"}), "/state", "unknown_field"),
    ] {
        let errors = app
            .patch_post(&post, change)
            .await
            .problem(422, "body-invalid");
        assert_eq!(errors, [(pointer.to_owned(), code.to_owned())]);
    }
    assert_eq!(app.reload_post(&post).await, back);
    app.finish().await;
}

fn sold_out(n: usize) -> Value {
    json!({
        "id": format!("item-{n}"), "title": format!("Cup {n}"), "link": format!("https://shop.example/{n}"),
        "image_link": format!("https://img.example/{n}.jpg"), "price": "10.00 EUR", "availability": "out_of_stock",
        "brand": "Acme"
    })
}
