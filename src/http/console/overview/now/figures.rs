//! The six figures.

use time::Duration;

use super::Period;
use crate::console::chart;
use crate::console::format::{grouped, span};
use crate::console::overview::now::Figure;
use crate::console::state::State;
use crate::http::console::links::BASE;
use crate::store::delivery::stats::StatsPoint;
use crate::store::operations::PartnerBacklog;

/// What waits, of all partners or of one.
pub(super) struct Backlog {
    deliveries: i64,
    oldest_seconds: f64,
    /// Whose the oldest is.
    partner: Option<String>,
}

impl Backlog {
    pub(super) fn of(all: &[PartnerBacklog], own: Option<&str>) -> Self {
        let mut found = Self {
            deliveries: 0,
            oldest_seconds: 0.0,
            partner: None,
        };
        for backlog in all
            .iter()
            .filter(|one| own.is_none_or(|own| own == one.partner))
        {
            found.deliveries += backlog.deliveries;
            if backlog.oldest_seconds > found.oldest_seconds {
                found.oldest_seconds = backlog.oldest_seconds;
                found.partner = Some(backlog.partner.clone());
            }
        }
        found
    }
}

pub(super) fn figures(
    points: &[StatsPoint],
    period: Period,
    backlog: &Backlog,
    (today, yesterday): (i64, i64),
) -> Vec<Figure> {
    let seconds = period.points().0 as f64;
    let attempts = |point: &StatsPoint| point.delivered + point.failed + point.dead;
    let line = |value: &dyn Fn(&StatsPoint) -> i64| {
        chart::line(
            &points
                .iter()
                .map(|point| value(point) as f64)
                .collect::<Vec<_>>(),
        )
    };
    // The last whole points: five minutes, or one hour.
    let recent = points
        .len()
        .saturating_sub(if period == Period::Hour { 6 } else { 2 });
    let recent = points
        .get(recent..points.len().saturating_sub(1))
        .unwrap_or_default();
    let sum = |value: &dyn Fn(&StatsPoint) -> i64| recent.iter().map(value).sum::<i64>();
    let per_second = |sum: i64| rate(sum as f64 / (seconds * recent.len().max(1) as f64));
    let (delivered, all) = (sum(&|point| point.delivered), sum(&attempts));
    let deliveries = format!("{BASE}/deliveries");
    let shares: Vec<_> = points
        .iter()
        .map(|point| match attempts(point) {
            0 => 1.0,
            all => point.delivered as f64 / all as f64,
        })
        .collect();
    let is_well = delivered * 100 >= all * 99;
    let oldest = Duration::seconds_f64(backlog.oldest_seconds.clamp(0.0, 1e9));
    let is_late = oldest > Duration::MINUTE;
    vec![
        Figure {
            name: "Orders",
            value: per_second(sum(&|point| point.orders)),
            unit: "/s",
            href: format!("{BASE}/orders"),
            chart: Some(line(&|point| point.orders)),
            class: "",
            note: State::idle("Total"),
            note_text: format!(
                "{} in {}",
                grouped(points.iter().map(|point| point.orders).sum()),
                period.text()
            ),
        },
        Figure {
            name: "Deliveries",
            value: per_second(all),
            unit: "/s",
            href: deliveries.clone(),
            chart: Some(line(&attempts)),
            class: "",
            note: State::idle("Total"),
            note_text: format!("{} attempts", grouped(points.iter().map(attempts).sum())),
        },
        Figure {
            name: if period == Period::Hour {
                "Accepted, 5 min"
            } else {
                "Accepted, 1 h"
            },
            value: share(delivered, all),
            unit: "%",
            href: format!("{BASE}/failures?since=1h"),
            chart: Some(chart::share_line(&shares)),
            class: if is_well { "" } else { "warn" },
            note: if is_well {
                State::ok("Fine")
            } else {
                State::warn("Failing")
            },
            note_text: match all - delivered {
                0 => "no attempt failed".to_owned(),
                failed => format!("{} failed", grouped(failed)),
            },
        },
        Figure {
            name: "Waiting",
            value: grouped(backlog.deliveries),
            unit: "",
            href: format!("{deliveries}?status=pending"),
            chart: None,
            class: "",
            note: State::waiting("Waiting"),
            note_text: "for their first or next attempt".to_owned(),
        },
        Figure {
            name: "Oldest past due",
            value: span(oldest),
            unit: "",
            href: format!("{deliveries}?status=pending"),
            chart: None,
            class: "",
            note: if is_late {
                State::warn("Late")
            } else {
                State::ok("Fine")
            },
            note_text: match &backlog.partner {
                Some(partner) if is_late => partner.clone(),
                _ => "nothing is late".to_owned(),
            },
        },
        Figure {
            name: "Dead today",
            value: grouped(today),
            unit: "",
            href: format!("{deliveries}?status=dead"),
            chart: Some(line(&|point| point.dead)),
            class: if today > 0 { "bad" } else { "" },
            note: if today > 0 {
                State::bad("Dead")
            } else {
                State::ok("None")
            },
            note_text: format!("yesterday {}", grouped(yesterday)),
        },
    ]
}

/// A rate with as many digits as it needs.
fn rate(per_second: f64) -> String {
    match per_second {
        ..=0.0 => "0".to_owned(),
        0.0..10.0 => format!("{per_second:.2}"),
        10.0..100.0 => format!("{per_second:.1}"),
        _ => grouped(per_second.round() as i64),
    }
}

pub(super) fn share(part: i64, whole: i64) -> String {
    match whole {
        ..=0 => "–".to_owned(),
        _ if part == whole => "100".to_owned(),
        _ => format!(
            "{:.1}",
            (1_000.0 * part as f64 / whole as f64).floor() / 10.0
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_shares_have_the_digits_that_they_need() {
        assert_eq!(
            [0.0, 0.05, 9.994, 12.34, 1_234.6].map(rate),
            ["0", "0.05", "9.99", "12.3", "1,235"]
        );
        assert_eq!(share(0, 0), "–");
        assert_eq!(share(1, 3), "33.3");
        // One failure of many is never rounded away.
        assert_eq!(share(99_999, 100_000), "99.9");
        assert_eq!(share(7, 7), "100");
    }
}
