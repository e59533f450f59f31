//! Endpoints that stories create.

use buywire_schemas::ids::EndpointId;
use serde_json::{Value, json};

use super::api::{Api, OPERATOR};

#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// Its path in the API.
    pub(crate) path: String,
    pub(crate) id: EndpointId,
    pub(crate) secret: String,
}

/// An endpoint to be created.
pub(crate) struct EndpointDraft {
    api: Api,
    partner: String,
    body: Value,
}

impl EndpointDraft {
    /// At this URL, subscribed to everything.
    pub(crate) fn new(api: Api, partner: &str, url: &str) -> Self {
        Self {
            api,
            partner: partner.to_owned(),
            body: json!({"url": url, "event_types": ["*"]}),
        }
    }

    /// Subscribed to these event types only.
    pub(crate) fn with_events(self, patterns: &[&str]) -> Self {
        self.with("event_types", json!(patterns))
    }

    /// With its own retry schedule, in seconds.
    pub(crate) fn with_retry(self, delays_s: &[i64]) -> Self {
        self.with("retry", json!(delays_s))
    }

    pub(crate) fn with_max_in_flight(self, max_in_flight: i32) -> Self {
        self.with("max_in_flight", json!(max_in_flight))
    }

    /// Sets any field of the request.
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.body[name] = value;
        self
    }

    /// Creates it as an operator.
    pub(crate) async fn create(self) -> Endpoint {
        let path = format!("/v1/partners/{}/endpoints", self.partner);
        let answer = self.api.post(&path, OPERATOR, &self.body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let made = answer.json();
        let id = made["id"].as_str().unwrap().to_owned();
        Endpoint {
            path: format!("{path}/{id}"),
            id: id.parse().unwrap(),
            secret: made["secret"].as_str().unwrap().to_owned(),
        }
    }
}
