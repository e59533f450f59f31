//! A request with a key is carried out once, in both protocols, whatever comes beside it.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::acp::{self, SESSIONS};
use super::{Market, new_key, ucp};
use crate::support::api::Answer;

#[tokio::test]
async fn a_hundred_equal_bodies_make_one_session_and_a_hundred_others_none() {
    let market = Market::open().await;
    let key = new_key();
    let first = market.acp_post_with(SESSIONS, &key, &acp::cups(1)).await;
    acp::session(&first, 201);
    for round in 0..100 {
        // The same value in another spelling.
        let text = match round % 2 {
            0 => acp::cups(1).to_string(),
            _ => r#"{ "capabilities": {"interventions":{"supported":["3ds"]}}, "currency": "eur",
                "line_items": [{"unit_amount": 1.0, "quantity": 1.0, "id": "acme:item-0"}] }"#
                .to_owned(),
        };
        let request = market
            .acp(Method::POST, SESSIONS, &market.key)
            .header("idempotency-key", &key);
        let again = Answer::send(request.body(text)).await;
        assert_eq!((again.status, &again.bytes), (201, &first.bytes));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    for round in 0..100 {
        let mut other = acp::cups(1);
        match round % 4 {
            0 => other["line_items"][0]["quantity"] = json!(round + 2),
            1 => other["metadata"] = json!(null),
            2 => other["line_items"] = json!([{"id": "acme:item-1"}]),
            _ => other["extra"] = json!(round),
        }
        let refused = market.acp_post_with(SESSIONS, &key, &other).await;
        assert_eq!(acp::error(&refused, 422), "idempotency_conflict");
    }
    assert_eq!(market.count("SELECT count(*) FROM checkouts").await, 1);
    // The key of another path or agent is another key.
    let path = format!("{SESSIONS}/{}/cancel", acp::id(&first.json()));
    acp::session(&market.acp_post_with(&path, &key, &json!({})).await, 200);
    let other = market.agent("another").await;
    let request = market
        .acp(Method::POST, SESSIONS, &other)
        .header("idempotency-key", &key);
    let other = Answer::send(request.body(acp::cups(1).to_string())).await;
    assert_ne!(acp::id(&acp::session(&other, 201)), acp::id(&first.json()));
    market.app.stop().await;
}

#[tokio::test]
async fn of_many_at_once_one_pays_and_the_others_wait_or_read_its_answer() {
    let market = Market::open().await;
    let ready = market.acp_session(&acp::with_buyer(acp::cups(1))).await;
    let path = format!("{SESSIONS}/{}/complete", acp::id(&ready));
    let (key, body) = (new_key(), acp::payment("spt_test_visa"));
    market.fault("create_intent", "delay", 700).await;
    let many = (0..20).map(|_| market.acp_post_with(&path, &key, &body));
    let mut statuses = BTreeMap::<u16, usize>::new();
    for answer in join_all(many).await {
        *statuses.entry(answer.status).or_default() += 1;
        match answer.status {
            200 => assert_eq!(acp::session(&answer, 200)["status"], "completed"),
            _ => {
                assert_eq!(acp::error(&answer, 409), "idempotency_in_flight");
                assert!(answer.header("retry-after").is_some());
            }
        }
    }
    assert!(
        statuses.get(&409).is_some_and(|count| *count > 0),
        "{statuses:?}"
    );
    let replayed = market.acp_post_with(&path, &key, &body).await;
    assert_eq!(replayed.header("idempotent-replayed"), Some("true"));
    assert_eq!(market.count("SELECT count(*) FROM orders").await, 1);
    assert_eq!(market.at_processor("/v1/payment_intents").await.len(), 1);
    market.app.stop().await;
}

#[tokio::test]
async fn a_process_that_takes_over_makes_nothing_twice() {
    let market = Market::open().await;
    let (key, body) = (new_key(), acp::with_buyer(acp::cups(1)));
    let first = acp::session(&market.acp_post_with(SESSIONS, &key, &body).await, 201);
    let path = format!("{SESSIONS}/{}/complete", acp::id(&first));
    let (paying, token) = (new_key(), acp::payment("spt_test_declined"));
    acp::session(&market.acp_post_with(&path, &paying, &token).await, 200);
    // As if the process had died before it answered.
    let forget =
        "UPDATE idempotent_requests SET status = NULL, answer = NULL, claimed_until = now()";
    market.app.sql.execute(forget, &[]).await.unwrap();
    let again = acp::session(&market.acp_post_with(&path, &paying, &token).await, 200);
    assert_eq!(again["status"], "ready_for_payment");
    assert_eq!(
        market.at_processor("/v1/payment_intents").await.len(),
        1,
        "one request, one attempt"
    );
    let reopened = market.acp_post_with(SESSIONS, &key, &body).await;
    assert_eq!(acp::id(&acp::session(&reopened, 201)), acp::id(&first));
    assert_eq!(market.count("SELECT count(*) FROM checkouts").await, 1);
    market.app.stop().await;
}

#[tokio::test]
async fn nothing_of_a_buyer_or_token_is_stored_in_clear() {
    let market = Market::open().await;
    let ready = market.acp_session(&acp::with_buyer(acp::cups(1))).await;
    market.fault("create_intent", "error_after_commit", 0).await;
    market.acp_complete(&acp::id(&ready), "spt_test_visa").await;
    for table in [
        "checkouts",
        "idempotent_requests",
        "payments",
        "checkout_effects",
    ] {
        for secret in ["spt_test", "ada@example.com", "Byron", "Torstra"] {
            let query = format!(
                "SELECT count(*) FROM {table} t WHERE t::text LIKE '%{secret}%' OR encode(t::text::bytea, 'escape') LIKE '%{secret}%'"
            );
            assert_eq!(market.count(&query).await, 0, "{table} {secret}");
        }
        let hex = "7370745f74657374";
        let query = format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%{hex}%'");
        assert_eq!(market.count(&query).await, 0, "{table}");
    }
    market.app.stop().await;
}

#[tokio::test]
async fn ucp_answers_a_reused_key_with_409_and_needs_none() {
    let market = Market::open().await;
    let key = new_key();
    let body = ucp::cups(1);
    let first = market
        .ucp(Method::POST, ucp::SESSIONS, Some(&key), &body)
        .await;
    ucp::checkout(&first, 201);
    let again = market
        .ucp(Method::POST, ucp::SESSIONS, Some(&key), &body)
        .await;
    assert_eq!((again.status, &again.bytes), (201, &first.bytes));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    for quantity in 2..102 {
        let refused = market
            .ucp(
                Method::POST,
                ucp::SESSIONS,
                Some(&key),
                &ucp::cups(quantity),
            )
            .await;
        assert_eq!(ucp::error(&refused, 409), "idempotency_conflict");
    }
    let keyless = market.ucp(Method::POST, ucp::SESSIONS, None, &body).await;
    assert_ne!(ucp::checkout(&keyless, 201)["id"], first.json()["id"]);
    market.app.stop().await;
}
