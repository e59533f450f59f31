//! The Universal Commerce Protocol: every checkout fits the release's own schemas.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use jsonschema::{Retrieve, Uri};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Market, new_key};
use crate::support::api::Answer;

pub(super) const SESSIONS: &str = "/ucp/checkout-sessions";

/// The release's schemas, from their files.
struct Schemas;

impl Retrieve for Schemas {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let name = uri.as_str().strip_prefix("https://ucp.dev/").unwrap();
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/agents/ucp");
        let text = match name {
            // The profile's file lies elsewhere than its name says, and names the others from there.
            "schemas/discovery/profile.json" => {
                let profile = fs::read_to_string(folder.join("discovery/profile_schema.json"))?;
                profile.replace("../schemas/", "../")
            }
            other => fs::read_to_string(folder.join(other))?,
        };
        Ok(serde_json::from_str(&text)?)
    }
}

#[track_caller]
fn must_fit(name: &str, document: &Value) {
    let schema = json!({"$ref": format!("https://ucp.dev/schemas/{name}")});
    let validator = jsonschema::options().with_retriever(Schemas);
    let validator = validator.build(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(document)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
}

#[track_caller]
pub(super) fn must_be_profile(document: &Value) {
    must_fit("discovery/profile.json", document);
    must_be_bound(document);
}

/// A schema comes from the host whose name, reversed, begins the name of what it describes.
#[track_caller]
fn must_be_bound(document: &Value) {
    for registry in ["services", "capabilities", "payment_handlers"] {
        let entries = document["ucp"][registry].as_object();
        for (name, entry) in entries.into_iter().flatten() {
            let Some(schema) = entry[0]["schema"].as_str() else {
                continue;
            };
            let url: url::Url = schema.parse().unwrap();
            let labels: Vec<_> = url.host_str().unwrap().rsplit('.').collect();
            assert!(name.starts_with(&labels.join(".")), "{name}: {schema}");
        }
    }
}

/// The checkout of an answer, which fits the schema.
#[track_caller]
pub(super) fn checkout(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    let checkout = answer.json();
    must_fit("shopping/checkout.json", &checkout);
    must_be_bound(&checkout);
    let capability = &checkout["ucp"]["capabilities"]["dev.ucp.shopping.checkout"][0];
    assert!(capability["schema"].is_string(), "{checkout:#}");
    let methods = checkout["fulfillment"].clone();
    if !methods.is_null() {
        must_fit("shopping/types/fulfillment.json", &methods);
    }
    let sum: i64 = amounts(&checkout)
        .filter(|(kind, _)| kind != "total")
        .map(|(_, amount)| amount)
        .sum();
    assert_eq!(
        amounts(&checkout)
            .find(|(kind, _)| kind == "total")
            .unwrap()
            .1,
        sum,
        "{checkout:#}"
    );
    checkout
}

fn amounts(checkout: &Value) -> impl Iterator<Item = (String, i64)> + '_ {
    let totals = checkout["totals"].as_array().unwrap().iter();
    totals.map(|one| {
        (
            one["type"].as_str().unwrap().to_owned(),
            one["amount"].as_i64().unwrap(),
        )
    })
}

#[track_caller]
pub(super) fn error(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{answer:?}");
    let error = answer.json();
    assert_eq!(error["ucp"]["status"], "error", "{error:#}");
    must_fit("shopping/types/message_error.json", &error["messages"][0]);
    error["messages"][0]["code"].as_str().unwrap().to_owned()
}

impl Market {
    pub(super) async fn ucp(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: &Value,
    ) -> Answer {
        let mut request = self.app.request(method.clone(), path, &self.key);
        request = request.header(
            "ucp-agent",
            "profile=\"https://agent.example/.well-known/ucp\"",
        );
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        Answer::send(match method {
            Method::GET => request,
            _ => request.body(body.to_string()),
        })
        .await
    }

    async fn ucp_new(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.ucp(method, path, Some(&new_key()), body).await
    }
}

pub(super) fn cups(quantity: i64) -> Value {
    json!({"line_items": [{"id": "li_1", "item": {"id": "acme:item-0", "price": 1}, "quantity": quantity}]})
}

fn with_buyer(mut body: Value) -> Value {
    body["buyer"] = json!({"email": "ada@example.com", "first_name": "Ada", "last_name": "Byron"});
    body["fulfillment"] = json!({"methods": [{"id": "m1", "type": "shipping", "line_item_ids": ["li_1"],
        "destinations": [{"id": "d1", "street_address": "Torstraße 1", "address_locality": "Berlin",
                          "postal_code": "10119", "address_country": "DE"}],
        "selected_destination_id": "d1"}]});
    body
}

fn payment(token: &str) -> Value {
    json!({"payment": {"instruments": [{"id": "i1", "handler_id": "shared_payment_token", "type": "card",
        "selected": true, "credential": {"type": "token", "token": token}}]}})
}

/// The order of an answer, which fits the schema.
#[track_caller]
pub(super) fn order(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    let order = answer.json();
    must_fit("shopping/order.json", &order);
    order
}

/// Buys cups. The completed checkout.
pub(super) async fn buy(market: &Market, quantity: i64) -> Value {
    let body = with_buyer(cups(quantity));
    let ready = checkout(&market.ucp_new(Method::POST, SESSIONS, &body).await, 201);
    let path = format!("{SESSIONS}/{}/complete", ready["id"].as_str().unwrap());
    let paid = market
        .ucp_new(Method::POST, &path, &payment("spt_test_visa"))
        .await;
    checkout(&paid, 200)
}

fn codes(checkout: &Value) -> Vec<&str> {
    let messages = checkout["messages"].as_array().unwrap().iter();
    messages.map(|one| one["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_agent_buys_by_ucp() {
    let market = Market::open().await;
    let opened = checkout(&market.ucp_new(Method::POST, SESSIONS, &cups(2)).await, 201);
    assert_eq!(opened["status"], "incomplete");
    assert!(
        codes(&opened).iter().all(|code| *code == "missing"),
        "{opened:#}"
    );
    let path = format!("{SESSIONS}/{}", opened["id"].as_str().unwrap());
    let ready = checkout(
        &market
            .ucp_new(Method::PUT, &path, &with_buyer(cups(2)))
            .await,
        200,
    );
    assert_eq!(
        (&ready["status"], codes(&ready)),
        (&json!("ready_for_complete"), vec![])
    );
    let group = &ready["fulfillment"]["methods"][0]["groups"][0];
    assert_eq!(
        (
            &group["selected_option_id"],
            group["options"].as_array().unwrap().len()
        ),
        (&json!("std"), 2)
    );
    // All of it again, with another choice and our own ids.
    let mut fast = with_buyer(cups(2));
    fast["fulfillment"]["methods"] = ready["fulfillment"]["methods"].clone();
    fast["fulfillment"]["methods"][0]["groups"] =
        json!([{"id": group["id"], "selected_option_id": "fast"}]);
    let fast = checkout(&market.ucp_new(Method::PUT, &path, &fast).await, 200);
    assert_eq!(amounts(&fast).last().unwrap(), ("total".to_owned(), 3_290));
    let complete = format!("{path}/complete");
    let declined = checkout(
        &market
            .ucp_new(Method::POST, &complete, &payment("spt_test_declined"))
            .await,
        200,
    );
    assert_eq!(
        (&declined["status"], codes(&declined)),
        (&json!("ready_for_complete"), vec!["payment_failed"])
    );
    let bought = market
        .ucp_new(Method::POST, &complete, &payment("spt_test_visa"))
        .await;
    assert!(!String::from_utf8_lossy(&bought.bytes).contains("spt_test"));
    let bought = checkout(&bought, 200);
    assert_eq!(bought["status"], "completed", "{bought:#}");
    assert!(bought["order"]["id"].as_str().unwrap().starts_with("ord_"));
    assert_eq!(market.count("SELECT count(*) FROM orders").await, 1);
    let order = format!("/ucp/orders/{}", bought["order"]["id"].as_str().unwrap());
    let order = self::order(&market.ucp(Method::GET, &order, None, &json!({})).await);
    assert_eq!(
        (&order["checkout_id"], &order["totals"]),
        (&bought["id"], &bought["totals"])
    );
    for (method, path) in [(Method::PUT, &path), (Method::POST, &complete)] {
        let body = match method {
            Method::PUT => cups(1),
            _ => payment("spt_test_visa"),
        };
        assert_eq!(
            error(&market.ucp_new(method, path, &body).await, 409),
            "checkout_ended"
        );
    }
    let cancel = market
        .ucp_new(Method::POST, &format!("{path}/cancel"), &json!({}))
        .await;
    assert_eq!(error(&cancel, 409), "checkout_ended");
    let read = checkout(&market.ucp(Method::GET, &path, None, &json!({})).await, 200);
    assert_eq!(read["status"], "completed");
    market.app.stop().await;
}

#[tokio::test]
async fn the_bank_escalates_to_the_buyer() {
    let market = Market::open().await;
    let ready = checkout(
        &market
            .ucp_new(Method::POST, SESSIONS, &with_buyer(cups(1)))
            .await,
        201,
    );
    let path = format!("{SESSIONS}/{}/complete", ready["id"].as_str().unwrap());
    let token = payment("spt_test_authentication_required");
    let challenged = checkout(&market.ucp_new(Method::POST, &path, &token).await, 200);
    assert_eq!(
        challenged["status"], "requires_escalation",
        "{challenged:#}"
    );
    assert_eq!(
        challenged["messages"][0]["severity"],
        "requires_buyer_input"
    );
    let expected = format!("http://{}/", market.processor);
    assert!(
        challenged["continue_url"]
            .as_str()
            .unwrap()
            .starts_with(&expected),
        "{challenged:#}"
    );
    let cancel = format!("{SESSIONS}/{}/cancel", ready["id"].as_str().unwrap());
    let cancelled = checkout(
        &market.ucp_new(Method::POST, &cancel, &json!({})).await,
        200,
    );
    assert_eq!(cancelled["status"], "canceled");
    let intent = &market.at_processor("/v1/payment_intents").await[0];
    assert_eq!(intent["status"], "canceled", "nothing can be paid any more");
    market.app.stop().await;
}

#[tokio::test]
async fn what_ucp_refuses_has_its_own_form() {
    let market = Market::open().await;
    let nothing = market
        .ucp_new(
            Method::POST,
            SESSIONS,
            &json!({"line_items": [{"item": {"id": "acme:none"}, "quantity": 1}]}),
        )
        .await;
    assert_eq!(error(&nothing, 200), "item_unavailable");
    assert_eq!(nothing.json()["messages"][1]["code"], "not_found");
    let invalid = market
        .ucp_new(
            Method::POST,
            SESSIONS,
            &json!({"line_items": [{"item": {"id": "acme:item-0"}}]}),
        )
        .await;
    assert_eq!(error(&invalid, 400), "missing");
    let path = format!("{SESSIONS}/chk_00000000000000000000000000000000");
    assert_eq!(
        error(&market.ucp(Method::GET, &path, None, &json!({})).await, 404),
        "not_found"
    );
    let anonymous = market.app.request(Method::GET, &path, &market.key);
    assert_eq!(
        error(&Answer::send(anonymous).await, 400),
        "invalid_profile_url"
    );
    let old = market.app.request(Method::GET, &path, &market.key);
    let old = old.header(
        "ucp-agent",
        "profile=\"https://a.example/.well-known/ucp\"; version=\"2020-01-01\"",
    );
    assert_eq!(error(&Answer::send(old).await, 422), "version_unsupported");
    let unknown = market
        .app
        .request(Method::GET, &path, "bw_unknown_key_0123456789abcdefghijk");
    assert_eq!(error(&Answer::send(unknown).await, 401), "key_unknown");
    // A session of the other protocol does not exist here.
    let other = market.acp_session(&super::acp::cups(1)).await;
    let path = format!("{SESSIONS}/{}", other["id"].as_str().unwrap());
    assert_eq!(
        error(&market.ucp(Method::GET, &path, None, &json!({})).await, 404),
        "not_found"
    );
    market.app.stop().await;
}
