//! Harmless text never rejects a paid order, even if it looks like a card number but is not one.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::feed::feed;
use crate::support::order::order;
use crate::support::receiver::Receiver;

async fn with_endpoint() -> (TestApp, Receiver) {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    app.endpoint(&acme, &receiver).create().await;
    (app, receiver)
}

#[tokio::test]
async fn harmless_text_is_mended_and_contact_that_cannot_be_read_is_left_out() {
    let (app, receiver) = with_endpoint().await;
    let body = order("P-1")
        .with("/note", "Please\r\nleave at\u{b} the door ")
        .with("/buyer/name", " Ada\u{0} Lovelace")
        .with("/buyer/email", "ada at example")
        .with("/buyer/phone", "+383 (44) 123-456")
        .with("/buyer/share_phone", true)
        .with("/ship_to/line2", "")
        .with("/ship_to/country", "XK")
        .json()
        .to_string()
        .replace("Market St", r"Market \ud83d St");
    let first = app.post_bytes("/v1/orders", PLATFORM, body.clone()).await;
    assert_eq!(first.status, 201, "{first:?}");
    let warnings = first.json()["warnings"].clone();
    let notice: Vec<_> = warnings.as_array().unwrap().iter().collect();
    assert_eq!(notice.len(), 2, "{warnings}");
    for (warning, pointer, code) in [
        (notice[0], "/ship_to/line1", "surrogate_replaced"),
        (notice[1], "/buyer/email", "email_malformed"),
    ] {
        assert_eq!(
            (&warning["pointer"], &warning["code"]),
            (&json!(pointer), &json!(code))
        );
        assert!(!warning["detail"].as_str().unwrap().contains("ada at"));
    }
    let again = app.post_bytes("/v1/orders", PLATFORM, body).await;
    assert_eq!((again.status, again.json()), (200, first.json()));

    let data = receiver.received(1).await[0].json()["data"].clone();
    assert_eq!(data["note"], "Please\nleave at the door");
    let buyer = json!({"name": "Ada Lovelace", "email": null, "phone": "+38344123456"});
    assert_eq!(data["buyer"], buyer);
    assert_eq!(
        (&data["ship_to"]["line1"], &data["ship_to"]["line2"]),
        (&json!("1 Market \u{fffd} St"), &Value::Null)
    );
    // An order without normalised text has no warnings.
    let plain = app.order(&order("P-2")).await;
    assert_eq!(plain.get("warnings"), None);
    app.finish().await;
}

#[tokio::test]
async fn a_number_keeps_every_digit_on_its_whole_way() {
    let (app, receiver) = with_endpoint().await;
    let template = json!({"body": "{\"attributes\":{{ data.lines[0].attributes }}}"});
    let body =
        json!({"slug": "gadgets", "name": "Gadgets", "adapter": "template", "settings": template});
    let made = app.post("/v1/partners", OPERATOR, &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let templated = Receiver::start().await;
    app.endpoint("gadgets", &templated).create().await;
    let with_gtin = |partner: &str, digits: &str| {
        let body = order(&format!("P-{partner}")).partner(partner).json();
        body.to_string().replace("\"M\"", digits)
    };
    for (partner, receiver) in [("acme", &receiver), ("gadgets", &templated)] {
        let first = with_gtin(partner, "12345678901234567890121");
        let taken = app.post_bytes("/v1/orders", PLATFORM, first.clone()).await;
        assert_eq!(taken.status, 201, "{taken:?}");
        let again = app.post_bytes("/v1/orders", PLATFORM, first).await;
        assert_eq!(again.status, 200, "{again:?}");
        let other = with_gtin(partner, "12345678901234567890999");
        let other = app.post_bytes("/v1/orders", PLATFORM, other).await;
        other.problem(409, "conflict");
        let observed = receiver.received(1).await[0].clone();
        let sent = String::from_utf8(observed.body).unwrap();
        assert!(sent.contains("12345678901234567890121"), "{sent}");
    }
    let shown = app.get("/v1/orders/P-acme", PLATFORM).await;
    let shown = String::from_utf8(shown.bytes).unwrap();
    assert!(shown.contains("12345678901234567890121"), "{shown}");
    let huge = with_gtin("acme", "1e400").replace("P-acme", "P-9");
    let huge = app.post_bytes("/v1/orders", PLATFORM, huge).await;
    assert_eq!(
        huge.problem(422, "order-invalid"),
        [("/lines/0/attributes/size".into(), "out_of_range".into())]
    );
    app.finish().await;
}

#[tokio::test]
async fn what_the_catalog_took_can_be_posted_and_ordered() {
    const CARD: &str = "4242424242424242";
    let (app, _receiver) = with_endpoint().await;
    let mut body = order("P-1").json();
    body["lines"][0]["item_id"] = CARD.into();
    body["lines"][0]["title"] = format!("Print {CARD}").into();
    let refused = app.post_order(&body).await.problem(422, "order-invalid");
    let places: Vec<_> = refused
        .iter()
        .map(|(position, _)| position.as_str())
        .collect();
    assert_eq!(places, ["/lines/0/item_id", "/lines/0/title"]);

    let item = feed(1).csv().lines().nth(1).unwrap().to_owned();
    let item = item
        .replace("item-0", CARD)
        .replace("Cup 0", &format!("Print {CARD}"));
    app.push("acme", feed(0).with_row(item).csv()).await;
    let post = json!({"product": {"partner": "acme", "item_id": CARD}, "text": "A print"});
    let post = app.post("/v1/posts", PLATFORM, &post).await;
    assert_eq!(post.status, 201, "{post:?}");
    let shop = json!({"enabled": true, "items": [CARD]});
    let shop = app
        .request(Method::PUT, "/v1/partners/acme/shop", OPERATOR)
        .body(shop.to_string());
    assert_eq!(Answer::send(shop).await.status, 200);
    body["post"] = json!({"id": post.json()["id"], "url": post.json()["url"]});
    assert_eq!(app.post_order(&body).await.status, 201);

    // The catalog vouches only for its own titles, not for free text.
    body["order_id"] = "P-2".into();
    body["lines"][0]["title"] = format!("Pay with {CARD}").into();
    let title = app.post_order(&body).await.problem(422, "order-invalid");
    assert_eq!(title, [("/lines/0/title".into(), "card_number".into())]);
    body["lines"][0]["title"] = "Print".into();
    body["note"] = CARD.into();
    app.post_order(&body).await.problem(422, "order-invalid");
    app.finish().await;
}

/// For example, an order accepted with an empty note before empty strings counted as absent.
#[tokio::test]
async fn an_order_that_was_written_down_otherwise_is_still_the_same() {
    let (app, _receiver) = with_endpoint().await;
    let body = order("P-1").with("/note", "").json();
    let first = app.post_order(&body).await;
    assert_eq!(first.status, 201, "{first:?}");
    let as_before = "UPDATE orders SET content_hash = sha256(convert_to(b, 'UTF8')), body = b
        FROM (SELECT replace(body, '\"metadata\"', '\"note\":\"\",\"metadata\"') AS b FROM orders) as_before";
    assert_eq!(app.sql.execute(as_before, &[]).await.unwrap(), 1);
    let again = app.post_order(&body).await;
    assert_eq!((again.status, again.json()), (200, first.json()));
    let other = order("P-1").with("/note", "x").json();
    app.post_order(&other).await.problem(409, "conflict");
    app.finish().await;
}
