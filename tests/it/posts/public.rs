//! Restricted posts appear nowhere in public: in no list, page, card or shop.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR, PLATFORM};
use crate::support::app::TestApp;

/// A variant of one product.
fn bottle(id: &str) -> Value {
    json!({
        "id": id, "title": format!("Bottle {id}"), "link": format!("https://shop.example/{id}"),
        "image_link": format!("https://img.example/{id}.jpg"), "price": "9.00 EUR",
        "availability": "in_stock", "brand": "Acme", "item_group_id": "bottles"
    })
}

fn with(mut item: Value, name: &str, value: &str) -> Value {
    item[name] = value.into();
    item
}

async fn fetch(app: &TestApp, path: &str) -> (u16, String) {
    let answer = Answer::send(app.unauthenticated_request(Method::GET, path)).await;
    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
    (answer.status, text)
}

#[tokio::test]
async fn what_not_everybody_may_see_is_shown_nowhere() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let ids = ["water", "juice", "wine", "gin", "beer"];
    let items: Vec<_> = ids.into_iter().map(bottle).collect();
    assert_eq!(app.patch_items("acme", &items).await["status"], "applied");
    let live = app.published("acme", "water", json!({})).await;
    let turned = app.published("acme", "beer", json!({})).await;
    let body = json!({"enabled": true, "items": ids});
    let request = app.request(Method::PUT, "/v1/partners/acme/shop", OPERATOR);
    assert_eq!(
        Answer::send(request.body(body.to_string())).await.status,
        200
    );
    let slug = |post: &Value| post["slug"].as_str().unwrap().to_owned();
    let page = format!("/b/{}", slug(&live));
    let (_, before) = fetch(&app, &page).await;
    assert!(before.contains("shop.example/wine") && before.contains("shop.example/beer"));

    let restricted = [
        with(bottle("wine"), "adult", "yes"),
        with(bottle("gin"), "age_restriction", "18"),
        with(bottle("beer"), "age_restriction", "16+"),
    ];
    let report = app.patch_items("acme", &restricted).await;
    assert_eq!(report["status"], "applied", "{report}");
    let (status, after) = fetch(&app, &page).await;
    assert_eq!(status, 200);
    assert!(after.contains("shop.example/juice"), "{after}");
    for hidden in ["wine", "gin", "beer"] {
        let link = format!("shop.example/{hidden}");
        assert!(!after.contains(&link), "{hidden}: {after}");
        let refused = app.try_draft("acme", hidden, json!({})).await;
        let errors = refused.problem(422, "body-invalid");
        assert_eq!(errors, [("/product".to_owned(), "adults_only".to_owned())]);
    }
    let shop = app.get("/v1/shops/acme", PLATFORM).await.json();
    let shown = shop["items"].as_array().unwrap().iter();
    let shown: Vec<_> = shown
        .map(|item| item["item_id"].as_str().unwrap())
        .collect();
    assert_eq!(shown, ["water", "juice"]);
    let (status, html) = fetch(&app, "/shop/acme").await;
    assert!(
        status == 200 && !html.contains("example/wine") && !html.contains("example/gin"),
        "{html}"
    );

    let now = app.reload_post(&turned).await;
    assert_eq!(
        (&now["state"], &now["reason"]),
        (&json!("withdrawn"), &json!("adults_only"))
    );
    let (timeline, _) = app.timeline("").await;
    assert_eq!(timeline, [live["id"].as_str().unwrap()]);
    let slug = slug(&turned);
    for path in [format!("/b/{slug}"), format!("/embed/{slug}")] {
        assert_eq!(fetch(&app, &path).await.0, 410, "{path}");
    }
    let described = format!("/oembed?url={}/b/{slug}", app.base_url());
    assert_eq!(fetch(&app, &described).await.0, 404);
    app.post_action(&turned, "publish")
        .await
        .problem(409, "state-conflict");
    app.finish().await;
}
