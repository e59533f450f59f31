//! A replay in words: what it sends again, its state, how far it has come.

use std::fmt::Write as _;

use crate::console::format::grouped;
use crate::console::replays::list::Progress;
use crate::console::state::State;
use crate::store::delivery::replays::{Replay, ReplayFilter, ReplaySource};

/// Everything that a filter matches, such as `dead deliveries of acme with the error timeout`.
pub(super) fn describe(filter: &ReplayFilter) -> String {
    let mut text = match filter.status {
        ReplaySource::Dead => "dead deliveries",
        ReplaySource::Pending => "waiting deliveries",
        ReplaySource::Missing => "events without a delivery",
    }
    .to_owned();
    if let Some(partner) = &filter.partner {
        let _ = write!(text, " of {partner}");
    }
    if let Some(endpoint) = filter.endpoint {
        let _ = write!(text, " at {endpoint}");
    }
    if let Some(event_type) = filter.event_type {
        let _ = write!(text, ", {}", event_type.as_str());
    }
    if let Some(error) = &filter.error {
        let _ = write!(text, ", error {error}");
    }
    if let Some(group) = filter.failure_group {
        let _ = write!(text, ", failure group {group}");
    }
    text
}

/// The same as a title of its own.
pub(super) fn title(filter: &ReplayFilter) -> String {
    let text = describe(filter);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}

pub(super) fn state(replay: &Replay) -> State {
    match replay.status.as_str() {
        "running" => State::waiting("Running"),
        "paused" => State::warn("Paused"),
        "cancelled" => State::idle("Cancelled"),
        _ if replay.dead > 0 => State::warn("Done"),
        _ => State::ok("Done"),
    }
}

pub(super) fn progress(replay: &Replay) -> Progress {
    let passed = replay.enqueued + replay.skipped;
    Progress {
        passed,
        matched: replay.matched,
        text: match replay.matched {
            0 => "Nothing matched".to_owned(),
            matched => format!("{} of {}", grouped(passed), grouped(matched)),
        },
    }
}

#[cfg(test)]
mod tests {
    use buywire_schemas::text::Slug;

    use super::*;

    #[test]
    fn a_filter_reads_as_a_phrase() {
        let filter = ReplayFilter {
            status: ReplaySource::Dead,
            partner: None,
            endpoint: None,
            event_type: None,
            error: None,
            failure_group: None,
            since: None,
            until: None,
        };
        assert_eq!(describe(&filter), "dead deliveries");
        let filter = ReplayFilter {
            status: ReplaySource::Pending,
            partner: Some(Slug::parse("acme").unwrap()),
            event_type: Some("order.confirmed".parse().unwrap()),
            error: Some("timeout".to_owned()),
            ..filter
        };
        assert_eq!(
            describe(&filter),
            "waiting deliveries of acme, order.confirmed, error timeout"
        );
    }
}
