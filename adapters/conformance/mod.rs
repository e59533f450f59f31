//! The conformance suite: tests an adapter against the [`contract`](crate::contract) and reports its faults.
//!
//! `cargo test` runs it on every registered adapter, with 10,000 generated orders besides; `buywire adapter test` runs it
//! on one. Promises: bounded work, and a fault instead of a panic. Must not know any dialect: a partner's expectations
//! are in its golden files.

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
use crate::contract::request::{
    Delivery, Header, RenderError, Rendered, is_dialect_header, is_header_value,
};
use crate::signing::{Attempt, Signed, SigningKey, sign};

/// The time of every event and attempt.
const NOW: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

/// The gateway's base URL.
const PUBLIC_URL: &str = "https://buywire.example";

const DELIVERY_ID: &str = "dlv_019aa0f0d20070008000000000000002";

/// The result for one adapter.
#[derive(Debug, Default)]
pub struct Report {
    checked: usize,
    faults: Vec<String>,
}

impl Report {
    /// The number of checks.
    #[must_use]
    pub fn checked(&self) -> usize {
        self.checked
    }

    /// The faults, one sentence each. Empty when the adapter keeps the contract.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Checks a condition.
    fn ensure(&mut self, passed: bool, fault: impl FnOnce() -> String) {
        self.checked += 1;
        if !passed {
            self.faults.push(fault());
        }
    }

    /// Checks that a step succeeded, and returns its result.
    fn require<T>(&mut self, outcome: Result<T, String>) -> Option<T> {
        self.checked += 1;
        outcome.map_err(|fault| self.faults.push(fault)).ok()
    }
}

/// Tests one adapter against the contract. `folder` holds its files.
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

/// What all deliveries of the suite share.
struct Fixture {
    event: EventId,
    endpoint: Url,
    settings: Value,
    /// One key of each kind; no partner uses them.
    keys: Vec<SigningKey>,
}

impl Fixture {
    fn new() -> Result<Self, String> {
        let event = "evt_019aa0f0d20070008000000000000001";
        let endpoint = "https://shop.example/hooks?token=unsaidtoken";
        let p256 = SigningKey::p256(&[7; 32]).map_err(|fault| fault.to_string())?;
        Ok(Self {
            event: event
                .parse()
                .map_err(|_| format!("{event} is not an event id"))?,
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

    /// A delivery of this event, without settings.
    fn delivery<'a>(&'a self, event: &'a Event) -> Delivery<'a> {
        Delivery {
            id: DELIVERY_ID,
            event,
            settings: &self.settings,
            endpoint: &self.endpoint,
            public_url: PUBLIC_URL,
        }
    }

    /// Signs a rendered request as the gateway does.
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

    /// Renders, and checks the promises that need no golden file.
    fn render_checked(
        &self,
        report: &mut Report,
        adapter: &dyn Adapter,
        delivery: &Delivery<'_>,
    ) -> Result<Rendered, RenderError> {
        let first = adapter.render(delivery);
        let kind = delivery.event.kind;
        report.ensure(adapter.render(delivery) == first, || {
            format!("{kind} renders different bytes the second time")
        });
        match &first {
            Ok(rendered) => {
                let declared = &adapter.profile().content_type;
                let actual = rendered.content_type();
                let is_configurable = delivery.settings.get("content_type").is_some();
                report.ensure(is_configurable || actual == declared, || {
                    format!(
                        "{kind} has content type `{actual}`, but profile.json says `{declared}`"
                    )
                });
                check_headers(report, rendered.headers());
            }
            Err(reason) => {
                let reason = reason.to_string();
                report.ensure(reason.len() < 200, || {
                    format!("{kind} is refused with a reason of 200 bytes or more: {reason}")
                });
            }
        }
        first
    }
}

/// Every header can be sent, and none collides with the sender's or, after signing, with the signature's.
fn check_headers(report: &mut Report, headers: &[Header]) {
    let mut names = Vec::new();
    for (name, value) in headers {
        report.ensure(is_dialect_header(name), || {
            format!("a dialect cannot send the header `{name}`: Buywire sets it, or it is not in lower case")
        });
        report.ensure(is_header_value(value), || {
            format!("`{name}` has a value that is not printable ASCII: {value:?}")
        });
        report.ensure(!names.contains(&name), || format!("`{name}` is sent twice"));
        names.push(name);
    }
}
