//! Endpoint patches: the fields of an endpoint that a body sets.
//!
//! Creating and changing read the same fields. An absent field stays as it is; null resets it to the default.
//! Header values are never shown, so a header name with null keeps its value: callers can send back what they read.

use std::collections::BTreeMap;

use buywire_schemas::event::EventPattern;
use buywire_schemas::json::{Json, Members};
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, choice, integer, string};
use buywire_schemas::text::card::{TextKind, contains_card_in};

use super::endpoint_connection::{ProxyPatch, TlsPatch, read_proxy};
use super::{PartnerError, Principal};
use crate::delivery::headers::{BadHeader, HeaderSet};
use crate::delivery::schedule::RetrySchedule;
use crate::egress::{EgressPolicy, SavedBy, TargetUrl};

/// The default subscription.
pub(super) const EVENT_TYPES_DEFAULT: &str = "order.*";
/// The default number of concurrent attempts.
pub(super) const IN_FLIGHT_DEFAULT: i32 = 64;
/// Test orders look like orders, and an endpoint that receives orders expects all of them.
pub(super) const TEST_ORDERS_DEFAULT: &str = "include";
const TEST_ORDERS: &[(&str, &str)] = &[
    ("include", "include"),
    ("only", "only"),
    ("exclude", "exclude"),
];
const IN_FLIGHT_MAX: i64 = 1_000;
/// More than there are event types.
const PATTERNS_MAX: usize = 50;
/// More than one gateway can send.
const RATE_MAX: f64 = 10_000.0;
/// A rate below one delivery an hour is most likely a mistake.
const RATE_MIN: f64 = 1.0 / 3_600.0;
/// Far more than a schedule may have: the schedule's own message says how many that is.
const DELAYS_MAX: usize = 1_000;

/// The fields that a body sets; `None` leaves a field as it is.
pub(super) struct EndpointPatch {
    pub(super) url: Option<TargetUrl>,
    pub(super) event_types: Option<Vec<String>>,
    pub(super) headers: Option<HeaderPatch>,
    pub(super) tls: Option<Option<TlsPatch>>,
    pub(super) proxy: Option<Option<ProxyPatch>>,
    pub(super) retry: Option<Option<Vec<i64>>>,
    pub(super) max_in_flight: Option<i32>,
    pub(super) rate_per_second: Option<Option<f64>>,
    pub(super) test_orders: Option<&'static str>,
}

/// All extra headers that the endpoint will have.
#[derive(Default)]
pub(super) struct HeaderPatch {
    values: BTreeMap<String, String>,
    retained: Vec<String>,
}

impl EndpointPatch {
    /// Reads the fields and collects violations in the reader.
    pub(super) fn read(body: &mut Reader<'_>, saved_by: SavedBy, policy: &EgressPolicy) -> Self {
        let url = |text: &str| {
            TargetUrl::parse(text, saved_by, policy)
                .map_err(|refusal| Violation::new(refusal.code(), refusal.message_for(saved_by)))
        };
        let has = |name| body.has(name);
        let (has_url, has_types, has_headers) = (has("url"), has("event_types"), has("headers"));
        let (has_retry, has_in_flight, has_rate) =
            (has("retry"), has("max_in_flight"), has("rate_per_second"));
        let url = has_url.then(|| body.required("url", string(url))).flatten();
        let types = body.optional_values("event_types", 1..=PATTERNS_MAX, string(parse_pattern));
        let headers = parse_headers(body);
        let (has_tls, has_proxy) = (body.has("tls"), body.has("proxy"));
        let (tls, proxy) = (TlsPatch::read(body), read_proxy(body, policy));
        let retry = parse_retry(body);
        let in_flight = body.optional("max_in_flight", integer(1..=IN_FLIGHT_MAX));
        let in_flight = in_flight.and_then(|in_flight| i32::try_from(in_flight).ok());
        let rate = body.optional("rate_per_second", parse_rate);
        let has_test_orders = body.has("test_orders");
        let test_orders = body.optional("test_orders", choice(TEST_ORDERS));
        Self {
            url,
            event_types: has_types
                .then(|| types.unwrap_or_else(|| vec![EVENT_TYPES_DEFAULT.to_owned()])),
            headers: has_headers.then(|| headers.unwrap_or_default()),
            tls: has_tls.then_some(tls),
            proxy: has_proxy.then_some(proxy),
            retry: has_retry.then_some(retry),
            max_in_flight: has_in_flight.then(|| in_flight.unwrap_or(IN_FLIGHT_DEFAULT)),
            rate_per_second: has_rate.then_some(rate),
            test_orders: has_test_orders.then(|| test_orders.unwrap_or(TEST_ORDERS_DEFAULT)),
        }
    }

    /// Checks that the caller may set these fields. A proxy reads whom the gateway connects to.
    pub(super) fn check_rights(&self, principal: Principal<'_>) -> Result<(), PartnerError> {
        match self.proxy.is_some() && !principal.is_operator {
            true => Err(PartnerError::OperatorsOnly(
                "Only an operator can set an endpoint's proxy. Leave `proxy` out.",
            )),
            false => Ok(()),
        }
    }

    /// For the audit log: the names of the fields, never their values.
    pub(super) fn changed_fields(&self) -> Vec<&'static str> {
        let named = [
            ("url", self.url.is_some()),
            ("event_types", self.event_types.is_some()),
            ("headers", self.headers.is_some()),
            ("tls", self.tls.is_some()),
            ("proxy", self.proxy.is_some()),
            ("retry", self.retry.is_some()),
            ("max_in_flight", self.max_in_flight.is_some()),
            ("rate_per_second", self.rate_per_second.is_some()),
            ("test_orders", self.test_orders.is_some()),
        ];
        named
            .into_iter()
            .filter_map(|(name, is_named)| is_named.then_some(name))
            .collect()
    }
}

impl HeaderPatch {
    /// The new headers, with values retained from the stored ones.
    pub(super) fn apply_to(self, stored: &HeaderSet) -> Result<HeaderSet, BodyError> {
        let mut headers = self.values;
        for name in self.retained {
            let value = stored
                .reveal()
                .find(|(stored_name, _)| *stored_name == name);
            let Some((_, value)) = value else {
                let detail = format!("the header `{name}` has no value yet; give one");
                return Err(BodyError::single(
                    "/headers",
                    Violation::new("header_value", detail),
                ));
            };
            headers.insert(name, value.to_owned());
        }
        HeaderSet::parse(&headers).map_err(|bad| BodyError::single("/headers", header_flaw(&bad)))
    }
}

/// Reads names and values. Violations point to the object and name the header.
fn parse_headers(body: &mut Reader<'_>) -> Option<HeaderPatch> {
    let members: Members<'_> = body.optional("headers", |value| match value {
        Json::Object(members) => Ok(members),
        _ => Err(Violation::new("wrong_type", "must be an object")),
    })?;
    let mut patch = HeaderPatch::default();
    let mut all = BTreeMap::new();
    for (name, value) in members {
        // The reader has refused it, and it must not be quoted.
        if contains_card_in(&name, TextKind::Identifier) {
            return None;
        }
        let value = match value {
            Json::Null => {
                patch.retained.push(name.to_ascii_lowercase());
                String::new()
            }
            Json::String(value) => {
                let value = value.into_owned();
                patch
                    .values
                    .insert(name.to_ascii_lowercase(), value.clone());
                value
            }
            _ => {
                let detail = "each header must be a string, or null to keep its value";
                body.refuse("/headers", Violation::new("wrong_type", detail));
                return None;
            }
        };
        if all.insert(name.to_string(), value).is_some() {
            body.refuse(
                "/headers",
                header_flaw(&BadHeader::Twice(name.into_owned())),
            );
            return None;
        }
    }
    if let Err(bad) = HeaderSet::parse(&all) {
        body.refuse("/headers", header_flaw(&bad));
        return None;
    }
    Some(patch)
}

fn header_flaw(bad: &BadHeader) -> Violation {
    Violation::new(bad.code(), bad.to_string())
}

fn parse_retry(body: &mut Reader<'_>) -> Option<Vec<i64>> {
    let delays = body.optional_values("retry", 0..=DELAYS_MAX, integer(i64::MIN..=i64::MAX))?;
    match RetrySchedule::new(&delays) {
        Ok(_) => Some(delays),
        Err(fault) => {
            body.refuse(
                "/retry",
                Violation::new("retry_schedule", fault.to_string()),
            );
            None
        }
    }
}

fn parse_rate(value: Json<'_>) -> Result<f64, Violation> {
    value
        .as_f64()
        .filter(|rate| (RATE_MIN..=RATE_MAX).contains(rate))
        .ok_or_else(|| {
            let detail = format!(
                "must be a number above 0 (at least one an hour) and at most {RATE_MAX}, or null"
            );
            Violation::new("out_of_range", detail)
        })
}

fn parse_pattern(text: &str) -> Result<String, Violation> {
    EventPattern::parse(text).map(|pattern| pattern.as_str().to_owned())
}
