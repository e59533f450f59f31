//! One suite over every adapter: what [`contract`](crate::contract) asks for,
//! tried on each, and told as a report.
//!
//! `cargo test` holds every registered adapter to it, on 10,000 generated
//! orders too; `buywire adapter test` shows its author where one stands.
//! Promises: a bounded amount of work, and a fault instead of a panic. Must
//! not know any dialect: what a partner wants stands in its golden files.

mod callbacks;
pub mod example_events;
mod folders;
mod golden;
mod money;
mod privacy;
mod profile;
pub mod test_order;

#[cfg(test)]
mod tests;

use std::path::Path;

use buywire_schemas::event::{Event, EventType};
use buywire_schemas::ids::EventId;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

pub use golden::http_file;

use crate::contract::Adapter;
use crate::contract::request::RenderError;
use crate::contract::request::{Delivery, Header, Rendered, is_dialect_header, is_header_value};
use crate::signing::{Attempt, Signed, SigningKey, sign};

/// When everything on the stage happens.
const NOW: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

/// Where the gateway of the stage is found.
const PUBLIC_URL: &str = "https://buywire.example";

const DELIVERY_ID: &str = "dlv_019aa0f0d20070008000000000000002";

/// How one adapter stands.
#[derive(Debug, Default)]
pub struct Report {
    checked: usize,
    faults: Vec<String>,
}

impl Report {
    /// How many things were looked at.
    #[must_use]
    pub fn checked(&self) -> usize {
        self.checked
    }

    /// What is wrong, a sentence each; none when the adapter keeps its promises.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Looks at one thing.
    fn ensure(&mut self, passed: bool, fault: impl FnOnce() -> String) {
        self.checked += 1;
        if !passed {
            self.faults.push(fault());
        }
    }

    /// Looks at something that may not even be there.
    fn require<T>(&mut self, outcome: Result<T, String>) -> Option<T> {
        self.checked += 1;
        outcome.map_err(|fault| self.faults.push(fault)).ok()
    }
}

/// Holds one adapter to the contract. `folder` is where its files are.
#[must_use]
pub fn check(adapter: &dyn Adapter, folder: &Path) -> Report {
    let mut report = Report::default();
    let Some(fixture) = report.require(Fixture::new()) else {
        return report;
    };
    profile::check(&mut report, adapter, &fixture);
    privacy::check(&mut report, adapter, &fixture);
    money::check(&mut report, adapter, &fixture);
    folders::check(&mut report, folder);
    golden::check(&mut report, adapter, &fixture, folder);
    callbacks::check(&mut report, adapter, &fixture, folder);
    report
}

/// What every delivery of the suite has in common.
struct Fixture {
    event: EventId,
    endpoint: Url,
    settings: Value,
    /// One key of each kind, and no partner's.
    keys: Vec<SigningKey>,
}

impl Fixture {
    fn new() -> Result<Self, String> {
        let event = "evt_019aa0f0d20070008000000000000001";
        let endpoint = "https://shop.example/hooks?token=unsaidtoken";
        let p256 = SigningKey::p256(&[7; 32]).map_err(|fault| fault.to_string())?;
        Ok(Self {
            event: event.parse().map_err(|_| format!("{event} is no id"))?,
            endpoint: Url::parse(endpoint).map_err(|fault| fault.to_string())?,
            settings: json!({}),
            keys: vec![
                SigningKey::fresh(&[7; 32]),
                SigningKey::ed25519(&[7; 32]),
                p256,
            ],
        })
    }

    fn event(&self, kind: EventType, data: &str) -> Event {
        Event {
            id: self.event,
            kind,
            occurred_at: NOW,
            data: data.into(),
        }
    }

    /// A delivery of this event without settings.
    fn delivery<'a>(&'a self, event: &'a Event) -> Delivery<'a> {
        Delivery {
            id: DELIVERY_ID,
            event,
            settings: &self.settings,
            endpoint: &self.endpoint,
            public_url: PUBLIC_URL,
        }
    }

    /// What leaves for a rendered request.
    fn sign(&self, adapter: &dyn Adapter, settings: &Value, rendered: Rendered) -> Signed {
        let attempt = Attempt {
            webhook_id: DELIVERY_ID,
            timestamp_s: NOW.unix_timestamp(),
            method: "POST",
            endpoint: &self.endpoint,
            rotation: 0,
        };
        sign(
            &adapter.signature_schemes(settings),
            &self.keys,
            &attempt,
            rendered,
        )
    }

    /// Renders, and holds what came out to the promises that need no golden file.
    fn render_checked(
        &self,
        report: &mut Report,
        adapter: &dyn Adapter,
        delivery: &Delivery<'_>,
    ) -> Result<Rendered, RenderError> {
        let first = adapter.render(delivery);
        let kind = delivery.event.kind;
        report.ensure(adapter.render(delivery) == first, || {
            format!("{kind} gives other bytes the second time")
        });
        match &first {
            Ok(rendered) => {
                let declared = &adapter.profile().content_type;
                let actual = rendered.content_type();
                let is_configurable = delivery.settings.get("content_type").is_some();
                report.ensure(is_configurable || actual == declared, || {
                    format!("{kind} is `{actual}`, the profile says `{declared}`")
                });
                check_headers(report, rendered.headers());
            }
            Err(reason) => {
                let reason = reason.to_string();
                report.ensure(reason.len() < 200, || {
                    format!("{kind} is refused with more than a sentence: {reason}")
                });
            }
        }
        first
    }
}

/// Every header can be sent, and none collides with the sender's or, once it
/// is signed, with the signer's.
fn check_headers(report: &mut Report, headers: &[Header]) {
    let mut names = Vec::new();
    for (name, value) in headers {
        report.ensure(is_dialect_header(name), || {
            format!("`{name}` is no header of a dialect: the sender's, or not in lower case")
        });
        report.ensure(is_header_value(value), || {
            format!("`{name}` carries what a header cannot: {value:?}")
        });
        report.ensure(!names.contains(&name), || format!("`{name}` is sent twice"));
        names.push(name);
    }
}
