//! Prices that contain their tax: accepted, delivered and refunded as the buyer saw them.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::Receiver;

/// Two pieces at 19.99 and shipping at 4.90, which contain 19 % of tax.
fn gross_order(order_id: &str) -> Value {
    let mut body = order(order_id).partner("acme").json();
    body["currency"] = json!("EUR");
    body["tax_included"] = json!(true);
    body["lines"][0]["unit_price"] = json!(1999);
    body["lines"][0]["tax"] = json!(638);
    body["shipping"] = json!(490);
    body["shipping_tax"] = json!(78);
    body["tax"] = json!(716);
    body["total"] = json!(4488);
    body
}

#[tokio::test]
async fn a_partner_receives_the_prices_that_the_buyer_saw() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let receiver = Receiver::start().await;
    app.endpoint("acme", &receiver).create().await;

    let accepted = app.post_order(&gross_order("P-1")).await;
    assert_eq!(accepted.status, 201, "{accepted:?}");

    let data = receiver.received(1).await[0].json()["data"].clone();
    assert_eq!(
        json!([
            data["tax_included"],
            data["shipping_tax"],
            data["tax"],
            data["total"]
        ]),
        json!([true, 78, 716, 4488])
    );
    assert_eq!(data["lines"][0]["unit_price"], 1999);
    app.finish().await;
}

#[tokio::test]
async fn an_order_of_net_prices_is_delivered_as_before() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let receiver = Receiver::start().await;
    app.endpoint("acme", &receiver).create().await;
    app.order(&order("P-1").partner("acme")).await;

    let data = receiver.received(1).await[0].json()["data"].clone();
    let members = data.as_object().unwrap();
    assert!(!members.contains_key("tax_included") && !members.contains_key("shipping_tax"));
    app.finish().await;
}

#[tokio::test]
async fn tax_that_is_added_to_gross_prices_is_refused_with_the_right_total() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let mut wrong = gross_order("P-1");
    wrong["total"] = json!(5204);

    let refused = app.post_order(&wrong).await;

    assert_eq!(refused.status, 422, "{refused:?}");
    let problem = refused.json();
    assert_eq!(problem["errors"][0]["code"], "total_mismatch");
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("4488") && detail.contains("tax_included"),
        "{detail}"
    );
}
