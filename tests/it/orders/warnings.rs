//! Orders that are accepted although a partner cannot receive them: the receipt warns the platform.

use serde_json::json;

use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn an_order_that_its_partner_can_never_be_told_of_is_taken_with_a_warning() {
    let app = TestApp::start().await;
    app.partner_with_adapter("acme", "stripe").await;
    let receiver = Receiver::start().await;
    app.endpoint("acme", &receiver).create().await;
    let mut body = order("P-1").partner("acme").json();
    body["currency"] = json!("KWD");
    // Stripe gives dinars in tens of fils.
    let total = body["total"].as_i64().unwrap();
    body["lines"][0]["tax"] = json!(body["lines"][0]["tax"].as_i64().unwrap() + 1);
    body["tax"] = json!(body["tax"].as_i64().unwrap() + 1);
    body["total"] = json!(total + 1);

    let taken = app.post_order(&body).await;
    assert_eq!(taken.status, 201, "{taken:?}");
    let receipt = taken.json();
    let warnings = receipt["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{receipt}");
    assert_eq!(warnings[0]["pointer"], "/lines/0/partner");
    assert_eq!(warnings[0]["code"], "unrenderable");
    assert!(warnings[0]["detail"].is_string());
    let again = app.post_order(&body).await;
    assert_eq!((again.status, again.json()), (200, receipt));
    app.wait_for_count(
        "SELECT count(*) FROM dead_deliveries WHERE reason = 'unrenderable'",
        1,
    )
    .await;

    // An order that the dialect can represent has no warning.
    let fine = app.post_order(&order("P-2").partner("acme").json()).await;
    assert_eq!(fine.status, 201, "{fine:?}");
    assert!(fine.json().get("warnings").is_none(), "{fine:?}");
    receiver.received(1).await;
    app.finish().await;
}
