//! A partner's reply, and what it means.
//!
//! Promises: every status has exactly one verdict; a readable `Retry-After` is never shortened here; junk is ignored,
//! never fatal. Must not decide when to retry: the schedule does.

mod body;

use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

pub use body::{Acceptance, DecodedBody, ParsedBody, classify_with, text_value};

/// A partner's reply, as far as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The raw value of `retry-after`.
    pub retry_after: Option<String>,
    /// The beginning of the body.
    pub body: Vec<u8>,
    /// Whether the body was longer than what was read.
    pub truncated: bool,
}

/// The partner's own references to an order that it accepted. At least one is present.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Acknowledgement {
    /// The partner's id for the order. Its callbacks may use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The number that the partner shows to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Where the partner shows the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permalink: Option<String>,
}

impl Acknowledgement {
    /// Itself, unless every member is absent.
    #[must_use]
    pub fn non_empty(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}

/// What a reply means for the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The partner accepted the delivery.
    Accepted,
    /// The endpoint is gone for good: disable it, and keep the delivery.
    Gone,
    /// Not accepted: retry on schedule.
    Retry {
        /// The time before which the partner asked us not to retry.
        after: Option<RetryAfter>,
        /// The kind of failure.
        reason: ReplyFailure,
    },
}

/// Why a reply is not an acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyFailure {
    /// 3xx. Redirects are never followed, because their target has not been checked.
    Redirect,
    /// 429: too many requests.
    Throttled,
    /// Any other 4xx.
    ClientError,
    /// 5xx.
    ServerError,
    /// A status that is not a final HTTP status.
    UnexpectedStatus,
    /// 2xx, but the body states that the delivery was not received.
    NotReceived,
    /// 2xx, but the body, which should state whether the delivery was received, is not JSON, is cut short, or has an
    /// unexpected form.
    UnreadableReply,
}

impl ReplyFailure {
    /// The stable name, which attempts show and replays filter by.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Throttled => "throttled",
            Self::ClientError => "client_error",
            Self::ServerError => "server_error",
            Self::UnexpectedStatus => "unexpected_status",
            Self::NotReceived => "not_received",
            Self::UnreadableReply => "unreadable_reply",
        }
    }

    const fn from_status(status: u16) -> Self {
        match status {
            300..=399 => Self::Redirect,
            429 => Self::Throttled,
            400..=499 => Self::ClientError,
            500..=599 => Self::ServerError,
            _ => Self::UnexpectedStatus,
        }
    }
}

impl fmt::Display for ReplyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Classifies a reply by its HTTP status: the default of every dialect.
///
/// 2xx is accepted and 410 is gone. Everything else is retried; 429 and 503 may name a time before which not to.
#[must_use]
pub fn classify(reply: &Reply, now: OffsetDateTime) -> Verdict {
    match reply.status {
        200..=299 => Verdict::Accepted,
        410 => Verdict::Gone,
        status => Verdict::Retry {
            after: match status {
                429 | 503 => reply.parse_retry_after(now),
                _ => None,
            },
            reason: ReplyFailure::from_status(status),
        },
    }
}

impl Reply {
    fn parse_retry_after(&self, now: OffsetDateTime) -> Option<RetryAfter> {
        RetryAfter::parse(self.retry_after.as_deref()?, now)
    }
}

/// The time before which the partner asked us not to retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetryAfter {
    not_before: OffsetDateTime,
}

impl RetryAfter {
    /// Reads a `Retry-After` value that arrived at `now`: whole seconds, or an HTTP date in any of its three forms. `None`
    /// for anything else.
    #[must_use]
    pub fn parse(value: &str, now: OffsetDateTime) -> Option<Self> {
        let value = value.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than fit into a number still mean "much later".
            return Some(Self::from_seconds(value.parse().unwrap_or(i64::MAX), now));
        }
        let date: SystemTime = httpdate::parse_http_date(value).ok()?;
        Some(Self {
            not_before: date.into(),
        })
    }

    /// A number of seconds after `now`, or the latest representable time.
    #[must_use]
    pub fn from_seconds(seconds: i64, now: OffsetDateTime) -> Self {
        Self {
            not_before: now.saturating_add(Duration::seconds(seconds)),
        }
    }

    /// The time asked for, which may be in the past.
    #[must_use]
    pub const fn not_before(self) -> OffsetDateTime {
        self.not_before
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

    fn verdict(status: u16, retry_after: Option<&str>) -> Verdict {
        let reply = Reply {
            status,
            retry_after: retry_after.map(str::to_owned),
            ..Reply::default()
        };
        classify(&reply, NOW)
    }

    fn retry(reason: ReplyFailure, after_s: Option<i64>) -> Verdict {
        Verdict::Retry {
            after: after_s.map(|seconds| RetryAfter::from_seconds(seconds, NOW)),
            reason,
        }
    }

    #[test]
    fn every_status_has_its_verdict() {
        for status in 0..=u16::MAX {
            let expected = match status {
                200..=299 => Verdict::Accepted,
                410 => Verdict::Gone,
                300..=399 => retry(ReplyFailure::Redirect, None),
                429 => retry(ReplyFailure::Throttled, None),
                400..=499 => retry(ReplyFailure::ClientError, None),
                500..=599 => retry(ReplyFailure::ServerError, None),
                _ => retry(ReplyFailure::UnexpectedStatus, None),
            };
            assert_eq!(verdict(status, None), expected, "status {status}");
        }
    }

    #[test]
    fn retry_after_counts_for_429_and_503_alone() {
        assert_eq!(
            verdict(429, Some("120")),
            retry(ReplyFailure::Throttled, Some(120))
        );
        assert_eq!(
            verdict(503, Some(" 7 ")),
            retry(ReplyFailure::ServerError, Some(7))
        );
        assert_eq!(
            verdict(500, Some("120")),
            retry(ReplyFailure::ServerError, None)
        );
        assert_eq!(
            verdict(404, Some("120")),
            retry(ReplyFailure::ClientError, None)
        );
        assert_eq!(
            verdict(302, Some("120")),
            retry(ReplyFailure::Redirect, None)
        );
        assert_eq!(verdict(200, Some("120")), Verdict::Accepted);
        assert_eq!(verdict(410, Some("120")), Verdict::Gone);
    }

    #[test]
    fn all_three_forms_of_an_http_date_are_read() {
        for date in [
            "Fri, 20 Nov 2026 10:05:00 GMT",
            "Friday, 20-Nov-26 10:05:00 GMT",
            "Fri Nov 20 10:05:00 2026",
        ] {
            assert_eq!(
                verdict(503, Some(date)),
                retry(ReplyFailure::ServerError, Some(300)),
                "{date}"
            );
        }
    }

    #[test]
    fn junk_asks_for_nothing() {
        for junk in [
            "",
            " ",
            "-5",
            "+5",
            "1.5",
            "soon",
            "5 minutes",
            "0x10",
            "٣",
            "Fri, 32 Nov 2026 10:05:00 GMT",
        ] {
            assert_eq!(RetryAfter::parse(junk, NOW), None, "{junk:?}");
        }
    }

    #[test]
    fn more_digits_than_a_number_holds_mean_very_much_later() {
        let parsed = RetryAfter::parse(&"9".repeat(400), NOW).unwrap();
        assert!(parsed.not_before() > NOW + Duration::days(36_500));
    }

    proptest! {
        #[test]
        fn no_value_of_the_header_panics(value in "\\PC{0,40}") {
            let _ = RetryAfter::parse(&value, NOW);
        }

        #[test]
        fn no_damaged_date_panics(mut value in Just(b"Fri, 20 Nov 2026 10:05:00 GMT".to_vec()), at in 0_usize..29, byte in 0_u8..128) {
            value[at] = byte;
            let _ = RetryAfter::parse(std::str::from_utf8(&value).unwrap(), NOW);
        }
    }
}
