//! This node's clock beside the database's: signatures carry the one, due times the other.
//!
//! Promises: a difference that is too large is told at the start, every minute from then on, and as a metric. Must not
//! mend it: which of the two is wrong is not known here.

use std::time::Duration;

use time::OffsetDateTime;

use crate::db::DatabaseError;
use crate::store::Store;
use crate::telemetry::NodeMetrics;

/// Kept clocks differ by less than a tenth of a second. Two seconds are a clock that nobody keeps, told long before
/// receivers refuse signatures, which they do from five minutes on.
const OFFSET_MAX_S: f64 = 2.0;
/// A clock that nobody keeps drifts by seconds a day.
const POLL_INTERVAL: Duration = Duration::from_secs(60);

/// Looks for as long as the gateway runs.
pub(super) async fn watch(store: Store, metrics: NodeMetrics) {
    loop {
        match offset_s(&store).await {
            Ok(seconds) => {
                metrics.set_clock_offset(seconds);
                if let Some(warning) = offset_warning(seconds) {
                    tracing::warn!("boot.clock: {warning}");
                }
            }
            Err(error) => {
                tracing::debug!(error = %error, "boot.clock: the database did not answer")
            }
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Seconds by which the database's clock is ahead of this node's, at least.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn offset_s(store: &Store) -> Result<f64, DatabaseError> {
    let before = OffsetDateTime::now_utc();
    let database_time = store.database_time().await?;
    Ok(offset_between(
        before,
        database_time,
        OffsetDateTime::now_utc(),
    ))
}

/// What is wrong with such a difference, if anything.
pub(crate) fn offset_warning(seconds: f64) -> Option<String> {
    let direction = match seconds > 0.0 {
        true => "behind",
        false => "ahead of",
    };
    (seconds.abs() > OFFSET_MAX_S).then(|| {
        format!(
            "this machine's clock is {:.1} s {direction} the database's: signatures carry this machine's time and receivers refuse them from 5 minutes on; keep the clocks of all machines with NTP",
            seconds.abs()
        )
    })
}

/// The database read its clock at some time between these two of ours.
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
