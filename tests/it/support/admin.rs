//! Administration over the API, as operators and partners use it.

use reqwest::Method;
use serde_json::{Value, json};

use super::app::{Answer, OPERATOR, TestApp};
use super::receiver::Receiver;

impl TestApp {
    /// Sends any request with a JSON body; null sends no body.
    pub(crate) async fn call(&self, method: Method, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.request(method, path, key);
        Answer::send(match body {
            Value::Null => request,
            body => request.body(body.to_string()),
        })
        .await
    }

    /// Creates a partner and returns a key for it.
    pub(crate) async fn partner_with_key(&self, slug: &str) -> String {
        let partner = json!({"slug": slug, "name": slug, "adapter": "standard"});
        let made = self.post("/v1/partners", OPERATOR, &partner).await;
        assert_eq!(made.status, 201, "{made:?}");
        let keys = format!("/v1/partners/{slug}/keys");
        let issued = self.post(&keys, OPERATOR, &json!({"label": slug})).await;
        assert_eq!(issued.status, 201, "{issued:?}");
        issued.json()["key"].as_str().unwrap().to_owned()
    }

    /// Creates an endpoint as an operator; returns its path and its secret.
    pub(crate) async fn create_endpoint(
        &self,
        slug: &str,
        receiver: &Receiver,
        settings: Value,
    ) -> (String, String) {
        let mut body = settings;
        body["url"] = receiver.url().into();
        let path = format!("/v1/partners/{slug}/endpoints");
        let made = self.post(&path, OPERATOR, &body).await;
        assert_eq!(made.status, 201, "{made:?}");
        let made = made.json();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (format!("{path}/{}", text("id")), text("secret"))
    }
}
