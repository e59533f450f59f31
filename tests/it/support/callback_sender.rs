//! A partner that sends callbacks, with each inbound signature scheme.

use buywire_adapters::contract::request::Rendered;
use buywire_adapters::signing::{Attempt, Scheme, SigningKey, sign};
use reqwest::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;
use url::Url;

use super::api::{Answer, Api, OPERATOR};

#[derive(Clone)]
pub(crate) struct CallbackSigner {
    /// Its name in the callback settings.
    pub(crate) scheme: &'static str,
    outbound: Scheme,
    key: SigningKey,
}

/// One callback, whose parts a story can damage.
#[derive(Clone)]
pub(crate) struct CallbackMessage {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A signer for every scheme, with keys from this seed.
pub(crate) fn callback_signers(seed: u8) -> Vec<CallbackSigner> {
    let shared = SigningKey::fresh(&[seed; 32]);
    let signer = |scheme, outbound, key: &SigningKey| CallbackSigner {
        scheme,
        outbound,
        key: key.clone(),
    };
    vec![
        signer("standard-webhooks", Scheme::STANDARD_WEBHOOKS, &shared),
        signer("acp", Scheme::ACP, &shared),
        signer("stripe", Scheme::STRIPE, &shared),
        signer("shopify", Scheme::SHOPIFY, &shared),
        signer(
            "standard-webhooks",
            Scheme::STANDARD_WEBHOOKS_V1A,
            &SigningKey::ed25519(&[seed; 32]),
        ),
        signer("ucp", Scheme::UCP, &SigningKey::p256(&[seed; 32]).unwrap()),
    ]
}

/// The signer for one scheme.
pub(crate) fn callback_signer(scheme: &str, seed: u8) -> CallbackSigner {
    let mut all = callback_signers(seed).into_iter();
    all.find(|signer| signer.scheme == scheme).unwrap()
}

impl CallbackSigner {
    /// The callback settings for it.
    pub(crate) fn settings(&self) -> Value {
        match self.key.public() {
            Some(public) => json!({"scheme": self.scheme, "public_keys": [public.jwk()]}),
            None => json!({"scheme": self.scheme, "secret": self.key.expose()}),
        }
    }

    /// A callback to a partner's endpoint, signed at that time.
    pub(crate) fn message(
        &self,
        base: &str,
        slug: &str,
        body: &[u8],
        at: OffsetDateTime,
    ) -> CallbackMessage {
        let path = format!("/v1/partners/{slug}/callbacks");
        let endpoint: Url = format!("{base}{path}").parse().unwrap();
        let attempt = Attempt {
            webhook_id: "msg_1",
            timestamp_s: at.unix_timestamp(),
            method: "POST",
            endpoint: &endpoint,
            rotation: 0,
        };
        let schemes = std::slice::from_ref(&self.outbound);
        let keys = std::slice::from_ref(&self.key);
        let rendered = Rendered::json(body).unwrap();
        let signed = sign(schemes, keys, &attempt, rendered);
        let signing = signed.headers().iter();
        let signing = signing.map(|(name, value)| (name.to_string(), value.clone()));
        let kind = ("content-type".to_owned(), "application/json".to_owned());
        CallbackMessage {
            path,
            headers: std::iter::once(kind).chain(signing).collect(),
            body: signed.body().to_vec(),
        }
    }
}

impl Api {
    /// Creates a partner with that dialect and signer.
    pub(crate) async fn partner_with_callbacks(
        &self,
        slug: &str,
        adapter: &str,
        signer: &CallbackSigner,
    ) {
        let body = json!({"slug": slug, "name": slug, "adapter": adapter});
        let made = self.post("/v1/partners", OPERATOR, &body).await;
        assert_eq!(made.status, 201, "{made:?}");
        let answer = self.set_callback(slug, &signer.settings()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Saves a partner's callback settings.
    pub(crate) async fn set_callback(&self, slug: &str, callback: &Value) -> Answer {
        let change = json!({"callback": callback}).to_string();
        let path = format!("/v1/partners/{slug}");
        Answer::send(self.request(Method::PATCH, &path, OPERATOR).body(change)).await
    }

    /// Sends a callback unchanged, without a key.
    pub(crate) async fn send_callback(&self, message: &CallbackMessage) -> Answer {
        let mut request = self.unauthenticated_request(Method::POST, &message.path);
        for (name, value) in &message.headers {
            request = request.header(name, value);
        }
        Answer::send(request.body(message.body.clone())).await
    }

    /// Sends a callback signed now, and returns the answer.
    pub(crate) async fn report(&self, signer: &CallbackSigner, slug: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let now = OffsetDateTime::now_utc();
        self.send_callback(&signer.message(self.base_url(), slug, body.as_bytes(), now))
            .await
    }

    /// Sends a callback that must be accepted as new.
    pub(crate) async fn report_accepted(&self, signer: &CallbackSigner, slug: &str, body: &Value) {
        let answer = self.report(signer, slug, body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["status"], "received", "{answer:?}");
    }
}

/// An ACP merchant's order, with this many of two parcels shipped at this minute.
pub(crate) fn acp_order(order_id: &str, minute: u32, shipped: usize) -> Value {
    let parcel = |n: usize| {
        json!({"id": format!("ful_{n}"), "status": "shipped", "carrier": "UPS",
            "tracking_number": format!("1Z{n}"), "line_items": [{"id": "li_1", "quantity": 1}],
            "events": [{"type": "shipped", "occurred_at": format!("2026-11-21T10:{minute:02}:00Z")}]})
    };
    let parcels: Vec<_> = (1..=shipped).map(parcel).collect();
    json!({"type": "order_update", "data": {"type": "order", "id": format!("so_{order_id}"),
        "client_reference_id": order_id, "status": "processing",
        "line_items": [{"id": "li_1", "title": "Shirt", "product_id": "acme-1",
            "quantity": {"ordered": 2, "current": 2, "fulfilled": shipped}}],
        "fulfillments": parcels, "adjustments": []}})
}

/// The same of a UCP business.
pub(crate) fn ucp_order(order_id: &str, minute: u32, shipped: usize) -> Value {
    let event = |n: usize| {
        json!({"id": format!("evt_{n}"), "type": "shipped", "carrier": "UPS", "tracking_number": format!("1Z{n}"),
            "line_items": [{"id": "li_1", "quantity": 1}],
            "occurred_at": format!("2026-11-21T10:{minute:02}:00Z")})
    };
    let events: Vec<_> = (1..=shipped).map(event).collect();
    json!({"id": format!("so_{order_id}"), "attribution": {"order_id": order_id},
        "line_items": [{"id": "li_1", "item": {"id": "acme-1", "title": "Shirt", "price": 2500},
            "quantity": {"original": 2, "total": 2, "fulfilled": shipped}}],
        "fulfillment": {"events": events}, "adjustments": []})
}
