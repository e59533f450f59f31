//! Redaction: the buyer's data disappears, and work in progress does not bring it back.

use std::sync::mpsc;

use serde_json::{Value, json};

use crate::support::api::{OPERATOR, PLATFORM, only_delivery};
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// With threads, because the receiver blocks one of them to delay its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reply_that_comes_after_the_redaction_leaves_no_buyer_behind() {
    for (status, attempts) in [(200, 2), (500, 3)] {
        let app = TestApp::start().await;
        let receiver = Receiver::start().await;
        let acme = app.partner("acme").await;
        app.endpoint(&acme, &receiver).create().await;
        let (arrived, arrives) = tokio::sync::oneshot::channel();
        let (redacted, redaction) = mpsc::channel();
        let mut first = Some(arrived);
        receiver.respond_with(move |_| match first.take() {
            Some(arrived) => {
                arrived.send(()).unwrap();
                redaction.recv().unwrap();
                Reply::status(status).body(b"thank you, Ada Lovelace")
            }
            None => Reply::status(204),
        });
        app.order(&order("P-1")).await;
        arrives.await.unwrap();
        assert_eq!(app.redact("P-1").await.status, 200);
        redacted.send(()).unwrap();

        app.wait_for_attempts(attempts).await;
        let kept = "SELECT count(*) FROM attempts WHERE response_body IS NOT NULL";
        app.wait_for_count(kept, 0).await;
        app.finish().await;
    }
}

/// All free text of an order is redacted with its buyer, in every table and in later deliveries.
#[tokio::test]
async fn what_people_wrote_leaves_with_the_buyer() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    app.endpoint(&acme, &receiver)
        .with_events(&["order.confirmed", "order.refunded"])
        .create()
        .await;
    let mut body = order("P-1").json();
    body["lines"][0]["attributes"] = json!({"engraving": "for Ada"});
    body["metadata"] = json!({"gift_from": "Ada"});
    let receipt = app.post_order(&body).await.json();
    let delivery = only_delivery(&receipt).to_owned();
    app.wait_until_delivered(&format!("/v1/deliveries/{delivery}"))
        .await;
    let refund = json!({"refund_id": "R-1", "amount": 100, "reason": "Ada asked for it"});
    assert_eq!(app.refund("P-1", &refund).await.status, 201);
    let reason = json!({"reason": "Ada rang\u{b}"});
    let cancelled = app.post("/v1/orders/P-1/cancel", PLATFORM, &reason).await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    let again = json!({"reason": "Ada lost it", "include_superseded": true});
    let path = format!("/v1/deliveries/{delivery}/replay");
    assert_eq!(app.post(&path, OPERATOR, &again).await.status, 202);
    let job = json!({"filter": {"status": "dead"}, "reason": "for Ada Lovelace"});
    let job = app.post("/v1/replays", OPERATOR, &job).await;
    assert_eq!(job.status, 202, "{job:?}");
    receiver.received(3).await;
    app.wait_for_pending(0).await;

    assert_eq!(app.redact("P-1").await.status, 200);
    for (table, column) in [
        ("orders", "body"),
        ("orders", "coalesce(cancel_reason, '')"),
        ("events", "data"),
        ("refunds", "body"),
        ("replays", "reason"),
        ("audit", "details::text"),
        ("attempts", "coalesce(response_body, '')"),
    ] {
        let query = format!("SELECT count(*) FROM {table} WHERE {column} LIKE '%Ada%'");
        let named: i64 = app.sql.query_one(&query, &[]).await.unwrap().get(0);
        assert_eq!(named, 0, "{table}.{column}");
    }
    // Every subscriber learns that the buyer must be forgotten, and receives no free text.
    let observed = receiver.received(4).await[3].json();
    assert_eq!(observed["type"], "buyer.redacted");
    assert_eq!(observed["data"]["refunds"][0]["amount"], 100);
    assert!(!observed.to_string().contains("Ada"), "{observed}");
    // Later free text is not stored either, and a repeated refund is still recognised.
    let later = json!({"refund_id": "R-2", "amount": 100, "reason": "Ada again"});
    assert_eq!(app.refund("P-1", &later).await.status, 201);
    assert_eq!(app.refund("P-1", &refund).await.status, 200);
    assert!(
        !receiver.received(5).await[4]
            .json()
            .to_string()
            .contains("Ada")
    );
    app.finish().await;
}

/// The reasons of a cancellation and a redaction are stored, and the partner reads the former.
#[tokio::test]
async fn reasons_are_kept_and_every_step_is_audited() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    app.endpoint(&acme, &receiver).create().await;
    let id = app.order(&order("P-1")).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let made = json!({"role": "platform", "label": "shop floor"});
    let made = app.post("/v1/keys", OPERATOR, &made).await.json();
    let key = made["key"].as_str().unwrap();
    let refund = json!({"refund_id": "R-1", "amount": 100});
    let refunded = app.post("/v1/orders/P-1/refunds", key, &refund).await;
    assert_eq!(refunded.status, 201, "{refunded:?}");
    app.post("/v1/orders/P-1/cancel", key, &json!({"reason": "sold out"}))
        .await;
    assert_eq!(
        receiver.received(3).await[2].json()["data"]["cancel_reason"],
        "sold out"
    );
    let shown = app.get("/v1/orders/P-1", PLATFORM).await.json();
    assert_eq!(shown["cancel_reason"], "sold out");
    app.redact("P-1").await;

    let rows = "SELECT actor, key, role, partner, action, details FROM audit WHERE subject = $1 ORDER BY id";
    let rows = app.sql.query(rows, &[&id]).await.unwrap();
    let notice: Vec<(&str, &str, &str)> = rows
        .iter()
        .map(|row| (row.get("action"), row.get("actor"), row.get("role")))
        .collect();
    assert_eq!(
        notice,
        [
            ("order.refund", "shop floor", "platform"),
            ("order.cancel", "shop floor", "platform"),
            ("order.redact", "environment:platform", "platform"),
        ]
    );
    let issued: Option<uuid::Uuid> = rows[0].get("key");
    assert_eq!(
        issued.unwrap(),
        crate::support::api::uuid_of(made["id"].as_str().unwrap())
    );
    assert_eq!(rows[2].get::<_, Option<uuid::Uuid>>("key"), None);
    assert_eq!(
        rows[2].get::<_, Value>("details"),
        json!({"reason": "the buyer asked for it"})
    );

    // A partner's key is named with its partner, and no label may equal those of the environment's keys.
    let own = app.partner_key("acme").await;
    let name = app
        .request(reqwest::Method::PATCH, "/v1/partners/acme", &own)
        .body(json!({"name": "Acme"}).to_string());
    assert_eq!(crate::support::api::Answer::send(name).await.status, 200);
    let actor = "SELECT role, partner FROM audit WHERE action = 'partner.update'";
    let actor = app.sql.query_one(actor, &[]).await.unwrap();
    assert_eq!(
        (actor.get::<_, &str>(0), actor.get::<_, &str>(1)),
        ("partner", "acme")
    );
    for label in [
        "environment:operator",
        "Environment:x",
        " environment:platform",
    ] {
        let refused = app
            .post(
                "/v1/keys",
                OPERATOR,
                &json!({"role": "platform", "label": label}),
            )
            .await;
        assert_eq!(
            refused.problem(422, "body-invalid"),
            [("/label".into(), "label_reserved".into())]
        );
    }
    app.finish().await;
}

/// A dialect that cannot express a redaction, and a partner without an endpoint: an operator must inform them.
#[tokio::test]
async fn whom_no_delivery_tells_stands_on_the_operators_list() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let gum = json!({"slug": "gumshop", "name": "Gum", "adapter": "gumroad"});
    let made = app.post("/v1/partners", OPERATOR, &gum).await;
    assert_eq!(made.status, 201, "{made:?}");
    let warning = &made.json()["warnings"][0];
    assert_eq!(warning["code"], "no_words_for_redaction");
    assert_eq!(warning["pointer"], "/adapter");
    app.endpoint("gumshop", &receiver).create().await;
    let acme = app.partner("acme").await;
    app.endpoint(&acme, &receiver).create().await;
    app.partner("silent").await;
    for partner in ["gumshop", "acme", "silent"] {
        let id = format!("P-{partner}");
        app.order(&order(&id).partner(partner)).await;
        assert_eq!(app.redact(&id).await.status, 200);
    }
    let listed = app.get("/v1/redactions", OPERATOR).await.json();
    let notice: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["order_id"].as_str().unwrap(),
                one["partner"].as_str().unwrap(),
                one["reason"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        notice,
        [
            ("P-gumshop", "gumshop", "no_words"),
            ("P-silent", "silent", "no_endpoint")
        ]
    );
    let event = listed["data"][0]["event"].as_str().unwrap();
    let path = format!("/v1/redactions/{event}/confirm");
    for _ in 0..2 {
        assert_eq!(app.post(&path, OPERATOR, &json!({})).await.status, 204);
    }
    let left = app.get("/v1/redactions", OPERATOR).await.json();
    assert_eq!(left["data"].as_array().unwrap().len(), 1);
    assert_eq!(app.get("/v1/redactions", PLATFORM).await.status, 403);
    app.stop().await;
}
