//! Kill switches: the same answer everywhere, within seconds.

use serde_json::json;

use super::{GOOD, Shop};

#[tokio::test]
async fn a_switch_stops_new_checkouts_and_lets_payments_finish() {
    let shop = Shop::start(5).await;
    let paying = shop.fill_in(1, "ada@example.com").await;
    let page = paying.begin().await;
    let reviewed = shop.fill_in(1, "bob@example.com").await;
    let quote = reviewed.review().await;
    for scope in [
        "all",
        "partner:acme",
        "item:acme:item-1",
        "channel:page",
        "processor:sandbox",
    ] {
        let path = format!("/v1/switches/{scope}");
        let off = shop
            .put(&path, json!({"enabled": false, "reason": "recall"}))
            .await;
        assert_eq!(off.status, 200, "{}", off.body());
        let pressed = reviewed.press(&quote).await;
        let to = pressed.header("location").unwrap_or_default();
        assert!(!to.contains("/c/pay"), "{scope}: {pressed:?}");
        if scope != "processor:sandbox" {
            let begun = shop
                .post(
                    &format!("/b/{}/buy", shop.slug),
                    &super::details(1, "eve@example.com"),
                )
                .await;
            assert_ne!(begun.status, 303, "{scope}");
        }
        shop.put(&path, json!({"enabled": true, "reason": "over"}))
            .await;
    }
    assert_eq!(shop.at_processor("/v1/checkout/sessions").await.len(), 1);
    shop.pay_at(&page, GOOD).await;
    paying.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    shop.app.finish().await;
}

#[tokio::test]
async fn a_switch_that_voids_closes_payments_in_progress() {
    let shop = Shop::start(5).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    let body = json!({"enabled": false, "reason": "recall", "payments": "void"});
    assert_eq!(
        shop.put("/v1/switches/partner:acme", body).await.status,
        200
    );
    assert_ne!(
        shop.pay_at(&page, GOOD).await.status,
        303,
        "the session is closed"
    );
    assert_eq!(shop.stock().await["held"], 0);
    assert_eq!(
        shop.put(
            "/v1/switches/nothing",
            json!({"enabled": false, "reason": "x"})
        )
        .await
        .status,
        400
    );
    shop.app.stop().await;
}
