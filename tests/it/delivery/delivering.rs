//! Delivering: which endpoint receives which events, and how.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use time::OffsetDateTime;

use crate::support::api::{OPERATOR, only_delivery};
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Received, Receiver, Reply};

#[tokio::test]
async fn a_delivery_is_signed_and_says_what_the_contract_says() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    let endpoint = app.endpoint(&acme, &receiver).create().await;

    let receipt = app.order(&order("P-1").partner("acme")).await;

    let request = receiver.received(1).await.remove(0);
    assert!(request.verifies(&endpoint.secret));
    assert_eq!(request.target, "/hook");
    assert_eq!(request.id(), only_delivery(&receipt));
    assert_eq!(request.header("content-type"), "application/json");
    let agent = concat!("Buywire/", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), agent);
    let body = request.json();
    assert_eq!(body["type"], "order.confirmed");
    assert_eq!(body["id"], receipt["events"][0]["id"]);
    let expected = json!({
        "order_id": "P-1", "order": receipt["id"], "sequence": 1, "status": "confirmed", "test": false,
        "currency": "USD", "confirmed_at": "2026-11-20T10:00:00Z",
        "buyer": {"name": "Ada Lovelace", "email": "ada@example.com", "phone": null},
        "ship_to": {
            "name": "Ada Lovelace", "line1": "1 Market St", "line2": null, "city": "San Francisco",
            "region": "CA", "postal_code": "94105", "country": "US"
        },
        "lines": [{
            "line": 1, "partner": "acme", "item_id": "acme-1", "title": "Shirt", "quantity": 2, "unit_price": 2500, "tax": 400,
            "attributes": {"size": "M"}
        }],
        "shipping": 500, "discount": 0, "tax": 400, "total": 5900,
        "payment": {"processor": "stripe", "reference": "pi_3P8", "state": "paid"},
        "post": null, "note": "Leave it with the neighbour", "refunds": [], "cancelled_at": null,
        "cancel_reason": null
    });
    assert_eq!(body["data"], expected);
    app.finish().await;
}

#[tokio::test]
async fn each_attempt_has_a_fresh_timestamp_under_the_same_id() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    let endpoint = app.endpoint(&acme, &receiver).create().await;
    receiver.next([
        Reply::status(500).header("Retry-After", 2),
        Reply::status(500),
    ]);

    app.order(&order("P-1").partner("acme")).await;

    let attempts = receiver.received(3).await;
    let stamp = |at: usize| -> i64 { attempts[at].header("webhook-timestamp").parse().unwrap() };
    let now = OffsetDateTime::now_utc().unix_timestamp();
    assert!(stamp(0) < stamp(2) && now - stamp(2) < 10);
    assert!(
        attempts
            .iter()
            .all(|attempt| attempt.id() == attempts[0].id())
    );
    assert!(
        attempts
            .iter()
            .all(|attempt| attempt.verifies(&endpoint.secret))
    );
    app.finish().await;
}

#[tokio::test]
async fn both_keys_sign_during_a_rotation_and_one_after_it() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    let endpoint = app.endpoint(&acme, &receiver).create().await;
    let rotate = format!("{}/rotate-secret", endpoint.path);

    let rotated = app
        .post(&rotate, OPERATOR, &json!({"overlap_hours": 24}))
        .await;
    let second = rotated.json()["secret"].as_str().unwrap().to_owned();
    // A changed endpoint is used within a second.
    tokio::time::sleep(Duration::from_secs(1)).await;
    app.order(&order("P-1").partner("acme")).await;
    let during = receiver.received(1).await.remove(0);
    assert!(during.verifies(&endpoint.secret) && during.verifies(&second));

    let rotated = app
        .post(&rotate, OPERATOR, &json!({"overlap_hours": 0}))
        .await;
    let third = rotated.json()["secret"].as_str().unwrap().to_owned();
    tokio::time::sleep(Duration::from_secs(1)).await;
    app.order(&order("P-2").partner("acme")).await;
    let after = receiver.received(2).await.remove(1);
    assert!(after.verifies(&third) && !after.verifies(&second));
    app.finish().await;
}

#[tokio::test]
async fn a_later_event_of_an_order_waits_for_the_earlier_ones_at_that_endpoint_only() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let [slow, quick] = [Receiver::start().await, Receiver::start().await];
    slow.next([Reply::status(500), Reply::status(500)]);
    app.endpoint(&acme, &slow).create().await;
    app.endpoint(&acme, &quick).create().await;

    app.order(&order("P-1").partner("acme")).await;
    app.cancel("P-1").await;
    app.redact("P-1").await;

    assert_eq!(sequences(&quick.received(3).await), [1, 2, 3]);
    assert_eq!(sequences(&slow.received(5).await), [1, 1, 1, 2, 3]);
    app.finish().await;
}

#[tokio::test]
async fn a_dead_event_lets_the_later_ones_of_its_order_go() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    receiver.next([Reply::status(500), Reply::status(500)]);
    app.endpoint(&acme, &receiver)
        .with_retry(&[0])
        .create()
        .await;

    app.order(&order("P-1").partner("acme")).await;
    app.cancel("P-1").await;

    assert_eq!(sequences(&receiver.received(3).await), [1, 1, 2]);
    app.finish().await;
}

#[tokio::test]
async fn each_partner_of_an_order_hears_of_its_own_share_only() {
    let app = TestApp::start().await;
    let mut receivers = Vec::new();
    for slug in ["acme", "fancy", "gum-shop"] {
        let partner = app.partner(slug).await;
        let receiver = Receiver::start().await;
        app.endpoint(&partner, &receiver).create().await;
        receivers.push(receiver);
    }
    let shared = order("P-1")
        .line("acme", 1, 1_000)
        .line("fancy", 2, 2_000)
        .with("/shipping", json!([{"partner": "fancy", "amount": 300}]))
        .with("/discount", json!([]));

    app.order(&shared).await;

    let data = |request: &Received| request.json()["data"].clone();
    let acme = data(&receivers[0].received(1).await[0]);
    let fancy = data(&receivers[1].received(1).await[0]);
    assert_eq!(
        (&acme["total"], &fancy["total"]),
        (&json!(1_080), &json!(4_620))
    );
    assert_eq!(
        (&acme["shipping"], &fancy["shipping"]),
        (&json!(0), &json!(300))
    );
    for (share, slug) in [(&acme, "acme-1"), (&fancy, "fancy-2")] {
        assert_eq!(share["lines"].as_array().unwrap().len(), 1);
        assert_eq!(share["lines"][0]["item_id"], slug);
        assert_eq!(share["note"], json!(null), "it may speak of the others");
        assert_eq!(share.get("metadata"), None);
    }
    receivers[2].assert_stays_at(0, Duration::ZERO).await;
    app.finish().await;
}

#[tokio::test]
async fn an_endpoint_hears_only_of_what_it_subscribed_to() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let [all, cancellations] = [Receiver::start().await, Receiver::start().await];
    app.endpoint(&acme, &all)
        .with_events(&["order.*"])
        .create()
        .await;
    app.endpoint(&acme, &cancellations)
        .with_events(&["order.cancelled"])
        .create()
        .await;

    app.order(&order("P-1").partner("acme")).await;
    app.cancel("P-1").await;

    assert_eq!(sequences(&all.received(2).await), [1, 2]);
    assert_eq!(sequences(&cancellations.received(1).await), [2]);
    app.finish().await;
}

#[tokio::test]
async fn the_platforms_own_endpoint_hears_when_a_partners_is_disabled() {
    let app = TestApp::start().await;
    let [acme, platform] = [app.partner("acme").await, app.platform().await];
    let [gone, operators] = [Receiver::start().await, Receiver::start().await];
    gone.always(Reply::status(410));
    let endpoint = app.endpoint(&acme, &gone).create().await;
    app.endpoint(&platform, &operators)
        .with_events(&["endpoint.*"])
        .create()
        .await;

    app.order(&order("P-1").partner("acme")).await;

    let notice = operators.received(1).await.remove(0).json();
    assert_eq!(notice["type"], "endpoint.disabled");
    assert!(
        notice["data"]
            .to_string()
            .contains(&endpoint.id.to_string()),
        "{notice}"
    );
    app.stop().await;
}

#[tokio::test]
async fn no_delivery_comes_twice_without_a_crash() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    app.endpoint(&acme, &receiver)
        .with_max_in_flight(8)
        .create()
        .await;

    let orders = (0..300).map(|n| order(&format!("P-{n}")).partner("acme"));
    let orders: Vec<_> = orders.collect();
    futures_util::future::join_all(orders.iter().map(|order| app.order(order))).await;

    app.wait_for_delivered(300).await;
    let requests = receiver.received_so_far();
    let ids: BTreeSet<_> = requests.iter().map(|request| request.id()).collect();
    assert_eq!((requests.len(), ids.len()), (300, 300));
    app.finish().await;
}

fn sequences(requests: &[Received]) -> Vec<i64> {
    let sequence = |request: &Received| request.json()["data"]["sequence"].as_i64();
    requests.iter().filter_map(sequence).collect()
}
