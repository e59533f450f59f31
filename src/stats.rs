//! Statistics by the minute: counted in memory, and added up in the database every ten seconds.
//!
//! Promises: counting costs no statement and waits for nobody; a crash loses at most the last ten seconds of figures, and
//! never an order or a delivery; what the database may have taken already is not added again. Must not decide anything.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use buywire_schemas::ids::{EndpointId, PartnerId};
use time::OffsetDateTime;

use crate::db::DatabaseError;
use crate::jobs::Job;
use crate::store::Store;
use crate::store::delivery::stats::{LATENCY_BOUNDS_MS, StatsCounts, StatsRow, StatsSubject};

/// How often figures are written.
const FLUSH_INTERVAL: Duration = Duration::from_secs(10);
/// Minutes of endpoints that wait for the database; what comes beyond is not counted. Half an hour of 2,000 endpoints.
const WAITING_MAX: usize = 60_000;
/// Rows in one statement.
const ROWS_MAX: usize = 5_000;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttemptResult {
    Delivered,
    /// It is retried.
    Failed,
    /// It was the last.
    Dead,
}

/// What this node has counted. Clones count together.
#[derive(Clone, Default)]
pub(crate) struct Stats(Arc<Mutex<Counted>>);

/// By the minute, as the number of minutes since 1970.
#[derive(Default)]
struct Counted {
    attempts: HashMap<(EndpointId, i64), (PartnerId, StatsCounts)>,
    orders: BTreeMap<i64, i64>,
}

impl Stats {
    /// An attempt has ended.
    pub(crate) fn count_attempt(
        &self,
        (partner, endpoint): (PartnerId, EndpointId),
        result: AttemptResult,
        duration_ms: i32,
        now: OffsetDateTime,
    ) {
        let mut counted = self.counted();
        let key = (endpoint, minute_of(now));
        if counted.attempts.len() >= WAITING_MAX && !counted.attempts.contains_key(&key) {
            return;
        }
        let entry = counted.attempts.entry(key);
        let (_, counts) = entry.or_insert_with(|| (partner, StatsCounts::default()));
        match result {
            AttemptResult::Delivered => counts.delivered += 1,
            AttemptResult::Failed => counts.failed += 1,
            AttemptResult::Dead => counts.dead += 1,
        }
        counts.latency_ms += i64::from(duration_ms);
        let class = LATENCY_BOUNDS_MS.partition_point(|bound| *bound < duration_ms);
        if let Some(class) = counts.latencies.get_mut(class) {
            *class += 1;
        }
    }

    /// An order was accepted.
    pub(crate) fn count_order(&self, now: OffsetDateTime) {
        *self.counted().orders.entry(minute_of(now)).or_default() += 1;
    }

    /// Writes what was counted.
    pub(crate) fn job(&self, store: Store) -> Job {
        let stats = self.clone();
        Job::new("stats.flush", FLUSH_INTERVAL, move || {
            let (stats, store) = (stats.clone(), store.clone());
            async move { stats.flush(&store).await }
        })
    }

    /// Writes what was counted. What the database refuses is kept for the next time, unless it may have been added.
    pub(crate) async fn flush(&self, store: &Store) -> Result<(), DatabaseError> {
        let counted = std::mem::take(&mut *self.counted());
        let rows = rows(&counted);
        for (index, slice) in rows.chunks(ROWS_MAX).enumerate() {
            let added = store.add_stats(slice).await;
            // A later slice cannot be told from the first in what was counted: it is lost.
            if let Err(error) = added {
                if index == 0 && !error.outcome_unknown() {
                    self.put_back(counted);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn put_back(&self, earlier: Counted) {
        let mut counted = self.counted();
        for (key, (partner, counts)) in earlier.attempts {
            let (_, sum) = counted
                .attempts
                .entry(key)
                .or_insert_with(|| (partner, StatsCounts::default()));
            *sum = plus(*sum, counts);
        }
        for (minute, orders) in earlier.orders {
            *counted.orders.entry(minute).or_default() += orders;
        }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A row for each endpoint, partner and for the gateway in each minute.
fn rows(counted: &Counted) -> Vec<StatsRow> {
    let mut sums: BTreeMap<(StatsSubject, i64), StatsCounts> = BTreeMap::new();
    let mut add = |subject, minute, counts| {
        let sum = sums.entry((subject, minute)).or_default();
        *sum = plus(*sum, counts);
    };
    for ((endpoint, minute), (partner, counts)) in &counted.attempts {
        add(StatsSubject::Endpoint(*endpoint), *minute, *counts);
        add(StatsSubject::Partner(*partner), *minute, *counts);
        add(StatsSubject::Gateway, *minute, *counts);
    }
    for (minute, orders) in &counted.orders {
        let counts = StatsCounts {
            orders: *orders,
            ..StatsCounts::default()
        };
        add(StatsSubject::Gateway, *minute, counts);
    }
    let rows = sums.into_iter().filter_map(|((subject, minute), counts)| {
        let minute = OffsetDateTime::from_unix_timestamp(minute * 60).ok()?;
        Some(StatsRow {
            subject,
            minute,
            counts,
        })
    });
    rows.collect()
}

fn plus(one: StatsCounts, other: StatsCounts) -> StatsCounts {
    let mut latencies = one.latencies;
    let added = latencies.iter_mut().zip(other.latencies);
    added.for_each(|(sum, count)| *sum += count);
    StatsCounts {
        orders: one.orders + other.orders,
        delivered: one.delivered + other.delivered,
        failed: one.failed + other.failed,
        dead: one.dead + other.dead,
        latency_ms: one.latency_ms + other.latency_ms,
        latencies,
    }
}

fn minute_of(at: OffsetDateTime) -> i64 {
    at.unix_timestamp().div_euclid(60)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_attempt_counts_for_its_endpoint_its_partner_and_the_gateway() {
        let stats = Stats::default();
        let (partner, one, other) = (
            PartnerId::generate(),
            EndpointId::generate(),
            EndpointId::generate(),
        );
        let at = datetime!(2026-11-30 12:00:59 UTC);
        stats.count_attempt((partner, one), AttemptResult::Delivered, 10, at);
        stats.count_attempt((partner, one), AttemptResult::Failed, 11, at);
        stats.count_attempt((partner, other), AttemptResult::Dead, 5_001, at);
        stats.count_order(at);
        stats.count_order(at + Duration::from_secs(1));
        let rows = rows(&stats.counted());
        let of = |subject, minute| {
            let mut found = rows
                .iter()
                .filter(|row| row.subject == subject && row.minute == minute);
            found.next().map(|row| row.counts)
        };
        let minute = datetime!(2026-11-30 12:00 UTC);
        let gateway = of(StatsSubject::Gateway, minute).unwrap();
        assert_eq!((gateway.delivered, gateway.failed, gateway.dead), (1, 1, 1));
        assert_eq!((gateway.orders, gateway.latency_ms), (1, 5_022));
        assert_eq!(gateway.latencies, [1, 1, 0, 0, 0, 0, 0, 1]);
        let own = of(StatsSubject::Partner(partner), minute).unwrap();
        assert_eq!((own.orders, own.latency_ms), (0, 5_022));
        let endpoint = of(StatsSubject::Endpoint(one), minute).unwrap();
        assert_eq!(
            (endpoint.delivered, endpoint.failed, endpoint.dead),
            (1, 1, 0)
        );
        let next = of(StatsSubject::Gateway, datetime!(2026-11-30 12:01 UTC));
        assert_eq!(next.map(|next| (next.orders, next.delivered)), Some((1, 0)));
        assert_eq!(rows.len(), 5);
    }

    #[test]
    fn what_could_not_be_written_is_added_to_what_came_meanwhile() {
        let stats = Stats::default();
        let (partner, endpoint) = (PartnerId::generate(), EndpointId::generate());
        let at = datetime!(2026-11-30 12:00 UTC);
        let count = || stats.count_attempt((partner, endpoint), AttemptResult::Delivered, 5, at);
        count();
        stats.count_order(at);
        let earlier = std::mem::take(&mut *stats.counted());
        count();
        stats.put_back(earlier);
        let rows = rows(&stats.counted());
        let counts: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    row.counts.delivered,
                    row.counts.orders,
                    row.counts.latencies[0],
                )
            })
            .collect();
        assert_eq!(counts, [(2, 1, 2), (2, 0, 2), (2, 0, 2)]);
    }
}
