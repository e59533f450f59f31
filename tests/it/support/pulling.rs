//! Feed sources, and the reports of their pulls.

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};

use super::api::{Answer, Api, OPERATOR};
use super::receiver::{DEADLINE, Receiver, Reply};

/// A shop's reply with this document.
pub(crate) fn document(text: impl AsRef<str>) -> Reply {
    Reply::status(200)
        .header("content-type", "text/csv")
        .body(text.as_ref().as_bytes())
}

impl Receiver {
    /// The URL of a feed at this shop.
    pub(crate) fn feed_url(&self, path: &str) -> String {
        self.url().replace("/hook", path)
    }
}

impl Api {
    /// Sets a partner's feed source, with any answer.
    pub(crate) async fn try_set_source(&self, partner: &str, key: &str, source: &Value) -> Answer {
        let path = format!("/v1/partners/{partner}/feed/source");
        Answer::send(
            self.request(Method::PUT, &path, key)
                .body(source.to_string()),
        )
        .await
    }

    /// Sets a partner's feed source as an operator, waits for the first pull, and returns its report.
    pub(crate) async fn pull_from(&self, partner: &str, url: &str) -> Value {
        self.pull_source(partner, &json!({"url": url})).await
    }

    /// The same, with all settings of a source.
    pub(crate) async fn pull_source(&self, partner: &str, source: &Value) -> Value {
        let answer = self.try_set_source(partner, OPERATOR, source).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.wait_for_pull(partner, &Value::Null).await
    }

    /// A partner's source.
    pub(crate) async fn source(&self, partner: &str) -> Value {
        let path = format!("/v1/partners/{partner}/feed/source");
        let answer = self.get(&path, OPERATOR).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Pulls now and returns the report.
    pub(crate) async fn pull(&self, partner: &str) -> Value {
        let before = self.source(partner).await["last_run"].clone();
        let path = format!("/v1/partners/{partner}/feed/source/pull");
        let answer = self.post_bytes(&path, OPERATOR, "").await;
        assert_eq!(answer.status, 202, "{answer:?}");
        self.wait_for_pull(partner, &before).await
    }

    /// Waits for a pull after the one of this run, and returns its report.
    pub(crate) async fn wait_for_pull(&self, partner: &str, before: &Value) -> Value {
        let begun = Instant::now();
        loop {
            let source = self.source(partner).await;
            if let Some(run) = source["last_run"].as_str().filter(|run| before != *run) {
                let path = format!("/v1/partners/{partner}/feed/runs/{run}");
                return self.get(&path, OPERATOR).await.json();
            }
            assert!(begun.elapsed() < DEADLINE, "{source}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}
