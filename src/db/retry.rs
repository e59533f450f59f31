//! Retries with backoff, for what comes back: the database at boot, or a PostgreSQL that restarts.
//!
//! The only file that uses the `backoff` crate. It is the customer's choice and unmaintained (RUSTSEC-2025-0012, and
//! its `instant` RUSTSEC-2024-0384), so it only paces waits within this process, where a wrong delay costs time and
//! nothing else. Retries of deliveries are never decided here: they are a pure function of what the database stores.

use std::{fmt::Display, time::Duration};

use backoff::{ExponentialBackoff, ExponentialBackoffBuilder, future::retry_notify};

/// Short at first: most waits are for a restart that takes less than a second.
const WAIT_MIN: Duration = Duration::from_millis(100);
/// The longest wait between two attempts.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Repeats `attempt` with growing, jittered waits until it succeeds or its error cannot be retried. Each failure is
/// logged once, as a line that names `action`.
pub(crate) async fn retry_with_backoff<T, E, F>(
    action: &'static str,
    is_retryable: impl Fn(&E) -> bool,
    mut attempt: impl FnMut() -> F,
) -> Result<T, E>
where
    E: Display,
    F: Future<Output = Result<T, E>>,
{
    let attempt = || {
        let outcome = attempt();
        let is_retryable = &is_retryable;
        async move {
            outcome.await.map_err(|error| {
                if is_retryable(&error) {
                    backoff::Error::transient(error)
                } else {
                    backoff::Error::permanent(error)
                }
            })
        }
    };
    let report = |error: E, wait: Duration| {
        tracing::warn!(%error, retry_in_ms = wait.as_millis(), "db.retry: could not {action}, retrying");
    };
    retry_notify(backoff_policy(), attempt, report).await
}

fn backoff_policy() -> ExponentialBackoff {
    ExponentialBackoffBuilder::new()
        .with_initial_interval(WAIT_MIN)
        .with_max_interval(WAIT_MAX)
        .with_max_elapsed_time(None)
        .build()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    async fn attempts_until(end: Result<u32, &'static str>) -> (Result<u32, &'static str>, u32) {
        let count = Cell::new(0);
        let outcome = retry_with_backoff(
            "test",
            |error| *error == "not yet",
            || {
                count.set(count.get() + 1);
                let outcome = if count.get() < 3 { Err("not yet") } else { end };
                async move { outcome }
            },
        );
        (outcome.await, count.get())
    }

    #[tokio::test]
    async fn what_can_help_is_tried_again_and_what_cannot_is_not() {
        assert_eq!(attempts_until(Ok(7)).await, (Ok(7), 3));
        assert_eq!(attempts_until(Err("never")).await, (Err("never"), 3));
    }
}
