//! The gateway now, and failures in groups.

use serde_json::json;

use super::browser::{Browser, location};
use crate::support::api::Answer;
use crate::support::app::{OPERATOR, PLATFORM, TestApp};
use crate::support::feed::feed;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// A gateway at which deliveries to `acme` (500) and to `other` (404) have died.
async fn with_dead_deliveries() -> (TestApp, Receiver, Receiver) {
    let app = TestApp::start().await;
    let (first, second) = (Receiver::start().await, Receiver::start().await);
    first.always(Reply::status(500).body(b"<b>boom</b> 17"));
    second.always(Reply::status(404));
    for (slug, receiver) in [("acme", &first), ("other", &second)] {
        let partner = app.partner(slug).await;
        let endpoint = app.endpoint(&partner, receiver).with_retry(&[]);
        let endpoint = endpoint.with("event_types", json!(["order.*"]));
        endpoint.create().await;
    }
    for (id, partner) in [("P-1", "acme"), ("P-2", "acme"), ("P-3", "other")] {
        app.order(&order(id).partner(partner)).await;
    }
    app.wait_for_dead_letters(3).await;
    (app, first, second)
}

/// The path of the first group that a page lists.
fn group_path(page: &str) -> String {
    let start = page.find("/console/failures/flg_").unwrap();
    let end = start + page[start..].find('"').unwrap();
    page[start..end].to_owned()
}

#[tokio::test]
async fn what_needs_somebody_stands_on_the_first_page_with_its_action() {
    let (app, ..) = with_dead_deliveries().await;
    app.push("acme", feed(50).csv()).await;
    app.push("acme", feed(50).without(0..20).csv()).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let page = browser.page("/console").await;
    for part in [
        "acme: 2 dead",
        "other: 1 dead",
        "Error at the receiver",
        "replays/new?status=dead&#38;failure_group=flg_",
        "acme: feed held",
        "/console/catalog/runs/run_",
        "Orders",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for period in ["24h", "7d"] {
        browser.page(&format!("/console?period={period}")).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn a_partner_reads_of_nothing_but_its_own() {
    let (app, ..) = with_dead_deliveries().await;
    let key = app.partner_key("acme").await;
    let browser = Browser::signed_in(app.base_url(), &key).await;
    let now = browser.page("/console").await;
    let failures = browser.page("/console/failures").await;
    let named = browser.page("/console/failures?partner=other").await;
    for page in [&now, &failures, &named] {
        assert!(
            !page.contains("other: ") && !page.contains(">other<"),
            "{page}"
        );
    }
    assert!(now.contains("acme: 2 dead"), "{now}");
    // Orders are counted for the whole gateway only.
    assert!(!now.contains("<small>Orders</small>"), "{now}");
    let operator = Browser::signed_in(app.base_url(), OPERATOR).await;
    let others = operator.page("/console/failures?partner=other").await;
    let path = group_path(&others);
    assert_eq!(browser.get(&path).await.status, 404, "{path}");
    app.stop().await;
}

#[tokio::test]
async fn the_platform_begins_with_the_orders() {
    let app = TestApp::start().await;
    let browser = Browser::signed_in(app.base_url(), PLATFORM).await;
    let answer: Answer = browser.get("/console").await;
    assert_eq!((answer.status, location(&answer)), (303, "/console/orders"));
    app.stop().await;
}

#[tokio::test]
async fn a_failure_says_what_it_means_and_leads_to_the_replay_of_all_its_dead() {
    let (app, receiver, _) = with_dead_deliveries().await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let list = browser.page("/console/failures?cause=server_error").await;
    assert_eq!(list.matches("<tr data-row>").count(), 1, "{list}");
    let page = browser.page(&group_path(&list)).await;
    for part in [
        "2 dead",
        "The receiver failed while it worked on the request.",
        "&#60;b&#62;boom&#60;/b&#62; 17",
        "Replay all dead of this group (2)",
        "confirm?act=disable",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    receiver.always(Reply::status(200));
    let group = group_path(&list).rsplit('/').next().unwrap().to_owned();
    let filter = [("status", "dead"), ("failure_group", group.as_str())];
    let dry_run = format!("/console/replays/new?status=dead&failure_group={group}");
    let counted = browser.page(&dry_run).await;
    assert!(counted.contains("2 match"), "{counted}");
    let mut form = filter.to_vec();
    form.extend([("reason", "mended"), ("matched", "2"), ("rate", "50")]);
    let started = browser.submit("/console/replays", &form).await;
    assert_eq!(started.status, 303, "{started:?}");
    receiver.received(4).await;
    app.wait_for_delivered(2).await;
    let after = browser.page("/console").await;
    assert!(
        !after.contains("acme: 2 dead") && after.contains("other: 1 dead"),
        "{after}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_filter_of_failures_that_cannot_be_used_is_explained() {
    let app = TestApp::start().await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    for (query, text) in [
        ("cause=nosuch", "There is no such cause."),
        ("since=soon", "A time span is a number and m, h or d"),
        ("partner=nobody", "There is no such partner."),
    ] {
        let page = browser.page(&format!("/console/failures?{query}")).await;
        assert!(page.contains(text), "{query}: {page}");
    }
    for path in ["flg_00000000000000000000000000000000", "x"] {
        let answer = browser.get(&format!("/console/failures/{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    app.stop().await;
}
