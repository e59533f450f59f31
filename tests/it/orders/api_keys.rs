//! The gateway's own keys: a receiver verifies with the published profile alone, through every rotation.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use buywire::testing::DatabaseTarget;
use buywire::testing::EgressPolicy;
use buywire::testing::MasterKeys;
use buywire::testing::Notifier;
use buywire::testing::Partners;
use buywire::testing::Store;
use serde_json::{Value, json};

use crate::support::api::{OPERATOR, http_client};
use crate::support::app::{Answer, TestApp};
use crate::support::order::order;
use crate::support::postgres::TestDatabase;
use crate::support::receiver::{Receiver, Reply};
use crate::support::verifying::{covered_components, key_id, profile_verifies};

const ROTATE: &str = "/v1/keys/signing/rotate";
const PROFILE: &str = "/.well-known/ucp";

/// The gateway's public profile.
async fn profile(app: &TestApp) -> Value {
    let answer = Answer::send(http_client().get(format!("http://{}{PROFILE}", app.address))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_ucp_order_verifies_by_what_our_profile_says_and_nothing_else() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner_with_adapter("acme", "ucp").await;
    app.endpoint("acme", &receiver).create().await;
    app.order(&order("P-1").partner("acme")).await;
    let [arrived] = receiver.received(1).await.try_into().unwrap();

    let agent = arrived.header("ucp-agent");
    let url = agent.strip_prefix("profile=\"").unwrap();
    let url = url.strip_suffix('"').unwrap();
    let published = Answer::send(http_client().get(url)).await;
    assert_eq!(
        published.header("cache-control"),
        Some("public, max-age=300")
    );
    let profile = published.json();
    assert!(profile_verifies(&arrived, &profile));
    assert_eq!(
        profile["keys"], profile["signing_keys"],
        "for either release"
    );
    assert_eq!(profile["ucp"]["version"], "2026-04-08");
    for part in [
        "@method",
        "@authority",
        "@path",
        "ucp-agent",
        "content-digest",
        "content-type",
    ] {
        assert!(
            covered_components(&arrived).contains(&part),
            "{part} is not covered"
        );
    }
    let mut forged = arrived.clone();
    forged.body.push(b' ');
    assert!(!profile_verifies(&forged, &profile));

    let tag = published.header("etag").unwrap();
    let again = Answer::send(http_client().get(url).header("if-none-match", tag)).await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    app.finish().await;
}

#[tokio::test]
async fn the_public_url_is_where_receivers_are_sent() {
    let app = TestApp::start_with(|settings| {
        settings.public_url = Some("https://buywire.example/in".to_owned());
    })
    .await;
    let receiver = Receiver::start().await;
    app.partner_with_adapter("acme", "ucp").await;
    app.endpoint("acme", &receiver).create().await;
    app.order(&order("P-1").partner("acme")).await;
    let [arrived] = receiver.received(1).await.try_into().unwrap();
    let expected = "profile=\"https://buywire.example/in/.well-known/ucp\"";
    assert_eq!(arrived.header("ucp-agent"), expected);
    app.finish().await;
}

#[tokio::test]
async fn nodes_that_start_together_make_one_first_key() {
    let database = TestDatabase::create().await;
    let target = DatabaseTarget::from_url(&database.url).unwrap();
    let master = Arc::new(MasterKeys::new(&MasterKeys::generate(), &[]).unwrap());
    let mut nodes = Vec::new();
    for _ in 0..8 {
        let store = Store::open(&target).await.unwrap();
        let policy = EgressPolicy::parse("").unwrap();
        nodes.push(Partners::new(
            store,
            Notifier::new().0,
            Arc::clone(&master),
            policy,
        ));
    }
    let starts = nodes.iter().map(Partners::ensure_signing_key);
    for started in futures_util::future::join_all(starts).await {
        started.unwrap();
    }
    let keys = nodes[0].signing_keys().await.unwrap();
    assert_eq!(keys.len(), 1, "{keys:?}");
}

/// Verifies with a copy of the profile and answers 401 if it does not match. Returns the number of refusals.
fn strict(receiver: &Receiver, copy: &Value) -> Arc<AtomicUsize> {
    let refused = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&refused);
    let copy = copy.clone();
    receiver.respond_with(move |request| match profile_verifies(&request, &copy) {
        true => Reply::status(200),
        false => {
            count.fetch_add(1, Ordering::SeqCst);
            Reply::status(401)
        }
    });
    refused
}

#[tokio::test]
async fn during_a_rotation_receivers_accept_with_an_old_and_with_a_new_copy_of_the_profile() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner_with_adapter("acme", "ucp").await;
    app.endpoint("acme", &receiver).create().await;
    let old = profile(&app).await;

    // Published but not used yet: no request is signed with a key that a copy may lack.
    let rotated = app.post_bytes(ROTATE, OPERATOR, "").await;
    assert_eq!(rotated.status, 200, "{rotated:?}");
    let ahead = profile(&app).await;
    assert_eq!(ahead["keys"].as_array().unwrap().len(), 2);
    assert_eq!(ahead["keys"][1], old["keys"][0]);
    let refused = strict(&receiver, &old);
    app.order(&order("P-1").partner("acme")).await;
    app.wait_for_delivered(1).await;
    assert_eq!(refused.load(Ordering::SeqCst), 0);

    // In use: a receiver with the old copy refuses once, and at once receives the old key's signature.
    let requested = json!({"signs_after_minutes": 0});
    let rotated = app.post(ROTATE, OPERATOR, &requested).await.json();
    let newest = rotated["data"][0]["kid"].as_str().unwrap().to_owned();
    let new = profile(&app).await;
    signs_with(&app, &receiver, &newest).await;
    for (copy, order_id) in [(&old, "P-old"), (&new, "P-new")] {
        let refused = strict(&receiver, copy);
        let receipt = app.order(&order(order_id).partner("acme")).await;
        let delivery = receipt["events"][0]["deliveries"][0].as_str().unwrap();
        let path = format!("/v1/deliveries/{delivery}");
        let delivered = app.wait_until_delivered(&path).await;
        assert_eq!(
            delivered["attempts"].as_array().unwrap().len(),
            1,
            "{order_id}"
        );
        let expected = usize::from(order_id == "P-old");
        assert_eq!(refused.load(Ordering::SeqCst), expected, "{order_id}");
    }

    // Without an overlap: the leaked key is gone everywhere.
    let rotated = app
        .post(ROTATE, OPERATOR, &json!({"overlap_hours": 0}))
        .await
        .json();
    assert_eq!(rotated["data"].as_array().unwrap().len(), 1);
    let newest = rotated["data"][0]["kid"].as_str().unwrap().to_owned();
    let last = profile(&app).await;
    assert_eq!(last["keys"].as_array().unwrap().len(), 1);
    signs_with(&app, &receiver, &newest).await;
    let refused = strict(&receiver, &old);
    app.order(&order("P-late").partner("acme")).await;
    app.wait_for_count("SELECT count(*) FROM attempts WHERE status_code = 401", 1)
        .await;
    assert_eq!(
        refused.load(Ordering::SeqCst),
        1,
        "there is no other key to show"
    );
    strict(&receiver, &last);
    app.finish().await;
}

/// Sends test events until one is signed with that key, which takes a second at most.
async fn signs_with(app: &TestApp, receiver: &Receiver, kid: &str) {
    let recorded = Arc::new(Mutex::new(String::new()));
    let last = Arc::clone(&recorded);
    receiver.respond_with(move |request| {
        *last.lock().unwrap() = key_id(&request).to_owned();
        Reply::status(200)
    });
    let endpoints = app
        .get("/v1/partners/acme/endpoints", OPERATOR)
        .await
        .json();
    let id = endpoints["data"][0]["id"].as_str().unwrap();
    let test = format!("/v1/partners/acme/endpoints/{id}/test");
    let begun = Instant::now();
    loop {
        let trial = app.post_bytes(&test, OPERATOR, "").await.json();
        let path = format!("/v1/deliveries/{}", trial["delivery"].as_str().unwrap());
        app.wait_until_delivered(&path).await;
        if *recorded.lock().unwrap() == kid {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "{recorded:?} signs"
        );
    }
}
