//! Templates: settings alone serve a partner without an adapter, from the first preview to the last change.

use buywire_adapters::contract::configured::ConfiguredAdapter;
use buywire_adapters::dialects::by_name;
use buywire_adapters::signing::SigningKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{OPERATOR, only_delivery};
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Received, Receiver, Reply};

const BODY: &str = r#"{
  "reference": {{ data.order_id }},
  "customer": {{ data.buyer.name }},
  "total": {{ data.total | decimal(data.currency) }},
  "skus": [{% for line in data.lines %}{{ line.item_id }}{% if not loop.last %}, {% endif %}{% endfor %}]
}"#;

fn settings() -> Value {
    json!({
        "body": BODY,
        "headers": {"x-event": "{{ type }}", "x-shop": "{{ values.shop }}"},
        "values": {"shop": "acme-1"},
        "signature": {
            "algorithm": "hmac-sha256", "content": "{id}.{timestamp}.{body}", "encoding": "hex",
            "headers": {
                "x-delivery": "{id}", "x-timestamp": "{timestamp}", "x-signature": "sha256={signatures}",
            },
        },
        "success": {"body": [{"pointer": "/ok", "is": true}]},
        "acknowledgement": {"order_id": "/order/id"},
    })
}

async fn templated(app: &TestApp, slug: &str, settings: &Value) {
    let partner = json!({"slug": slug, "name": slug, "adapter": "template", "settings": settings});
    let made = app.post("/v1/partners", OPERATOR, &partner).await;
    assert_eq!(made.status, 201, "{made:?}");
}

/// Whether the partner's own verifier would accept it.
fn verifies(received: &Received, secret: &str) -> bool {
    let settings = settings();
    let dialect = ConfiguredAdapter::new(by_name("template").unwrap(), &settings).unwrap();
    let key = SigningKey::parse(secret).unwrap();
    let header = |name: &str| received.try_header(name);
    let schemes = dialect.signature_schemes(&settings);
    schemes
        .iter()
        .all(|scheme| scheme.matches(&key, header, &received.body))
}

fn accepted() -> Reply {
    Reply::status(200).body(br#"{"ok": true, "order": {"id": "A-1"}}"#)
}

#[tokio::test]
async fn a_template_partner_is_made_previewed_tested_and_live_through_the_api_alone() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    receiver.always(accepted());
    templated(&app, "acme", &settings()).await;

    let shown = app
        .post("/v1/partners/acme/preview", OPERATOR, &json!({}))
        .await;
    assert_eq!(shown.status, 200, "{shown:?}");
    let shown = shown.json();
    let body: Value = serde_json::from_str(shown["request"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["total"], "70.12");
    assert_eq!(body["skus"], json!(["TSHIRT-M", "MUG-1"]));
    let headers = &shown["request"]["headers"];
    assert_eq!(headers["x-event"], "order.confirmed");
    assert_eq!(headers["x-shop"], "acme-1");
    assert_eq!(headers["content-type"], "application/json");
    assert!(
        headers["x-signature"]
            .as_str()
            .unwrap()
            .starts_with("sha256=")
    );
    assert!(
        shown["notes"][0]
            .as_str()
            .unwrap()
            .contains("Nothing is stored or sent")
    );

    let endpoint = app
        .endpoint("acme", &receiver)
        .with_retry(&[1, 1, 1])
        .create()
        .await;
    let tried = app
        .post(&format!("{}/test", endpoint.path), OPERATOR, &Value::Null)
        .await;
    assert_eq!(tried.status, 202, "{tried:?}");
    let trial = receiver.received(1).await.remove(0);
    assert_eq!(trial.json()["type"], "endpoint.test");
    assert!(verifies(&trial, &endpoint.secret), "{trial:?}");

    receiver.next([Reply::status(200).body(br#"{"ok": false}"#)]);
    let named = order("P-1")
        .partner("acme")
        .with("/buyer/name", "A \"B\", \\ C");
    let receipt = app.order(&named).await;
    let arrived = receiver.received(3).await.split_off(1);
    for one in &arrived {
        assert!(verifies(one, &endpoint.secret), "{one:?}");
        assert_eq!(
            one.json(),
            json!({
                "reference": "P-1", "customer": "A \"B\", \\ C", "total": "59.00", "skus": ["acme-1"],
            })
        );
    }
    assert_eq!(arrived[0].header("x-delivery"), only_delivery(&receipt));
    app.wait_for_delivered(2).await;

    let path = format!("/v1/deliveries/{}", only_delivery(&receipt));
    let story = app.get(&path, OPERATOR).await.json();
    assert_eq!(story["attempts"][0]["error"], "not_received", "{story}");
    app.finish().await;
}

#[tokio::test]
async fn a_changed_template_words_the_next_attempt() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    receiver.always(accepted());
    templated(&app, "acme", &settings()).await;
    app.endpoint("acme", &receiver)
        .with_retry(&[2, 2, 2, 2])
        .create()
        .await;
    receiver.next([Reply::status(500)]);
    app.order(&order("P-1").partner("acme")).await;
    receiver.received(1).await;

    let mut better = settings();
    better["body"] = r#"{"number": {{ data.order_id }}}"#.into();
    let change = json!({ "settings": better });
    let changed = app
        .call(Method::PATCH, "/v1/partners/acme", OPERATOR, &change)
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");

    let second = receiver.received(2).await.remove(1);
    assert_eq!(second.json(), json!({"number": "P-1"}));
    app.wait_for_delivered(1).await;
    app.finish().await;
}

#[tokio::test]
async fn a_template_that_loops_explodes_or_reads_what_it_must_not_is_refused() {
    let app = TestApp::start().await;
    templated(&app, "acme", &settings()).await;
    let nested = "{% for a in data.note %}".repeat(6) + &"{% endfor %}".repeat(6);
    let headers = |name: &str, value: &str| json!({"headers": {name: value}});
    for (settings, pointer, code) in [
        (
            json!({"body": "{% for i in range(1000000000) %}{% endfor %}"}),
            "/settings/body",
            "template_not_allowed",
        ),
        (
            json!({"body": nested}),
            "/settings/body",
            "template_trial_failed",
        ),
        (
            json!({"body": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"}),
            "/settings/body",
            "template_syntax",
        ),
        (
            json!({"body": "{{ \"x\" * 1000000000 }}"}),
            "/settings/body",
            "template_not_allowed",
        ),
        (
            json!({"body": "{{ data.absent }}"}),
            "/settings/body",
            "template_trial_failed",
        ),
        (
            json!({"body": "{{ secret }}"}),
            "/settings/body",
            "template_unknown_name",
        ),
        (
            json!({"body": "{% include \"/etc/passwd\" %}"}),
            "/settings/body",
            "template_syntax",
        ),
        (
            json!({"body": "{\"name\": \"{{ data.buyer.name }}\"}"}),
            "/settings/body",
            "template_quotes",
        ),
        (
            headers("x-name", "{{ data.buyer.name }}"),
            "/settings/headers/x-name",
            "template_trial_failed",
        ),
        (
            headers("x-note", "a\r\nhost: evil"),
            "/settings/headers/x-note",
            "template_trial_failed",
        ),
        (
            headers("host", "evil"),
            "/settings/headers/host",
            "header_name_invalid",
        ),
        (
            json!({"signature": {"algorithm": "md5"}}),
            "/settings/signature",
            "signature_invalid",
        ),
    ] {
        let change = json!({ "settings": settings });
        let refused = app
            .call(Method::PATCH, "/v1/partners/acme", OPERATOR, &change)
            .await;
        assert_eq!(refused.status, 422, "{settings}: {refused:?}");
        let error = &refused.json()["errors"][0];
        assert_eq!(
            (&error["pointer"], &error["code"]),
            (&json!(pointer), &json!(code)),
            "{error}"
        );

        let partner =
            json!({"slug": "other", "name": "x", "adapter": "template", "settings": settings});
        let refused = app.post("/v1/partners", OPERATOR, &partner).await;
        assert_eq!(refused.status, 422, "{settings}: {refused:?}");
    }
    let kept = app.get("/v1/partners/acme", OPERATOR).await.json();
    let mut shown = settings();
    shown["headers"] = json!({"x-event": null, "x-shop": null});
    assert_eq!(kept["settings"], shown, "nothing of it was stored");
    assert_eq!(app.get("/v1/partners/other", OPERATOR).await.status, 404);

    // A change of the dialect validates the settings again.
    let careless = json!({"slug": "late", "name": "x", "settings": {"body": "{{ data.absent }}"}});
    assert_eq!(
        app.post("/v1/partners", OPERATOR, &careless).await.status,
        201
    );
    let change = json!({"adapter": "template"});
    let refused = app
        .call(Method::PATCH, "/v1/partners/late", OPERATOR, &change)
        .await;
    assert_eq!(refused.status, 422, "{refused:?}");
    app.finish().await;
}

#[tokio::test]
async fn an_order_that_the_template_cannot_word_is_dead_at_once_and_says_where() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let settings = json!({
        "body": "{% if data.buyer.name == \"Nobody\" %}\n{{ \"we know no such buyer\" | refuse }}{% endif %}{{ id }}",
    });
    templated(&app, "acme", &settings).await;
    app.endpoint("acme", &receiver).create().await;
    let receipt = app
        .order(&order("P-1").partner("acme").with("/buyer/name", "Nobody"))
        .await;
    app.wait_for_dead_letters(1).await;
    let path = format!("/v1/deliveries/{}", only_delivery(&receipt));
    let story = app.get(&path, OPERATOR).await.json();
    let error = story["attempts"][0]["error"].as_str().unwrap();
    assert!(
        error.contains("line 2: the template refuses this event"),
        "{error}"
    );
    assert!(receiver.received_so_far().is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_preview_shows_any_dialect_any_event_and_keeps_nothing() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    app.endpoint("acme", &receiver).create().await;
    let receipt = app.order(&order("P-77").partner("acme")).await;
    receiver.received(1).await;
    app.wait_for_delivered(1).await;
    let preview = async |request: Value| {
        app.post("/v1/partners/acme/preview", OPERATOR, &request)
            .await
    };

    let own = preview(json!({"event": receipt["events"][0]["id"]}))
        .await
        .json();
    let body: Value = serde_json::from_str(own["request"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["data"]["order_id"], "P-77");
    assert_eq!(own["request"]["url"], receiver.url());
    for adapter in ["standard", "acp", "ucp", "template"] {
        for event in ["order.confirmed", "order.cancelled", "order.refunded"] {
            let shown = preview(json!({"adapter": adapter, "event": event})).await;
            assert_eq!(shown.status, 200, "{adapter} {event}: {shown:?}");
            assert!(
                shown.json()["request"]["headers"]
                    .as_object()
                    .unwrap()
                    .len()
                    > 1
            );
        }
    }
    let tried = json!({"adapter": "template", "settings": {"body": "{{ data.ship_to.city }}"}});
    let shown = preview(tried).await.json();
    assert_eq!(shown["request"]["body"], "\"San Francisco\"");
    assert!(
        shown["notes"][1]
            .as_str()
            .unwrap()
            .contains("would be refused: /settings/body: line 1"),
        "{shown}"
    );

    for (request, pointer) in [
        (json!({"event": "order.lost"}), "/event"),
        (
            json!({"event": "evt_019aa0f0d200700080000000000000ff"}),
            "/event",
        ),
        (json!({"adapter": "acp", "event": "feed.held"}), "/event"),
        (
            json!({"adapter": "template", "settings": {"body": "{{"}}),
            "/settings/body",
        ),
        (json!({"adapter": "morse"}), "/adapter"),
        (json!({"secret": "x"}), "/secret"),
    ] {
        let refused = preview(request.clone()).await;
        assert_eq!(refused.status, 422, "{request}: {refused:?}");
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{request}");
    }
    let partner = app.partner_key("acme").await;
    assert_eq!(
        app.post("/v1/partners/acme/preview", &partner, &json!({}))
            .await
            .status,
        403
    );
    assert_eq!(
        app.post("/v1/partners/nobody/preview", OPERATOR, &json!({}))
            .await
            .status,
        404
    );
    assert_eq!(receiver.received_so_far().len(), 1, "nothing was sent");
    app.wait_for_events(1).await;
    assert_eq!(
        app.get("/v1/partners/acme", OPERATOR).await.json()["adapter"],
        "standard"
    );
    app.finish().await;
}
