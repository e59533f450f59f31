//! Key pairs: what receivers verify with that share no secret with us, from an endpoint's page or our profile.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use buywire::egress::EgressPolicy;
use buywire::partners::Partners;
use buywire::signing::seal::MasterKeys;
use buywire::store::bell::Bell;
use buywire::store::{Store, Target};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{OPERATOR, http_client};
use crate::support::app::{Answer, TestApp};
use crate::support::order::order;
use crate::support::postgres::TestDatabase;
use crate::support::receiver::{DEADLINE, Received, Receiver, Reply};
use crate::support::verifying::{covered, key_id, profile_fits, v1a_fits};

const ROTATE: &str = "/v1/keys/signing/rotate";
const PROFILE: &str = "/.well-known/ucp";

/// A partner that speaks this dialect.
async fn partner(app: &TestApp, slug: &str, adapter: &str) {
    let body = json!({"slug": slug, "name": slug, "adapter": adapter});
    let made = app.post("/v1/partners", OPERATOR, &body).await;
    assert_eq!(made.status, 201, "{made:?}");
}

/// The public halves that an endpoint's page shows, the current one first.
async fn public_keys(app: &TestApp, path: &str) -> Vec<String> {
    let page = app.get(path, OPERATOR).await.json();
    let keys = page["public_keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["key"].as_str().unwrap().to_owned())
        .collect()
}

/// Our profile, as anybody may read it.
async fn profile(app: &TestApp) -> Value {
    let answer = Answer::of(http_client().get(format!("http://{}{PROFILE}", app.address))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Sends trials until one looks like this: a change is used within a second.
async fn until(
    app: &TestApp,
    path: &str,
    receiver: &Receiver,
    fits: impl Fn(&Received) -> bool,
) -> Received {
    let begun = Instant::now();
    loop {
        let so_far = receiver.so_far().len();
        let trial = app.post_bytes(&format!("{path}/test"), OPERATOR, "").await;
        assert_eq!(trial.status, 202, "{trial:?}");
        let arrived = receiver.received(so_far + 1).await;
        let last = arrived.last().unwrap();
        if fits(last) {
            return last.clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(3), "{last:?}");
    }
}

#[tokio::test]
async fn an_endpoint_gets_a_key_pair_when_its_partner_asks_for_v1a() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    partner(&app, "acme", "standard").await;
    let before = app.endpoint("acme", &receiver).create().await;
    assert_eq!(public_keys(&app, &before.path).await, [""; 0]);

    let asked = json!({"settings": {"v1a": true}});
    let changed = app
        .call(Method::PATCH, "/v1/partners/acme", OPERATOR, &asked)
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let [public] = public_keys(&app, &before.path).await.try_into().unwrap();
    let order = order("P-1").partner("acme");
    app.order(&order).await;
    let [arrived] = receiver.received(1).await.try_into().unwrap();
    assert!(arrived.verifies(&before.secret), "v1 stays beside it");
    assert!(v1a_fits(&arrived, &public));

    // Asked for again, and for an endpoint that has one: nothing changes.
    app.call(Method::PATCH, "/v1/partners/acme", OPERATOR, &asked)
        .await;
    assert_eq!(
        public_keys(&app, &before.path).await,
        std::slice::from_ref(&public)
    );
    let later = app.endpoint("acme", &receiver).create().await;
    let [own] = public_keys(&app, &later.path).await.try_into().unwrap();
    assert_ne!(own, public);
    let trial = until(&app, &later.path, &receiver, |trial| v1a_fits(trial, &own)).await;
    assert!(!v1a_fits(&trial, &public));
    app.finish().await;
}

#[tokio::test]
async fn a_rotation_replaces_every_kind_of_key_with_the_same_overlap() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let body = json!({"slug": "acme", "name": "acme", "settings": {"v1a": true}});
    app.post("/v1/partners", OPERATOR, &body).await;
    let endpoint = app.endpoint("acme", &receiver).create().await;
    let [first] = public_keys(&app, &endpoint.path).await.try_into().unwrap();
    let rotate = format!("{}/rotate-secret", endpoint.path);

    let rotated = app
        .post(&rotate, OPERATOR, &json!({"overlap_hours": 1}))
        .await;
    let rotated = rotated.json();
    let secret = rotated["secret"].as_str().unwrap();
    let shown = public_keys(&app, &endpoint.path).await;
    let [second, ending] = shown.try_into().unwrap();
    assert_eq!(ending, first);
    let keys = &rotated["public_keys"];
    assert_eq!(
        (&keys[0]["key"], &keys[0]["valid_until"]),
        (&json!(second), &Value::Null)
    );
    assert_eq!(keys[1]["valid_until"], rotated["previous_valid_until"]);
    let trial = until(&app, &endpoint.path, &receiver, |trial| {
        v1a_fits(trial, &second)
    })
    .await;
    assert!(v1a_fits(&trial, &first), "during the overlap both fit");
    assert!(trial.verifies(secret) && trial.verifies(&endpoint.secret));

    app.post(&rotate, OPERATOR, &json!({"overlap_hours": 0}))
        .await;
    let [third] = public_keys(&app, &endpoint.path).await.try_into().unwrap();
    let trial = until(&app, &endpoint.path, &receiver, |trial| {
        v1a_fits(trial, &third)
    })
    .await;
    assert!(!v1a_fits(&trial, &second) && !v1a_fits(&trial, &first));
    assert!(!trial.verifies(secret));

    for _ in 0..6 {
        app.post_bytes(&rotate, OPERATOR, "").await;
    }
    let kinds =
        "SELECT count(*) FROM endpoint_keys WHERE valid_until IS NULL OR valid_until > now()
        GROUP BY kind HAVING count(*) <> 5 UNION ALL SELECT 0";
    app.counts(kinds, 0).await;
    app.finish().await;
}

#[tokio::test]
async fn a_ucp_order_verifies_by_what_our_profile_says_and_nothing_else() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    partner(&app, "acme", "ucp").await;
    app.endpoint("acme", &receiver).create().await;
    app.order(&order("P-1").partner("acme")).await;
    let [arrived] = receiver.received(1).await.try_into().unwrap();

    let agent = arrived.header("ucp-agent");
    let url = agent.strip_prefix("profile=\"").unwrap();
    let url = url.strip_suffix('"').unwrap();
    let published = Answer::of(http_client().get(url)).await;
    assert_eq!(
        published.header("cache-control"),
        Some("public, max-age=300")
    );
    let profile = published.json();
    assert!(profile_fits(&arrived, &profile));
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
        assert!(covered(&arrived).contains(&part), "{part} is not covered");
    }
    let mut forged = arrived.clone();
    forged.body.push(b' ');
    assert!(!profile_fits(&forged, &profile));

    let tag = published.header("etag").unwrap();
    let again = Answer::of(http_client().get(url).header("if-none-match", tag)).await;
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
    partner(&app, "acme", "ucp").await;
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
    let target = Target::from_url(&database.url).unwrap();
    let master = Arc::new(MasterKeys::new(&MasterKeys::generate(), &[]).unwrap());
    let mut nodes = Vec::new();
    for _ in 0..8 {
        let store = Store::open(&target).await.unwrap();
        let policy = EgressPolicy::parse("").unwrap();
        nodes.push(Partners::new(
            store,
            Bell::new().0,
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

/// Verifies by a copy of our profile, and answers 401 where that does not fit; how many it has refused.
fn strict(receiver: &Receiver, copy: &Value) -> Arc<AtomicUsize> {
    let refused = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&refused);
    let copy = copy.clone();
    receiver.judge(move |request| match profile_fits(&request, &copy) {
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
    partner(&app, "acme", "ucp").await;
    app.endpoint("acme", &receiver).create().await;
    let old = profile(&app).await;

    // Published and not yet used: what a copy does not know signs nothing.
    let rotated = app.post_bytes(ROTATE, OPERATOR, "").await;
    assert_eq!(rotated.status, 200, "{rotated:?}");
    let ahead = profile(&app).await;
    assert_eq!(ahead["keys"].as_array().unwrap().len(), 2);
    assert_eq!(ahead["keys"][1], old["keys"][0]);
    let refused = strict(&receiver, &old);
    app.order(&order("P-1").partner("acme")).await;
    app.counts("SELECT count(*) FROM delivered", 1).await;
    assert_eq!(refused.load(Ordering::SeqCst), 0);

    // In use: who has the old copy refuses once, and is shown the old key at once.
    let asked = json!({"signs_after_minutes": 0});
    let rotated = app.post(ROTATE, OPERATOR, &asked).await.json();
    let newest = rotated["data"][0]["kid"].as_str().unwrap().to_owned();
    let new = profile(&app).await;
    signs_with(&app, &receiver, &newest).await;
    for (copy, order_id) in [(&old, "P-old"), (&new, "P-new")] {
        let refused = strict(&receiver, copy);
        let receipt = app.order(&order(order_id).partner("acme")).await;
        let delivery = receipt["events"][0]["deliveries"][0].as_str().unwrap();
        let path = format!("/v1/deliveries/{delivery}");
        let delivered = delivered(&app, &path).await;
        assert_eq!(
            delivered["attempts"].as_array().unwrap().len(),
            1,
            "{order_id}"
        );
        let expected = usize::from(order_id == "P-old");
        assert_eq!(refused.load(Ordering::SeqCst), expected, "{order_id}");
    }

    // Without an overlap: the key that somebody else has seen is nowhere any more.
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
    app.counts("SELECT count(*) FROM attempts WHERE status_code = 401", 1)
        .await;
    assert_eq!(
        refused.load(Ordering::SeqCst),
        1,
        "there is no other key to show"
    );
    strict(&receiver, &last);
    app.finish().await;
}

/// A delivery's page, once it has arrived.
async fn delivered(app: &TestApp, path: &str) -> Value {
    let begun = Instant::now();
    loop {
        let page = app.get(path, OPERATOR).await.json();
        if page["status"] == "delivered" {
            return page;
        }
        assert!(begun.elapsed() < DEADLINE, "{page}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Sends trials until one is signed with that key, within the second that a change may take.
async fn signs_with(app: &TestApp, receiver: &Receiver, kid: &str) {
    let seen = Arc::new(Mutex::new(String::new()));
    let last = Arc::clone(&seen);
    receiver.judge(move |request| {
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
        delivered(app, &path).await;
        if *seen.lock().unwrap() == kid {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(3), "{seen:?} signs");
    }
}

#[tokio::test]
async fn private_halves_are_sealed_at_rest_and_in_no_answer() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let body = json!({"slug": "acme", "name": "acme", "settings": {"v1a": true}});
    let mut seen = app.post("/v1/partners", OPERATOR, &body).await.bytes;
    let body = json!({"url": receiver.url()});
    let made = app
        .post("/v1/partners/acme/endpoints", OPERATOR, &body)
        .await;
    let path = format!(
        "/v1/partners/acme/endpoints/{}",
        made.json()["id"].as_str().unwrap()
    );
    seen.extend(made.bytes);
    let rotate = format!("{path}/rotate-secret");
    for path in [rotate.as_str(), ROTATE] {
        seen.extend(app.post_bytes(path, OPERATOR, "").await.bytes);
    }
    for page in [
        path.as_str(),
        "/v1/partners/acme/endpoints",
        "/v1/partners/acme",
        "/v1/keys",
        "/v1/keys/signing",
        PROFILE,
    ] {
        let answer = app.get(page, OPERATOR).await;
        assert_eq!(answer.status, 200, "{page}: {answer:?}");
        seen.extend(answer.bytes);
    }
    let rows = "SELECT string_agg(t, ' ') FROM (
        SELECT encode(secret, 'escape') FROM endpoint_keys UNION ALL
        SELECT encode(secret, 'escape') FROM signing_keys UNION ALL
        SELECT k::text FROM signing_keys k UNION ALL SELECT a::text FROM audit a) x(t)";
    let stored: String = app.sql.query_one(rows, &[]).await.unwrap().get(0);
    seen.extend(stored.into_bytes());
    let seen = String::from_utf8_lossy(&seen).into_owned();
    assert!(seen.contains("whpk_") && seen.contains("\"x\":"));
    for private in ["whsk_", "es256_", "\"d\":"] {
        assert!(!seen.contains(private), "{private} shows");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_dialect_for_orders_alone_is_tried_with_a_test_order() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    for adapter in ["ucp", "acp"] {
        partner(&app, adapter, adapter).await;
        let endpoint = app.endpoint(adapter, &receiver).create().await;
        let so_far = receiver.so_far().len();
        let test = format!("{}/test", endpoint.path);
        let trial = app.post_bytes(&test, OPERATOR, "").await;
        assert_eq!(trial.status, 202, "{trial:?}");
        let arrived = receiver.received(so_far + 1).await.pop().unwrap();
        let path = format!(
            "/v1/deliveries/{}",
            trial.json()["delivery"].as_str().unwrap()
        );
        delivered(&app, &path).await;
        let text = String::from_utf8(arrived.body).unwrap();
        assert!(text.contains("TEST-"), "{text}");
        assert!(text.contains("est order"), "it says so: {text}");
    }
    // It is nobody's order, here and in every count.
    for query in [
        "SELECT count(*) FROM orders",
        "SELECT count(*) FROM events WHERE NOT test OR order_id IS NOT NULL",
    ] {
        app.counts(query, 0).await;
    }
    app.finish().await;
}
