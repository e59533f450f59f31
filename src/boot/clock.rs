//! This node's clock compared with the database's: signatures carry the one, due times the other.
//!
//! Promises: a difference that is too large is logged at the start and every minute, and is a metric. Must not
//! correct it: nothing here shows which of the two is wrong.

use std::time::Duration;

use time::OffsetDateTime;

use crate::ambient;
use crate::db::DatabaseError;
use crate::jobs::Job;
use crate::store::Store;
use crate::telemetry::NodeMetrics;

/// Synchronised clocks differ by less than a tenth of a second. Two seconds show a clock that is not synchronised, long
/// before receivers refuse signatures, which they do from five minutes on.
const OFFSET_MAX_S: f64 = 2.0;
/// A clock that is not synchronised drifts by seconds a day.
const POLL_INTERVAL: Duration = Duration::from_secs(60);

/// Measures the difference, and warns where it is too large.
pub(super) fn job(store: Store, metrics: NodeMetrics) -> Job {
    Job::new("boot.clock", POLL_INTERVAL, move || {
        let (store, metrics) = (store.clone(), metrics.clone());
        async move {
            let seconds = offset_s(&store).await?;
            metrics.set_clock_offset(seconds);
            if let Some(warning) = offset_warning(seconds) {
                tracing::warn!("boot.clock: {warning}");
            }
            Ok::<_, DatabaseError>(())
        }
    })
}

/// Seconds by which the database's clock is ahead of this node's, at least.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn offset_s(store: &Store) -> Result<f64, DatabaseError> {
    let before = ambient::now();
    let database_time = store.database_time().await?;
    Ok(offset_between(before, database_time, ambient::now()))
}

/// The warning for a difference that is too large.
pub(crate) fn offset_warning(seconds: f64) -> Option<String> {
    let direction = match seconds > 0.0 {
        true => "behind",
        false => "ahead of",
    };
    (seconds.abs() > OFFSET_MAX_S).then(|| {
        format!(
            "this machine's clock is {:.1} s {direction} the database's. Signatures carry this machine's time, and receivers refuse them from 5 minutes on. Synchronise the clocks of all machines with NTP",
            seconds.abs()
        )
    })
}

/// The database read its clock at some time between `before` and `after`.
fn offset_between(
    before: OffsetDateTime,
    database_time: OffsetDateTime,
    after: OffsetDateTime,
) -> f64 {
    let certain = match (database_time < before, database_time > after) {
        (true, _) => database_time - before,
        (_, true) => database_time - after,
        _ => return 0.0,
    };
    certain.as_seconds_f64()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn only_what_the_way_there_and_back_cannot_explain_is_a_difference() {
        let before = datetime!(2026-11-20 10:00:00 UTC);
        let after = datetime!(2026-11-20 10:00:05 UTC);
        let database_time = |seconds| before + time::Duration::seconds(seconds);
        for (seconds, differs) in [(0, 0.0), (3, 0.0), (5, 0.0), (9, 4.0), (-60, -60.0)] {
            let found = offset_between(before, database_time(seconds), after);
            assert!((found - differs).abs() < 1e-9, "{seconds}: {found}");
        }
        assert!(offset_warning(1.9).is_none() && offset_warning(-1.9).is_none());
        assert!(offset_warning(40.0).is_some_and(|warning| warning.contains("40.0 s behind")));
        assert!(offset_warning(-40.0).is_some_and(|warning| warning.contains("40.0 s ahead")));
    }
}
