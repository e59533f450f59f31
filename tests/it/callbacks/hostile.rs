//! Hostile callbacks: anything but a partner's own, fresh, readable callback is refused and not stored.

use buywire_schemas::json::Json;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::callback_sender::{
    CallbackMessage, CallbackSigner, callback_signer, callback_signers,
};
use crate::support::order::order;

/// A partner for each scheme, and a stranger's signer.
async fn partners(app: &TestApp) -> Vec<(String, CallbackSigner, CallbackSigner)> {
    let mut all = Vec::new();
    for (n, (own, outsider)) in callback_signers(1)
        .into_iter()
        .zip(callback_signers(2))
        .enumerate()
    {
        let slug = format!("partner-{n}");
        app.partner_with_callbacks(&slug, "standard", &own).await;
        all.push((slug, own, outsider));
    }
    all
}

fn body(slug: &str) -> Vec<u8> {
    json!({"id": slug, "type": "order.shipped", "order_id": "P-1"})
        .to_string()
        .into_bytes()
}

async fn assert_nothing_stored(app: TestApp) {
    app.wait_for_callbacks(0).await;
    app.wait_for_unverified_callbacks(0).await;
    app.finish().await;
}

fn is_timed(signer: &CallbackSigner) -> bool {
    signer.scheme != "shopify"
}

#[tokio::test]
async fn bad_signatures_and_strangers_are_refused_in_every_way_of_signing() {
    let app = TestApp::start().await;
    let now = OffsetDateTime::now_utc();
    for (slug, own, outsider) in partners(&app).await {
        let good = own.message(app.base_url(), &slug, &body(&slug), now);
        let mut cases = vec![
            (
                "a stranger's",
                outsider.message(app.base_url(), &slug, &body(&slug), now),
            ),
            (
                "another body",
                CallbackMessage {
                    body: body("other"),
                    ..good.clone()
                },
            ),
            (
                "a byte more",
                CallbackMessage {
                    body: [good.body.clone(), vec![b' ']].concat(),
                    ..good.clone()
                },
            ),
            (
                "no signature",
                CallbackMessage {
                    headers: Vec::new(),
                    ..good.clone()
                },
            ),
        ];
        for n in 1..good.headers.len() {
            let mut without = good.clone();
            without.headers.remove(n);
            cases.push(("a header less", without));
            let mut twice = good.clone();
            twice.headers.push(good.headers[n].clone());
            cases.push(("a header twice", twice));
        }
        for (what, message) in cases {
            let answer = app.send_callback(&message).await;
            assert_eq!(answer.status, 401, "{what}: {slug} {}", own.scheme);
            answer.problem(401, "signature-refused");
        }
    }
    assert_nothing_stored(app).await;
}

#[tokio::test]
async fn what_was_signed_more_than_five_minutes_ago_or_ahead_is_refused() {
    let app = TestApp::start().await;
    let now = OffsetDateTime::now_utc();
    for (slug, own, _) in partners(&app).await {
        for (age, refused) in [(-330, true), (330, true), (86_400, true), (240, false)] {
            let at = now - Duration::seconds(age);
            let answer = app
                .send_callback(&own.message(app.base_url(), &slug, b"{}", at))
                .await;
            match refused && is_timed(&own) {
                true => drop(answer.problem(401, "signature-refused")),
                // The signature is valid: the dialect refuses `{}`.
                false => drop(answer.problem(422, "callback-unreadable")),
            }
        }
    }
    assert_nothing_stored(app).await;
}

#[tokio::test]
async fn another_partners_signature_opens_no_other_door() {
    let app = TestApp::start().await;
    let now = OffsetDateTime::now_utc();
    app.partner("silent").await;
    let all = partners(&app).await;
    for (slug, own, _) in &all {
        for (other, others, _) in &all {
            if slug == other {
                continue;
            }
            let message = own.message(app.base_url(), other, &body(slug), now);
            let answer = app.send_callback(&message).await;
            // Two partners may share a scheme, never a key: here v1 and v1a are the same scheme.
            let same_key = own.settings() == others.settings();
            assert!(
                !same_key && answer.status == 401,
                "{slug} at {other}: {answer:?}"
            );
        }
    }
    // A partner without callbacks, a missing partner, and an impossible one.
    let (_, own, _) = &all[0];
    let mut answers = Vec::new();
    for slug in ["silent", "nobody", "platform", "No-Body"] {
        let answer = app
            .send_callback(&own.message(app.base_url(), slug, &body(slug), now))
            .await;
        answer.problem(404, "not-found");
        answers.push(answer.bytes);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "no difference tells who is there");
    assert_nothing_stored(app).await;
}

#[tokio::test]
async fn junk_is_refused_whatever_its_size_signed_or_not() {
    let app = TestApp::start().await;
    let now = OffsetDateTime::now_utc();
    let mebibyte = 1024 * 1024;
    for (slug, own, outsider) in partners(&app).await {
        for filler in [b'{', b'x', 0, 0xff] {
            let junk = vec![filler; mebibyte];
            let unsigned = outsider.message(app.base_url(), &slug, &junk, now);
            app.send_callback(&unsigned)
                .await
                .problem(401, "signature-refused");
            let signed = own.message(app.base_url(), &slug, &junk, now);
            app.send_callback(&signed)
                .await
                .problem(422, "callback-unreadable");
        }
        let larger = own.message(app.base_url(), &slug, &vec![b' '; mebibyte + 1], now);
        app.send_callback(&larger).await.problem(413, "too-large");
        for unreadable in [
            "",
            "[]",
            "null",
            r#"{"id":1}"#,
            r#"{"id":"","type":"test"}"#,
        ] {
            let signed = own.message(app.base_url(), &slug, unreadable.as_bytes(), now);
            app.send_callback(&signed)
                .await
                .problem(422, "callback-unreadable");
        }
    }
    assert_nothing_stored(app).await;
}

#[tokio::test]
async fn a_megabyte_of_words_is_kept_as_a_few_kilobytes() {
    let app = TestApp::start().await;
    let acme = callback_signer("standard-webhooks", 1);
    app.partner_with_callbacks("acme", "standard", &acme).await;
    app.order(&order("P-1")).await;
    let parcel = |n: usize| json!({"type": "partly_fulfilled", "reference": format!("{n}{}", "x".repeat(300))});
    let parcels: Vec<_> = (0..2_000).map(parcel).collect();
    let bodies = [
        json!({"id": "y".repeat(100_000), "type": "test"}),
        json!({"id": "m\u{0}1", "type": "order.cancelled", "order_id": "P-1", "reason": "z\u{0}".repeat(100_000)}),
        json!({"id": "m-2", "type": "w".repeat(900_000), "order_id": "P-1"}),
        json!({"id": "m-3", "type": "order.state", "version": 1, "order_id": "P-1", "updates": parcels}),
    ];
    for body in bodies {
        app.report_accepted(&acme, "acme", &body).await;
    }
    app.wait_until_callbacks_processed().await;
    let large = "SELECT count(*) FROM (
            SELECT octet_length(content) FROM callbacks UNION ALL SELECT octet_length(state) FROM order_reports
            UNION ALL SELECT octet_length(report) FROM order_reports) kept(bytes)
        WHERE bytes > 260000";
    app.wait_for_count(large, 0).await;
    app.wait_for_applied_callbacks(4).await;
    app.finish().await;
}

#[tokio::test]
async fn a_ucp_signature_holds_for_the_public_url_alone() {
    let public = "https://hooks.example/gateway";
    let app = TestApp::start_with(|settings| settings.public_url = Some(public.to_owned())).await;
    let acme = callback_signer("ucp", 1);
    app.partner_with_callbacks("acme", "standard", &acme).await;
    let now = OffsetDateTime::now_utc();
    let trial = br#"{"id":"m-1","type":"test"}"#;
    let inside = acme.message(app.base_url(), "acme", trial, now);
    app.send_callback(&inside)
        .await
        .problem(401, "signature-refused");
    let outside = acme.message(public, "acme", trial, now);
    assert_eq!(app.send_callback(&outside).await.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn settings_that_could_pass_nothing_or_anybody_are_not_saved() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let key = callback_signer("ucp", 1).settings()["public_keys"][0].clone();
    let rsa = json!({"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"});
    let secret = "a secret of a shop";
    for (callback, pointer, code) in [
        (
            json!({"scheme": "basic", "secret": secret}),
            "scheme",
            "unknown_value",
        ),
        (json!({"secret": secret}), "scheme", "missing"),
        (json!({"scheme": "acp"}), "secret", "missing"),
        (
            json!({"scheme": "acp", "secret": "short"}),
            "secret",
            "secret_malformed",
        ),
        (
            json!({"scheme": "standard-webhooks", "secret": secret}),
            "secret",
            "secret_malformed",
        ),
        (
            json!({"scheme": "acp", "secrets": [secret, "short"]}),
            "secrets",
            "secret_malformed",
        ),
        (
            json!({"scheme": "acp", "secrets": []}),
            "secrets",
            "wrong_count",
        ),
        (
            json!({"scheme": "acp", "public_keys": [key]}),
            "secret",
            "missing",
        ),
        (
            json!({"scheme": "ucp", "secret": secret}),
            "public_keys",
            "missing",
        ),
        (
            json!({"scheme": "ucp", "public_keys": [rsa]}),
            "public_keys",
            "public_key_malformed",
        ),
        (
            json!({"scheme": "acp", "secret": secret, "salt": "x"}),
            "salt",
            "unknown_field",
        ),
    ] {
        let answer = app.set_callback("acme", &callback).await;
        let errors = answer.problem(422, "body-invalid");
        let expected = (format!("/callback/{pointer}"), code.to_owned());
        assert!(errors.contains(&expected), "{callback}: {errors:?}");
    }
    let saved = app
        .set_callback(
            "acme",
            &json!({"scheme": "standard_webhooks", "secrets": ["whsec_MDEyMzQ1Njc4OWFiY2RlZg=="]}),
        )
        .await;
    assert_eq!(
        saved.json()["callback"],
        json!({"scheme": "standard-webhooks", "path": "/v1/partners/acme/callbacks"})
    );
    let shown = app.get("/v1/partners/acme", OPERATOR).await;
    assert!(Json::parse(&shown.bytes).is_ok() && !text(&shown).contains("whsec_"));
    app.finish().await;
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

#[tokio::test]
async fn an_old_copy_without_a_time_counts_once() {
    let app = TestApp::start().await;
    let acme = callback_signer("shopify", 1);
    app.partner_with_callbacks("acme", "standard", &acme).await;
    app.order(&order("P-1")).await;
    let refund = json!({"id": "m-1", "type": "order.refunded", "order_id": "P-1", "refund": {"amount": 100}});
    app.report_accepted(&acme, "acme", &refund).await;
    for _ in 0..5 {
        let again = app.report(&acme, "acme", &refund).await;
        assert_eq!(again.json()["status"], "duplicate");
    }
    app.wait_for_applied_callbacks(1).await;
    let notice: Value = app.get("/v1/orders/P-1", OPERATOR).await.json();
    assert_eq!(notice["reports"][0]["refunded"], 100);
    app.finish().await;
}
