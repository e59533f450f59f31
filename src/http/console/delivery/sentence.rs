//! What became of a delivery, in one sentence.

use time::OffsetDateTime;

use crate::console::format::{counted, span};
use crate::store::delivery::list::{AttemptView, DeliveryView};

/// What happened, in one sentence.
pub(super) fn sentence(
    found: &DeliveryView,
    attempts: &[AttemptView],
    waiting_for: Option<&str>,
    now: OffsetDateTime,
) -> String {
    let made = counted(found.attempt_count.into(), "attempt", "attempts");
    let last = attempts.last().map(last_result);
    match found.status.as_str() {
        "delivered" => match found.attempt_count {
            ..=1 => "accepted at the first attempt".to_owned(),
            _ => format!(
                "accepted after {made} in {}",
                span(found.delivered_at.unwrap_or(now) - found.created_at)
            ),
        },
        "dead" => {
            let since = found
                .died_at
                .map_or_else(String::new, |at| format!("for {}", span(now - at)));
            let reason = found.reason.as_deref().map_or_else(String::new, |reason| {
                format!(", because {}", dead_reason(reason))
            });
            let last = last.map_or_else(String::new, |last| format!(". The last {last}"));
            format!("{since}{reason} ({made}){last}")
        }
        _ => {
            let reason = waiting_for.map_or("for its turn", wait_reason);
            let last = last.map_or_else(String::new, |last| format!(". The last of {made} {last}"));
            format!("{reason}{last}")
        }
    }
}

fn last_result(attempt: &AttemptView) -> String {
    match (attempt.status_code, &attempt.error) {
        (Some(status), _) => format!("answered {status}"),
        (None, Some(error)) => format!("failed: {}", error.replace('_', " ")),
        (None, None) => "did not end".to_owned(),
    }
}

fn dead_reason(reason: &str) -> String {
    match reason {
        "exhausted" => "all attempts of its schedule failed".to_owned(),
        "expired" => "it was open for 30 days".to_owned(),
        "endpoint_deleted" => "its endpoint was deleted".to_owned(),
        other => other.replace('_', " "),
    }
}

fn wait_reason(reason: &str) -> &'static str {
    match reason {
        "suspended" => "until its partner is no longer suspended",
        "disabled" => "until its endpoint is enabled",
        "earlier_event" => "until an earlier event of its order has ended",
        "circuit" => "until its endpoint accepts a probe",
        "time" => "for its next attempt",
        "rate" => "for its endpoint's rate limit",
        _ => "for its turn",
    }
}
