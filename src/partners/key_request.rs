//! What callers ask for when they issue a key.

use buywire_schemas::json::Json;
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, choice, name, timestamp};
use time::OffsetDateTime;

use super::NAME_CHARS;

/// The audit log's prefix for keys from the environment.
const RESERVED_PREFIX: &str = "environment:";

pub(super) struct KeyRequest {
    pub(super) role: &'static str,
    pub(super) label: String,
    /// `None`: never.
    pub(super) expires_at: Option<OffsetDateTime>,
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
        body.finish(|| {
            Some(Self {
                role: role?,
                label: label?,
                expires_at,
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

/// A time at which a key stops working: a key that never works helps nobody.
pub(super) fn parse_expiry(
    value: Json<'_>,
    now: OffsetDateTime,
) -> Result<OffsetDateTime, Violation> {
    let expires_at = timestamp(value)?;
    match expires_at > now {
        true => Ok(expires_at),
        false => Err(Violation::new("time_past", "must be in the future")),
    }
}
