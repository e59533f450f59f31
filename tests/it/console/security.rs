//! Each route of the console against whom it must refuse: generated from the table of routes, so that a new page is in.

use buywire::testing::table;
use reqwest::Method;

use super::browser::{Browser, location, with_form};
use crate::support::api::Answer;
use crate::support::app::{OPERATOR, TestApp, only_delivery};
use crate::support::order::order;
use crate::support::receiver::Receiver;

/// The console's routes that need a session, with their methods.
fn routes() -> Vec<(Method, &'static str)> {
    let all = table().into_iter();
    let own = all.filter(|route| route.path.starts_with("/console"));
    let closed = own.filter(|route| format!("{:?}", route.access) != "Open");
    closed
        .map(|route| (route.method.as_str().parse().unwrap(), route.path))
        .collect()
}

/// A route's path with ids that exist.
fn filled(path: &str, delivery: &str) -> String {
    let id = match path {
        path if path.contains("/deliveries/") => delivery.to_owned(),
        path if path.contains("/sessions/") => format!("ses_{}", "0".repeat(32)),
        _ => format!("xxx_{}", "0".repeat(32)),
    };
    path.replace("{id}", &id).replace("{slug}", "other")
}

fn is_sent_to_sign_in(answer: &Answer) -> bool {
    answer.status == 303 && location(answer).starts_with("/console/sign-in")
}

async fn gateway() -> (TestApp, String) {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("other").await;
    app.endpoint("other", &receiver).create().await;
    let receipt = app.order(&order("P-1").partner("other")).await;
    receiver.received(1).await;
    let delivery = only_delivery(&receipt).to_owned();
    app.wait_until_delivered(&format!("/v1/deliveries/{delivery}"))
        .await;
    (app, delivery)
}

#[tokio::test]
async fn without_a_session_every_route_leads_to_the_sign_in_page() {
    let (app, delivery) = gateway().await;
    let nobody = Browser::new(app.base_url());
    let ended = Browser::signed_in(app.base_url(), OPERATOR).await;
    let form = ended.form_token().await;
    ended.submit("/console/sign-out", &[]).await;
    let mut forged = Browser::new(app.base_url());
    forged.token = Some("A".repeat(43));
    for (method, path) in routes() {
        let path = filled(path, &delivery);
        for browser in [&nobody, &ended, &forged] {
            let request = browser.request(method.clone(), &path);
            let request = match method == Method::POST {
                true => with_form(request, &[("token", form.as_str()), ("reason", "mine")]),
                false => request,
            };
            let answer = Answer::send(request).await;
            assert!(is_sent_to_sign_in(&answer), "{method} {path}: {answer:?}");
        }
        // A key is no session: a browser does not send it, and a page of another site could.
        let keyed = app.request(method.clone(), &path, OPERATOR);
        let keyed = nobody_follows(keyed).await;
        assert!(
            keyed.is_none_or(|answer| answer.status != 200),
            "{method} {path}"
        );
    }
    app.stop().await;
}

/// Sends a request with the API's client, which follows redirects: to the sign-in page, which is 200.
async fn nobody_follows(request: reqwest::RequestBuilder) -> Option<Answer> {
    let answer = Answer::try_send(request).await?;
    let is_sign_in = answer.body().contains("<title>Sign in");
    (!is_sign_in).then_some(answer)
}

#[tokio::test]
async fn a_change_needs_the_sessions_token_and_the_same_origin() {
    let (app, delivery) = gateway().await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let other = Browser::signed_in(app.base_url(), OPERATOR).await;
    let (own, foreign) = (browser.form_token().await, other.form_token().await);
    for (method, path) in routes()
        .into_iter()
        .filter(|(method, _)| *method == Method::POST)
    {
        let path = filled(path, &delivery);
        for token in ["", "x", foreign.as_str()] {
            let fields = [("token", token), ("reason", "mine")];
            let answer = browser.send_form(&path, &fields).await;
            assert_eq!(answer.status, 403, "{path}: {answer:?}");
        }
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let request = browser.request(method.clone(), &path).header(name, value);
            let fields = [("token", own.as_str()), ("reason", "mine")];
            let request = with_form(request, &fields);
            let answer = Answer::send(request).await;
            assert_eq!(answer.status, 403, "{path}: {answer:?}");
        }
        // A link, a picture or a prefetch sends GET.
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, 405, "{path}: {answer:?}");
    }
    assert_eq!(browser.get("/console/sessions").await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_partner_meets_not_found_where_anothers_things_would_be_and_no_operators_page() {
    let (app, delivery) = gateway().await;
    app.partner("acme").await;
    let partner = Browser::signed_in(app.base_url(), &app.partner_key("acme").await).await;
    let operators: Vec<_> = table()
        .into_iter()
        .filter(|route| {
            matches!(
                format!("{:?}", route.access).as_str(),
                "Operator" | "Platform"
            )
        })
        .map(|route| route.path)
        .collect();
    for (method, path) in routes() {
        let is_operators = operators.contains(&path);
        let is_anothers = path.contains("{id}") || path.contains("{slug}");
        if !is_operators && !is_anothers {
            continue;
        }
        let path = filled(path, &delivery);
        let answer = match method == Method::POST {
            true => partner.submit(&path, &[("reason", "mine")]).await,
            false => partner.get(&path).await,
        };
        let expected = if is_operators { 403 } else { 404 };
        assert_eq!(answer.status, expected, "{method} {path}: {answer:?}");
    }
    let page = partner.page("/console/deliveries").await;
    assert!(!page.contains("P-1"), "{page}");
    let page = partner.page("/console/deliveries?partner=other").await;
    assert!(!page.contains("P-1"), "{page}");
    app.stop().await;
}

#[tokio::test]
async fn a_cookie_that_was_there_before_signing_in_is_never_the_session() {
    let app = TestApp::start().await;
    let mut browser = Browser::new(app.base_url());
    let planted = "B".repeat(43);
    browser.token = Some(planted.clone());
    browser.sign_in(OPERATOR).await;
    assert_ne!(browser.token.as_deref(), Some(planted.as_str()));
    let mut attacker = Browser::new(app.base_url());
    attacker.token = Some(planted);
    assert!(is_sent_to_sign_in(
        &attacker.get("/console/deliveries").await
    ));
    app.stop().await;
}

#[tokio::test]
async fn signing_in_from_another_sites_page_is_refused() {
    let app = TestApp::start().await;
    let browser = Browser::new(app.base_url());
    let request = browser.request(Method::POST, "/console/sign-in");
    let request = request.header("origin", "https://evil.example");
    let request = with_form(request, &[("key", OPERATOR)]);
    let answer = Answer::send(request).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("set-cookie"), None);
    app.stop().await;
}
