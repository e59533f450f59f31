//! How fast a key may send, what its answers say of that, and how often it may try an endpoint.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR, PLATFORM, only_delivery};
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

async fn issue(app: &TestApp, mut body: Value) -> (String, String) {
    body["label"] = "limited".into();
    let issued = app.post("/v1/keys", OPERATOR, &body).await;
    assert_eq!(issued.status, 201, "{issued:?}");
    let issued = issued.json();
    ["id", "key"]
        .map(|name| issued[name].as_str().unwrap().to_owned())
        .into()
}

/// `q`, `w`, `r` and `t` of an answer.
fn fields(answer: &Answer) -> [Option<u64>; 4] {
    let read = |name: &str, key: &str| {
        let field = answer.header(name)?;
        let (policy, parameters) = field.split_once(';').unwrap();
        assert_eq!(policy, "\"key\"", "{field}");
        let mut all = parameters
            .split(';')
            .map(|one| one.split_once('=').unwrap());
        all.find(|(name, _)| *name == key)
            .map(|(_, value)| value.parse().unwrap())
    };
    [
        read("ratelimit-policy", "q"),
        read("ratelimit-policy", "w"),
        read("ratelimit", "r"),
        read("ratelimit", "t"),
    ]
}

#[tokio::test]
async fn a_key_sends_its_burst_then_its_rate_and_is_told_what_is_left() {
    let app = TestApp::start().await;
    let (_, key) = issue(
        &app,
        json!({"role": "platform", "requests_per_second": 2, "burst": 4}),
    )
    .await;
    for left in (0..4).rev() {
        let answer = app.get("/v1/posts", &key).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(fields(&answer), [Some(4), Some(2), Some(left), Some(1)]);
    }
    let refused = app.get("/v1/posts", &key).await;
    refused.problem(429, "rate-limited");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(fields(&refused), [Some(4), Some(2), Some(0), Some(1)]);
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("2 requests per second")
    );
    // Errors count and say what is left, too.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let unknown = app
        .get("/v1/posts/pst_019aa0f0d20070008000000000000001", &key)
        .await;
    unknown.problem(404, "not-found");
    assert!(fields(&unknown)[2].is_some());
    // The limit is the key's own: others go on.
    assert_eq!(app.get("/v1/posts", PLATFORM).await.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn new_orders_are_never_refused_for_their_rate() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let (_, key) = issue(
        &app,
        json!({"role": "platform", "requests_per_second": 1, "burst": 1}),
    )
    .await;
    app.get("/v1/posts", &key).await;
    app.get("/v1/posts", &key)
        .await
        .problem(429, "rate-limited");
    for n in 0..20 {
        let order = order(&format!("P-{n}")).partner("acme").json();
        let accepted = app.post("/v1/orders", &key, &order).await;
        assert_eq!(accepted.status, 201, "{accepted:?}");
        assert_eq!(accepted.header("ratelimit"), None);
    }
    app.finish().await;
}

#[tokio::test]
async fn agents_are_refused_in_their_protocols_form() {
    let app = TestApp::start().await;
    let (_, key) = issue(
        &app,
        json!({"role": "agent", "requests_per_second": 1, "burst": 1}),
    )
    .await;
    for (path, member) in [
        ("/acp/checkout_sessions/x", "code"),
        ("/ucp/checkout-sessions/x", "code"),
    ] {
        let begun = Instant::now();
        let refused = loop {
            let answer = app.get(path, &key).await;
            if answer.status == 429 {
                break answer;
            }
            assert!(begun.elapsed() < Duration::from_secs(5), "{answer:?}");
        };
        assert_eq!(refused.json()[member], "rate_limited", "{refused:?}");
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(fields(&refused)[2], Some(0));
    }
    app.finish().await;
}

#[tokio::test]
async fn operators_set_limits_at_issue_and_later_and_partners_pass_theirs_on() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let keys = "/v1/partners/acme/keys";
    let body = json!({"label": "slow", "requests_per_second": 3, "burst": 100});
    let slow = app.post(keys, OPERATOR, &body).await.json();
    let (id, key) = (slow["id"].as_str().unwrap(), slow["key"].as_str().unwrap());
    let child = app.post(keys, key, &json!({"label": "child"})).await.json();
    assert_eq!(
        (&child["requests_per_second"], &child["burst"]),
        (&json!(3), &json!(100))
    );
    for more in [json!({"requests_per_second": 1000}), json!({"burst": 1})] {
        let mut body = more;
        body["label"] = "x".into();
        app.post(keys, key, &body).await.problem(403, "forbidden");
    }
    let path = format!("/v1/keys/{id}");
    app.call(Method::PATCH, &path, key, &json!({"burst": 1}))
        .await
        .problem(403, "forbidden");
    for (change, expected) in [
        (json!({"requests_per_second": 7}), [json!(7), json!(100)]),
        (json!({"burst": null}), [json!(7), Value::Null]),
        (
            json!({"requests_per_second": null, "burst": 2}),
            [Value::Null, json!(2)],
        ),
    ] {
        let changed = app.call(Method::PATCH, &path, OPERATOR, &change).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let changed = changed.json();
        assert_eq!(
            [
                changed["requests_per_second"].clone(),
                changed["burst"].clone()
            ],
            expected
        );
    }
    // It counts at once: the default rate, and a burst of two.
    assert_eq!(fields(&app.get("/v1/partners/acme", key).await)[0], Some(2));
    for odd in [
        json!({"burst": 0}),
        json!({"requests_per_second": 1.5}),
        json!({"label": "x"}),
    ] {
        app.call(Method::PATCH, &path, OPERATOR, &odd)
            .await
            .problem(422, "body-invalid");
    }
    let unknown = "/v1/keys/key_019aa0f0d20070008000000000000001";
    let nobody = app
        .call(Method::PATCH, unknown, OPERATOR, &json!({"burst": 2}))
        .await;
    nobody.problem(404, "not-found");
    let (worked, out, error) = app
        .command(&[
            "key",
            "update",
            id,
            "--burst",
            "9",
            "--expires-at",
            "2099-01-01T00:00:00Z",
            "--json",
        ])
        .await;
    assert!(
        worked && out.contains("\"burst\": 9") && out.contains("2099"),
        "{out} {error}"
    );
    app.finish().await;
}

#[tokio::test]
async fn the_default_is_a_setting() {
    let app = TestApp::start_with(|settings| {
        settings.key_rate = 50;
        settings.key_burst = Some(200);
    })
    .await;
    assert_eq!(
        fields(&app.get("/v1/posts", PLATFORM).await)[..3],
        [Some(200), Some(4), Some(199)]
    );
    app.finish().await;
}

/// Tests an endpoint with a key.
async fn try_out(app: &TestApp, endpoint: &str, key: &str) -> Answer {
    app.post_bytes(&format!("{endpoint}/test"), key, "").await
}

#[tokio::test]
async fn a_host_that_has_accepted_nothing_is_tried_ten_times_a_minute() {
    let app = TestApp::start().await;
    let key = app.partner_with_key("acme").await;
    let rival = app.partner_with_key("rival").await;
    let victim = Receiver::start().await;
    victim.always(Reply::status(500));
    let receipt = {
        let (endpoint, _) = app
            .create_endpoint("acme", &victim, json!({"retry": [3600]}))
            .await;
        app.post_bytes(&format!("{endpoint}/disable"), OPERATOR, "")
            .await;
        app.order(&order("P-1").partner("acme")).await
    };
    // Two endpoints at one host share what it may get, over two keys of the partner.
    let retry = json!({"retry": [3600], "event_types": ["endpoint.test"]});
    let (first, _) = app.create_endpoint("acme", &victim, retry.clone()).await;
    let (second, _) = app.create_endpoint("acme", &victim, retry.clone()).await;
    let other = app.partner_key("acme").await;
    let replay = format!("/v1/deliveries/{}/replay", only_delivery(&receipt));
    let reason = json!({"reason": "again"});
    for n in 0..10 {
        let (endpoint, key) = [(&first, &key), (&second, &other)][n % 2];
        let begun = match n {
            4 => app.post(&replay, key, &reason).await,
            _ => try_out(&app, endpoint, key).await,
        };
        assert_eq!(begun.status, 202, "{n}: {begun:?}");
    }
    let refusals = [
        try_out(&app, &first, &key).await,
        try_out(&app, &second, &other).await,
        app.post(&replay, &other, &reason).await,
    ];
    for refused in refusals {
        refused.problem(429, "rate-limited");
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((40..=60).contains(&wait), "{wait}");
    }
    let attempts =
        "SELECT count(*) FROM audit WHERE action IN ('endpoint.test', 'delivery.replay')";
    let recorded: i64 = app.sql.query_one(attempts, &[]).await.unwrap().get(0);
    assert_eq!(recorded, 10);
    // Another partner has its own count, and an operator none.
    let (foreign, _) = app.create_endpoint("rival", &victim, retry).await;
    assert_eq!(try_out(&app, &foreign, &rival).await.status, 202);
    assert_eq!(try_out(&app, &first, OPERATOR).await.status, 202);
    // A minute later there is room again.
    let age = "UPDATE audit SET at = at - interval '61 seconds'";
    app.sql.execute(age, &[]).await.unwrap();
    assert_eq!(try_out(&app, &first, &key).await.status, 202);
    app.stop().await;
}

#[tokio::test]
async fn a_host_that_accepts_is_not_limited_until_the_url_changes() {
    let app = TestApp::start().await;
    let key = app.partner_with_key("acme").await;
    let receiver = Receiver::start().await;
    let (endpoint, _) = app.create_endpoint("acme", &receiver, json!({})).await;
    assert_eq!(try_out(&app, &endpoint, &key).await.status, 202);
    app.wait_for_delivered(1).await;
    for n in 0..15 {
        assert_eq!(try_out(&app, &endpoint, &key).await.status, 202, "{n}");
    }
    app.wait_for_pending(0).await;

    // What the old host has accepted says nothing of the next.
    let moved = json!({"url": "http://localhost:9/in"});
    let moved = app.call(Method::PATCH, &endpoint, OPERATOR, &moved).await;
    assert_eq!(moved.status, 200, "{moved:?}");
    for n in 0..10 {
        assert_eq!(try_out(&app, &endpoint, &key).await.status, 202, "{n}");
    }
    try_out(&app, &endpoint, &key)
        .await
        .problem(429, "rate-limited");
    // Other settings do not make a host unknown.
    let (well, _) = app.create_endpoint("acme", &receiver, json!({})).await;
    assert_eq!(try_out(&app, &well, OPERATOR).await.status, 202);
    app.wait_for_delivered(17).await;
    let patched = app
        .call(Method::PATCH, &well, &key, &json!({"max_in_flight": 2}))
        .await;
    assert_eq!(patched.status, 200, "{patched:?}");
    for n in 0..15 {
        assert_eq!(try_out(&app, &well, &key).await.status, 202, "{n}");
    }
    app.stop().await;
}
