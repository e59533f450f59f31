//! Malformed replies: they count as far as they can be read.

use serde_json::{Value, json};

use crate::support::api::{OPERATOR, only_delivery};
use crate::support::app::TestApp;
use crate::support::image_server::{feed_with_images, png};
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};
use buywire::testing::CheckImages;

/// Heads that break HTTP's rules but have a clear status.
fn odd_lines() -> Vec<(&'static str, String)> {
    let many: String = (0..300).map(|n| format!("x-module-{n}: on\r\n")).collect();
    vec![
        ("folded", "x-note: one\r\n  two\r\n".to_owned()),
        ("control character", "set-cookie: a=\u{1}b\r\n".to_owned()),
        ("space before the colon", "server : shop\r\n".to_owned()),
        ("no name", "nothing\r\n".to_owned()),
        ("many", many),
    ]
}

fn reply(status: &str, lines: &str, body: &[u8]) -> Reply {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{lines}content-length: {length}\r\n\r\n");
    Reply::Raw([head.as_bytes(), body].concat())
}

#[tokio::test]
async fn a_status_that_was_read_counts_however_odd_the_lines_behind_it() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    app.endpoint(&acme, &receiver).create().await;
    for (number, (name, lines)) in odd_lines().into_iter().enumerate() {
        receiver.next([reply("200 OK", &lines, b"taken")]);
        let receipt = app
            .order(&order(&format!("P-{number}")).partner("acme"))
            .await;
        let page = app
            .wait_until_delivered(&format!("/v1/deliveries/{}", only_delivery(&receipt)))
            .await;
        let attempts = page["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), 1, "{name}: {page}");
        assert_eq!(attempts[0]["status_code"], 200, "{name}: {page}");
        assert_eq!(attempts[0]["response_body"], "taken", "{name}: {page}");
    }
    assert_eq!(receiver.received_so_far().len(), odd_lines().len());
    app.finish().await;
}

#[tokio::test]
async fn pictures_are_read_behind_odd_lines_too() {
    let app = TestApp::start_with(|settings| settings.check_images = CheckImages::Private).await;
    app.partner("acme").await;
    let receiver = Receiver::start().await;
    let hook = receiver.url();
    let base = hook.strip_suffix("/hook").unwrap().to_owned();
    receiver.respond_with(move |request| {
        let number: usize = request.target.trim_start_matches('/').parse().unwrap();
        reply("200 OK", &odd_lines()[number].1, &png(640, 480, 0))
    });
    let urls: Vec<_> = (0..odd_lines().len())
        .map(|number| format!("{base}/{number}"))
        .collect();
    let names: Vec<_> = (0..urls.len())
        .map(|number| format!("cup-{number}"))
        .collect();
    let items = names
        .iter()
        .map(String::as_str)
        .zip(urls.iter().map(String::as_str));
    let report = app.push("acme", feed_with_images(items)).await;
    assert_eq!(report["status"], "applied", "{report}");
    app.wait_for_image_checks().await;
    for ((name, _), url) in odd_lines().iter().zip(&urls) {
        assert_eq!(app.image("acme", url).await["status"], "good", "{name}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_feed_is_pulled_behind_odd_lines_too() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let receiver = Receiver::start().await;
    let all: String = odd_lines().into_iter().map(|(_, lines)| lines).collect();
    let feed = "id,title,description,link,image_link,price,availability\n\
        cup,Cup,A cup.,https://shop.example/cup,https://shop.example/cup.png,10.00 USD,in_stock\n";
    receiver.always(reply("200 OK", &all, feed.as_bytes()));
    let report = app.pull_from("acme", &receiver.url()).await;
    assert_eq!(report["status"], "applied", "{report}");
    app.wait_for_count("SELECT count(*) FROM products", 1).await;
    app.stop().await;
}

/// The attempts of an order's delivery to a partner of this dialect that answers like this.
async fn attempts(app: &TestApp, slug: &str, replies: Vec<Reply>) -> Vec<Value> {
    let receiver = Receiver::start().await;
    let count = replies.len();
    receiver.next(replies);
    app.endpoint(slug, &receiver).create().await;
    let receipt = app.order(&order(&format!("P-{slug}")).partner(slug)).await;
    let path = format!("/v1/deliveries/{}", only_delivery(&receipt));
    let page = app.wait_until_delivered(&path).await;
    let attempts = page["attempts"].as_array().unwrap().clone();
    assert_eq!(attempts.len(), count, "{page}");
    attempts
}

#[tokio::test]
async fn a_no_inside_a_200_is_never_a_yes_and_what_cannot_be_read_is_tried_again() {
    let app = TestApp::start().await;
    app.partner_with_adapter("acp-shop", "acp").await;
    let text = |body: &str| Reply::status(200).body(body.as_bytes());
    let filler = "x".repeat(100_000);
    let found = attempts(
        &app,
        "acp-shop",
        vec![
            text(r#"{"received":false,"order":{"id":7,"order_number":[]}}"#),
            text("\u{feff}{\"received\":false}"),
            text(&format!(r#"{{"note":"{filler}","received":false}}"#)),
            text(r#"{"received":true,"order":{"id":4711,"permalink_url":{}}}"#),
        ],
    )
    .await;
    let errors: Vec<_> = found
        .iter()
        .map(|attempt| attempt["error"].clone())
        .collect();
    assert_eq!(
        errors,
        [
            json!("not_received"),
            json!("not_received"),
            json!("unreadable_reply"),
            Value::Null
        ]
    );
    // The reason is shown, truncated to what people need.
    let kept = found[2]["response_body"].as_str().unwrap();
    assert!(kept.starts_with(r#"{"note":"xxx"#) && kept.len() == 16 * 1024);
    let order = app.get("/v1/orders/P-acp-shop", OPERATOR).await.json();
    assert!(order.to_string().contains("4711"), "{order}");
    app.partner_with_adapter("ping-shop", "gumroad").await;
    let page = text("<html><title>Sign in</title></html>");
    let found = attempts(&app, "ping-shop", vec![page, Reply::status(204)]).await;
    assert_eq!(found[0]["error"], "unreadable_reply");
    app.finish().await;
}
