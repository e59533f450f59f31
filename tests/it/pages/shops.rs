//! Shops: a merchant shows the items it chooses, while it wants to.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, Api, OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::feed::feed;

const SETTING: &str = "/v1/partners/acme/shop";
const SHOP: &str = "/v1/shops/acme";

impl Api {
    async fn set_shop(&self, key: &str, body: &Value) -> Answer {
        let request = self.request(Method::PUT, SETTING, key);
        Answer::send(request.body(body.to_string())).await
    }
}

/// `item-n` of each.
fn items(positions: &[usize]) -> Vec<String> {
    positions.iter().map(|n| format!("item-{n}")).collect()
}

fn ids(list: &Value) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items
        .map(|item| item["item_id"].as_str().unwrap().to_owned())
        .collect()
}

/// A gateway with a merchant of this many items.
async fn merchant(count: usize) -> TestApp {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(count).csv()).await;
    app
}

#[tokio::test]
async fn a_shop_is_shown_only_while_its_merchant_says_so() {
    let app = merchant(3).await;
    let set = app.get(SETTING, OPERATOR).await.json();
    assert_eq!(
        set,
        json!({"enabled": false, "items": [], "updated_at": null})
    );
    app.get(SHOP, PLATFORM).await.problem(404, "not-found");
    let nobody = app.get("/v1/shops/nobody", PLATFORM).await;
    nobody.problem(404, "not-found");
    let own = app.partner_key("acme").await;
    let body = json!({"enabled": true, "items": items(&[2, 0])});
    let set = app.set_shop(&own, &body).await;
    assert_eq!(set.status, 200, "{set:?}");
    assert!(set.json()["updated_at"].is_string());
    let shop = app.get(SHOP, PLATFORM).await.json();
    assert_eq!(ids(&shop["items"]), items(&[2, 0]));
    assert_eq!(
        (&shop["partner"], &shop["name"], &shop["enabled"]),
        (&json!("acme"), &json!("acme"), &json!(true))
    );
    assert_eq!(
        shop["url"],
        format!("{base}/shop/acme", base = app.base_url()),
        "{shop}"
    );
    let first = &shop["items"][0];
    let product = app.catalog("acme").await["item-2"]["id"].clone();
    assert_eq!(
        *first,
        json!({
            "product": product, "item_id": "item-2", "title": "Cup 2",
            "price": {"amount": 1000, "currency": "EUR"}, "was": null,
            "availability": "in_stock", "buyable": true, "label": null,
            "image": {"url": "https://img.example/2.jpg"}, "url": "https://shop.example/2",
        })
    );
    // Closing it needs no list, and keeps it.
    let closed = app.set_shop(&own, &json!({"enabled": false})).await.json();
    assert_eq!(closed["items"], json!(items(&[2, 0])));
    app.get(SHOP, PLATFORM).await.problem(404, "not-found");
    app.wait_for_count(
        "SELECT count(*) FROM audit WHERE action = 'shop.update' AND actor = 'its own'",
        2,
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn the_module_holds_the_first_five_that_can_be_bought() {
    let app = merchant(9).await;
    let listed = items(&[8, 7, 6, 5, 4, 3, 2]);
    let body = json!({"enabled": true, "items": listed});
    assert_eq!(app.set_shop(OPERATOR, &body).await.status, 200);
    let shop = app.get(SHOP, OPERATOR).await.json();
    assert_eq!(ids(&shop["items"]), listed);
    assert_eq!(ids(&shop["module"]), listed[..5]);
    // 7 is sold out, 6 has left, 5 is cheaper.
    let sold_out = feed(9)
        .priced([5], "8.00 EUR")
        .csv()
        .replace("7.jpg,10.00 EUR,in_stock", "7.jpg,10.00 EUR,out_of_stock");
    app.push("acme", sold_out).await;
    app.patch_items("acme", &[json!({"id": "item-6", "deleted": true})])
        .await;
    let shop = app.get(SHOP, OPERATOR).await.json();
    assert_eq!(ids(&shop["items"]), items(&[8, 7, 5, 4, 3, 2]), "{shop}");
    assert_eq!(ids(&shop["module"]), items(&[8, 5, 4, 3, 2]), "{shop}");
    let [sold, cheaper] = [&shop["items"][1], &shop["items"][2]];
    assert_eq!(
        (&sold["availability"], &sold["buyable"], &sold["label"]),
        (&json!("out_of_stock"), &json!(false), &json!("Sold out"))
    );
    assert_eq!(cheaper["price"]["amount"], 800);
    // An item that left stays in the setting: it may come back.
    assert_eq!(
        app.get(SETTING, OPERATOR).await.json()["items"],
        json!(listed)
    );
    app.finish().await;
}

#[tokio::test]
async fn a_shop_that_cannot_be_meant_is_refused_with_its_places() {
    let app = merchant(51).await;
    let all: Vec<usize> = (0..51).collect();
    let good = json!({"enabled": true, "items": items(&all[..50])});
    assert_eq!(app.set_shop(OPERATOR, &good).await.status, 200);
    let refused = async |body: Value| {
        let answer = app.set_shop(OPERATOR, &body).await;
        answer.problem(422, "body-invalid")
    };
    let at = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
    let many = json!({"enabled": false, "items": items(&all)});
    assert_eq!(refused(many).await, at("/items", "wrong_count"));
    let twice = json!({"enabled": false, "items": items(&[0, 1, 2, 1])});
    assert_eq!(refused(twice).await, at("/items/3", "duplicate"));
    let strangers = json!({"enabled": false, "items": ["item-0", "ITEM-1", "item-2", "cup"]});
    let both = [
        at("/items/1", "item_unknown"),
        at("/items/3", "item_unknown"),
    ]
    .concat();
    assert_eq!(refused(strangers).await, both);
    let field = json!({"enabled": false, "item": []});
    assert_eq!(refused(field).await, at("/item", "unknown_field"));
    assert_eq!(refused(json!({})).await, at("/enabled", "missing"));
    // Another merchant's items are not in this catalog.
    app.partner("other").await;
    let other = feed(3).csv().replace("item-", "theirs-");
    app.push("other", other).await;
    let others = json!({"enabled": false, "items": ["theirs-1"]});
    assert_eq!(refused(others).await, at("/items/0", "item_unknown"));
    let stays = app.get(SETTING, OPERATOR).await.json();
    assert_eq!(
        (&stays["enabled"], &stays["items"]),
        (&good["enabled"], &good["items"])
    );
    app.finish().await;
}

#[tokio::test]
async fn a_shop_belongs_to_its_merchant() {
    let app = merchant(3).await;
    let open = json!({"enabled": true, "items": ["item-1"]});
    assert_eq!(app.set_shop(OPERATOR, &open).await.status, 200);
    app.partner("stranger").await;
    let outsider = app.partner_key("stranger").await;
    let close = json!({"enabled": false});
    let answer = app.set_shop(&outsider, &close).await;
    answer.problem(404, "not-found");
    app.get(SETTING, &outsider).await.problem(404, "not-found");
    app.get(SHOP, &outsider).await.problem(404, "not-found");
    // The platform may read shops, not change them.
    let answer = app.set_shop(PLATFORM, &close).await;
    answer.problem(403, "forbidden");
    app.get(SETTING, PLATFORM).await.problem(403, "forbidden");
    let own = app.partner_key("acme").await;
    for key in [own.as_str(), PLATFORM, OPERATOR] {
        let shop = app.get(SHOP, key).await;
        assert_eq!(shop.status, 200, "{shop:?}");
    }
    app.finish().await;
}
