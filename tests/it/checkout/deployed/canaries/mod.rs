//! Card numbers are nowhere, wherever they are typed; a buyer's details are where the documents say, and nowhere else.
//!
//! What is read: `pg_dump`, the log at its most talkative level, the metrics, every mail and every webhook.

mod buyers;
mod canary;
mod cards;

use reqwest::Method;
use serde_json::{Value, json};

use super::Deployment;
use crate::support::api::{Answer, OPERATOR};

const TRACE: [(&str, &str); 1] = [("RUST_LOG", "trace")];

/// A buyer whose every detail is a word that is nowhere else.
struct Person {
    /// What is looked for.
    details: [&'static str; 6],
    form: String,
}

fn person(n: usize) -> Person {
    let details = [
        [
            "kanariamail",
            "Kanariaforename",
            "Kanariasurname",
            "Kanariastreet",
            "Kanariafloor",
            "33142685301",
        ],
        [
            "kanaribmail",
            "Kanaribforename",
            "Kanaribsurname",
            "Kanaribstreet",
            "Kanaribfloor",
            "33142685302",
        ],
        [
            "kanaricmail",
            "Kanaricforename",
            "Kanaricsurname",
            "Kanaricstreet",
            "Kanaricfloor",
            "33142685303",
        ],
    ][n];
    let [mail, forename, surname, street, floor, phone] = details;
    let form = format!(
        "option=item-1&quantity=1&email={mail}%40example.com&name={forename}+{surname}&phone=%2B{phone}&country=FR\
         &line1=1+rue+{street}&line2={floor}&postal_code=75002&city=Paris&lang=en&action=continue"
    );
    Person { details, form }
}

impl Deployment {
    async fn start_for_canaries() -> Self {
        let shop = Self::start(1, 50, &TRACE).await;
        let (_, mut policy) = crate::checkout::terms()[2].clone();
        policy["requires_phone"] = true.into();
        assert_eq!(
            shop.put("/v1/partners/acme/policy", &policy).await.status,
            200
        );
        shop
    }

    async fn begin_as(&self, person: &Person) -> (String, String) {
        let token = self
            .fill_in(0, &person.form)
            .await
            .expect("the form is complete");
        let quote = self.review(0, &token).await.unwrap();
        let pressed = self.press(0, &token, &quote).await;
        let page = pressed.header("location").unwrap().to_owned();
        assert!(self.is_at_processor(&page), "{pressed:?}");
        (token, page)
    }

    async fn agent_key(&self) -> String {
        let body = json!({"role": "agent", "label": "agent"});
        let made = self.api.post("/v1/keys", OPERATOR, &body).await;
        made.json()["key"].as_str().unwrap().to_owned()
    }

    /// A request of an agent, by ACP or UCP.
    async fn agent(&self, method: Method, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.api.request(method, path, key);
        let request = match path.starts_with("/acp") {
            true => request.header("api-version", "2026-04-17"),
            false => request.header(
                "ucp-agent",
                "profile=\"https://agent.example/.well-known/ucp\"",
            ),
        };
        let own = uuid::Uuid::now_v7().simple().to_string();
        Answer::send(
            request
                .header("idempotency-key", own)
                .body(body.to_string()),
        )
        .await
    }

    /// Everything that leaves the gateway or stays with it, by name.
    async fn traces(&self) -> Vec<(&'static str, String)> {
        let mails = self.mail.mails().into_iter();
        let webhooks = self.receiver.received_so_far().into_iter();
        let webhooks =
            webhooks.map(|one| format!("{:?} {}", one.headers, String::from_utf8_lossy(&one.body)));
        vec![
            ("pg_dump", self.dump()),
            ("log", self.logs().await),
            ("metrics", self.metrics().await),
            ("mails", mails.map(|mail| mail.message).collect()),
            ("webhooks", webhooks.collect()),
        ]
    }
}

fn acp_cart() -> Value {
    json!({
        "line_items": [{"id": "acme:item-1", "quantity": 1}],
        "currency": "eur",
        "capabilities": {"interventions": {"supported": ["3ds"]}},
        "buyer": {"first_name": "Ada", "last_name": "Byron", "email": "ada@example.com", "phone_number": "+33142685300"},
        "fulfillment_details": {"name": "Ada", "email": "ada@example.com", "address": {
            "name": "Ada Byron", "line_one": "1 rue X", "line_two": "B", "city": "Paris", "state": "", "country": "FR",
            "postal_code": "75002"}},
    })
}

fn ucp_cart() -> Value {
    json!({
        "line_items": [{"id": "li_1", "item": {"id": "acme:item-1"}, "quantity": 1}],
        "buyer": {"email": "ada@example.com", "first_name": "Ada", "last_name": "Byron", "phone_number": "+33142685300"},
        "fulfillment": {"methods": [{"id": "m1", "type": "shipping", "line_item_ids": ["li_1"],
            "destinations": [{"id": "d1", "first_name": "Ada", "last_name": "Byron", "street_address": "1 rue X",
                "extended_address": "B", "address_locality": "Paris", "postal_code": "75002", "address_country": "FR"}],
            "selected_destination_id": "d1"}]},
    })
}

fn acp_payment(token: &str) -> Value {
    json!({"payment_data": {"handler_id": "card_tokenized",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": token}}}})
}

fn ucp_payment(token: &str) -> Value {
    json!({"payment": {"instruments": [{"id": "i1", "handler_id": "shared_payment_token", "type": "card",
        "selected": true, "credential": {"type": "token", "token": token}}]}})
}
