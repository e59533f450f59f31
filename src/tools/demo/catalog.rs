//! The second part of the demo: a feed becomes buyable tweets and pages, which follow the stock.
//!
//! Promises: what is printed was read back from the gateway. Must not touch the orders.

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::tools::demo::fixtures::text_at;
use crate::tools::demo::printer::Printer;
use crate::tools::harness::Api;

pub(crate) const MERCHANT: &str = "acme";
/// Eleven items: one row is bad, one item is out of stock.
const FEED: &str = include_str!("feed.csv");
pub(crate) const IN_STOCK_ITEM: &str = "TSHIRT-M";
const POSTED_ITEMS: [&str; 2] = [IN_STOCK_ITEM, SOLD_OUT_ITEM];
/// Sold out during the demo.
const SOLD_OUT_ITEM: &str = "POSTER-1";

pub(crate) struct CatalogDemo<'a> {
    pub(crate) operator: &'a Api,
    pub(crate) platform: &'a Api,
    pub(crate) printer: &'a Printer,
    /// The port of the merchant's own server on 127.0.0.1.
    pub(crate) shop_port: u16,
}

impl CatalogDemo<'_> {
    /// Pushes the feed, publishes posts and sells one item out. Returns the pages' URLs.
    ///
    /// # Errors
    /// When the gateway does not show the expected state.
    pub(crate) async fn run(&self) -> anyhow::Result<Vec<String>> {
        self.printer
            .heading("A merchant pushes a feed with one bad row");
        self.push_feed().await?;
        self.printer
            .heading("Two of its products become buyable tweets");
        let mut posts = Vec::new();
        for item in POSTED_ITEMS {
            posts.push(self.publish_post(item).await?);
        }
        self.printer
            .heading("One sells out: its post follows in the same transaction");
        self.sell_out().await?;
        self.enable_shop().await?;
        Ok(posts)
    }

    async fn push_feed(&self) -> anyhow::Result<()> {
        let path = format!("/v1/partners/{MERCHANT}/feed?wait=true");
        let shop = format!("http://127.0.0.1:{}", self.shop_port);
        let feed = FEED.replace("{shop}", &shop);
        let report = self.operator.put(&path, "text/csv", &feed).await?;
        let count = |name: &str| {
            let count = report.pointer(&format!("/items/{name}"));
            count.and_then(Value::as_u64).unwrap_or_default()
        };
        if text_at(&report, "/status") != "applied" {
            bail!("the feed was not applied: {report}");
        }
        self.printer.line(&format!(
            "{} rows read: {} valid, {} invalid; {} new products",
            count("read"),
            count("valid"),
            count("invalid"),
            count("inserted")
        ));
        let issues = report.pointer("/issues").and_then(Value::as_array);
        for issue in issues.into_iter().flatten() {
            if text_at(issue, "/severity") != "error" {
                continue;
            }
            let row = issue
                .pointer("/examples/0/row")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            self.printer.line(&format!(
                "row {row}, {} {}: {}",
                text_at(issue, "/attribute"),
                text_at(issue, "/examples/0/value"),
                text_at(issue, "/help")
            ));
        }
        Ok(())
    }

    async fn publish_post(&self, item: &str) -> anyhow::Result<String> {
        let draft = json!({"product": {"partner": MERCHANT, "item_id": item}, "publish": ["platform", "web_intent"]});
        let created = self.platform.post("/v1/posts", &draft).await?;
        let path = format!("/v1/posts/{}/publish", text_at(&created, "/id"));
        let live = self.platform.post(&path, &json!({})).await?;
        if text_at(&live, "/state") != "live" {
            bail!("the post is not live: {live}");
        }
        let weight = live
            .pointer("/weighted_length")
            .and_then(Value::as_u64)
            .context("the post has no weighted_length")?;
        let text = text_at(&live, "/text").replace('\n', " ⏎ ");
        self.printer.line(&format!("{text}  ({weight} of 280)"));
        let page = text_at(&live, "/url").to_owned();
        let html = self.platform.text(&path_of(&page)).await?;
        let title = text_at(&live, "/card/title");
        if !html.contains(title.split('“').next().unwrap_or_default().trim()) {
            bail!("{page} does not show {title}");
        }
        Ok(page)
    }

    async fn sell_out(&self) -> anyhow::Result<()> {
        let change = json!({"id": SOLD_OUT_ITEM, "availability": "out of stock", "inventory": 0});
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
        let post = posts
            .into_iter()
            .flatten()
            .find(|post| text_at(post, "/product/item_id") == SOLD_OUT_ITEM)
            .context("there is no post of the sold-out item")?;
        if text_at(post, "/state") != "sold_out" {
            bail!("the post did not follow the stock: {post}");
        }
        let page = text_at(post, "/url");
        let html = self.platform.text(&path_of(page)).await?;
        if !html.contains("Sold out") || html.contains("Buy at") {
            bail!("{page} still offers a sold-out item");
        }
        self.printer.line(&format!(
            "{SOLD_OUT_ITEM} is sold_out: {page} says so and has no button"
        ));
        Ok(())
    }

    /// Opens the merchant's shop page.
    async fn enable_shop(&self) -> anyhow::Result<()> {
        let path = format!("/v1/partners/{MERCHANT}/shop");
        let items = json!({"enabled": true, "items": ["TSHIRT-M", "TSHIRT-L", "VINYL-1", "POSTER-1", "CAP-1", "TOTE-1", "HOODIE-M"]});
        let body = items.to_string();
        self.operator
            .put(&path, "application/json", &body)
            .await
            .map(drop)
    }
}

/// The path of a URL.
fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, behind)| behind);
    let path = rest.find('/').and_then(|at| rest.get(at..));
    path.unwrap_or("/").to_owned()
}
