//! The second act: a feed becomes buyable tweets and a page, and they follow the stock.
//!
//! Promises: what is told has been read back from the gateway. Must not touch the orders' part.

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::cast::word;
use super::telling::Telling;
use crate::stage::Api;

/// Whose shelf it is.
const MERCHANT: &str = "acme";
/// Eleven items, of which one row is bad and one is out of stock.
const FEED: &str = include_str!("feed.csv");
/// What is posted.
const POSTED: [&str; 2] = ["TSHIRT-M", "POSTER-1"];
/// What is sold while everybody watches.
const SOLD: &str = "POSTER-1";

/// Both sides of the counter.
pub(super) struct Shelf<'a> {
    pub(super) operator: &'a Api,
    pub(super) platform: &'a Api,
    pub(super) telling: &'a Telling,
    /// Where the merchant's own server listens, on 127.0.0.1.
    pub(super) shop_port: u16,
}

impl Shelf<'_> {
    /// From the feed to the page; the pages' addresses.
    ///
    /// # Errors
    /// When something is not as it is told.
    pub(super) async fn fill(&self) -> anyhow::Result<Vec<String>> {
        self.telling
            .chapter("A merchant's feed comes in; one of its rows is bad");
        self.bring().await?;
        self.telling
            .chapter("Two of its products become buyable tweets");
        let mut posts = Vec::new();
        for item in POSTED {
            posts.push(self.post(item).await?);
        }
        self.telling
            .chapter("One is sold out: its post follows in the same transaction");
        self.sell_out().await?;
        self.open_shop().await?;
        Ok(posts)
    }

    async fn bring(&self) -> anyhow::Result<()> {
        let path = format!("/v1/partners/{MERCHANT}/feed?wait=true");
        let shop = format!("http://127.0.0.1:{}", self.shop_port);
        let feed = FEED.replace("{shop}", &shop);
        let report = self.operator.put(&path, "text/csv", &feed).await?;
        let count = |name: &str| {
            let count = report.pointer(&format!("/items/{name}"));
            count.and_then(Value::as_u64).unwrap_or_default()
        };
        if word(&report, "/status") != "applied" {
            bail!("the feed was not applied: {report}");
        }
        self.telling.line(&format!(
            "{} rows read: {} good, {} bad; {} products are new",
            count("read"),
            count("valid"),
            count("invalid"),
            count("inserted")
        ));
        let issues = report.pointer("/issues").and_then(Value::as_array);
        for issue in issues.into_iter().flatten() {
            if word(issue, "/severity") != "error" {
                continue;
            }
            let row = issue
                .pointer("/examples/0/row")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            self.telling.line(&format!(
                "row {row}, {} {}: {}",
                word(issue, "/attribute"),
                word(issue, "/examples/0/value"),
                word(issue, "/help")
            ));
        }
        Ok(())
    }

    async fn post(&self, item: &str) -> anyhow::Result<String> {
        let asked = json!({"product": {"partner": MERCHANT, "item_id": item}, "publish": ["platform", "web_intent"]});
        let made = self.platform.post("/v1/posts", &asked).await?;
        let path = format!("/v1/posts/{}/publish", word(&made, "/id"));
        let live = self.platform.post(&path, &json!({})).await?;
        if word(&live, "/state") != "live" {
            bail!("the post is not live: {live}");
        }
        let weight = live
            .pointer("/weighted_length")
            .and_then(Value::as_u64)
            .context("a post has a length")?;
        let text = word(&live, "/text").replace('\n', " ⏎ ");
        self.telling.line(&format!("{text}  ({weight} of 280)"));
        let page = word(&live, "/url").to_owned();
        let html = self.platform.text(&path_of(&page)).await?;
        let title = word(&live, "/card/title");
        if !html.contains(title.split('“').next().unwrap_or_default().trim()) {
            bail!("{page} does not show {title}");
        }
        Ok(page)
    }

    async fn sell_out(&self) -> anyhow::Result<()> {
        let change = json!({"id": SOLD, "availability": "out of stock", "inventory": 0});
        let path = format!("/v1/partners/{MERCHANT}/feed?mode=inventory&wait=true");
        let body = format!("{change}\n");
        self.operator
            .put(&path, "application/x-ndjson", &body)
            .await?;
        let posts = self
            .platform
            .get(&format!("/v1/posts?partner={MERCHANT}"))
            .await?;
        let posts = posts.pointer("/data").and_then(Value::as_array);
        let sold = posts
            .into_iter()
            .flatten()
            .find(|post| word(post, "/product/item_id") == SOLD)
            .context("the post of what was sold")?;
        if word(sold, "/state") != "sold_out" {
            bail!("the post has not followed the stock: {sold}");
        }
        let page = word(sold, "/url");
        let html = self.platform.text(&path_of(page)).await?;
        if !html.contains("Sold out") || html.contains("Buy at") {
            bail!("{page} still offers what is sold out");
        }
        self.telling.line(&format!(
            "{SOLD}: sold_out, and {page} says so and offers no button"
        ));
        Ok(())
    }

    /// The merchant wants a shop.
    async fn open_shop(&self) -> anyhow::Result<()> {
        let path = format!("/v1/partners/{MERCHANT}/shop");
        let items = json!({"enabled": true, "items": ["TSHIRT-M", "TSHIRT-L", "VINYL-1", "POSTER-1", "CAP-1", "TOTE-1", "HOODIE-M"]});
        let body = items.to_string();
        self.operator
            .put(&path, "application/json", &body)
            .await
            .map(drop)
    }
}

/// The part of an address behind its host.
fn path_of(url: &str) -> String {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    let path = behind.find('/').and_then(|at| behind.get(at..));
    path.unwrap_or("/").to_owned()
}
