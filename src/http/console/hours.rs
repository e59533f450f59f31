//! An endpoint's last 24 hours, hour by hour, as charts and tables show them.

use buywire_schemas::ids::EndpointId;
use time::{Duration, OffsetDateTime};

use crate::console::chart::percentile;
use crate::http::AppState;
use crate::http::problem::ApiError;
use crate::store::delivery::stats::{LATENCY_BOUNDS_MS, StatsPoint, StatsStep, StatsSubject};

/// Hours on a page, the one that has begun included.
const HOURS: i64 = 24;

/// The endpoint's last 24 hours, oldest first, those without attempts included.
pub(super) async fn last_hours(
    state: &AppState,
    endpoint: EndpointId,
    now: OffsetDateTime,
) -> Result<Vec<StatsPoint>, ApiError> {
    let subject = StatsSubject::Endpoint(endpoint);
    let span = (now - Duration::hours(HOURS), now);
    let limit = HOURS + 1;
    let found = state.store.stats(subject, StatsStep::Hour, span, limit);
    Ok(every_hour(&found.await?, now))
}

fn every_hour(points: &[StatsPoint], now: OffsetDateTime) -> Vec<StatsPoint> {
    let hour_of = |at: OffsetDateTime| at.unix_timestamp() / 3_600;
    let this_hour = hour_of(now);
    let hours = (this_hour - HOURS + 1)..=this_hour;
    let point = |hour: i64| {
        let at = OffsetDateTime::from_unix_timestamp(hour * 3_600).ok()?;
        let found = points.iter().find(|point| hour_of(point.at) == hour);
        Some(found.cloned().unwrap_or_else(|| StatsPoint::empty(at)))
    };
    hours.filter_map(point).collect()
}

/// Such as `2026-11-30 21:00 UTC`.
pub(super) fn hour(at: OffsetDateTime) -> String {
    format!("{} {:02}:00 UTC", at.date(), at.hour())
}

/// The attempts of some time by how long they took.
pub(super) fn histogram<'p>(points: impl IntoIterator<Item = &'p StatsPoint>) -> Vec<i64> {
    let mut all = vec![0; LATENCY_BOUNDS_MS.len() + 1];
    for point in points {
        for (sum, count) in all.iter_mut().zip(&point.latencies) {
            *sum += count;
        }
    }
    all
}

/// How long attempts took at most: half of them, and 99 of 100. `None` without attempts.
pub(super) fn latencies<'p>(
    points: impl IntoIterator<Item = &'p StatsPoint>,
) -> Option<(String, String)> {
    let counts = histogram(points);
    let within = |share| percentile(&counts, &LATENCY_BOUNDS_MS, share);
    Some((within(0.5)?.to_string(), within(0.99)?.to_string()))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn hours_without_attempts_are_empty_and_older_ones_are_left_out() {
        let now = datetime!(2026-11-30 21:10 UTC);
        let mut old = StatsPoint::empty(datetime!(2026-11-29 21:00 UTC));
        let mut found = StatsPoint::empty(datetime!(2026-11-30 20:00 UTC));
        (old.failed, found.failed) = (1, 2);
        let hours = every_hour(&[old, found], now);
        assert_eq!(hours.len(), 24);
        assert_eq!(hours[0].at, datetime!(2026-11-29 22:00 UTC));
        let failed: Vec<_> = hours.iter().map(|hour| hour.failed).collect();
        assert_eq!(failed[22..], [2, 0]);
        assert_eq!(failed.iter().sum::<i64>(), 2);
        assert_eq!(hour(hours[23].at), "2026-11-30 21:00 UTC");
    }
}
