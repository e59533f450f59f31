//! What partners report becomes part of the order, and the platform receives it as events.

use serde_json::{Value, json};

use crate::support::api::{OPERATOR, PLATFORM, only_delivery};
use crate::support::app::TestApp;
use crate::support::callback_sender::{acp_order, callback_signer, ucp_order};
use crate::support::order::order;
use crate::support::receiver::{Received, Receiver, Reply};

/// The platform's own endpoint, which receives what partners report, and its secret.
async fn platform_endpoint(app: &TestApp) -> (Receiver, String) {
    let receiver = Receiver::start().await;
    let endpoint = app.endpoint("platform", &receiver).create().await;
    (receiver, endpoint.secret)
}

async fn read_order(app: &TestApp, order: &str) -> Value {
    app.get(&format!("/v1/orders/{order}"), PLATFORM)
        .await
        .json()
}

fn shipped(id: &str, order_id: &str) -> Value {
    json!({"id": id, "type": "order.shipped", "order_id": order_id, "occurred_at": "2026-11-21T09:30:00Z",
        "shipment": {"reference": "shp_1", "carrier": "UPS", "tracking_number": "1Z999",
            "tracking_url": "https://ups.example/1Z999", "items": [{"item_id": "acme-1", "quantity": 2}]}})
}

fn kinds(received: &[Received]) -> Vec<(String, i64)> {
    let events = received.iter().map(Received::json);
    events
        .map(|event| {
            let sequence = event["data"]["sequence"].as_i64().unwrap();
            (event["type"].as_str().unwrap().to_owned(), sequence)
        })
        .collect()
}

#[tokio::test]
async fn a_shipment_reaches_the_platform_signed_and_shows_on_the_order_once() {
    let app = TestApp::start().await;
    let (platform, secret) = platform_endpoint(&app).await;
    let acme = callback_signer("standard-webhooks", 1);
    app.partner_with_callbacks("acme", "standard", &acme).await;
    let receipt = app.order(&order("P-1")).await;

    app.report_accepted(&acme, "acme", &shipped("m-1", "P-1"))
        .await;
    let again = app.report(&acme, "acme", &shipped("m-1", "P-1")).await;
    assert_eq!(
        (again.status, &again.json()["status"]),
        (200, &json!("duplicate"))
    );

    let events = platform.received(1).await;
    assert!(events[0].verifies(&secret));
    let event = events[0].json();
    assert_eq!(event["type"], "order.fulfilled");
    let data = json!({
        "order_id": "P-1", "order": receipt["id"], "partner": "acme", "sequence": 1, "test": false, "currency": "USD",
        "fulfilment": {"state": "shipped", "shipments": [{
            "reference": "shp_1", "carrier": "UPS", "tracking_number": "1Z999",
            "tracking_url": "https://ups.example/1Z999", "delivered": false,
            "items": [{"item_id": "acme-1", "quantity": 2}]}]},
        "captured": 5900, "refunded": 0, "cancelled": null, "disputed": null, "warnings": []});
    assert_eq!(event["data"], data);

    let order_page = read_order(&app, "P-1").await;
    let report = &order_page["reports"][0];
    for part in ["partner", "fulfilment", "captured", "refunded", "warnings"] {
        assert_eq!(report[part], data[part], "{part}");
    }
    assert_eq!(report["callbacks"].as_array().unwrap().len(), 1);
    let sent = &report["callbacks"][0];
    assert_eq!(
        (&sent["state"], &sent["content"]["key"], &sent["id"]),
        (&json!("applied"), &json!("m-1"), &again.json()["id"])
    );
    app.wait_until_callbacks_processed().await;
    app.finish().await;
    assert_eq!(
        platform.received_so_far().len(),
        1,
        "a duplicate counts once"
    );
}

#[tokio::test]
async fn whole_states_in_any_order_of_arrival_come_to_the_newest() {
    let app = TestApp::start().await;
    let (platform, _) = platform_endpoint(&app).await;
    let cases = [
        ("acp", "acp", acp_order as fn(&str, u32, usize) -> Value),
        ("ucp", "ucp", ucp_order),
        ("acp-2", "standard-webhooks", acp_order),
    ];
    for (slug, scheme, body) in cases {
        let partner = callback_signer(scheme, 1);
        let adapter = slug.trim_end_matches("-2");
        app.partner_with_callbacks(slug, adapter, &partner).await;
        let (late, early) = (format!("{slug}-late"), format!("{slug}-early"));
        for id in [&late, &early] {
            app.order(&order(id).partner(slug)).await;
        }
        // One order receives the second parcel first, the other in order, and both receive everything twice.
        for (id, minutes) in [(&late, [(20, 2), (10, 1)]), (&early, [(10, 1), (20, 2)])] {
            for (minute, parcels) in minutes {
                app.report_accepted(&partner, slug, &body(id, minute, parcels))
                    .await;
                let again = app.report(&partner, slug, &body(id, minute, parcels)).await;
                assert_eq!(again.json()["status"], "duplicate");
                app.wait_until_callbacks_processed().await;
            }
            let report = read_order(&app, id).await["reports"][0].clone();
            assert_eq!(report["fulfilment"]["state"], "shipped", "{report}");
            let parcels = report["fulfilment"]["shipments"].as_array().unwrap();
            assert_eq!(parcels.len(), 2, "{report}");
        }
        let states = |report: &Value| -> Vec<_> {
            let sent = report["callbacks"].as_array().unwrap().iter();
            sent.map(|one| (one["state"].clone(), one["detail"].clone()))
                .collect()
        };
        let late = read_order(&app, &late).await["reports"][0].clone();
        let (applied, ignored) = (json!("applied"), json!("ignored"));
        assert_eq!(
            states(&late),
            [(applied.clone(), Value::Null), (ignored, json!("outdated"))]
        );
        let early = read_order(&app, &early).await["reports"][0].clone();
        assert_eq!(
            states(&early),
            [(applied.clone(), Value::Null), (applied, Value::Null)]
        );
        assert_eq!(early["fulfilment"], late["fulfilment"]);
    }
    // One event for the late order, one per parcel for the early one.
    assert_eq!(platform.received(9).await.len(), 9);
    app.finish().await;
    assert_eq!(platform.received_so_far().len(), 9);
}

#[tokio::test]
async fn refunds_are_capped_and_unknown_words_are_kept_with_a_warning() {
    let app = TestApp::start().await;
    let (platform, _) = platform_endpoint(&app).await;
    let acme = callback_signer("standard-webhooks", 1);
    app.partner_with_callbacks("acme", "standard", &acme).await;
    app.order(&order("P-1")).await;
    let refund = |id: &str, reference: &str, amount: i64| {
        json!({"id": id, "type": "order.refunded", "order_id": "P-1",
            "refund": {"reference": reference, "amount": amount}})
    };
    let unknown_status = json!({"id": "m-4", "type": "order.gift_wrapped", "order_id": "P-1"});
    for body in [
        refund("m-1", "re_1", 900),
        // The same refund under another message.
        refund("m-2", "re_1", 900),
        refund("m-3", "re_2", 9_000),
        unknown_status,
        json!({"id": "m-5", "type": "order.disputed", "order_id": "P-1", "reason": "4242 4242 4242 4242"}),
    ] {
        app.report_accepted(&acme, "acme", &body).await;
        app.wait_until_callbacks_processed().await;
    }
    let events = platform.received(4).await;
    let kinds = kinds(&events);
    let expected = [
        ("refund.updated", 1),
        ("refund.updated", 2),
        ("order.updated", 3),
        ("order.updated", 4),
        ("order.updated", 5),
    ];
    // More than was captured: the sum changes, and the event carries a warning.
    let expected = expected.map(|(kind, sequence)| (kind.to_owned(), sequence));
    let all = platform.received(5).await;
    assert_eq!(self::kinds(&all), expected, "{kinds:?}");
    let refunded: Vec<_> = all
        .iter()
        .map(|event| event.json()["data"]["refunded"].clone())
        .collect();
    assert_eq!(refunded, [900, 5_900, 5_900, 5_900, 5_900].map(Value::from));
    let last = all[4].json()["data"].clone();
    assert_eq!(
        last["warnings"],
        json!([
            {"code": "unknown_value", "at": "type", "raw": "order.gift_wrapped"},
            {"code": "refund_exceeds_captured", "claimed": 9_900}])
    );
    assert_eq!(last["disputed"], json!({"reason": "[a card number]"}));
    app.finish().await;
}

#[tokio::test]
async fn partners_of_one_order_report_each_on_its_own_share() {
    let app = TestApp::start().await;
    let (platform, _) = platform_endpoint(&app).await;
    let [acme, rival] = [
        callback_signer("standard-webhooks", 1),
        callback_signer("standard-webhooks", 2),
    ];
    app.partner_with_callbacks("acme", "standard", &acme).await;
    app.partner_with_callbacks("rival", "standard", &rival)
        .await;
    let both = order("P-1").line("acme", 1, 1_000).line("rival", 1, 2_000);
    let charges = json!([{"partner": "acme", "amount": 0}, {"partner": "rival", "amount": 0}]);
    let both = both
        .with("/shipping", charges.clone())
        .with("/discount", charges)
        .with("/note", Value::Null);
    app.order(&both).await;
    app.order(&order("P-2").partner("acme")).await;

    app.report_accepted(&acme, "acme", &shipped("m-1", "P-1"))
        .await;
    app.wait_until_callbacks_processed().await;
    let all = json!({"id": "m-1", "type": "order.refunded", "order_id": "P-1", "refund": {}});
    app.report_accepted(&rival, "rival", &all).await;
    app.wait_until_callbacks_processed().await;
    // To this partner, another partner's order does not exist.
    app.report_accepted(&rival, "rival", &shipped("m-2", "P-2"))
        .await;
    app.wait_for_unmatched_callbacks(1).await;

    let events = platform.received(2).await;
    assert_eq!(
        kinds(&events),
        [
            ("order.fulfilled".to_owned(), 1),
            ("refund.updated".to_owned(), 2)
        ]
    );
    let data = events[1].json()["data"].clone();
    assert_eq!(
        (
            &data["partner"],
            &data["captured"],
            &data["refunded"],
            &data["fulfilment"]["state"]
        ),
        (
            &json!("rival"),
            &json!(2_160),
            &json!(2_160),
            &json!("open")
        )
    );
    let reports = read_order(&app, "P-1").await["reports"].clone();
    assert_eq!(
        (
            &reports[0]["partner"],
            &reports[0]["refunded"],
            &reports[1]["partner"]
        ),
        (&json!("acme"), &json!(0), &json!("rival"))
    );
    assert_eq!(read_order(&app, "P-2").await["reports"], json!([]));
    app.finish().await;
    assert_eq!(platform.received_so_far().len(), 2);
}

#[tokio::test]
async fn a_report_that_comes_before_the_acknowledgement_waits_for_it() {
    let app = TestApp::start().await;
    let (platform, _) = platform_endpoint(&app).await;
    let acme = callback_signer("acp", 1);
    app.partner_with_callbacks("acme", "acp", &acme).await;
    let receiver = Receiver::start().await;
    let answer = json!({"received": true, "order": {"id": "so_P-1", "order_number": "#1001",
        "permalink_url": "https://acme.example/orders/1001"}});
    receiver.always(Reply::status(200).body(answer.to_string().as_bytes()));
    app.endpoint("acme", &receiver).create().await;

    let mut early = acp_order("P-1", 10, 2);
    early["data"]["client_reference_id"] = Value::Null;
    app.report_accepted(&acme, "acme", &early).await;
    app.wait_for_count(
        "SELECT count(*) FROM callbacks WHERE state = 'unmatched'",
        1,
    )
    .await;
    let receipt = app.order(&order("P-1")).await;
    let event = platform.received(1).await[0].json();
    assert_eq!(event["data"]["fulfilment"]["state"], "shipped");

    let delivery = only_delivery(&receipt);
    let order_page = read_order(&app, "P-1").await;
    let named = order_page["acknowledgements"][0].clone();
    assert_eq!(
        named,
        json!({"partner": "acme", "order_id": "so_P-1", "number": "#1001",
            "permalink": "https://acme.example/orders/1001", "delivery": delivery, "at": named["at"]})
    );
    let shown = app
        .get(&format!("/v1/deliveries/{delivery}"), OPERATOR)
        .await;
    assert_eq!(shown.json()["acknowledgement"], named);
    app.finish().await;
}

#[tokio::test]
async fn stock_levels_are_kept_and_an_older_one_that_comes_late_is_not() {
    let app = TestApp::start().await;
    let acme = callback_signer("standard-webhooks", 1);
    app.partner_with_callbacks("acme", "standard", &acme).await;
    let stock = |id: &str, minute: u32, left: u32| {
        json!({"id": id, "type": "stock.updated", "occurred_at": format!("2026-11-21T10:{minute:02}:00Z"),
            "stock": [{"item_id": "TSHIRT-M", "quantity": left}]})
    };
    for body in [
        stock("m-1", 10, 5),
        stock("m-2", 30, 0),
        stock("m-3", 20, 3),
    ] {
        app.report_accepted(&acme, "acme", &body).await;
        app.wait_until_callbacks_processed().await;
    }
    let left = "SELECT count(*) FROM stock_reports WHERE item_id = 'TSHIRT-M' AND quantity = 0";
    app.wait_for_count(left, 1).await;
    app.finish().await;
}

#[tokio::test]
async fn a_redacted_buyer_leaves_what_was_reported_and_does_not_come_back() {
    let app = TestApp::start().await;
    let (platform, _) = platform_endpoint(&app).await;
    let acme = callback_signer("acp", 1);
    app.partner_with_callbacks("acme", "acp", &acme).await;
    let receiver = Receiver::start().await;
    let answer = json!({"received": true, "order": {"id": "so_P-1", "order_number": "Lovelace-1",
        "permalink_url": "https://acme.example/orders/Lovelace"}});
    receiver.always(Reply::status(200).body(answer.to_string().as_bytes()));
    app.endpoint("acme", &receiver).create().await;
    app.order(&order("P-1")).await;
    receiver.received(1).await;
    let report = |minute: u32| {
        let mut body = acp_order("P-1", minute, 2);
        body["data"]["status"] = json!("waiting for Lovelace");
        body["data"]["fulfillments"][0]["tracking_url"] = json!("https://ups.example/Lovelace");
        body["data"]["fulfillments"][1]["tracking_number"] = json!("Lovelace");
        let dispute = json!({"id": "adj_1", "type": "dispute", "status": "pending", "reason": "Lovelace moved"});
        body["data"]["adjustments"] = json!([dispute]);
        body
    };
    app.report_accepted(&acme, "acme", &report(10)).await;
    platform.received(2).await;
    app.wait_for_pending(0).await;
    assert_eq!(app.redact("P-1").await.status, 200);
    app.report_accepted(&acme, "acme", &report(20)).await;
    app.wait_until_callbacks_processed().await;
    // The partner acknowledges the redaction, too, by the buyer's name.
    receiver.received(2).await;
    app.wait_for_pending(0).await;

    let kept = "SELECT count(*) FROM (
            SELECT c::text FROM callbacks c UNION ALL SELECT r::text FROM order_reports r
            UNION ALL SELECT a::text FROM acknowledgements a UNION ALL SELECT e::text FROM events e
            UNION ALL SELECT o::text FROM orders o UNION ALL SELECT t::text FROM attempts t
            UNION ALL SELECT h::text FROM unverified_callbacks h) kept(t)
        WHERE t LIKE '%Lovelace%'";
    app.wait_for_count(kept, 0).await;
    let order_page = read_order(&app, "P-1").await;
    assert_eq!(order_page["reports"][0]["fulfilment"]["state"], "shipped");
    assert_eq!(order_page["acknowledgements"][0]["order_id"], "so_P-1");
    app.finish().await;
}
