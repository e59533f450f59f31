//! What callers request of a key, when they issue and when they change it.

use buywire_schemas::json::Json;
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, choice, integer, name, timestamp};
use time::OffsetDateTime;

use super::NAME_CHARS;
use crate::store::partners::api_keys::{KeyChange, KeyLimits};

/// More than a gateway can answer, per second or at once.
const LIMIT_MAX: i64 = 1_000_000;
/// The audit log's prefix for keys from the environment.
const RESERVED_PREFIX: &str = "environment:";

pub(super) struct KeyRequest {
    pub(super) role: &'static str,
    pub(super) label: String,
    /// `None`: never.
    pub(super) expires_at: Option<OffsetDateTime>,
    pub(super) limits: KeyLimits,
}

impl KeyRequest {
    pub(super) fn with_role(body: &[u8], now: OffsetDateTime) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let roles = &[
            ("platform", "platform"),
            ("agent", "agent"),
            ("operator", "operator"),
        ];
        let role = body.required("role", choice(roles));
        Self::read(body, role, now)
    }

    pub(super) fn of_partner(body: &[u8], now: OffsetDateTime) -> Result<Self, BodyError> {
        Self::read(Reader::object(body)?, Some("partner"), now)
    }

    fn read(
        mut body: Reader<'_>,
        role: Option<&'static str>,
        now: OffsetDateTime,
    ) -> Result<Self, BodyError> {
        let label = body.required("label", parse_label);
        let expires_at = body.optional("expires_at", |value| parse_expiry(value, now));
        let limits = KeyLimits {
            requests_per_second: body.optional("requests_per_second", parse_limit),
            burst: body.optional("burst", parse_limit),
        };
        body.finish(|| {
            Some(Self {
                role: role?,
                label: label?,
                expires_at,
                limits,
            })
        })
    }
}

/// A label that cannot be mistaken for a key from the environment.
fn parse_label(value: Json<'_>) -> Result<String, Violation> {
    let label = name(NAME_CHARS)(value)?;
    let begins = label.get(..RESERVED_PREFIX.len());
    if begins.is_some_and(|begins| begins.eq_ignore_ascii_case(RESERVED_PREFIX)) {
        return Err(Violation::new(
            "label_reserved",
            "must not begin with `environment:`, which marks keys from the environment",
        ));
    }
    Ok(label)
}

/// What an operator changes of a key.
pub(super) fn parse_change(body: &[u8], now: OffsetDateTime) -> Result<KeyChange, BodyError> {
    let mut body = Reader::object(body)?;
    let is_given = ["expires_at", "requests_per_second", "burst"].map(|name| body.has(name));
    let expires_at = body.optional("expires_at", |value| parse_expiry(value, now));
    let rate = body.optional("requests_per_second", parse_limit);
    let burst = body.optional("burst", parse_limit);
    let [has_expiry, has_rate, has_burst] = is_given;
    body.finish(|| {
        Some(KeyChange {
            expires_at: has_expiry.then_some(expires_at),
            requests_per_second: has_rate.then_some(rate),
            burst: has_burst.then_some(burst),
        })
    })
}

fn parse_limit(value: Json<'_>) -> Result<u32, Violation> {
    let limit = integer(1..=LIMIT_MAX)(value)?;
    Ok(u32::try_from(limit).unwrap_or(u32::MAX))
}

/// A time at which a key stops working: a key that never works helps nobody.
fn parse_expiry(value: Json<'_>, now: OffsetDateTime) -> Result<OffsetDateTime, Violation> {
    let expires_at = timestamp(value)?;
    match expires_at > now {
        true => Ok(expires_at),
        false => Err(Violation::new("time_past", "must be in the future")),
    }
}
