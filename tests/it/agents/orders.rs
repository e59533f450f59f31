//! What becomes of an agent's order: both protocols show it, and fit their schemas.

use reqwest::Method;
use serde_json::{Value, json};

use super::acp::{self, cups, with_buyer};
use super::{Market, ucp};
use crate::support::api::PLATFORM;
use crate::support::callback_sender::callback_signer;

/// Buys three cups by ACP. Its session and its order.
async fn buy(market: &Market) -> (String, Value) {
    let session = acp::id(&market.acp_session(&with_buyer(cups(3))).await);
    let bought = acp::session(&market.acp_complete(&session, "spt_test_visa").await, 200);
    assert_eq!(bought["order"]["status"], "confirmed", "{bought:#}");
    (session, bought["order"].clone())
}

/// The order as ACP shows it now.
async fn order(market: &Market, session: &str) -> Value {
    let path = format!("{}/{session}", acp::SESSIONS);
    let read = acp::session(&market.acp_get(&path).await, 200);
    read["order"].clone()
}

fn report(number: &str, kind: &str, quantity: u32) -> Value {
    json!({"id": format!("m-{quantity}"), "type": kind, "order_id": number, "occurred_at": "2026-11-21T09:30:00Z",
        "shipment": {"reference": format!("shp_{quantity}"), "carrier": "UPS", "tracking_number": "1Z999",
            "tracking_url": "https://ups.example/1Z999", "items": [{"item_id": "item-0", "quantity": quantity}]}})
}

#[tokio::test]
async fn parcels_and_refunds_show_on_an_agents_order() {
    let market = Market::open().await;
    let acme = callback_signer("standard-webhooks", 1);
    let set = market.app.set_callback("acme", &acme.settings()).await;
    assert_eq!(set.status, 200, "{set:?}");
    let (session, bought) = buy(&market).await;
    let number = bought["order_number"].as_str().unwrap();
    assert_eq!(bought["line_items"][0]["status"], "processing");

    let one = report(number, "order.partly_shipped", 1);
    market.app.report_accepted(&acme, "acme", &one).await;
    market.app.wait_until_callbacks_processed().await;
    let partly = order(&market, &session).await;
    assert_eq!(
        (&partly["status"], &partly["line_items"][0]["quantity"]),
        (
            &json!("confirmed"),
            &json!({"ordered": 3, "current": 3, "fulfilled": 1})
        )
    );
    let parcel = &partly["fulfillments"][0];
    assert_eq!(
        (
            &parcel["status"],
            &parcel["carrier"],
            &parcel["line_items"][0]["quantity"]
        ),
        (&json!("shipped"), &json!("UPS"), &json!(1))
    );

    let refund =
        json!({"refund_id": "R-1", "amount": 1_000, "lines": [{"line": 1, "quantity": 1}]});
    let path = format!("/v1/orders/{number}/refunds");
    let refunded = market.app.post(&path, PLATFORM, &refund).await;
    assert_eq!(refunded.status, 201, "{refunded:?}");
    let rest = report(number, "order.shipped", 2);
    market.app.report_accepted(&acme, "acme", &rest).await;
    market.app.wait_until_callbacks_processed().await;
    let sent = order(&market, &session).await;
    assert_eq!(
        (&sent["status"], &sent["line_items"][0]["quantity"]),
        (
            &json!("shipped"),
            &json!({"ordered": 3, "current": 2, "fulfilled": 2})
        )
    );
    let adjustment = &sent["adjustments"][0];
    assert_eq!(
        (
            &adjustment["type"],
            &adjustment["amount"],
            &adjustment["line_items"][0]["quantity"]
        ),
        (&json!("refund"), &json!(1_000), &json!(1))
    );
    let totals = sent["totals"].as_array().unwrap();
    assert!(
        totals
            .iter()
            .any(|one| one["type"] == "amount_refunded" && one["amount"] == 1_000)
    );
    market.app.stop().await;
}

#[tokio::test]
async fn a_cancelled_order_is_cancelled_for_the_agent_too() {
    let market = Market::open().await;
    let (session, bought) = buy(&market).await;
    let path = format!(
        "/v1/orders/{}/cancel",
        bought["order_number"].as_str().unwrap()
    );
    let cancelled = market
        .app
        .post(&path, PLATFORM, &json!({"reason": "for Ada"}))
        .await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    let cancelled = order(&market, &session).await;
    assert_eq!(
        (
            &cancelled["status"],
            &cancelled["line_items"][0]["status"],
            &cancelled["adjustments"][0]["type"]
        ),
        (
            &json!("canceled"),
            &json!("removed"),
            &json!("cancellation")
        )
    );
    assert!(
        !cancelled.to_string().contains("Ada"),
        "the platform's reason may name the buyer"
    );
    market.app.stop().await;
}

#[tokio::test]
async fn ucp_shows_parcels_refunds_and_the_cancellation() {
    let market = Market::open().await;
    let acme = callback_signer("standard-webhooks", 1);
    market.app.set_callback("acme", &acme.settings()).await;
    let bought = ucp::buy(&market, 3).await;
    let path = format!("/ucp/orders/{}", bought["order"]["id"].as_str().unwrap());
    let read = async || ucp::order(&market.ucp(Method::GET, &path, None, &json!({})).await);
    let number = read().await["label"].as_str().unwrap().to_owned();
    let two = report(&number, "order.partly_shipped", 2);
    market.app.report_accepted(&acme, "acme", &two).await;
    market.app.wait_until_callbacks_processed().await;
    let partly = read().await;
    assert_eq!(
        (
            &partly["line_items"][0]["status"],
            &partly["line_items"][0]["quantity"]
        ),
        (
            &json!("partial"),
            &json!({"original": 3, "total": 3, "fulfilled": 2})
        )
    );
    let event = &partly["fulfillment"]["events"][0];
    assert_eq!(
        (
            &event["type"],
            &event["tracking_number"],
            &event["line_items"][0]["quantity"]
        ),
        (&json!("shipped"), &json!("1Z999"), &json!(2))
    );
    let refund =
        json!({"refund_id": "R-1", "amount": 1_000, "lines": [{"line": 1, "quantity": 1}]});
    let refunds = format!("/v1/orders/{number}/refunds");
    market.app.post(&refunds, PLATFORM, &refund).await;
    let refunded = read().await;
    let adjustment = &refunded["adjustments"][0];
    assert_eq!(
        (
            &adjustment["totals"][0]["amount"],
            &adjustment["line_items"][0]["quantity"]
        ),
        (&json!(-1_000), &json!(-1))
    );
    assert_eq!(refunded["line_items"][0]["status"], "fulfilled");
    let cancel = format!("/v1/orders/{number}/cancel");
    market.app.post(&cancel, PLATFORM, &json!({})).await;
    let cancelled = read().await;
    assert_eq!(cancelled["line_items"][0]["status"], "removed");
    assert_eq!(cancelled["adjustments"][1]["type"], "cancellation");
    market.app.stop().await;
}
