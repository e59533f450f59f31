//! An endpoint's attempts of the last 24 hours.

use crate::console::chart;
use crate::console::format::{counted, grouped};
use crate::console::partners::attempts::{AttemptHours, HourRow};
use crate::http::console::hours::{hour, latencies};
use crate::store::delivery::stats::StatsPoint;

const CLASSES: [&str; 3] = ["area ok", "area warn", "area bad"];

pub(super) fn attempt_hours(hours: &[StatsPoint]) -> AttemptHours {
    let counts: Vec<_> = hours.iter().map(outcomes).collect();
    let is_empty = counts.iter().flatten().all(|count| *count == 0);
    AttemptHours {
        summary: summary(hours),
        bars: match is_empty {
            true => Vec::new(),
            false => chart::stacked(&counts, CLASSES),
        },
        from: hours
            .first()
            .map_or_else(String::new, |first| hour(first.at)),
        rows: hours.iter().rev().map(row).collect(),
    }
}

fn outcomes(hour: &StatsPoint) -> [i64; 3] {
    [hour.delivered, hour.failed, hour.dead]
}

fn summary(hours: &[StatsPoint]) -> String {
    let sum = |count: fn(&StatsPoint) -> i64| hours.iter().map(count).sum::<i64>();
    let (delivered, failed, dead) = (
        sum(|hour| hour.delivered),
        sum(|hour| hour.failed),
        sum(|hour| hour.dead),
    );
    let Some((half, most)) = latencies(hours) else {
        return "No attempt was made.".to_owned();
    };
    format!(
        "{}: {} delivered, {} failed, {} were the last of a delivery that is dead. Half of them took {half}, 99 % {most}.",
        counted(delivered + failed + dead, "attempt", "attempts"),
        grouped(delivered),
        grouped(failed),
        grouped(dead),
    )
}

fn row(point: &StatsPoint) -> HourRow {
    let none = || ("–".to_owned(), "–".to_owned());
    let (half, most) = latencies([point]).unwrap_or_else(none);
    HourRow {
        hour: hour(point.at),
        delivered: grouped(point.delivered),
        failed: grouped(point.failed),
        dead: grouped(point.dead),
        half,
        most,
    }
}
