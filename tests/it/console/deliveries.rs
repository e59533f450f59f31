//! The pages of deliveries.

use super::browser::{Browser, location};
use crate::support::app::{OPERATOR, TestApp, only_delivery};
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

#[tokio::test]
async fn a_dead_delivery_is_found_read_and_replayed() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    app.endpoint("acme", &receiver).create().await;
    receiver.always(Reply::status(503).body(b"upstream <b>timeout</b>"));
    let receipt = app.order(&order("P-1").partner("acme")).await;
    let delivery = only_delivery(&receipt).to_owned();
    app.wait_for_dead_letters(1).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let list = browser
        .page("/console/deliveries?status=dead&partner=acme&since=1h")
        .await;
    assert!(
        list.contains(&format!("href=\"/console/deliveries/{delivery}\"")),
        "{list}"
    );
    assert!(
        list.contains("status=pending"),
        "the chips keep the filter: {list}"
    );
    assert!(
        list.contains("/console/deliveries?partner=acme&#38;since=1h&#38;status=pending"),
        "{list}"
    );
    let path = format!("/console/deliveries/{delivery}");
    let page = browser.page(&path).await;
    assert!(
        page.contains("all attempts of its schedule failed (4 attempts). The last answered 503"),
        "{page}"
    );
    assert!(page.contains("upstream &#60;b&#62;timeout"), "{page}");
    assert!(!page.contains("<b>timeout"), "{page}");
    let request = browser.page(&format!("{path}?show=request")).await;
    assert!(request.contains("webhook-id: dlv_"), "{request}");
    assert!(request.contains(&delivery), "{request}");
    assert!(
        browser
            .page(&format!("{path}?show=event"))
            .await
            .contains("P-1")
    );
    assert!(
        browser
            .page(&format!("{path}?show=verify"))
            .await
            .contains("standardwebhooks")
    );

    let without = browser
        .submit(&format!("{path}/replay"), &[("reason", " ")])
        .await;
    assert_eq!(location(&without), format!("{path}?done=reason"));
    receiver.always(Reply::status(200));
    let replayed = browser
        .submit(&format!("{path}/replay"), &[("reason", "they are back")])
        .await;
    assert_eq!(location(&replayed), format!("{path}?done=replayed"));
    let page = browser.page(&format!("{path}?done=replayed")).await;
    assert!(page.contains("The delivery is due now"), "{page}");
    app.wait_until_delivered(&format!("/v1/deliveries/{delivery}"))
        .await;
    let page = browser.page(&path).await;
    assert!(page.contains("accepted after 5 attempts"), "{page}");
    let audit = app
        .get("/v1/audit?action=delivery.replay", OPERATOR)
        .await
        .json();
    assert_eq!(
        audit["data"][0]["details"]["reason"], "they are back",
        "{audit}"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_filter_that_cannot_be_used_is_explained_and_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    for (query, text) in [
        ("endpoint=7", "An endpoint&#39;s id begins with ep_."),
        (
            "since=soon",
            "A time span is a number and m, h or d, such as 2h.",
        ),
        ("status=open", "A state is pending, delivered or dead."),
        ("event_type=order.lost", "There is no such event type."),
    ] {
        let page = browser.page(&format!("/console/deliveries?{query}")).await;
        assert!(page.contains(text), "{page}");
    }
    let page = browser
        .page("/console/deliveries?partner=nobody&order=%3Cscript%3E")
        .await;
    assert!(page.contains("No delivery matches"), "{page}");
    assert!(!page.contains("<script>"), "{page}");
    app.stop().await;
}

#[tokio::test]
async fn a_long_list_has_older_pages_that_keep_the_filter() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    app.endpoint("acme", &receiver).create().await;
    for number in 0..60 {
        app.order(&order(&format!("P-{number}")).partner("acme"))
            .await;
    }
    receiver.received(60).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let first = browser.page("/console/deliveries?partner=acme").await;
    let (_, next) = first
        .split_once("href=\"/console/deliveries?partner=acme&#38;cursor=")
        .unwrap();
    let cursor = next.split('"').next().unwrap();
    let second = browser
        .page(&format!("/console/deliveries?partner=acme&cursor={cursor}"))
        .await;
    let rows = |page: &str| page.matches("<tr data-row>").count();
    assert_eq!((rows(&first), rows(&second)), (50, 10));
    assert!(second.contains("Newest"), "{second}");
    app.finish().await;
}

#[tokio::test]
async fn attempts_are_split_into_parts_and_the_request_is_compared_with_what_was_sent() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    app.endpoint("acme", &receiver).create().await;
    receiver.always(Reply::status(503));
    let sent = order("P-1").partner("acme");
    let receipt = app.order(&sent).await;
    let delivery = only_delivery(&receipt).to_owned();
    app.wait_for_dead_letters(1).await;
    let parts = "UPDATE attempts SET duration_ms = 100, dns_ms = 5, connect_ms = 10, tls_ms = 15, first_byte_ms = 60
        WHERE number = 1";
    app.sql.execute(parts, &[]).await.unwrap();
    let reused = "UPDATE attempts SET duration_ms = 50, dns_ms = NULL, connect_ms = NULL, tls_ms = NULL, first_byte_ms = 40
        WHERE number > 1";
    app.sql.execute(reused, &[]).await.unwrap();
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let path = format!("/console/deliveries/{delivery}");
    let page = browser.page(&path).await;
    assert!(
        page.contains(
            "aria-label=\"dns 5 ms · connect 10 ms · tls 15 ms · waiting 60 ms · reading 10 ms\""
        ),
        "{page}"
    );
    assert!(
        page.contains("<rect class=\"f-wait\" x=\"30.00\" width=\"60.00\" height=\"8\"/>"),
        "{page}"
    );
    let again = "On a connection that was open already";
    assert_eq!(page.matches(again).count(), 3, "{page}");
    let (_, table) = page.split_once("Numbers in milliseconds").unwrap();
    let cells = table
        .split("class=\"num\">")
        .map(|cell| cell.split('<').next().unwrap());
    let cells: Vec<_> = cells.collect();
    assert!(
        cells
            .windows(7)
            .any(|row| row == ["1", "5", "10", "15", "60", "10", "100"]),
        "{cells:?}"
    );
    assert!(
        cells
            .windows(7)
            .any(|row| row == ["4", "–", "–", "–", "40", "10", "50"]),
        "{cells:?}"
    );
    let request = format!("{path}?show=request");
    let page = browser.page(&request).await;
    assert!(
        page.contains("The body has the same bytes as attempt 4."),
        "{page}"
    );
    let id = receipt["id"].as_str().unwrap();
    let redact = serde_json::json!({"reason": "they asked"});
    let redacted = app
        .post(&format!("/v1/orders/{id}/redact"), OPERATOR, &redact)
        .await;
    assert_eq!(redacted.status, 200, "{redacted:?}");
    let page = browser.page(&request).await;
    assert!(
        page.contains("The body differs from attempt 4: the settings or the format"),
        "{page}"
    );
    app.stop().await;
}
