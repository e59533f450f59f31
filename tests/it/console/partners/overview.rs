//! The list of partners, a partner's page, and its suspension.

use reqwest::Method;
use serde_json::json;

use super::{audited, hidden, operator};
use crate::console::browser::{Browser, location};
use crate::support::app::{OPERATOR, PLATFORM, TestApp};
use crate::support::receiver::Receiver;

#[tokio::test]
async fn partners_are_listed_with_their_endpoints_and_names_stay_text() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    let odd = json!({"slug": "odd", "name": "<b>Odd</b> & Sons"});
    assert_eq!(app.post("/v1/partners", OPERATOR, &odd).await.status, 201);
    app.endpoint("acme", &receiver).create().await;
    let second = app.endpoint("acme", &receiver).create().await;
    let path = format!("{}/disable", second.path);
    assert_eq!(app.post(&path, OPERATOR, &json!({})).await.status, 200);
    for key in [OPERATOR, PLATFORM] {
        let browser = Browser::signed_in(app.base_url(), key).await;
        let page = browser.page("/console/partners").await;
        assert!(page.contains("href=\"/console/partners/acme\""), "{page}");
        assert!(page.contains("1 works, 1 is disabled"), "{page}");
        assert!(page.contains("Standard Webhooks"), "{page}");
        assert!(
            page.contains("&#60;b&#62;Odd&#60;/b&#62; &#38; Sons"),
            "{page}"
        );
        assert!(!page.contains("<b>Odd"), "{page}");
        let page = browser.page("/console/partners/acme").await;
        assert!(
            page.contains("of 2 endpoints, 1 works, 1 is disabled"),
            "{page}"
        );
        // The platform reads partners. Their endpoints, keys and settings are not its own.
        assert_eq!(page.contains("/endpoints/ep_"), key == OPERATOR, "{page}");
        assert_eq!(page.contains("/acme/keys"), key == OPERATOR, "{page}");
        assert_eq!(page.contains("Suspend…"), key == OPERATOR, "{page}");
        let path = format!("/console/partners/acme/endpoints/{}", second.id);
        let expected = if key == OPERATOR { 200 } else { 403 };
        assert_eq!(browser.get(&path).await.status, expected);
    }
    let page = operator(&app).await.page("/console/partners/odd").await;
    assert!(page.contains("No endpoint yet"), "{page}");
    app.stop().await;
}

#[tokio::test]
async fn a_partner_sees_its_own_page_and_no_other() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.partner("rival").await;
    let key = app.partner_key("acme").await;
    let browser = Browser::signed_in(app.base_url(), &key).await;
    let led = browser.get("/console/partners").await;
    assert_eq!(location(&led), "/console/partners/acme");
    let page = browser.page("/console/partners/acme").await;
    assert!(page.contains("href=\"/console/partners\""), "{page}");
    assert!(page.contains("1 key works"), "{page}");
    assert!(!page.contains("Suspend"), "{page}");
    assert!(!page.contains("/acme/settings"), "{page}");
    assert_eq!(browser.get("/console/partners/rival").await.status, 404);
    assert_eq!(browser.get("/console/partners/nobody").await.status, 404);
    assert_eq!(
        browser.get("/console/partners/acme/settings").await.status,
        403
    );
    app.stop().await;
}

#[tokio::test]
async fn a_partner_is_suspended_with_a_reason_once_somebody_has_confirmed_it() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let key = app.partner_key("acme").await;
    let browser = operator(&app).await;
    let confirmation = browser.page("/console/partners/acme/suspension").await;
    assert!(
        confirmation.contains("Its API keys are refused"),
        "{confirmation}"
    );
    let version = hidden(&confirmation, "version");
    let suspend = "/console/partners/acme/suspend";
    let without = browser.submit(suspend, &[("version", &version)]).await;
    assert!(without.body().contains("Give a reason."), "{without:?}");
    let fields = [
        ("version", version.as_str()),
        ("reason", "unpaid <i>bills</i>"),
    ];
    let done = browser.submit(suspend, &fields).await;
    assert_eq!(location(&done), "/console/partners/acme?done=suspended");
    let page = browser.page(location(&done)).await;
    assert!(page.contains("The partner is suspended."), "{page}");
    assert!(page.contains("its keys are refused"), "{page}");
    assert_eq!(app.get("/v1/partners/acme", &key).await.status, 403);
    let entry = audited(&app, "partner.update").await;
    assert_eq!(entry["subject"], "acme", "{entry}");
    assert_eq!(entry["details"]["reason"], "unpaid <i>bills</i>", "{entry}");
    assert_eq!(entry["details"]["status"], "suspended", "{entry}");
    let again = browser.submit(suspend, &fields).await;
    assert_eq!(location(&again), "/console/partners/acme?done=unchanged");
    let page = browser.page("/console/partners/acme/suspension").await;
    assert!(page.contains("End the suspension of acme?"), "{page}");
    let version = hidden(&page, "version");
    let fields = [("version", version.as_str()), ("reason", "paid")];
    let done = browser
        .submit("/console/partners/acme/activate", &fields)
        .await;
    assert_eq!(location(&done), "/console/partners/acme?done=activated");
    assert_eq!(app.get("/v1/partners/acme", &key).await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_page_of_a_partner_that_was_changed_meanwhile_changes_nothing() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let browser = operator(&app).await;
    let page = browser.page("/console/partners/acme/suspension").await;
    let version = hidden(&page, "version");
    let rename = app
        .request(Method::PATCH, "/v1/partners/acme", OPERATOR)
        .body(json!({"name": "Acme"}).to_string());
    assert!(rename.send().await.unwrap().status().is_success());
    for version in [version.as_str(), ""] {
        let fields = [("version", version), ("reason", "late")];
        let done = browser
            .submit("/console/partners/acme/suspend", &fields)
            .await;
        assert_eq!(location(&done), "/console/partners/acme?done=stale");
    }
    let page = browser.page("/console/partners/acme?done=stale").await;
    assert!(page.contains("Somebody has changed it meanwhile"), "{page}");
    let partner = app.get("/v1/partners/acme", OPERATOR).await.json();
    assert_eq!(partner["status"], "active", "{partner}");
    app.stop().await;
}

#[tokio::test]
async fn the_audit_log_is_filtered_by_links_and_goes_back_page_by_page() {
    let app = TestApp::start().await;
    let browser = operator(&app).await;
    for number in 0..60 {
        app.partner(&format!("p{number}")).await;
    }
    let first = browser.page("/console/audit?action=partner.create").await;
    let rows = |page: &str| page.matches("<tr data-row>").count();
    assert_eq!(rows(&first), 50, "{first}");
    let (_, next) = first
        .split_once("/console/audit?action=partner.create&#38;cursor=")
        .unwrap();
    let cursor = next.split('"').next().unwrap();
    let path = format!("/console/audit?action=partner.create&cursor={cursor}");
    let second = browser.page(&path).await;
    assert_eq!(rows(&second), 10, "{second}");
    assert!(second.contains("Newest"), "{second}");
    let page = browser.page("/console/audit?subject=p7").await;
    assert_eq!(rows(&page), 1, "{page}");
    assert!(page.contains("adapter: standard"), "{page}");
    assert!(
        page.contains("/console/audit?subject=p7&#38;actor=environment%3Aoperator"),
        "{page}"
    );
    let page = browser.page("/console/audit?actor=nobody").await;
    assert!(page.contains("No entry matches"), "{page}");
    let page = browser
        .page("/console/audit?since=soon&actor=%3Cscript%3E")
        .await;
    assert!(page.contains("A time span is a number"), "{page}");
    assert!(!page.contains("<script>"), "{page}");
    let platform = Browser::signed_in(app.base_url(), PLATFORM).await;
    assert_eq!(platform.get("/console/audit").await.status, 403);
    app.stop().await;
}

#[tokio::test]
async fn a_search_of_the_audit_log_looks_through_a_bounded_number_of_entries() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let filler = "INSERT INTO audit (actor, role, action, subject) \
                  SELECT 'filler', 'operator', 'x.y', 's' FROM generate_series(1, 20100)";
    app.sql.execute(filler, &[]).await.unwrap();
    let browser = operator(&app).await;
    let page = browser.page("/console/audit?action=partner.create").await;
    assert!(page.contains("No entry matches"), "{page}");
    assert!(
        page.contains("Older ones have not been looked at."),
        "{page}"
    );
    let (_, next) = page.split_once("cursor=").unwrap();
    let cursor = next.split('"').next().unwrap();
    let path = format!("/console/audit?action=partner.create&cursor={cursor}");
    let older = browser.page(&path).await;
    assert!(older.contains("acme"), "{older}");
    app.stop().await;
}
