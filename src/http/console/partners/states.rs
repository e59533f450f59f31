//! Whether a partner and its endpoints work, in words.

use time::OffsetDateTime;

use crate::console::format::{counted, span};
use crate::console::state::State;
use crate::store::partners::endpoints::Endpoint;

/// The state of an endpoint, and what follows its word.
pub(super) fn of_endpoint(
    endpoint: &Endpoint,
    is_suspended: bool,
    now: OffsetDateTime,
) -> (State, String) {
    if endpoint.status != "enabled" {
        return (State::bad("Disabled"), disabled(endpoint, now));
    }
    if is_suspended {
        let text = "its partner is suspended, so its deliveries wait";
        return (State::waiting("Waits"), text.to_owned());
    }
    let since = endpoint.failing_since.map(|since| span(now - since));
    let failing = since.map_or_else(
        || "its last attempts have failed".to_owned(),
        |since| format!("every attempt has failed for {since}"),
    );
    match endpoint.circuit.as_str() {
        "open" => (
            State::bad("Failing"),
            format!(
                "{failing}. Only a probe is sent from time to time, and all else waits until one is accepted"
            ),
        ),
        "half_open" => (
            State::warn("Recovering"),
            format!("{failing}. Probes are being sent, and all else waits until they are accepted"),
        ),
        _ if endpoint.failing_since.is_some() => (
            State::warn("Failing"),
            format!("{failing}. Attempts are repeated on their schedule"),
        ),
        _ => (State::ok("Works"), "no attempt is failing".to_owned()),
    }
}

fn disabled(endpoint: &Endpoint, now: OffsetDateTime) -> String {
    let cause = match (endpoint.status_reason.as_deref(), endpoint.failing_since) {
        (Some("gone"), _) => "it answered that it is gone".to_owned(),
        (Some("failing"), Some(since)) => {
            format!("every attempt had failed, since {} ago", span(now - since))
        }
        (Some("failing"), None) => "every attempt had failed".to_owned(),
        _ => "somebody paused it".to_owned(),
    };
    format!("{cause}. Nothing is sent, and deliveries wait for at most 30 days")
}

/// The state of a partner by its endpoints: how many work, fail and are disabled.
pub(super) fn of_partner(
    is_suspended: bool,
    working: i64,
    failing: i64,
    disabled: i64,
) -> (State, String) {
    let all = working + failing + disabled;
    if is_suspended {
        let text =
            "its keys are refused, its deliveries wait, and nothing of it is pulled, shown or sold";
        return (State::bad("Suspended"), text.to_owned());
    }
    if all == 0 {
        let text = "it has no endpoint, so nothing is sent to it";
        return (State::idle("No endpoint"), text.to_owned());
    }
    let endpoints = counted(all, "endpoint", "endpoints");
    if failing == 0 && disabled == 0 {
        let text = match all {
            1 => "its endpoint accepts what is sent".to_owned(),
            _ => format!("all {endpoints} accept what is sent"),
        };
        return (State::ok("Works"), text);
    }
    let text = format!("of {endpoints}, {}", by_state(working, failing, disabled));
    match working {
        0 => (State::bad("Receives nothing"), text),
        _ => (State::warn("Partly"), text),
    }
}

/// Such as `2 work, 1 fails`.
pub(super) fn by_state(working: i64, failing: i64, disabled: i64) -> String {
    let parts = [
        (working, "works", "work"),
        (failing, "fails", "fail"),
        (disabled, "is disabled", "are disabled"),
    ];
    let parts = parts.iter().filter(|(count, ..)| *count > 0);
    let parts: Vec<_> = parts
        .map(|(count, one, many)| counted(*count, one, many))
        .collect();
    match parts.is_empty() {
        true => "none".to_owned(),
        false => parts.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_is_as_good_as_its_endpoints() {
        let word =
            |working, failing, disabled| of_partner(false, working, failing, disabled).0.word;
        assert_eq!(word(0, 0, 0), "No endpoint");
        assert_eq!(word(2, 0, 0), "Works");
        assert_eq!(word(1, 1, 0), "Partly");
        assert_eq!(word(0, 1, 1), "Receives nothing");
        assert_eq!(of_partner(true, 1, 0, 0).0.word, "Suspended");
        assert_eq!(by_state(2, 1, 0), "2 work, 1 fails");
        assert_eq!(by_state(0, 0, 0), "none");
    }
}
