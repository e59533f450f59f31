//! Who may buy by an agent: an item that posts sell is sold to those whom one of them is open to.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Market, acp, new_key, ucp};
use crate::support::post::RolloutVector;

/// Whether the session offers its first line. What is not offered is not for sale, in the protocol's own words.
fn is_offered(session: &Value) -> bool {
    let messages = session["messages"].as_array().unwrap();
    let of_line = messages.iter().find(|one| {
        let at = one["param"].as_str().or(one["path"].as_str());
        at == Some("$.line_items[0]")
    });
    if let Some(message) = of_line {
        let code = message["code"].as_str().unwrap();
        assert!(
            ["unsupported", "item_unavailable"].contains(&code),
            "{message}"
        );
    }
    of_line.is_none()
}

fn as_customer(id: &str) -> Value {
    let mut body = acp::with_buyer(acp::cups(1));
    body["buyer"]["customer_id"] = json!(id);
    body
}

impl Market {
    /// Whether a new UCP checkout offers its line.
    async fn ucp_offers(&self, body: &Value) -> bool {
        let answer = self
            .ucp(Method::POST, ucp::SESSIONS, Some(&new_key()), body)
            .await;
        assert!((200..300).contains(&answer.status), "{answer:?}");
        is_offered(&answer.json())
    }
}

#[tokio::test]
async fn the_agent_is_answered_25_of_25_times_as_another_implementation_does() {
    let market = Market::open().await;
    market.app.published("acme", "item-0", json!({})).await;
    let post = market.app.fix_post_id().await;
    for vector in RolloutVector::all() {
        market
            .app
            .roll_out(&post, json!({"percent": vector.percent}))
            .await;
        let session = market.acp_session(&as_customer(vector.viewer)).await;
        let status = match vector.may_buy {
            true => "ready_for_payment",
            false => "not_ready_for_payment",
        };
        let results = (is_offered(&session), session["status"].as_str());
        assert_eq!(results, (vector.may_buy, Some(status)), "{vector:?}");
        // Without an id nobody is within a percentage.
        let unknown = market.acp_session(&acp::with_buyer(acp::cups(1))).await;
        assert_eq!(is_offered(&unknown), vector.percent >= 100.0, "{vector:?}");
    }
    market.app.stop().await;
}

#[tokio::test]
async fn a_session_that_was_ready_is_not_paid_once_the_rollout_excludes_its_buyer() {
    let market = Market::open().await;
    let post = market.app.published("acme", "item-0", json!({})).await;
    let ready = market.acp_session(&as_customer("c-1")).await;
    assert_eq!(ready["status"], "ready_for_payment");
    market.app.roll_out(&post, json!({"percent": 0})).await;
    let refused = market.acp_complete(&acp::id(&ready), "spt_test_visa").await;
    let refused = acp::session(&refused, 200);
    assert!(!is_offered(&refused), "{refused:#}");
    assert_eq!(refused["status"], "not_ready_for_payment");
    assert_eq!(market.at_processor("/v1/payment_intents").await.len(), 0);
    market.app.roll_out(&post, json!({"percent": 100})).await;
    let path = format!("{}/{}", acp::SESSIONS, acp::id(&ready));
    let again = market.acp_post_with(&path, &new_key(), &json!({})).await;
    assert!(is_offered(&acp::session(&again, 200)));
    let bought = market.acp_complete(&acp::id(&ready), "spt_test_visa").await;
    assert_eq!(acp::session(&bought, 200)["status"], "completed");
    market.app.stop().await;
}

#[tokio::test]
async fn country_and_language_are_what_the_protocol_says() {
    let market = Market::open().await;
    let post = market.app.published("acme", "item-0", json!({})).await;
    market
        .app
        .roll_out(&post, json!({"percent": 100, "countries": ["DE"]}))
        .await;
    let mut unknown = ucp::cups(1);
    assert!(!market.ucp_offers(&unknown).await);
    unknown["context"] = json!({"address_country": "DE"});
    assert!(market.ucp_offers(&unknown).await);
    // The address goes before the hint.
    let shipped = |country: &str| {
        json!({"methods": [{"id": "m1", "type": "shipping", "line_item_ids": ["li_1"],
        "destinations": [{"id": "d1", "address_country": country}], "selected_destination_id": "d1"}]})
    };
    unknown["fulfillment"] = shipped("FR");
    assert!(!market.ucp_offers(&unknown).await);
    unknown["context"] = json!({});
    unknown["fulfillment"] = shipped("DE");
    assert!(market.ucp_offers(&unknown).await);
    assert!(!is_offered(&market.acp_session(&acp::cups(1)).await));
    assert!(is_offered(
        &market.acp_session(&acp::with_buyer(acp::cups(1))).await
    ));

    let rollout = json!({"percent": 100, "languages": ["de"], "platforms": ["ucp"]});
    market.app.roll_out(&post, rollout).await;
    let mut german = ucp::cups(1);
    german["context"] = json!({"language": "de-AT"});
    assert!(market.ucp_offers(&german).await);
    german["context"] = json!({"language": "fr"});
    assert!(!market.ucp_offers(&german).await);
    let mut by_acp = acp::with_buyer(acp::cups(1));
    by_acp["locale"] = json!("de");
    assert!(
        !is_offered(&market.acp_session(&by_acp).await),
        "another platform"
    );
    market.app.stop().await;
}

#[tokio::test]
async fn one_open_post_is_enough_and_an_item_without_a_current_one_is_sold_as_the_catalog_says() {
    let market = Market::open().await;
    let offers = async || is_offered(&market.acp_session(&acp::with_buyer(acp::cups(1))).await);
    assert!(offers().await, "no post");
    market.app.draft("acme", "item-0", json!({})).await;
    assert!(offers().await, "a draft");
    let later = json!({"starts_at": "2099-01-01T00:00:00Z"});
    let later = market.app.published("acme", "item-0", later).await;
    assert!(!offers().await, "its sale has not started");
    let closed = json!({"rollout": {"percent": 0}});
    market.app.published("acme", "item-0", closed).await;
    assert!(!offers().await);
    let open = market.app.published("acme", "item-0", json!({})).await;
    assert!(offers().await, "one of three");
    market.app.post_action(&open, "withdraw").await;
    assert!(!offers().await);
    market
        .app
        .sql
        .execute("UPDATE posts SET rollout = '{\"percent\": 100}'", &[])
        .await
        .unwrap();
    assert!(offers().await);
    let over = "UPDATE posts SET ends_at = now() WHERE state = 'live'";
    market.app.sql.execute(over, &[]).await.unwrap();
    assert!(!offers().await, "only the one that has not started is left");
    market.app.post_action(&later, "withdraw").await;
    assert!(offers().await, "none is left");
    market.app.stop().await;
}
