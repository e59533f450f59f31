//! Agents pay with a token: captured, declined, authenticated, sold out, unknown.

use serde_json::json;

use super::{SESSIONS, cups, error, id, messages, payment, session, total, with_buyer};
use crate::agents::Market;
use crate::support::api::{OPERATOR, PLATFORM};

#[tokio::test]
async fn an_agent_buys_two_cups_and_the_seller_gets_one_order() {
    let market = Market::open().await;
    market.set_stock("item-0", 5).await;
    let ready = market.acp_session(&with_buyer(cups(2))).await;
    assert_eq!(ready["status"], "ready_for_payment", "{ready:#}");
    assert_eq!(total(&ready, "total"), Some(2_490));
    let bought = session(
        &market.acp_complete(&id(&ready), "spt_test_visa").await,
        200,
    );
    assert_eq!(bought["status"], "completed", "{bought:#}");
    let order = bought["order"]["id"].as_str().unwrap();
    let path = format!("/v1/orders/{order}");
    let stored = market.app.get(&path, PLATFORM).await.json();
    assert_eq!(stored["order"]["total"], 2_490, "{stored:#}");
    assert_eq!(stored["order"]["lines"][0]["quantity"], 2);
    let paid = market.at_processor("/v1/payment_intents").await;
    assert_eq!(paid.len(), 1);
    assert_eq!(
        (&paid[0]["status"], &paid[0]["amount_received"]),
        (&json!("succeeded"), &json!(2_490))
    );
    let level = market
        .app
        .get("/v1/partners/acme/stock/item-0", OPERATOR)
        .await
        .json();
    assert_eq!((&level["sold"], &level["held"]), (&json!(2), &json!(0)));
    let again = session(
        &market.acp_get(&format!("{SESSIONS}/{}", id(&ready))).await,
        200,
    );
    assert_eq!(again["order"]["id"], order);
    let kept = market
        .count("SELECT count(*) FROM checkouts WHERE payment_token IS NOT NULL")
        .await;
    assert_eq!(kept, 0, "the token is not kept");
    market.app.stop().await;
}

#[tokio::test]
async fn a_declined_token_leaves_the_session_ready_for_another() {
    let market = Market::open().await;
    let ready = market.acp_session(&with_buyer(cups(1))).await;
    let declined = session(
        &market.acp_complete(&id(&ready), "spt_test_declined").await,
        200,
    );
    assert_eq!(declined["status"], "ready_for_payment", "{declined:#}");
    let expected = ("payment_declined".to_owned(), "$.payment_data".to_owned());
    assert_eq!(messages(&declined), [expected]);
    let bought = session(
        &market.acp_complete(&id(&ready), "spt_test_visa").await,
        200,
    );
    assert_eq!(bought["status"], "completed", "{bought:#}");
    assert_eq!(market.count("SELECT count(*) FROM orders").await, 1);
    market.app.stop().await;
}

#[tokio::test]
async fn a_declined_session_can_be_changed() {
    let market = Market::open().await;
    let ready = market.acp_session(&with_buyer(cups(1))).await;
    market.acp_complete(&id(&ready), "spt_test_declined").await;
    let path = format!("{SESSIONS}/{}", id(&ready));
    let more = json!({"line_items": [{"id": "acme:item-0", "quantity": 3}]});
    let changed = session(&market.acp_post(&path, &more).await, 200);
    assert_eq!(
        (&changed["status"], total(&changed, "total")),
        (&json!("ready_for_payment"), Some(3_490))
    );
    let bought = session(
        &market
            .acp_complete(&id(&ready), "spt_test_mastercard")
            .await,
        200,
    );
    assert_eq!(bought["status"], "completed", "{bought:#}");
    market.app.stop().await;
}

#[tokio::test]
async fn the_bank_asks_the_buyer_and_the_agent_completes_afterwards() {
    let market = Market::open().await;
    let ready = market.acp_session(&with_buyer(cups(1))).await;
    let token = "spt_test_authentication_required";
    let challenged = session(&market.acp_complete(&id(&ready), token).await, 200);
    assert_eq!(
        challenged["status"], "authentication_required",
        "{challenged:#}"
    );
    assert_eq!(messages(&challenged)[0].0, "requires_3ds");
    let refused = market.acp_complete(&id(&ready), token).await;
    assert_eq!(super::error(&refused, 400), "requires_3ds");
    assert_eq!(refused.json()["param"], "$.authentication_result");
    let page = challenged["continue_url"].as_str().unwrap();
    let client = crate::support::api::http_client();
    let confirm = client
        .post(page)
        .header("content-type", "application/x-www-form-urlencoded");
    let _ = confirm.body("outcome=confirm").send().await;
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    let mut proof = payment(token);
    proof["authentication_result"] = json!({"outcome": "authenticated"});
    let path = format!("{SESSIONS}/{}/complete", id(&ready));
    let bought = session(&market.acp_post(&path, &proof).await, 200);
    assert_eq!(bought["status"], "completed", "{bought:#}");
    assert_eq!(market.count("SELECT count(*) FROM orders").await, 1);
    market.app.stop().await;
}

#[tokio::test]
async fn an_unknown_outcome_is_in_progress_until_it_is_known() {
    let market = Market::open().await;
    let ready = market.acp_session(&with_buyer(cups(1))).await;
    market.fault("create_intent", "error_after_commit", 0).await;
    let unknown = session(
        &market.acp_complete(&id(&ready), "spt_test_visa").await,
        200,
    );
    assert_eq!(unknown["status"], "complete_in_progress", "{unknown:#}");
    let sealed = market
        .count("SELECT count(*) FROM checkouts WHERE payment_token IS NOT NULL")
        .await;
    assert_eq!(sealed, 1, "the request may have to be sent again");
    let path = format!("{SESSIONS}/{}", id(&ready));
    let busy = market
        .acp_post(&path, &json!({"line_items": [{"id": "acme:item-1"}]}))
        .await;
    assert_eq!(super::error(&busy, 409), "payment_in_progress");
    market.app.stop().await;
}

#[tokio::test]
async fn what_is_sold_out_is_not_paid() {
    let market = Market::open().await;
    market.set_stock("item-0", 1).await;
    let one = market.acp_session(&with_buyer(cups(1))).await;
    let two = market.acp_session(&with_buyer(cups(1))).await;
    let bought = session(&market.acp_complete(&id(&one), "spt_test_visa").await, 200);
    assert_eq!(bought["status"], "completed");
    let late = session(&market.acp_complete(&id(&two), "spt_test_visa").await, 200);
    assert_ne!(late["status"], "completed");
    assert_eq!(messages(&late)[0].0, "out_of_stock", "{late:#}");
    assert_eq!(market.at_processor("/v1/payment_intents").await.len(), 1);
    market.set_stock("item-1", 2).await;
    let mut many = with_buyer(cups(3));
    many["line_items"][0]["id"] = json!("acme:item-1");
    let many = market.acp_session(&many).await;
    assert_eq!(many["status"], "not_ready_for_payment");
    assert_eq!(messages(&many)[0].0, "out_of_stock", "{many:#}");
    let never = market.acp_session(&with_buyer(cups(1))).await;
    assert_eq!(never["status"], "not_ready_for_payment");
    assert_eq!(
        messages(&never),
        [("out_of_stock".to_owned(), "$.line_items[0]".to_owned())]
    );
    market.app.stop().await;
}

#[tokio::test]
async fn a_session_ends_once() {
    let market = Market::open().await;
    let ready = market.acp_session(&with_buyer(cups(1))).await;
    let cancel = format!("{SESSIONS}/{}/cancel", id(&ready));
    let body = json!({"intent_trace": {"reason_code": "comparison"}});
    let cancelled = session(&market.acp_post(&cancel, &body).await, 200);
    assert_eq!(cancelled["status"], "canceled");
    assert_eq!(
        super::error(&market.acp_post(&cancel, &body).await, 405),
        "not_cancelable"
    );
    let paid = market.acp_complete(&id(&ready), "spt_test_visa").await;
    assert_eq!(super::error(&paid, 409), "session_ended");
    let other = market.acp_session(&with_buyer(cups(1))).await;
    market.acp_complete(&id(&other), "spt_test_visa").await;
    let cancel = format!("{SESSIONS}/{}/cancel", id(&other));
    assert_eq!(
        super::error(&market.acp_post(&cancel, &json!({})).await, 405),
        "not_cancelable"
    );
    let update = market
        .acp_post(&format!("{SESSIONS}/{}", id(&other)), &cups(2))
        .await;
    assert_eq!(super::error(&update, 409), "session_ended");
    market.app.stop().await;
}

#[tokio::test]
async fn no_session_of_a_suspended_partner_begins_or_is_paid() {
    let market = Market::open().await;
    let ready = market.acp_session(&with_buyer(cups(1))).await;
    let set = async |status: &str| {
        let body = json!({"status": status});
        let path = "/v1/partners/acme";
        let changed = market
            .app
            .call(reqwest::Method::PATCH, path, OPERATOR, &body)
            .await;
        assert_eq!(changed.status, 200, "{changed:?}");
    };
    set("suspended").await;
    let new = market.acp_post(SESSIONS, &with_buyer(cups(1))).await;
    assert_eq!(error(&new, 503), "unavailable");
    let paid = market.acp_complete(&id(&ready), "spt_test_visa").await;
    assert_eq!(error(&paid, 503), "unavailable");
    assert_eq!(market.count("SELECT count(*) FROM checkouts").await, 1);
    assert!(market.at_processor("/v1/payment_intents").await.is_empty());
    set("active").await;
    let paid = market.acp_complete(&id(&ready), "spt_test_visa").await;
    assert_eq!(session(&paid, 200)["status"], "completed");
    market.app.stop().await;
}
