//! Posts as the platform creates and reads them.

use reqwest::Method;
use serde_json::{Value, json};

use super::api::{Answer, Api, PLATFORM, uuid_of};
use super::app::TestApp;

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

/// The post that `rollout.tsv` is about.
pub(crate) const ROLLOUT_POST: &str = "pst_01a22c899c5d715889245dc8248ef82d";

/// Whether a viewer may buy at a percentage, as another implementation decided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RolloutVector {
    pub(crate) percent: f64,
    pub(crate) viewer: &'static str,
    pub(crate) may_buy: bool,
}

impl RolloutVector {
    pub(crate) fn all() -> Vec<Self> {
        let lines = include_str!("../../fixtures/rollout.tsv").lines();
        let rows = lines.filter(|line| !line.starts_with('#')).skip(1);
        let vector = |row: &'static str| {
            let cells: Vec<_> = row.split('\t').collect();
            Self {
                percent: cells[0].parse().unwrap(),
                viewer: cells[1],
                may_buy: cells[2] == "yes",
            }
        };
        let all: Vec<_> = rows.map(vector).collect();
        assert_eq!(all.len(), 25);
        all
    }

    /// The parameter that names the viewer.
    pub(crate) fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("viewer", self.viewer).finish()
    }
}

impl TestApp {
    /// Gives the only post the id that `rollout.tsv` is about.
    pub(crate) async fn fix_post_id(&self) -> Value {
        let id = uuid_of(ROLLOUT_POST);
        let changed = self.sql.execute("UPDATE posts SET id = $1", &[&id]).await;
        assert_eq!(changed.unwrap(), 1);
        self.reload_post(&json!({"id": ROLLOUT_POST})).await
    }

    /// Sets the rollout of a post.
    pub(crate) async fn roll_out(&self, post: &Value, rollout: Value) {
        let answer = self.patch_post(post, json!({"rollout": rollout})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}
