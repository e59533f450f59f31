//! The search box: where an id, a name and words lead, and what a partner does not find.

use buywire_schemas::ids::OrderId;

use super::browser::{Browser, location};
use crate::support::app::{OPERATOR, PLATFORM, TestApp, only_delivery, uuid_of};
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// A gateway whose partner has accepted one order under an id of its own.
async fn gateway() -> (TestApp, serde_json::Value) {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    receiver.always(Reply::status(200));
    app.partner("acme").await;
    app.partner("other").await;
    app.endpoint("acme", &receiver).create().await;
    let receipt = app.order(&order("P-1").partner("acme")).await;
    app.wait_for_delivered(1).await;
    (app, receipt)
}

/// A partner's reply would name it: what matters here is the row.
async fn acknowledge(app: &TestApp, receipt: &serde_json::Value, named: &str) {
    let order = uuid_of(receipt["id"].as_str().unwrap());
    let delivery = uuid_of(only_delivery(receipt));
    let insert = "INSERT INTO acknowledgements (order_id, partner, partner_order_id, delivery, at)
                  SELECT $1, id, $2, $3, now() FROM partners WHERE slug = 'acme'";
    app.sql
        .execute(insert, &[&order, &named, &delivery])
        .await
        .unwrap();
}

async fn leads_to(browser: &Browser, query: &str) -> String {
    let answer = browser.get(&format!("/console/search?q={query}")).await;
    location(&answer).to_owned()
}

#[tokio::test]
async fn an_exact_hit_opens_at_once() {
    let (app, receipt) = gateway().await;
    acknowledge(&app, &receipt, "gid-77").await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let order = receipt["id"].as_str().unwrap();
    let delivery = only_delivery(&receipt);
    let page = format!("/console/orders/{order}");
    for query in [order, "P-1", "%20gid-77%20"] {
        assert_eq!(leads_to(&browser, query).await, page, "{query}");
    }
    let event = receipt["events"][0]["id"].as_str().unwrap();
    let expected = format!("/console/deliveries/{delivery}");
    for query in [delivery, event] {
        assert_eq!(leads_to(&browser, query).await, expected, "{query}");
    }
    let shown = app
        .get(&format!("/v1/deliveries/{delivery}"), OPERATOR)
        .await
        .json();
    let endpoint = shown["endpoint"].as_str().unwrap();
    let found = leads_to(&browser, endpoint).await;
    assert!(found.contains(endpoint), "{found}");
    let found = leads_to(&browser, "acme").await;
    assert!(found.ends_with("acme"), "{found}");
    let body = serde_json::json!({"status": "dead", "reason": "again"});
    let replay = app.post("/v1/replays", OPERATOR, &body).await.json();
    let replay = replay["id"].as_str().unwrap();
    assert_eq!(
        leads_to(&browser, replay).await,
        format!("/console/replays/{replay}")
    );
    app.finish().await;
}

#[tokio::test]
async fn several_hits_are_listed_and_none_is_explained() {
    let (app, _) = gateway().await;
    // The platform calls an order as the partner is called.
    app.order(&order("acme").partner("acme")).await;
    app.wait_for_delivered(2).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let page = browser.page("/console/search?q=acme").await;
    assert_eq!(page.matches("<tr data-row>").count(), 2, "{page}");
    assert!(page.contains("value=\"acme\""), "the box keeps it: {page}");
    for query in [
        "%3Cscript%3E",
        "ord_00000000000000000000000000000000",
        "ord_7",
    ] {
        let page = browser.page(&format!("/console/search?q={query}")).await;
        assert!(page.contains("Nothing is called that"), "{query}: {page}");
        assert!(!page.contains("<script>"), "{page}");
    }
    let page = browser.page("/console/search?q=").await;
    assert!(!page.contains("Nothing is called that"), "{page}");
    app.finish().await;
}

#[tokio::test]
async fn words_lead_to_the_filtered_deliveries() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    receiver.always(Reply::status(503));
    app.partner("acme").await;
    app.endpoint("acme", &receiver).create().await;
    app.order(&order("P-1").partner("acme")).await;
    app.wait_for_dead_letters(1).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let path = leads_to(
        &browser,
        "partner:acme+status:dead+error:server_error+since:2h+order:P-1",
    )
    .await;
    assert_eq!(
        path,
        "/console/deliveries?partner=acme&status=dead&error=server_error&since=2h&order=P-1"
    );
    for (error, rows) in [("server_error", 1), ("tls", 0), ("exhausted", 1)] {
        for filter in ["", "&partner=acme", "&order=P-1"] {
            let list = format!("/console/deliveries?status=dead&error={error}{filter}");
            let page = browser.page(&list).await;
            assert_eq!(
                page.matches("<tr data-row>").count(),
                rows,
                "{list}: {page}"
            );
            let list = format!("/v1/deliveries?status=dead&error={error}{filter}");
            let found = app.get(&list, OPERATOR).await.json();
            assert_eq!(found["data"].as_array().unwrap().len(), rows, "{list}");
        }
    }
    let page = browser.page("/console/search?q=partner:acme+urgent").await;
    assert!(
        page.contains("there can be only words: status, partner"),
        "{page}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_partner_finds_its_own_and_nothing_of_others() {
    let (app, receipt) = gateway().await;
    acknowledge(&app, &receipt, "gid-77").await;
    let own = Browser::signed_in(app.base_url(), &app.partner_key("acme").await).await;
    let foreign = Browser::signed_in(app.base_url(), &app.partner_key("other").await).await;
    let order: OrderId = receipt["id"].as_str().unwrap().parse().unwrap();
    let delivery = only_delivery(&receipt);
    let event = receipt["events"][0]["id"].as_str().unwrap();
    let shown = app
        .get(&format!("/v1/deliveries/{delivery}"), OPERATOR)
        .await
        .json();
    let endpoint = shown["endpoint"].as_str().unwrap();
    let order = order.to_string();
    for query in [
        order.as_str(),
        "P-1",
        "gid-77",
        delivery,
        event,
        endpoint,
        "acme",
    ] {
        let answer = own.get(&format!("/console/search?q={query}")).await;
        let path = location(&answer);
        assert_eq!(own.get(path).await.status, 200, "{query}: {path}");
        let page = foreign.page(&format!("/console/search?q={query}")).await;
        assert!(page.contains("Nothing is called that"), "{query}: {page}");
    }
    // The platform has the orders, and no deliveries of partners.
    let platform = Browser::signed_in(app.base_url(), PLATFORM).await;
    assert_eq!(
        leads_to(&platform, "P-1").await,
        format!("/console/orders/{order}")
    );
    let page = platform
        .page(&format!("/console/search?q={delivery}"))
        .await;
    assert!(page.contains("Nothing is called that"), "{page}");
    app.finish().await;
}
