//! The filter of a new replay, as its page's query and its form have it.

use buywire_schemas::event::EventType;
use buywire_schemas::text::Slug;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::console::replays::new::ReplayFields;
use crate::http::console::links::since;
use crate::http::console::request::form::ConsoleForm;
use crate::http::delivery::replays::{ERROR_CHARS_MAX, RATE_DEFAULT, RATE_MAX};
use crate::store::delivery::replays::{ReplayFilter, ReplaySource};

const STATUSES: [(&str, &str); 3] = [
    ("dead", "Dead deliveries"),
    ("pending", "Waiting deliveries, now"),
    ("missing", "Events without a delivery"),
];

/// What was typed. A form sends its empty fields too.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct FilterFields {
    status: String,
    partner: String,
    endpoint: String,
    event_type: String,
    error: String,
    /// A span such as `2h`, or a time.
    since: String,
    failure_group: String,
    /// The list of deliveries has this filter too.
    order: String,
    rate: String,
}

impl FilterFields {
    pub(super) fn of_form(form: &ConsoleForm) -> Self {
        let text = |name| form.text(name).to_owned();
        Self {
            status: text("status"),
            partner: text("partner"),
            endpoint: text("endpoint"),
            event_type: text("event_type"),
            error: text("error"),
            since: text("since"),
            failure_group: text("failure_group"),
            order: text("order"),
            rate: text("rate"),
        }
    }

    /// The rate, in deliveries per second.
    pub(super) fn rate(&self) -> Result<i64, &'static str> {
        let text = self.rate.trim();
        if text.is_empty() {
            return Ok(RATE_DEFAULT);
        }
        let rate = text.parse().ok();
        rate.filter(|rate| (1..=RATE_MAX).contains(rate))
            .ok_or("A rate is a whole number from 1 to 10,000 deliveries a second.")
    }

    pub(super) fn parse(&self, now: OffsetDateTime) -> Result<ReplayFilter, &'static str> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        if given(&self.order).is_some() {
            return Err(
                "A replay cannot be narrowed to one order. Replay its deliveries from their own pages.",
            );
        }
        let status = match self.status.as_str() {
            "" | "dead" => ReplaySource::Dead,
            "pending" => ReplaySource::Pending,
            "missing" => ReplaySource::Missing,
            "delivered" => {
                return Err(
                    "What was accepted is not sent again in bulk. Replay a delivery from its own page.",
                );
            }
            _ => return Err("A replay sends what is dead, pending or missing."),
        };
        let partner = given(&self.partner).map(|slug| Slug::parse(&slug));
        let endpoint = given(&self.endpoint).map(|id| id.parse());
        let event_type = given(&self.event_type).map(|kind| kind.parse());
        let error = given(&self.error).filter(|_| status != ReplaySource::Missing);
        if error
            .as_ref()
            .is_some_and(|error| error.chars().count() > ERROR_CHARS_MAX)
        {
            return Err("An error's name has at most 64 characters.");
        }
        let group = given(&self.failure_group).filter(|_| status != ReplaySource::Missing);
        let group = group.map(|id| id.parse());
        Ok(ReplayFilter {
            status,
            partner: partner
                .transpose()
                .map_err(|_| "There is no such partner.")?,
            endpoint: endpoint
                .transpose()
                .map_err(|_| "An endpoint's id begins with ep_.")?,
            event_type: event_type
                .transpose()
                .map_err(|_| "There is no such event type.")?,
            error,
            failure_group: group
                .transpose()
                .map_err(|_| "A failure group's id begins with flg_.")?,
            since: match OffsetDateTime::parse(self.since.trim(), &Rfc3339) {
                Ok(at) => Some(at),
                Err(_) => since(&self.since, now)?,
            },
            until: None,
        })
    }

    /// The same filter with its times frozen, for the form that starts the replay.
    pub(super) fn frozen(&self, filter: &ReplayFilter) -> Vec<(&'static str, String)> {
        let since = filter.since.and_then(|at| at.format(&Rfc3339).ok());
        let all = [
            ("status", self.status.clone()),
            ("partner", self.partner.clone()),
            ("endpoint", self.endpoint.clone()),
            ("event_type", self.event_type.clone()),
            ("error", self.error.clone()),
            ("failure_group", self.failure_group.clone()),
            ("since", since.unwrap_or_default()),
        ];
        all.into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }

    /// The fields as the page shows them.
    pub(super) fn shown(&self, has_partner: bool) -> ReplayFields {
        ReplayFields {
            status: self.status.clone(),
            partner: self.partner.clone(),
            endpoint: self.endpoint.clone(),
            event_type: self.event_type.clone(),
            error: self.error.clone(),
            failure_group: self.failure_group.clone(),
            since: self.since.clone(),
            since_label: match self.status.as_str() {
                "pending" => "Created within",
                "missing" => "Emitted within",
                _ => "Died within",
            },
            statuses: STATUSES,
            event_types: EventType::ALL.iter().map(|kind| kind.as_str()).collect(),
            has_partner,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-30 12:00 UTC);

    #[test]
    fn a_span_is_frozen_when_the_page_is_made() {
        let typed = FilterFields {
            since: "2h".to_owned(),
            partner: "acme".to_owned(),
            ..FilterFields::default()
        };
        let filter = typed.parse(NOW).unwrap();
        assert_eq!(filter.since, Some(datetime!(2026-11-30 10:00 UTC)));
        let hidden = typed.frozen(&filter);
        assert_eq!(
            hidden,
            [
                ("partner", "acme".to_owned()),
                ("since", "2026-11-30T10:00:00Z".to_owned())
            ]
        );
        let again = FilterFields {
            since: "2026-11-30T10:00:00Z".to_owned(),
            ..typed
        };
        let later = datetime!(2026-11-30 13:00 UTC);
        assert_eq!(again.parse(later).unwrap(), filter);
    }

    #[test]
    fn what_cannot_be_replayed_in_bulk_is_explained() {
        let fault = |change: fn(&mut FilterFields)| {
            let mut typed = FilterFields::default();
            change(&mut typed);
            typed.parse(NOW).unwrap_err()
        };
        assert!(fault(|typed| typed.status = "delivered".into()).contains("own page"));
        assert!(fault(|typed| typed.order = "P-1".into()).contains("one order"));
        assert!(fault(|typed| typed.since = "soon".into()).contains("time span"));
        assert!(fault(|typed| typed.error = "x".repeat(65)).contains("64"));
        let rate = |text: &str| {
            let rate = text.to_owned();
            FilterFields {
                rate,
                ..FilterFields::default()
            }
            .rate()
        };
        assert_eq!((rate(""), rate(" 75 ")), (Ok(50), Ok(75)));
        assert!(rate("0").is_err() && rate("10001").is_err() && rate("x").is_err());
    }
}
