//! Quotes: how a partner lets Buywire sell for it, and what a purchase costs.

mod asking;
mod failing;
mod settings;
mod tables;

use std::collections::BTreeMap;
use std::sync::Arc;

use buywire::testing::{
    DatabaseTarget, EgressPolicy, MasterKeys, PartnerDelivery, QuestionLine, QuoteAnswer,
    QuoteMetrics, QuoteQuestion, Quotes, Store,
};
use buywire_checkout::quote::Quote;
use buywire_schemas::money::Currency;
use buywire_schemas::order::Address;
use buywire_schemas::text::Slug;
use reqwest::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::support::api::{Answer, Api, OPERATOR};
use crate::support::app::TestApp;
use crate::support::receiver::{Receiver, Reply};

const NOW: OffsetDateTime = datetime!(2026-11-30 10:00 UTC);

/// A gateway with the partner `acme`, and quotes as a page asks for them.
struct Shop {
    app: TestApp,
    quotes: Quotes,
}

impl Shop {
    async fn start() -> Self {
        let key = MasterKeys::generate();
        let app = TestApp::start_with(|settings| settings.master_key = Some(key.to_string())).await;
        app.partner("acme").await;
        let target = DatabaseTarget::from_url(app.database_url()).unwrap();
        let store = Store::open_migrated(&target).unwrap();
        let master = Arc::new(MasterKeys::new(&key, &[]).unwrap());
        let policy = EgressPolicy::parse("127.0.0.0/8").unwrap();
        let quotes = Quotes::open(store, master, policy, QuoteMetrics::default()).unwrap();
        Self { app, quotes }
    }

    /// Sets the hook of `acme`, whose prices contain their tax. Returns what is shown of it.
    async fn set_hook(&self, hook: &Receiver) -> Value {
        let body = json!({"url": hook.url(), "tax_included": true});
        self.app.set("acme", "decision-hook", &body).await
    }

    async fn quote(&self, question: &QuoteQuestion) -> QuoteAnswer {
        self.quotes.quote(question, NOW).await.unwrap()
    }
}

impl Api {
    /// Sends a setting of a partner, such as `taxes`.
    async fn try_set(&self, key: &str, setting: &str, body: &Value) -> Answer {
        let path = format!("/v1/partners/acme/{setting}");
        let request = self.request(Method::PUT, &path, key);
        Answer::send(request.body(body.to_string())).await
    }

    async fn set(&self, partner: &str, setting: &str, body: &Value) -> Value {
        let path = format!("/v1/partners/{partner}/{setting}");
        let request = self.request(Method::PUT, &path, OPERATOR);
        let answer = Answer::send(request.body(body.to_string())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    async fn delete(&self, key: &str, setting: &str) -> Answer {
        let path = format!("/v1/partners/acme/{setting}");
        Answer::send(self.request(Method::DELETE, &path, key)).await
    }
}

/// What a hook answers to [`cups`]: another price than the tables', so that both can be told apart.
fn reply() -> Value {
    json!({
        "currency": "EUR",
        "options": [
            {"id": "fast", "kind": "shipping", "title": "Express", "price": 990, "tax": 158, "days_from": 1, "days_to": 2},
            {"id": "slow", "kind": "shipping", "title": "Slow", "price": 290}],
        "lines": [{"item_id": "CUP-1", "tax": 638}],
        "tax": 638
    })
}

fn answering(body: &Value) -> Reply {
    Reply::status(200).body(body.to_string().as_bytes())
}

fn quoted(answer: QuoteAnswer) -> (Quote, Vec<PartnerDelivery>) {
    match answer {
        QuoteAnswer::Quoted { quote, deliveries } => (*quote, deliveries),
        other => panic!("{other:?}"),
    }
}

fn shipping() -> Value {
    json!({"currency": "EUR", "zones": [
        {"countries": ["DE"], "options": [
            {"id": "std", "kind": "shipping", "title": "Standard", "price": 490, "free_from": 5000},
            {"id": "shop", "kind": "pickup", "title": "In the shop", "price": 0},
            {"id": "mail", "kind": "digital", "title": "By mail", "price": 0}]},
        {"countries": ["*"], "options": [
            {"id": "world", "kind": "shipping", "title": "Worldwide", "price": 2490}]}]})
}

fn taxes() -> Value {
    json!({"tax_included": true, "rates": [
        {"country": "DE", "rate": "19", "taxes_shipping": true, "label": "VAT"},
        {"country": "DE", "category": "books", "rate": "7", "taxes_shipping": true, "label": "VAT"},
        {"country": "CH", "rate": "0", "taxes_shipping": false, "label": "Export"}]})
}

fn policy() -> Value {
    json!({
        "sells_here": true,
        "seller": {"name": "Acme GmbH", "address": ["Torstraße 1", "10119 Berlin"], "country": "DE",
                   "email": "shop@acme.example"},
        "links": {"terms_of_use": "https://acme.example/terms", "privacy_policy": "https://acme.example/privacy"}
    })
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn line(item_id: &str, quantity: i64, unit_price: i64) -> QuestionLine {
    QuestionLine {
        partner: slug("acme"),
        item_id: item_id.to_owned(),
        quantity,
        unit_price,
        category: None,
        is_digital: false,
    }
}

/// Two cups for this country.
fn cups(country: &str) -> QuoteQuestion {
    QuoteQuestion {
        currency: Currency::parse("EUR").unwrap(),
        lines: vec![line("CUP-1", 2, 1_999)],
        ship_to: Some(address(country)),
        delivery: BTreeMap::new(),
    }
}

fn address(country: &str) -> Address {
    Address {
        name: "Ann Miller".to_owned(),
        line1: "Torstraße 1".to_owned(),
        line2: None,
        city: "Berlin".to_owned(),
        region: None,
        postal_code: "10119".to_owned(),
        country: country.to_owned(),
    }
}
