//! A card number is found nowhere, wherever a buyer, a browser, a link or an agent puts it.

use reqwest::Method;
use serde_json::{Value, json};

use super::canary::{cards_in, typed_card, with_card_anywhere};
use super::{Deployment, acp_cart, acp_payment, person, ucp_cart, ucp_payment};
use crate::checkout::GOOD;
use crate::support::api::{Answer, PLATFORM};
use crate::support::order::order;

/// Submits a form once for each field, with a card number in it. Returns how many were submitted.
async fn submit_with_cards<'a>(
    shop: &Deployment,
    path: &str,
    fields: &[(&'a str, &'a str)],
) -> usize {
    let extra = [("note", ""), ("cc-number", ""), ("4242424242424242", "")];
    let fields = [fields, &extra].concat();
    for changed in 0..fields.len() {
        let typed = typed_card(changed);
        let value = |(n, (name, value)): (usize, (&'a str, &'a str))| match n == changed {
            true if name == "email" || name == "contact" => {
                (name, format!("{}@example.com", typed.replace(' ', "")))
            }
            true => (name, typed.clone()),
            false => (name, value.to_owned()),
        };
        let pairs = fields
            .iter()
            .map(|(name, value)| (*name, *value))
            .enumerate()
            .map(value);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        let answer = shop.post(path, &form).await;
        assert!(answer.status < 500, "{path}: {answer:?}");
        let shown = cards_in(&answer.body());
        assert!(shown.is_empty(), "{path}: {}: {shown:?}", fields[changed].0);
    }
    fields.len()
}

/// Sends a document with a card number in each of its places. Returns how many were sent.
async fn send_with_cards(
    shop: &Deployment,
    method: Method,
    path: &str,
    key: &str,
    document: &Value,
) -> usize {
    let documents = with_card_anywhere(document);
    for document in &documents {
        let answer = shop.agent(method.clone(), path, key, document).await;
        assert!(answer.status < 500, "{path}: {document}: {answer:?}");
        let shown = cards_in(&answer.body());
        assert!(shown.is_empty(), "{path}: {document}: {answer:?}");
    }
    documents.len()
}

const BUYER: [(&str, &str); 17] = [
    ("option", "item-1"),
    ("quantity", "1"),
    ("email", "ada@example.com"),
    ("name", "Ada Byron"),
    ("phone", "+33142685300"),
    ("country", "FR"),
    ("line1", "1 rue X"),
    ("line2", "B"),
    ("dependent_locality", ""),
    ("sorting_code", ""),
    ("city", "Paris"),
    ("region", ""),
    ("postal_code", "75002"),
    ("delivery", "standard"),
    ("checkout", ""),
    ("lang", "en"),
    ("action", "continue"),
];

async fn type_on_pages(shop: &Deployment) -> usize {
    let mut sent = submit_with_cards(shop, &format!("/b/{}/buy", shop.slug), &BUYER).await;
    let (token, page) = shop.begin_as(&person(0)).await;
    shop.pay_at(&page, GOOD).await;
    shop.wait_for_words(&token, "Order confirmed").await;
    let pressed = [
        ("checkout", &*token),
        ("quote", "x"),
        ("total", "1490"),
        ("delivery", "standard"),
        ("consent", "yes"),
        ("lang", "en"),
    ];
    sent += submit_with_cards(shop, &format!("/b/{}/pay", shop.slug), &pressed).await;
    let statement = [
        ("name", "Ada"),
        ("order", "BW-1"),
        ("contact", "ada@example.com"),
        ("lang", "en"),
        ("confirm", "yes"),
    ];
    for end in ["extend", "cancel-payment", "withdraw", "cancel", "forget"] {
        // Unconfirmed, so that the order stays.
        let fields = match end {
            "withdraw" => &statement[..],
            _ => &statement[3..4],
        };
        sent += submit_with_cards(shop, &format!("/o/{token}/{end}"), fields).await;
    }
    sent
}

/// Card numbers where a browser, a link or a proxy may put them.
async fn put_into_queries_and_headers(shop: &Deployment, key: &str) -> usize {
    let slug = &shop.slug;
    let card = typed_card(0);
    let spaced = typed_card(1).replace(' ', "%20");
    let mut paths = vec![
        format!("/o/{card}"),
        format!("/b/{card}"),
        format!("/buy/acme:{card}:1"),
        format!("/shop/{card}"),
    ];
    for base in [
        format!("/b/{slug}"),
        format!("/b/{slug}/buy"),
        "/oembed".to_owned(),
        "/buy/acme:item-1:1".to_owned(),
        "/acp/checkout_sessions/x".to_owned(),
        "/ucp/checkout-sessions/x".to_owned(),
        "/v1/orders".to_owned(),
    ] {
        for name in [
            "checkout",
            "lang",
            "note",
            "url",
            "email",
            "q",
            "cc-number",
            "first_name",
            "order_id",
        ] {
            paths.push(format!("{base}?{name}={card}"));
            paths.push(format!("{base}?{name}={spaced}"));
        }
    }
    for path in &paths {
        let answer = shop.page(path).await;
        assert!(answer.status < 500, "{path}: {answer:?}");
    }
    let names = [
        "user-agent",
        "referer",
        "accept-language",
        "x-request-id",
        "idempotency-key",
        "ucp-agent",
        "api-version",
        "cookie",
        "x-forwarded-for",
        "origin",
        "traceparent",
        "request-id",
        "signature-input",
        "content-language",
    ];
    for (number, name) in names.iter().enumerate() {
        for path in [
            "/acp/checkout_sessions",
            "/ucp/checkout-sessions",
            "/v1/orders",
        ] {
            let request = shop
                .api
                .request(Method::POST, path, key)
                .header(*name, typed_card(number));
            let answer = Answer::send(request.body("{}")).await;
            assert!(answer.status < 500, "{name}: {answer:?}");
        }
        let request = shop
            .api
            .unauthenticated_request(Method::GET, &format!("/b/{slug}/buy"));
        let answer = Answer::send(request.header(*name, typed_card(number))).await;
        assert!(answer.status < 500, "{name}: {answer:?}");
    }
    paths.len() + names.len() * 4
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_number_that_is_typed_anywhere_is_found_nowhere() {
    let shop = Deployment::start_for_canaries().await;
    let key = shop.agent_key().await;
    let mut sent = type_on_pages(&shop).await;
    for (root, cart, payment, update) in [
        (
            "/acp/checkout_sessions",
            acp_cart(),
            acp_payment("spt_test_visa"),
            Method::POST,
        ),
        (
            "/ucp/checkout-sessions",
            ucp_cart(),
            ucp_payment("spt_test_visa"),
            Method::PUT,
        ),
    ] {
        sent += send_with_cards(&shop, Method::POST, root, &key, &cart).await;
        let session = shop.agent(Method::POST, root, &key, &cart).await;
        assert_eq!(session.status, 201, "{session:?}");
        let path = format!("{root}/{}", session.json()["id"].as_str().unwrap());
        sent += send_with_cards(&shop, update, &path, &key, &cart).await;
        sent += send_with_cards(
            &shop,
            Method::POST,
            &format!("{path}/complete"),
            &key,
            &payment,
        )
        .await;
        let bought = shop
            .agent(Method::POST, &format!("{path}/complete"), &key, &payment)
            .await;
        assert_eq!(bought.json()["status"], "completed", "{bought:?}");
        sent += send_with_cards(
            &shop,
            Method::POST,
            &format!("{path}/cancel"),
            &key,
            &json!({"reason": "x"}),
        )
        .await;
    }
    sent += send_with_cards(
        &shop,
        Method::POST,
        "/v1/orders",
        PLATFORM,
        &order("P-1").partner("acme").json(),
    )
    .await;
    let placed = shop.list("/v1/orders").await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for end in ["cancel", "redact", "refunds"] {
        let path = format!("/v1/orders/{placed}/{end}");
        let body = json!({"reason": "damaged", "amount": 1, "refund_id": "R-1", "note": "x"});
        sent += send_with_cards(&shop, Method::POST, &path, PLATFORM, &body).await;
    }
    sent += put_into_queries_and_headers(&shop, &key).await;
    shop.wait_for_count("SELECT count(*) FROM deliveries", 0)
        .await;
    shop.wait_for_count("SELECT count(*) FROM checkout_effects", 0)
        .await;
    assert!(shop.mail.mails().len() >= 3, "receipts have arrived");
    for (trace, text) in shop.traces().await {
        let lines: Vec<_> = text
            .lines()
            .filter(|line| !cards_in(line).is_empty())
            .collect();
        assert!(lines.is_empty(), "{trace}: {lines:#?}");
        println!(
            "cards: 0 of {sent} typed card numbers in {} bytes of {trace}",
            text.len()
        );
    }
}
