//! Each route of the console against whom it must refuse: generated from the table of routes, so that a new page is in.

use buywire::testing::table;
use reqwest::Method;
use serde_json::json;

use super::browser::{Browser, location, with_form};
use crate::support::api::Answer;
use crate::support::app::{OPERATOR, TestApp, only_delivery};
use crate::support::feed::feed;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// The console's routes that need a session, with their methods.
fn routes() -> Vec<(Method, &'static str)> {
    let all = table().into_iter();
    let own = all.filter(|route| route.path.starts_with("/console"));
    let closed = own.filter(|route| format!("{:?}", route.access) != "Open");
    closed
        .map(|route| (route.method.as_str().parse().unwrap(), route.path))
        .collect()
}

/// Whether a path has a page beside the form that changes something.
fn is_page(path: &str) -> bool {
    routes().contains(&(Method::GET, path))
}

/// Ids that exist, of another partner or an operator.
struct Ids {
    delivery: String,
    replay: String,
    endpoint: String,
    group: String,
    key: String,
    run: String,
    product: String,
}

/// A route's path with ids that exist.
fn filled(path: &str, ids: &Ids) -> String {
    let id = match path {
        path if path.contains("/deliveries/") => ids.delivery.clone(),
        path if path.contains("/replays/") => ids.replay.clone(),
        path if path.contains("/endpoints/") => ids.endpoint.clone(),
        path if path.contains("/failures/") => ids.group.clone(),
        path if path.contains("/keys/") => ids.key.clone(),
        path if path.contains("/runs/") => ids.run.clone(),
        path if path.contains("/products/") => ids.product.clone(),
        path if path.contains("/sessions/") => format!("ses_{}", "0".repeat(32)),
        _ => format!("xxx_{}", "0".repeat(32)),
    };
    path.replace("{id}", &id).replace("{slug}", "other")
}

fn is_sent_to_sign_in(answer: &Answer) -> bool {
    answer.status == 303 && location(answer).starts_with("/console/sign-in")
}

/// The id of the first entry of a list of the API.
async fn first_id(app: &TestApp, path: &str) -> String {
    let list = app.get(path, OPERATOR).await.json();
    let id = list["data"][0]["id"].as_str();
    id.unwrap_or_else(|| panic!("{path}: {list}")).to_owned()
}

async fn gateway() -> (TestApp, Ids) {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    receiver.always(Reply::status(500));
    let other = app.partner("other").await;
    let endpoint = app.endpoint(&other, &receiver).with_retry(&[]);
    let endpoint = endpoint.create().await;
    let receipt = app.order(&order("P-1").partner("other")).await;
    app.wait_for_dead_letters(1).await;
    let run = app.push("other", feed(3).csv()).await;
    app.partner_key("other").await;
    let body = json!({"status": "dead", "reason": "again"});
    let replay = app.post("/v1/replays", OPERATOR, &body).await.json();
    let ids = Ids {
        delivery: only_delivery(&receipt).to_owned(),
        replay: replay["id"].as_str().unwrap().to_owned(),
        endpoint: endpoint.id.to_string(),
        group: first_id(&app, "/v1/failures").await,
        key: first_id(&app, "/v1/partners/other/keys").await,
        run: run["id"].as_str().unwrap().to_owned(),
        product: first_id(&app, "/v1/products?partner=other").await,
    };
    (app, ids)
}

#[tokio::test]
async fn without_a_session_every_route_leads_to_the_sign_in_page() {
    let (app, ids) = gateway().await;
    let nobody = Browser::new(app.base_url());
    let ended = Browser::signed_in(app.base_url(), OPERATOR).await;
    let form = ended.form_token().await;
    ended.submit("/console/sign-out", &[]).await;
    let mut forged = Browser::new(app.base_url());
    forged.token = Some("A".repeat(43));
    for (method, path) in routes() {
        let path = filled(path, &ids);
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
    let (app, ids) = gateway().await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let other = Browser::signed_in(app.base_url(), OPERATOR).await;
    let (own, foreign) = (browser.form_token().await, other.form_token().await);
    for (method, pattern) in routes()
        .into_iter()
        .filter(|(method, _)| *method == Method::POST)
    {
        let path = filled(pattern, &ids);
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
        // A link, a picture or a prefetch sends GET: that is a page which changes nothing, or not allowed.
        if !is_page(pattern) {
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, 405, "{path}: {answer:?}");
        }
    }
    assert_eq!(browser.get("/console/sessions").await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_partner_meets_not_found_where_anothers_things_would_be_and_no_operators_page() {
    let (app, ids) = gateway().await;
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
        let path = filled(path, &ids);
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
