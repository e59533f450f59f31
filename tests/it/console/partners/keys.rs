//! API keys: issued, shown once, revoked.

use super::{audited, hidden, operator, secret};
use crate::console::browser::{Browser, location};
use crate::support::app::{OPERATOR, PLATFORM, TestApp};

#[tokio::test]
async fn a_key_is_issued_once_works_and_is_revoked() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let browser = operator(&app).await;
    let list = "/console/partners/acme/keys";
    let page = browser.page(list).await;
    assert!(page.contains("No keys yet"), "{page}");
    let once = hidden(&page, "once");
    let issue = format!("{list}/issue");
    let fields = [
        ("once", once.as_str()),
        ("label", "environment:<b>"),
        ("expires", "30"),
        ("requests_per_second", "many"),
    ];
    let refused = browser.submit(&issue, &fields).await;
    assert_eq!(refused.status, 422);
    let page = refused.body();
    assert!(
        page.contains("Must not begin with `environment:`"),
        "{page}"
    );
    assert!(page.contains("value=\"many\""), "{page}");
    let once = hidden(&page, "once");
    let fields = [
        ("once", once.as_str()),
        ("label", "warehouse"),
        ("expires", "30"),
        ("requests_per_second", "7"),
    ];
    let issued = browser.submit(&issue, &fields).await;
    assert_eq!(issued.status, 200, "{issued:?}");
    let key = secret(&issued.body());
    assert_eq!(app.get("/v1/partners/acme", &key).await.status, 200);
    let again = browser.submit(&issue, &fields).await;
    assert_eq!(location(&again), format!("{list}?done=sent"));
    let page = browser.page(&format!("{list}?done=sent")).await;
    assert!(page.contains("This form was sent already"), "{page}");
    assert_eq!(page.matches("<tr data-row>").count(), 1, "{page}");
    for text in ["warehouse", "in 29 d", "7/s"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains(&key), "{page}");
    let (_, rest) = page.split_once("/console/partners/acme/keys/key_").unwrap();
    let id = format!("key_{}", rest.split('/').next().unwrap());
    let page = browser.page(&format!("{list}/{id}/confirm")).await;
    assert!(page.contains("Revoke the key warehouse?"), "{page}");
    let revoked = browser.submit(&format!("{list}/{id}/revoke"), &[]).await;
    assert_eq!(location(&revoked), format!("{list}?done=revoked"));
    assert_eq!(app.get("/v1/partners/acme", &key).await.status, 401);
    let entry = audited(&app, "key.revoke").await;
    assert_eq!(entry["subject"], id.as_str(), "{entry}");
    assert!(browser.page(list).await.contains("Revoked"));
    app.stop().await;
}

#[tokio::test]
async fn all_keys_are_for_operators_and_a_partner_has_its_own() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.partner("rival").await;
    let (own, rivals) = (
        app.partner_key("acme").await,
        app.partner_key("rival").await,
    );
    let partner = Browser::signed_in(app.base_url(), &own).await;
    assert_eq!(partner.get("/console/keys").await.status, 403);
    let platform = Browser::signed_in(app.base_url(), PLATFORM).await;
    assert_eq!(platform.get("/console/keys").await.status, 403);
    let page = partner.page("/console/partners/acme/keys").await;
    assert!(page.contains("its own (yours)"), "{page}");
    assert!(!page.contains("Requests a second"), "{page}");
    let keys = app.get("/v1/partners/rival/keys", &rivals).await.json();
    let id = keys["data"][0]["id"].as_str().unwrap();
    for slug in ["acme", "rival"] {
        let path = format!("/console/partners/{slug}/keys/{id}");
        assert_eq!(partner.get(&format!("{path}/confirm")).await.status, 404);
        assert_eq!(
            partner.submit(&format!("{path}/revoke"), &[]).await.status,
            404
        );
    }
    let browser = operator(&app).await;
    let page = browser.page("/console/keys").await;
    for slug in ["acme", "rival"] {
        assert!(
            page.contains(&format!("href=\"/console/partners/{slug}\"")),
            "{page}"
        );
    }
    let once = hidden(&page, "once");
    let fields = [
        ("once", once.as_str()),
        ("label", "agent one"),
        ("role", "agent"),
        ("expires", ""),
    ];
    let issued = browser.submit("/console/keys/issue", &fields).await;
    assert_eq!(issued.status, 200, "{issued:?}");
    let all = app.get("/v1/keys", OPERATOR).await.json();
    let last = all["data"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["role"], &last["label"]),
        (&"agent".into(), &"agent one".into())
    );
    let path = format!("/console/keys/{}/revoke", last["id"].as_str().unwrap());
    let revoked = browser.submit(&path, &[]).await;
    assert_eq!(location(&revoked), "/console/keys?done=revoked");
    app.stop().await;
}
