//! Posts as the platform creates and reads them.

use reqwest::Method;
use serde_json::{Value, json};

use super::api::{Answer, Api, PLATFORM};

impl Api {
    /// Creates a draft that sells an item, with more members, and returns it.
    pub(crate) async fn draft(&self, partner: &str, item: &str, more: Value) -> Value {
        let answer = self.try_draft(partner, item, more).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// As `draft`, with any answer.
    pub(crate) async fn try_draft(&self, partner: &str, item: &str, more: Value) -> Answer {
        let mut body = more;
        body["product"] = json!({"partner": partner, "item_id": item});
        self.post("/v1/posts", PLATFORM, &body).await
    }

    /// Creates a post and publishes it.
    pub(crate) async fn published(&self, partner: &str, item: &str, more: Value) -> Value {
        let draft = self.draft(partner, item, more).await;
        self.publish(&draft).await
    }

    /// Publishes a post and returns it.
    pub(crate) async fn publish(&self, post: &Value) -> Value {
        let answer = self.post_action(post, "publish").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Publishes or withdraws a post, with any answer.
    pub(crate) async fn post_action(&self, post: &Value, verb: &str) -> Answer {
        let path = format!("/v1/posts/{}/{verb}", post["id"].as_str().unwrap());
        self.post_bytes(&path, PLATFORM, "").await
    }

    /// Changes a post, with any answer.
    pub(crate) async fn patch_post(&self, post: &Value, change: Value) -> Answer {
        let path = format!("/v1/posts/{}", post["id"].as_str().unwrap());
        let request = self.request(Method::PATCH, &path, PLATFORM);
        Answer::send(request.body(change.to_string())).await
    }

    /// Reads a post again.
    pub(crate) async fn reload_post(&self, post: &Value) -> Value {
        let path = format!("/v1/posts/{}", post["id"].as_str().unwrap());
        let answer = self.get(&path, PLATFORM).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// The ids of a page of the timeline, and its cursor.
    pub(crate) async fn timeline(&self, query: &str) -> (Vec<String>, Option<String>) {
        let path = format!("/v1/timeline?{query}");
        let answer = self.get(&path, PLATFORM).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = answer.json();
        let posts = page["data"].as_array().unwrap().iter();
        let ids = posts.map(|post| post["id"].as_str().unwrap().to_owned());
        let next = page["next_cursor"].as_str().map(str::to_owned);
        (ids.collect(), next)
    }
}
