//! The pages of replays: what one would do, its start, its progress, and what people do to it.

use std::time::Duration;

use serde_json::{Value, json};

use super::browser::{Browser, location};
use crate::support::app::{OPERATOR, Partner, TestApp};
use crate::support::endpoint::Endpoint;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// A gateway with an endpoint that refuses everything.
async fn gateway() -> (TestApp, Partner, Receiver, Endpoint) {
    let app = TestApp::start().await;
    let (acme, receiver) = (app.partner("acme").await, Receiver::start().await);
    let endpoint = app.endpoint(&acme, &receiver).create().await;
    receiver.always(Reply::status(503));
    (app, acme, receiver, endpoint)
}

async fn dead_orders(app: &TestApp, count: i64) {
    for number in 0..count {
        app.order(&order(&format!("P-{number}")).partner("acme"))
            .await;
    }
    app.wait_for_dead_letters(count).await;
}

async fn wait_until(app: &TestApp, status: &str) {
    let count = format!("SELECT count(*) FROM replays WHERE status = '{status}'");
    app.wait_for_count(&count, 1).await;
}

async fn audited(app: &TestApp, action: &str) -> Value {
    let path = format!("/v1/audit?action={action}");
    app.get(&path, OPERATOR).await.json()["data"].clone()
}

#[tokio::test]
async fn a_replay_says_what_it_would_do_and_then_does_all_of_it() {
    let (app, _, receiver, _) = gateway().await;
    dead_orders(&app, 3).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let list = browser
        .page("/console/deliveries?status=dead&partner=acme")
        .await;
    assert!(
        list.contains("href=\"/console/replays/new?status=dead&#38;partner=acme\""),
        "{list}"
    );
    let page = browser
        .page("/console/replays/new?status=dead&partner=acme&rate=7")
        .await;
    assert!(
        page.contains("3 match: dead deliveries of acme, of 1 partner at 1 endpoint."),
        "{page}"
    );
    assert!(page.contains("Replay 3 deliveries"), "{page}");
    assert!(
        page.contains("<option value=\"7\" selected>7 a second: at least 1 s"),
        "{page}"
    );
    assert!(
        page.contains("name=\"matched\" value=\"3\""),
        "the number that was shown is sent back: {page}"
    );

    let fields = [
        ("status", "dead"),
        ("partner", "acme"),
        ("rate", "7"),
        ("matched", "3"),
    ];
    let refused = browser.submit("/console/replays", &fields).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.body().contains("Give a reason"),
        "{}",
        refused.body()
    );
    receiver.always(Reply::status(200));
    let fields: Vec<_> = fields
        .into_iter()
        .chain([("reason", "they are <i>back</i>")])
        .collect();
    let started = browser.submit("/console/replays", &fields).await;
    let path = location(&started)
        .strip_suffix("?done=started")
        .unwrap()
        .to_owned();
    app.wait_for_count("SELECT delivered FROM replays", 3).await;
    wait_until(&app, "done").await;
    let page = browser.page(&path).await;
    assert!(
        page.contains("3 of 3 sent again, 3 accepted, 0 dead again."),
        "{page}"
    );
    assert!(page.contains("they are &#60;i&#62;back"), "{page}");
    assert!(!page.contains("<i>back"), "{page}");
    assert!(!page.contains("Cancel…"), "it has ended: {page}");
    let list = browser.page("/console/replays").await;
    assert!(list.contains("3 of 3"), "{list}");
    assert!(list.contains("Dead deliveries of acme"), "{list}");
    let entries = audited(&app, "replay.create").await;
    let details = &entries[0]["details"];
    assert_eq!(details["reason"], "they are <i>back</i>", "{entries}");
    assert_eq!(
        (&details["matched"], &details["rate_per_second"]),
        (&json!(3), &json!(7)),
        "{entries}"
    );
    app.finish().await;
}

#[tokio::test]
async fn nothing_starts_when_far_more_match_than_the_page_showed() {
    let (app, acme, _, endpoint) = gateway().await;
    let (partner, id) = (acme.id.uuid(), endpoint.id.uuid());
    app.create_dead_letters(partner, id, 4).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let page = browser.page("/console/replays/new").await;
    assert!(page.contains("name=\"matched\" value=\"4\""), "{page}");
    app.create_dead_letters(partner, id, 40).await;
    let fields = [("matched", "4"), ("reason", "they are back")];
    let refused = browser.submit("/console/replays", &fields).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    let page = refused.body();
    assert!(
        page.contains("Nothing was started: the page showed 4 deliveries"),
        "{page}"
    );
    assert!(page.contains("Replay 44 deliveries"), "{page}");
    assert!(
        page.contains("value=\"they are back\""),
        "the reason is kept: {page}"
    );
    app.wait_for_count("SELECT count(*) FROM replays", 0).await;
    app.stop().await;
}

#[tokio::test]
async fn a_replay_is_paused_resumed_and_cancelled_by_whoever_sees_its_state() {
    let (app, acme, _, endpoint) = gateway().await;
    app.create_dead_letters(acme.id.uuid(), endpoint.id.uuid(), 60)
        .await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let fields = [("matched", "60"), ("reason", "slowly"), ("rate", "1")];
    let started = browser.submit("/console/replays", &fields).await;
    let path = location(&started).split('?').next().unwrap().to_owned();
    let again = browser.submit("/console/replays", &fields).await;
    assert_eq!(location(&again), format!("{path}?done=running"));
    app.wait_for_count("SELECT count(*) FROM replays", 1).await;
    let act = async |action: &str, status: &str| {
        let path = format!("{path}/{action}");
        let answer = browser.submit(&path, &[("status", status)]).await;
        location(&answer).rsplit('=').next().unwrap().to_owned()
    };
    assert_eq!(act("pause", "running").await, "paused");
    wait_until(&app, "paused").await;
    let page = browser.page(&path).await;
    assert!(page.contains("wait until you resume it"), "{page}");
    // From a page that was made while it ran.
    assert_eq!(act("cancel", "running").await, "changed");
    assert_eq!(act("pause", "running").await, "changed");
    wait_until(&app, "paused").await;
    assert_eq!(act("resume", "paused").await, "resumed");
    wait_until(&app, "running").await;
    let confirmation = browser.page(&format!("{path}/cancel")).await;
    assert!(confirmation.contains("cannot be resumed"), "{confirmation}");
    wait_until(&app, "running").await;
    assert_eq!(act("cancel", "running").await, "cancelled");
    wait_until(&app, "cancelled").await;
    assert_eq!(act("resume", "cancelled").await, "changed");
    let page = browser.page(&format!("{path}?done=changed")).await;
    assert!(page.contains("Nothing was changed"), "{page}");
    let ended = browser.get(&format!("{path}/cancel")).await;
    assert_eq!(location(&ended), format!("{path}?done=changed"));
    for action in ["replay.pause", "replay.resume", "replay.cancel"] {
        let entries = audited(&app, action).await;
        assert_eq!(entries.as_array().unwrap().len(), 1, "{entries}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_dies_again_stands_on_the_replays_page() {
    let (app, _, _, _) = gateway().await;
    dead_orders(&app, 2).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let fields = [("matched", "2"), ("reason", "hope")];
    let started = browser.submit("/console/replays", &fields).await;
    let path = location(&started).split('?').next().unwrap().to_owned();
    app.wait_for_count("SELECT dead FROM replays", 2).await;
    let page = browser.page(&path).await;
    assert!(page.contains("0 accepted, 2 dead again"), "{page}");
    let (_, table) = page.split_once("Died at its endpoints").unwrap();
    assert_eq!(table.matches("<tr data-row>").count(), 2, "{page}");
    assert!(table.contains("P-0") && table.contains("P-1"), "{page}");
    assert!(
        page.contains("href=\"/console/deliveries?status=dead\""),
        "{page}"
    );
    app.stop().await;
}

#[tokio::test]
async fn what_is_superseded_is_counted_and_left_out() {
    let (app, _, receiver, endpoint) = gateway().await;
    receiver.always(Reply::status(200));
    receiver.next((0..4).map(|_| Reply::status(500)));
    app.order(&order("P-1")).await;
    app.wait_for_dead_letters(1).await;
    app.cancel("P-1").await;
    app.wait_for_delivered(1).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let path = format!("/console/replays/new?endpoint={}", endpoint.id);
    let page = browser.page(&path).await;
    assert!(page.contains("1 are left out"), "{page}");
    assert!(page.contains("name=\"include_superseded\""), "{page}");
    // Of a failure group, only its own: this one has nothing that is superseded.
    receiver.next((0..4).map(|_| Reply::status(404)));
    app.order(&order("P-2")).await;
    app.wait_for_dead_letters(2).await;
    for (cause, expected) in [("server_error", true), ("not_found", false)] {
        let list = format!("/v1/failures?cause={cause}");
        let groups = app.get(&list, OPERATOR).await.json();
        let group = groups["data"][0]["id"].as_str().unwrap();
        let path = format!("/console/replays/new?failure_group={group}");
        let page = browser.page(&path).await;
        assert!(page.contains("1 match"), "{page}");
        assert_eq!(page.contains("left out"), expected, "{cause}: {page}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_waits_is_sent_now() {
    let app = TestApp::start_with(|settings| {
        settings.retry_schedule = Some("3600,3600".parse().unwrap());
    })
    .await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    app.endpoint("acme", &receiver).create().await;
    receiver.next([Reply::status(500)]);
    app.order(&order("P-1").partner("acme")).await;
    let waiting = "SELECT count(*) FROM deliveries WHERE due_at > now() AND attempts > 0";
    app.wait_for_count(waiting, 1).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let list = browser.page("/console/deliveries?status=pending").await;
    assert!(
        list.contains("/console/replays/new?status=pending"),
        "{list}"
    );
    let page = browser.page("/console/replays/new?status=pending").await;
    assert!(page.contains("Send 1 delivery now"), "{page}");
    let fields = [("status", "pending"), ("matched", "1"), ("reason", "back")];
    let started = browser.submit("/console/replays", &fields).await;
    assert!(location(&started).ends_with("?done=started"));
    receiver.received(2).await;
    app.finish().await;
}

#[tokio::test]
async fn a_partner_replays_its_own_and_meets_no_others() {
    let (app, acme, _, endpoint) = gateway().await;
    app.create_dead_letters(acme.id.uuid(), endpoint.id.uuid(), 2)
        .await;
    let (other, receiver) = (app.partner("other").await, Receiver::start().await);
    let foreign = app.endpoint(&other, &receiver).create().await;
    app.create_dead_letters(other.id.uuid(), foreign.id.uuid(), 5)
        .await;
    let key = app.partner_key("acme").await;
    let partner = Browser::signed_in(app.base_url(), &key).await;
    let page = partner.page("/console/replays/new").await;
    assert!(page.contains("2 match"), "{page}");
    assert!(!page.contains("name=\"partner\""), "{page}");
    let page = partner.page("/console/replays/new?partner=other").await;
    assert!(page.contains("There is no such partner."), "{page}");
    let page = partner
        .page(&format!("/console/replays/new?endpoint={}", foreign.id))
        .await;
    assert!(page.contains("No dead deliveries"), "{page}");
    let id = foreign.id.to_string();
    for (name, value, status) in [("partner", "other", 400), ("endpoint", id.as_str(), 409)] {
        let fields = [(name, value), ("matched", "5"), ("reason", "mine")];
        let answer = partner.submit("/console/replays", &fields).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    tokio::time::sleep(Duration::from_millis(800)).await;
    app.wait_for_count(
        "SELECT count(*) FROM dead_deliveries d JOIN partners p ON p.id = d.partner WHERE slug = 'other'",
        5,
    )
    .await;
    let page = partner.page("/console/replays").await;
    assert_eq!(page.matches("<tr data-row>").count(), 0, "{page}");
    app.stop().await;
}
