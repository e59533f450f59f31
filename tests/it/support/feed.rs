//! Feeds that stories push, and what they ask about them afterwards.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;

use super::api::{Answer, Api, OPERATOR};

const HEADER: &str = "id,title,link,image_link,price,availability,brand,gtin";

/// A small shop's feed with Google's columns and without findings.
#[derive(Clone)]
pub(crate) struct FeedDraft {
    rows: BTreeMap<usize, String>,
    extra_rows: Vec<String>,
}

/// A feed of items at 10.00 each, in stock.
pub(crate) fn feed(items: usize) -> FeedDraft {
    FeedDraft {
        rows: (0..items).map(|n| (n, row(n, "10.00 EUR"))).collect(),
        extra_rows: Vec::new(),
    }
}

/// One good row.
pub(crate) fn row(n: usize, price: &str) -> String {
    format!(
        "item-{n},Cup {n},https://shop.example/{n},https://img.example/{n}.jpg,{price},in_stock,Acme,{}",
        gtin(n)
    )
}

impl FeedDraft {
    /// Without these items.
    pub(crate) fn without(mut self, removed: impl IntoIterator<Item = usize>) -> Self {
        removed.into_iter().for_each(|n| {
            self.rows.remove(&n);
        });
        self
    }

    /// With another price for these items.
    pub(crate) fn priced(mut self, items: impl IntoIterator<Item = usize>, price: &str) -> Self {
        self.rows
            .extend(items.into_iter().map(|n| (n, row(n, price))));
        self
    }

    /// With bad rows for these items: their ids are readable, their prices are not.
    pub(crate) fn broken(self, items: impl IntoIterator<Item = usize>) -> Self {
        self.priced(items, "ten")
    }

    /// With one more row at the end.
    pub(crate) fn with_row(mut self, row: String) -> Self {
        self.extra_rows.push(row);
        self
    }

    pub(crate) fn csv(&self) -> String {
        let rows = self
            .rows
            .values()
            .chain(&self.extra_rows)
            .map(String::as_str);
        [HEADER]
            .into_iter()
            .chain(rows)
            .map(|row| format!("{row}\n"))
            .collect()
    }
}

/// A GTIN-13 with its check digit.
fn gtin(n: usize) -> String {
    let digits = format!("400{n:09}");
    let weigh = |(position, digit): (usize, char)| {
        digit.to_digit(10).unwrap() * if position % 2 == 0 { 1 } else { 3 }
    };
    let sum: u32 = digits.chars().enumerate().map(weigh).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

impl Api {
    /// Pushes a document, waits for the run, and returns its report.
    pub(crate) async fn push(&self, partner: &str, document: impl Into<reqwest::Body>) -> Value {
        self.push_with(partner, "", document).await
    }

    /// As `push`, with more parameters, such as `&dry_run=true`.
    pub(crate) async fn push_with(
        &self,
        partner: &str,
        parameters: &str,
        document: impl Into<reqwest::Body>,
    ) -> Value {
        let path = format!("/v1/partners/{partner}/feed?wait=true{parameters}");
        let answer = Answer::send(self.request(Method::PUT, &path, OPERATOR).body(document)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Changes items and returns the report.
    pub(crate) async fn patch_items(&self, partner: &str, lines: &[Value]) -> Value {
        let lines: Vec<_> = lines.iter().map(Value::to_string).collect();
        let path = format!("/v1/partners/{partner}/items");
        let request = self
            .request(Method::PATCH, &path, OPERATOR)
            .body(lines.join("\n"));
        let answer = Answer::send(request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Approves or discards a run.
    pub(crate) async fn decide_run(&self, partner: &str, report: &Value, verb: &str) -> Answer {
        let run = report["id"].as_str().unwrap();
        let path = format!("/v1/partners/{partner}/feed/runs/{run}/{verb}");
        self.post_bytes(&path, OPERATOR, "").await
    }

    /// A partner's products by item id.
    pub(crate) async fn catalog(&self, partner: &str) -> BTreeMap<String, Value> {
        let path = format!("/v1/products?partner={partner}&limit=500");
        let page = self.get(&path, OPERATOR).await.json();
        assert_eq!(page["next_cursor"], Value::Null);
        let products = page["data"].as_array().unwrap().iter();
        products
            .map(|one| (one["item_id"].as_str().unwrap().to_owned(), one.clone()))
            .collect()
    }
}

/// The counts of a report: read, valid, invalid, inserted, updated, unchanged, removed.
pub(crate) fn item_counts(report: &Value) -> [u64; 7] {
    [
        "read",
        "valid",
        "invalid",
        "inserted",
        "updated",
        "unchanged",
        "removed",
    ]
    .map(|name| {
        report["items"][name]
            .as_u64()
            .unwrap_or_else(|| panic!("{report}"))
    })
}

/// How many findings with this code a report has.
pub(crate) fn issue_count(report: &Value, code: &str) -> u64 {
    let issues = report["issues"].as_array().unwrap().iter();
    issues
        .filter(|issue| issue["code"] == code)
        .map(|issue| issue["count"].as_u64().unwrap())
        .sum()
}
