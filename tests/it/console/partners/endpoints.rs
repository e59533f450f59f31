//! Endpoints: created, tested, edited with a preview, paused, rotated and deleted on the console.

use serde_json::json;

use super::{audited, hidden, operator, secret};
use crate::console::browser::{Browser, location};
use crate::support::app::{OPERATOR, TestApp};
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

#[tokio::test]
async fn an_endpoint_is_created_once_and_tested_with_the_reply_shown() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    let browser = operator(&app).await;
    let form = browser.page("/console/partners/acme/endpoints/new").await;
    let once = hidden(&form, "once");
    let create = "/console/partners/acme/endpoints/create";
    let url = receiver.url();
    let mut fields = vec![
        ("once", once.as_str()),
        ("url", "nonsense"),
        ("event_types", "order.*, <b>"),
        ("rate_per_second", "fast"),
        ("max_in_flight", "8"),
        ("retry", ""),
        ("test_orders", "include"),
    ];
    let refused = browser.submit(create, &fields).await;
    assert_eq!(refused.status, 422);
    let page = refused.body();
    for text in [
        "value=\"nonsense\"",
        "value=\"fast\"",
        "Must be a number above 0",
        "&#60;b&#62;",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let once = hidden(&page, "once");
    fields[0] = ("once", &once);
    fields[1] = ("url", &url);
    fields[2] = ("event_types", "order.*");
    fields[3] = ("rate_per_second", "50");
    let created = browser.submit(create, &fields).await;
    assert_eq!(created.status, 200, "{created:?}");
    let shown = secret(&created.body());
    assert!(shown.starts_with("whsec_"), "{shown}");
    let again = browser.submit(create, &fields).await;
    assert_eq!(again.status, 422);
    assert!(
        again.body().contains("This form was sent already"),
        "{again:?}"
    );
    let all = app
        .get("/v1/partners/acme/endpoints", OPERATOR)
        .await
        .json();
    let all = all["data"].as_array().unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["max_in_flight"], 8);
    assert_eq!(all[0]["rate_per_second"], 50.0);
    let entry = audited(&app, "endpoint.create").await;
    assert_eq!(entry["subject"], all[0]["id"], "{entry}");

    let path = format!(
        "/console/partners/acme/endpoints/{}",
        all[0]["id"].as_str().unwrap()
    );
    let page = browser.page(&path).await;
    assert!(!page.contains(&shown), "{page}");
    receiver.always(Reply::status(418).body(b"a <i>teapot</i>"));
    let tested = browser.submit(&format!("{path}/test"), &[]).await;
    let delivery = location(&tested).to_owned();
    assert!(
        delivery.starts_with("/console/deliveries/dlv_"),
        "{delivery}"
    );
    let page = browser.page(&delivery).await;
    assert!(page.contains("Answered 418"), "{page}");
    assert!(page.contains("a &#60;i&#62;teapot"), "{page}");
    assert!(receiver.received(1).await[0].verifies(&shown));
    app.stop().await;
}

#[tokio::test]
async fn an_edit_is_previewed_and_saves_only_what_was_previewed() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    let endpoint = app.endpoint("acme", &receiver).create().await;
    let browser = operator(&app).await;
    let path = format!("/console/partners/acme/endpoints/{}", endpoint.id);
    let form = browser.page(&format!("{path}/edit")).await;
    let version = hidden(&form, "version");
    let url = format!("{}/in/s3cret-path?key=s3cret-query", receiver.url());
    let fields = [
        ("version", version.as_str()),
        ("url", &url),
        ("event_types", "order.*, refund.updated"),
        ("rate_per_second", "2.5"),
        ("max_in_flight", "64"),
        ("retry", "none"),
        ("test_orders", "exclude"),
    ];
    let preview = browser.submit(&format!("{path}/preview"), &fields).await;
    assert_eq!(preview.status, 200, "{preview:?}");
    let preview = preview.body();
    let (_, changes) = preview.split_once("What would change").unwrap();
    let (changes, _) = changes.split_once("</table>").unwrap();
    for text in [
        "<ins>order.*, refund.updated</ins>",
        "<ins>2.5 attempts a second</ins>",
        "<ins>none</ins>",
        "<ins>not sent</ins>",
    ] {
        assert!(changes.contains(text), "{text}: {changes}");
    }
    assert!(!changes.contains("s3cret"), "{changes}");
    assert!(!changes.contains("At once"), "{changes}");
    let unchanged = app.get(&endpoint.path, OPERATOR).await.json();
    assert_eq!(unchanged["rate_per_second"], json!(null), "{unchanged}");
    let saved = browser.submit(&format!("{path}/save"), &fields).await;
    assert_eq!(location(&saved), format!("{path}?done=saved"));
    let changed = app.get(&endpoint.path, OPERATOR).await.json();
    assert_eq!(changed["event_types"], json!(["order.*", "refund.updated"]));
    assert_eq!(changed["retry"], json!([]));
    assert_eq!(changed["test_orders"], "exclude");
    let page = browser.page(&path).await;
    assert!(!page.contains("s3cret"), "{page}");
    let entry = audited(&app, "endpoint.update").await;
    let fields_changed = json!([
        "url",
        "event_types",
        "retry",
        "rate_per_second",
        "test_orders"
    ]);
    assert_eq!(entry["details"]["changed"], fields_changed, "{entry}");

    // The same page again: it was made from what is no more.
    let stale = browser.submit(&format!("{path}/save"), &fields).await;
    assert_eq!(location(&stale), format!("{path}?done=stale"));
    let stale = browser.submit(&format!("{path}/preview"), &fields).await;
    assert_eq!(location(&stale), format!("{path}?done=stale"));
    let fields = [("url", "https://rival.example/"), ("max_in_flight", "0")];
    let form = browser.page(&format!("{path}/edit")).await;
    let version = hidden(&form, "version");
    let refused = browser
        .submit(
            &format!("{path}/save"),
            &[fields[0], fields[1], ("version", &version)],
        )
        .await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body().contains("aria-invalid=\"true\""),
        "{refused:?}"
    );
    app.stop().await;
}

#[tokio::test]
async fn an_endpoint_is_paused_enabled_and_deleted_and_its_page_says_so() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    let endpoint = app.endpoint("acme", &receiver).create().await;
    let browser = operator(&app).await;
    let path = format!("/console/partners/acme/endpoints/{}", endpoint.id);
    let confirmation = browser.page(&format!("{path}/confirm?act=disable")).await;
    assert!(
        confirmation.contains("Nothing waits for it now."),
        "{confirmation}"
    );
    let first = hidden(&confirmation, "version");
    let without = browser
        .submit(&format!("{path}/disable"), &[("version", &first)])
        .await;
    assert!(without.body().contains("Must be given"), "{without:?}");
    let fields = [("version", first.as_str()), ("reason", "their request")];
    let paused = browser.submit(&format!("{path}/disable"), &fields).await;
    assert_eq!(location(&paused), format!("{path}?done=disabled"));
    let entry = audited(&app, "endpoint.disable").await;
    assert_eq!(entry["details"]["reason"], "their request", "{entry}");
    app.order(&order("P-1").partner("acme")).await;
    let page = browser.page(&path).await;
    assert!(page.contains("somebody paused it"), "{page}");
    let confirmation = browser.page(&format!("{path}/confirm?act=delete")).await;
    assert!(
        confirmation.contains("1 delivery waits for it now."),
        "{confirmation}"
    );
    // A page from before the pause.
    for act in ["enable", "delete", "disable"] {
        let stale = browser.submit(&format!("{path}/{act}"), &fields).await;
        assert_eq!(location(&stale), format!("{path}?done=stale"), "{act}");
    }
    let version = hidden(&page, "version");
    let enabled = browser
        .submit(&format!("{path}/enable"), &[("version", &version)])
        .await;
    assert_eq!(location(&enabled), format!("{path}?done=enabled"));
    receiver.received(1).await;
    app.wait_for_pending(0).await;
    let confirmation = browser.page(&format!("{path}/confirm?act=delete")).await;
    let version = hidden(&confirmation, "version");
    let deleted = browser
        .submit(&format!("{path}/delete"), &[("version", &version)])
        .await;
    assert_eq!(location(&deleted), "/console/partners/acme?done=deleted");
    assert_eq!(browser.get(&path).await.status, 404);
    assert_eq!(
        audited(&app, "endpoint.delete").await["subject"],
        json!(endpoint.id)
    );
    app.stop().await;
}

#[tokio::test]
async fn a_secret_is_rotated_once_shown_once_and_the_old_one_has_a_countdown() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    let endpoint = app.endpoint("acme", &receiver).create().await;
    let key = app.partner_key("acme").await;
    let browser = Browser::signed_in(app.base_url(), &key).await;
    let path = format!("/console/partners/acme/endpoints/{}", endpoint.id);
    let confirmation = browser.page(&format!("{path}/confirm?act=rotate")).await;
    let (version, once) = (
        hidden(&confirmation, "version"),
        hidden(&confirmation, "once"),
    );
    let rotate = format!("{path}/rotate");
    let fields = [
        ("version", version.as_str()),
        ("once", &once),
        ("overlap_hours", "48"),
    ];
    let rotated = browser.submit(&rotate, &fields).await;
    assert_eq!(rotated.status, 200, "{rotated:?}");
    let new = secret(&rotated.body());
    assert_ne!(new, endpoint.secret);
    assert!(rotated.body().contains("in 47 h"), "{rotated:?}");
    let again = browser.submit(&rotate, &fields).await;
    assert_eq!(location(&again), format!("{path}?done=sent"));
    let page = browser.page(&path).await;
    assert!(!page.contains(&new), "{page}");
    assert!(page.contains("in 47 h"), "{page}");
    assert_eq!(page.matches("Secret (whsec_…)").count(), 2, "{page}");
    app.order(&order("P-1").partner("acme")).await;
    let received = receiver.received(1).await;
    assert!(received[0].verifies(&new) && received[0].verifies(&endpoint.secret));
    let confirmation = browser.page(&format!("{path}/confirm?act=rotate")).await;
    let (version, once) = (
        hidden(&confirmation, "version"),
        hidden(&confirmation, "once"),
    );
    let fields = [
        ("version", version.as_str()),
        ("once", &once),
        ("overlap_hours", "1000"),
    ];
    let refused = browser.submit(&rotate, &fields).await;
    assert!(refused.body().contains("168"), "{refused:?}");
    let entry = audited(&app, "endpoint.rotate_secret").await;
    assert_eq!(entry["details"]["overlap_hours"], 48, "{entry}");
    app.finish().await;
}

#[tokio::test]
async fn an_endpoints_page_shows_its_attempts_of_the_last_24_hours() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    let endpoint = app.endpoint("acme", &receiver).create().await;
    let other = app.endpoint("acme", &receiver).create().await;
    let browser = operator(&app).await;
    let path = format!("/console/partners/acme/endpoints/{}", endpoint.id);
    let page = browser.page(&path).await;
    assert!(page.contains("No attempt was made."), "{page}");
    assert!(!page.contains("class=\"histogram\""), "{page}");
    let add = "INSERT INTO hour_stats (subject, hour, orders, delivered, failed, dead, latency_ms, latencies)
        VALUES ($1, date_trunc('hour', now() - $2 * interval '1 hour'), 0, $3, $4, 1, 5, $5)";
    for (id, hours, delivered, failed, latencies) in [
        (
            &endpoint.id,
            1.0,
            90_i64,
            9_i64,
            vec![60_i64, 0, 39, 0, 0, 0, 0, 1],
        ),
        (&endpoint.id, 3.0, 10, 0, vec![11, 0, 0, 0, 0, 0, 0, 0]),
        (
            &endpoint.id,
            30.0,
            7_000,
            0,
            vec![0, 0, 0, 7_001, 0, 0, 0, 0],
        ),
        (&other.id, 1.0, 5_000, 0, vec![5_001, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        app.sql
            .execute(add, &[&id.uuid(), &hours, &delivered, &failed, &latencies])
            .await
            .unwrap();
    }
    let page = browser.page(&path).await;
    assert!(
        page.contains(
            "111 attempts: 100 delivered, 9 failed, 2 were the last of a delivery that is dead."
        ),
        "{page}"
    );
    assert!(
        page.contains("Half of them took ≤ 10 ms, 99 % ≤ 100 ms."),
        "{page}"
    );
    let parts = ["area ok\" x", "area warn\" x", "area bad\" x"];
    assert_eq!(
        parts.map(|part| page.matches(part).count()),
        [2, 1, 2],
        "{page}"
    );
    let (_, table) = page
        .split_once("Attempts by the hour, newest first")
        .unwrap();
    let cells: Vec<_> = table
        .split("\">")
        .map(|cell| cell.split('<').next().unwrap())
        .collect();
    let row = ["90", "9", "1", "≤ 10 ms", "≤ 100 ms"];
    assert!(cells.windows(5).any(|cells| cells == row), "{cells:?}");
    let (table, _) = table.split_once("</table>").unwrap();
    assert_eq!(table.matches("data-label=\"Hour\"").count(), 24, "{table}");
    app.stop().await;
}
