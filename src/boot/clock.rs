//! This node's clock beside the database's: signatures carry the one, due times the other.
//!
//! Promises: a difference that is too large is told at the start, every minute from then on, and as a metric. Must not
//! mend it: which of the two is wrong is not known here.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use crate::store::{Store, StoreError};
use crate::telemetry::Metrics;

/// Kept clocks differ by less than a tenth of a second. Two seconds are a clock that nobody keeps, told long before
/// receivers refuse signatures, which they do from five minutes on.
const TOLERATED_S: f64 = 2.0;
/// A clock that nobody keeps drifts by seconds a day.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Looks for as long as the gateway runs.
pub(super) async fn watch(store: Store, metrics: Arc<Metrics>) {
    loop {
        match offset_s(&store).await {
            Ok(seconds) => {
                metrics.set_clock_offset(seconds);
                if let Some(told) = too_far(seconds) {
                    tracing::warn!("boot.clock: {told}");
                }
            }
            Err(error) => {
                tracing::debug!(error = %error, "boot.clock: the database did not answer")
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Seconds by which the database's clock is ahead of this node's, at least.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn offset_s(store: &Store) -> Result<f64, StoreError> {
    let asked_at = OffsetDateTime::now_utc();
    let told = store.clock().await?;
    Ok(difference(asked_at, told, OffsetDateTime::now_utc()))
}

/// What is wrong with such a difference, if anything.
pub(crate) fn too_far(seconds: f64) -> Option<String> {
    let direction = match seconds > 0.0 {
        true => "behind",
        false => "ahead of",
    };
    (seconds.abs() > TOLERATED_S).then(|| {
        format!(
            "this machine's clock is {:.1} s {direction} the database's: signatures carry this machine's time and receivers refuse them from 5 minutes on; keep the clocks of all machines with NTP",
            seconds.abs()
        )
    })
}

/// The database read its clock at some time between these two of ours.
fn difference(before: OffsetDateTime, told: OffsetDateTime, after: OffsetDateTime) -> f64 {
    let certain = match (told < before, told > after) {
        (true, _) => told - before,
        (_, true) => told - after,
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
        let told = |seconds| before + time::Duration::seconds(seconds);
        for (seconds, differs) in [(0, 0.0), (3, 0.0), (5, 0.0), (9, 4.0), (-60, -60.0)] {
            let found = difference(before, told(seconds), after);
            assert!((found - differs).abs() < 1e-9, "{seconds}: {found}");
        }
        assert!(too_far(1.9).is_none() && too_far(-1.9).is_none());
        assert!(too_far(40.0).is_some_and(|told| told.contains("40.0 s behind")));
        assert!(too_far(-40.0).is_some_and(|told| told.contains("40.0 s ahead")));
    }
}
