//! Sessions before the payment: what they say, what they miss, who sees them.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    SESSIONS, VERSION, address, cups, error, id, messages, must_fit, session, total, with_buyer,
};
use crate::agents::{Market, new_key, taxes};
use crate::support::api::{Answer, OPERATOR, PLATFORM};

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(one, two)| ((*one).to_owned(), (*two).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_session_says_what_is_missing_until_nothing_is() {
    let market = Market::open().await;
    let opened = market.acp_session(&cups(2)).await;
    assert_eq!(opened["status"], "not_ready_for_payment");
    assert_eq!(
        messages(&opened),
        pairs(&[
            ("missing", "$.buyer.email"),
            ("missing", "$.buyer.full_name"),
            ("missing", "$.fulfillment_details.address"),
        ])
    );
    // The agent's price is ignored.
    assert_eq!(total(&opened, "total"), Some(2_000));
    assert_eq!(opened["currency"], "eur");
    let path = format!("{SESSIONS}/{}", id(&opened));
    let addressed = json!({"fulfillment_details": {"address": address()}});
    let addressed = session(&market.acp_post(&path, &addressed).await, 200);
    assert_eq!(messages(&addressed), pairs(&[("missing", "$.buyer.email")]));
    // Delivery and taxes are shown before it can be paid: 20.00 and 4.90, with 19 % in them.
    assert_eq!(
        (total(&addressed, "total"), total(&addressed, "tax")),
        (Some(2_490), Some(397))
    );
    let options = addressed["fulfillment_options"].as_array().unwrap();
    assert_eq!(options.len(), 2);
    let buyer = json!({"buyer": {"email": "ada@example.com"}});
    let ready = session(&market.acp_post(&path, &buyer).await, 200);
    assert_eq!(
        (&ready["status"], messages(&ready)),
        (&json!("ready_for_payment"), pairs(&[]))
    );
    let fast = json!({"selected_fulfillment_options":
        [{"type": "shipping", "option_id": "acme:fast", "item_ids": [ready["line_items"][0]["id"]]}]});
    let fast = session(&market.acp_post(&path, &fast).await, 200);
    assert_eq!(total(&fast, "total"), Some(3_290));
    assert_eq!(
        fast["selected_fulfillment_options"][0]["option_id"],
        "acme:fast"
    );
    let read = session(&market.acp_get(&path).await, 200);
    assert_eq!(read["totals"], fast["totals"]);
    assert_eq!(read["buyer"]["email"], "ada@example.com");
    market.app.stop().await;
}

#[tokio::test]
async fn totals_add_up_with_and_without_tax_in_the_prices() {
    let market = Market::open().await;
    market.sell("netto", &taxes(false)).await;
    for (item, expected) in [("acme:item-0", 1_490), ("netto:item-0", 1_773)] {
        let mut body = with_buyer(cups(1));
        body["line_items"][0]["id"] = json!(item);
        let ready = market.acp_session(&body).await;
        assert_eq!(ready["status"], "ready_for_payment", "{ready:#}");
        let sum = ["subtotal", "fulfillment", "tax"].map(|kind| total(&ready, kind).unwrap());
        assert_eq!(
            (sum.iter().sum::<i64>(), total(&ready, "total")),
            (expected, Some(expected))
        );
    }
    let mut both = with_buyer(cups(1));
    both["line_items"] = json!([{"id": "acme:item-0"}, {"id": "netto:item-0"}]);
    let both = market.acp_session(&both).await;
    assert_eq!(both["status"], "not_ready_for_payment");
    assert_eq!(messages(&both)[0].0, "unsupported", "{both:#}");
    market.app.stop().await;
}

#[tokio::test]
async fn items_have_two_names_and_duplicates_are_one_line() {
    let market = Market::open().await;
    let products = market
        .app
        .get("/v1/products?partner=acme", OPERATOR)
        .await
        .json();
    let products = products["data"].as_array().unwrap();
    let product = products
        .iter()
        .find(|one| one["item"]["id"] == "item-1")
        .unwrap();
    let product = product["id"].as_str().unwrap();
    let mut body = with_buyer(cups(1));
    body["line_items"] = json!([{"id": product, "quantity": 1}, {"id": product, "quantity": 2.0}]);
    let bought = market.acp_session(&body).await;
    let lines = bought["line_items"].as_array().unwrap();
    assert_eq!(
        (lines.len(), &lines[0]["quantity"], &lines[0]["item"]["id"]),
        (1, &json!(3), &json!(product))
    );
    // As releases before 2026-01-30 have it, with an unknown item beside.
    let old = json!({"items": [{"id": "acme:item-2", "quantity": 1}, {"id": "acme:nothing"}, {"id": "?"}], "currency": "EUR"});
    let old = market.acp_session(&old).await;
    assert_eq!(old["status"], "not_ready_for_payment");
    let unknown = pairs(&[
        ("not_found", "$.line_items[1]"),
        ("not_found", "$.line_items[2]"),
    ]);
    assert_eq!(messages(&old)[..2], unknown);
    assert_eq!(old["line_items"].as_array().unwrap().len(), 3);
    market.app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_path() {
    let market = Market::open().await;
    let refused = async |body: Value| {
        let answer = market.acp_post(SESSIONS, &body).await;
        let code = error(&answer, 400);
        (
            code,
            answer.json()["param"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let expected = |code: &str, param: &str| (code.to_owned(), param.to_owned());
    assert_eq!(
        refused(json!({"currency": "eur"})).await,
        expected("missing", "$.line_items")
    );
    assert_eq!(refused(json!([])).await, expected("invalid", "$"));
    let without = json!({"line_items": [{"quantity": 1}], "currency": "eur"});
    assert_eq!(
        refused(without).await,
        expected("missing", "$.line_items[0].id")
    );
    let none = json!({"line_items": [{"id": "acme:item-0", "quantity": 0}], "currency": "eur"});
    assert_eq!(
        refused(none).await,
        expected("invalid", "$.line_items[0].quantity")
    );
    let mut other = cups(1);
    other["currency"] = json!("usd");
    assert_eq!(
        refused(other).await,
        expected("currency_unsupported", "$.currency")
    );
    let mut card = cups(1);
    card["order_notes"] = json!("my card is 4242 4242 4242 4242");
    assert_eq!(
        refused(card).await,
        expected("card_number", "$.order_notes")
    );
    let malformed = market
        .acp(Method::POST, SESSIONS, &market.key)
        .header("idempotency-key", new_key());
    assert_eq!(
        error(&Answer::send(malformed.body("{")).await, 400),
        "invalid_json"
    );
    assert_eq!(market.count("SELECT count(*) FROM checkouts").await, 0);
    market.app.stop().await;
}

#[tokio::test]
async fn the_address_is_read_by_its_countrys_rules() {
    let market = Market::open().await;
    let mut body = with_buyer(cups(1));
    body["fulfillment_details"]["address"]["postal_code"] = json!("1");
    let wrong = market.acp_session(&body).await;
    assert_eq!(
        messages(&wrong),
        pairs(&[("invalid", "$.fulfillment_details.address.postal_code")])
    );
    body["fulfillment_details"]["address"] = json!({"name": "Ada", "line_one": "1", "city": "Tokyo", "state": "",
        "country": "JP", "postal_code": "100-0001"});
    let far = market.acp_session(&body).await;
    assert!(
        messages(&far)
            .iter()
            .any(|(code, _)| code == "missing" || code == "region_restricted"),
        "{far:#}"
    );
    body["fulfillment_details"]["address"] = json!({"name": "Ada", "line_one": "1 Main St", "city": "Oakland",
        "state": "CA", "country": "US", "postal_code": "94607"});
    let untaxed = market.acp_session(&body).await;
    assert_eq!(
        messages(&untaxed),
        pairs(&[("region_restricted", "$.fulfillment_details.address")])
    );
    market.app.stop().await;
}

#[tokio::test]
async fn versions_and_keys_are_demanded_and_come_back() {
    let market = Market::open().await;
    let path = format!("{SESSIONS}/chk_00000000000000000000000000000000");
    let missing = Answer::send(market.app.request(Method::GET, &path, &market.key)).await;
    assert_eq!(error(&missing, 400), "missing_api_version");
    assert_eq!(missing.json()["supported_versions"], json!([VERSION]));
    let old = market
        .app
        .request(Method::GET, &path, &market.key)
        .header("api-version", "2025-09-29");
    assert_eq!(
        error(&Answer::send(old).await, 400),
        "unsupported_api_version"
    );
    let keyless = market
        .acp(Method::POST, SESSIONS, &market.key)
        .body(cups(1).to_string());
    assert_eq!(
        error(&Answer::send(keyless).await, 400),
        "idempotency_key_required"
    );
    let unknown = market
        .acp(Method::GET, &path, &market.key)
        .header("request-id", "req-1");
    let unknown = Answer::send(unknown).await;
    assert_eq!(error(&unknown, 404), "not_found");
    assert_eq!(unknown.header("request-id"), Some("req-1"));
    let created = market
        .acp(Method::POST, SESSIONS, &market.key)
        .header("request-id", "req-2");
    let created = created
        .header("idempotency-key", "k-1")
        .body(cups(1).to_string());
    let created = Answer::send(created).await;
    session(&created, 201);
    assert_eq!(
        (
            created.header("idempotency-key"),
            created.header("request-id")
        ),
        (Some("k-1"), Some("req-2"))
    );
    for (key, status, code) in [
        ("bw_unknown_key_0123456789abcdefghijk", 401, "key_unknown"),
        (PLATFORM, 403, "forbidden"),
    ] {
        let answer = Answer::send(market.acp(Method::GET, &path, key)).await;
        assert_eq!(error(&answer, status), code);
    }
    let put = Answer::send(market.acp(Method::PUT, &path, &market.key)).await;
    assert_eq!(put.status, 405);
    market.app.stop().await;
}

#[tokio::test]
async fn an_agent_sees_its_own_sessions_only() {
    let market = Market::open().await;
    let own = market.acp_session(&with_buyer(cups(1))).await;
    let other = market.agent("another agent").await;
    let path = format!("{SESSIONS}/{}", id(&own));
    let read = Answer::send(market.acp(Method::GET, &path, &other)).await;
    assert_eq!(error(&read, 404), "not_found");
    for path in [
        path.clone(),
        format!("{path}/cancel"),
        format!("{path}/complete"),
    ] {
        let request = market
            .acp(Method::POST, &path, &other)
            .header("idempotency-key", new_key());
        let answer = Answer::send(request.body("{}")).await;
        assert_eq!(error(&answer, 404), "not_found");
    }
    for path in ["/v1/orders", "/v1/checkouts", "/v1/products"] {
        assert_eq!(
            market.app.get(path, &market.key).await.status,
            403,
            "{path}"
        );
    }
    let codes = json!({"discounts": {"codes": ["TEN"]}});
    let coded = session(&market.acp_post(&path, &codes).await, 200);
    assert_eq!(coded["status"], "ready_for_payment");
    assert_eq!(
        coded["discounts"]["rejected"][0]["reason"],
        "discount_code_invalid"
    );
    must_fit(&super::SESSION, &coded);
    market.app.stop().await;
}
