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

/// The figures of a period, each with the list behind it. Orders are counted for the whole gateway only.
pub(super) fn figures(
    points: &[StatsPoint],
    period: Period,
    backlog: &Backlog,
    dead: (i64, i64),
    is_of_partner: bool,
) -> Vec<Figure> {
    let recent = Recent::of(points, period);
    let orders = (!is_of_partner).then(|| orders(points, period, &recent));
    let others = [
        deliveries(points, &recent),
        accepted(points, period, &recent),
        waiting(backlog),
        oldest_past_due(backlog),
        dead_today(points, dead),
    ];
    orders.into_iter().chain(others).collect()
}

/// The last whole points: five minutes, or one hour. The current one is not complete.
struct Recent<'a> {
    points: &'a [StatsPoint],
    seconds: f64,
}

impl<'a> Recent<'a> {
    fn of(points: &'a [StatsPoint], period: Period) -> Self {
        let whole = points.len().saturating_sub(1);
        let count = if period == Period::Hour { 5 } else { 1 };
        let points = points.get(whole.saturating_sub(count)..whole);
        let points = points.unwrap_or_default();
        Self {
            seconds: period.points().0 as f64 * points.len().max(1) as f64,
            points,
        }
    }

    fn sum(&self, value: fn(&StatsPoint) -> i64) -> i64 {
        self.points.iter().map(value).sum()
    }

    fn per_second(&self, value: fn(&StatsPoint) -> i64) -> String {
        rate(self.sum(value) as f64 / self.seconds)
    }
}

const fn attempts(point: &StatsPoint) -> i64 {
    point.delivered + point.failed + point.dead
}

fn line(points: &[StatsPoint], value: fn(&StatsPoint) -> i64) -> Option<String> {
    let values: Vec<_> = points.iter().map(|point| value(point) as f64).collect();
    Some(chart::line(&values))
}

fn total(points: &[StatsPoint], value: fn(&StatsPoint) -> i64) -> String {
    grouped(points.iter().map(value).sum())
}

fn orders(points: &[StatsPoint], period: Period, recent: &Recent<'_>) -> Figure {
    let orders = |point: &StatsPoint| point.orders;
    Figure {
        name: "Orders",
        value: recent.per_second(orders),
        unit: "/s",
        href: format!("{BASE}/orders"),
        chart: line(points, orders),
        class: "",
        note: State::idle("Total"),
        note_text: format!("{} in {}", total(points, orders), period.text()),
    }
}

fn deliveries(points: &[StatsPoint], recent: &Recent<'_>) -> Figure {
    Figure {
        name: "Deliveries",
        value: recent.per_second(attempts),
        unit: "/s",
        href: format!("{BASE}/deliveries"),
        chart: line(points, attempts),
        class: "",
        note: State::idle("Total"),
        note_text: format!("{} attempts", total(points, attempts)),
    }
}

fn accepted(points: &[StatsPoint], period: Period, recent: &Recent<'_>) -> Figure {
    let (delivered, all) = (recent.sum(|point| point.delivered), recent.sum(attempts));
    let of_point = |point: &StatsPoint| match attempts(point) {
        0 => 1.0,
        all => point.delivered as f64 / all as f64,
    };
    let is_well = delivered * 100 >= all * 99;
    let (class, note) = match is_well {
        true => ("", State::ok("Fine")),
        false => ("warn", State::warn("Failing")),
    };
    Figure {
        name: match period {
            Period::Hour => "Accepted, 5 min",
            Period::Day | Period::Week => "Accepted, 1 h",
        },
        value: share(delivered, all),
        unit: "%",
        href: format!("{BASE}/failures?since=1h"),
        chart: Some(chart::share_line(
            &points.iter().map(of_point).collect::<Vec<_>>(),
        )),
        class,
        note,
        note_text: match all - delivered {
            0 => "no attempt failed".to_owned(),
            failed => format!("{} failed", grouped(failed)),
        },
    }
}

fn waiting(backlog: &Backlog) -> Figure {
    Figure {
        name: "Waiting",
        value: grouped(backlog.deliveries),
        unit: "",
        href: format!("{BASE}/deliveries?status=pending"),
        chart: None,
        class: "",
        note: State::waiting("Waiting"),
        note_text: "for the first or next attempt".to_owned(),
    }
}

fn oldest_past_due(backlog: &Backlog) -> Figure {
    let oldest = Duration::seconds_f64(backlog.oldest_seconds.clamp(0.0, 1e9));
    let is_late = oldest > Duration::MINUTE;
    Figure {
        name: "Oldest past due",
        value: span(oldest),
        unit: "",
        href: format!("{BASE}/deliveries?status=pending"),
        chart: None,
        class: "",
        note: match is_late {
            true => State::warn("Late"),
            false => State::ok("Fine"),
        },
        note_text: match &backlog.partner {
            Some(partner) if is_late => partner.clone(),
            _ => "nothing is late".to_owned(),
        },
    }
}

fn dead_today(points: &[StatsPoint], (today, yesterday): (i64, i64)) -> Figure {
    let class = if today > 0 { "bad" } else { "" };
    Figure {
        name: "Dead today",
        value: grouped(today),
        unit: "",
        href: format!("{BASE}/deliveries?status=dead"),
        chart: line(points, |point| point.dead),
        class,
        note: State::idle("Compared"),
        note_text: format!("yesterday {}", grouped(yesterday)),
    }
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
