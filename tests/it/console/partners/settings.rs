//! The adapter's settings: a form made from its profile, with an example request before anything is saved.

use reqwest::Method;
use serde_json::json;

use super::{audited, hidden, operator};
use crate::console::browser::location;
use crate::support::app::{OPERATOR, TestApp};

#[tokio::test]
async fn settings_are_previewed_as_a_request_and_header_values_are_never_shown() {
    let app = TestApp::start().await;
    let body = json!({"slug": "acme", "name": "acme", "adapter": "template", "settings":
        {"headers": {"x-key": "s3cret-value"}}});
    let created = app.post("/v1/partners", OPERATOR, &body).await;
    assert_eq!(created.status, 201, "{created:?}");
    let browser = operator(&app).await;
    let path = "/console/partners/acme/settings";
    let form = browser.page(path).await;
    assert!(form.contains("x-key"), "{form}");
    assert!(!form.contains("s3cret-value"), "{form}");
    let version = hidden(&form, "version");
    let mut fields = vec![
        ("version", version.as_str()),
        ("form_adapter", "template"),
        ("adapter", "template"),
        ("headers", "{\r\n  \"x-key\": null\r\n}"),
        ("body", "{\"no\": {{ data.order_id }}, \"by\": \"<b>\"}"),
        ("values", "{"),
    ];
    let refused = browser.submit(&format!("{path}/preview"), &fields).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body().contains("Must be JSON: line 1"),
        "{refused:?}"
    );
    fields[5] = ("values", "");
    let preview = browser.submit(&format!("{path}/preview"), &fields).await;
    assert_eq!(preview.status, 200, "{preview:?}");
    let preview = preview.body();
    assert!(preview.contains("An example request"), "{preview}");
    assert!(preview.contains("x-key: ***"), "{preview}");
    assert!(
        preview.contains("&#34;by&#34;: &#34;&#60;b&#62;"),
        "{preview}"
    );
    assert!(!preview.contains("s3cret-value"), "{preview}");
    assert!(!preview.contains("<b>"), "{preview}");
    let stored = app.get("/v1/partners/acme", OPERATOR).await.json();
    assert_eq!(stored["settings"]["body"], json!(null), "{stored}");
    let saved = browser.submit(&format!("{path}/save"), &fields).await;
    assert_eq!(location(&saved), "/console/partners/acme?done=saved");
    let stored = app.get("/v1/partners/acme", OPERATOR).await.json();
    assert_eq!(stored["settings"]["body"], fields[4].1, "{stored}");
    assert_eq!(
        stored["settings"]["headers"],
        json!({"x-key": null}),
        "{stored}"
    );
    let entry = audited(&app, "partner.update").await;
    assert_eq!(entry["details"]["changed"], json!(["settings"]), "{entry}");
    let stale = browser.submit(&format!("{path}/save"), &fields).await;
    assert_eq!(location(&stale), "/console/partners/acme?done=stale");
    app.stop().await;
}

#[tokio::test]
async fn another_adapter_brings_its_own_settings_and_a_fault_stands_at_its_field() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let set = app
        .request(Method::PATCH, "/v1/partners/acme", OPERATOR)
        .body(json!({"settings": {"v1a": true}}).to_string());
    assert!(set.send().await.unwrap().status().is_success());
    let browser = operator(&app).await;
    let path = "/console/partners/acme/settings";
    let form = browser.page(path).await;
    assert!(form.contains("Ed25519 signature"), "{form}");
    assert!(form.contains("value=\"true\" checked"), "{form}");
    let version = hidden(&form, "version");
    let fields = [
        ("version", version.as_str()),
        ("form_adapter", "standard"),
        ("adapter", "template"),
        ("v1a", "true"),
    ];
    let switched = browser.submit(&format!("{path}/preview"), &fields).await;
    assert_eq!(switched.status, 200);
    let switched = switched.body();
    assert!(switched.contains("Content type"), "{switched}");
    assert!(!switched.contains("What would change"), "{switched}");
    assert_eq!(hidden(&switched, "form_adapter"), "template");
    let fields = [
        ("version", version.as_str()),
        ("form_adapter", "template"),
        ("adapter", "template"),
        ("body", "{{ data.nowhere }"),
    ];
    let refused = browser.submit(&format!("{path}/preview"), &fields).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(
        refused.body().contains("aria-invalid=\"true\""),
        "{refused:?}"
    );
    let fields = [
        ("version", version.as_str()),
        ("form_adapter", "template"),
        ("adapter", "template"),
        ("content_type", "application/json"),
    ];
    let preview = browser
        .submit(&format!("{path}/preview"), &fields)
        .await
        .body();
    assert!(preview.contains("<ins>Template</ins>"), "{preview}");
    let saved = browser.submit(&format!("{path}/save"), &fields).await;
    assert_eq!(location(&saved), "/console/partners/acme?done=saved");
    let stored = app.get("/v1/partners/acme", OPERATOR).await.json();
    assert_eq!(stored["adapter"], "template");
    assert_eq!(
        stored["settings"],
        json!({"content_type": "application/json"})
    );
    app.stop().await;
}
