//! Checks the due images of one host, two at a time, until the batch is done or the host stops answering.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;

use super::ImagesInner;
use super::fetch::inconclusive;
use super::header::NOT_SHOWN_KIND;
use super::rate_limit::CONCURRENT_PER_HOST;
use super::verdict::{CheckResult, Inconclusive, next_check};
use crate::db::DatabaseError;
use crate::store::images::{DueImage, ImageHost};

/// Longer than the check of a host can take.
pub(super) const LEASE_SECONDS: f64 = 120.0;
/// No image check begins after this time.
const HOST_TIME_MAX: Duration = Duration::from_secs(60);
/// Covers one image check with its redirects, including the waits for the host limiter.
const IMAGE_TIMEOUT: Duration = Duration::from_secs(40);
/// Images of one batch: about five seconds for a host that answers.
pub(super) const BATCH: i64 = 20;
/// Wait after a host's first failure; each further failure doubles it.
const BACKOFF_MIN: Duration = Duration::from_secs(10);
const BACKOFF_MAX: Duration = Duration::from_hours(1);
/// A server may ask for longer than [`BACKOFF_MAX`], up to this.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(24);

/// What happened while a host's images were checked.
#[derive(Default)]
struct HostCheck {
    answered: bool,
    failed: Option<Inconclusive>,
}

/// Checks a claimed host's due images and releases the host.
pub(super) async fn check_host(inner: &ImagesInner, host: ImageHost) {
    let done = match check_due_images(inner, &host).await {
        Ok(host_check) => {
            let (failing, backoff) = host_check.backoff(host.failing);
            let backoff_seconds = backoff.as_secs_f64();
            inner
                .store
                .release_image_host(&host, failing, backoff_seconds)
                .await
        }
        Err(error) => Err(error),
    };
    // A host that was not released is due again after its lease.
    if let Err(error) = done {
        tracing::warn!(error = %error, "catalog.images: a host could not be released; it is due again after its lease");
    }
}

async fn check_due_images(
    inner: &ImagesInner,
    host: &ImageHost,
) -> Result<HostCheck, DatabaseError> {
    // A host that failed gets one request, however many images are due there.
    let limit = if host.failing > 0 { 1 } else { BATCH };
    let due = inner.store.due_images(host, limit).await?;
    let begun = Instant::now();
    let checks = due.into_iter().map(|due| check_image(inner, due));
    let mut checks = futures_util::stream::iter(checks).buffer_unordered(CONCURRENT_PER_HOST);
    let mut host_check = HostCheck::default();
    while let Some(checked) = checks.next().await {
        match checked? {
            Some(inconclusive) => host_check.failed = Some(inconclusive),
            None => host_check.answered = true,
        }
        if host_check.failed.is_some() || begun.elapsed() > HOST_TIME_MAX {
            break;
        }
    }
    Ok(host_check)
}

/// Checks one image and records the result. Returns the reason when the host itself failed.
async fn check_image(
    inner: &ImagesInner,
    due: DueImage,
) -> Result<Option<Inconclusive>, DatabaseError> {
    let recorded = &due.state.metadata;
    // One that was once called good is read again.
    let is_shown = recorded.kind.as_deref() != Some(NOT_SHOWN_KIND);
    let etag = recorded.etag.as_deref().filter(|_| is_shown);
    let found = tokio::time::timeout(IMAGE_TIMEOUT, inner.fetcher.check(&due.url, etag)).await;
    let found = found.unwrap_or_else(|_| inconclusive("busy"));
    let host_failure = match &found {
        CheckResult::Inconclusive(inconclusive) if inconclusive.is_host_failure => {
            Some(*inconclusive)
        }
        _ => None,
    };
    let check = next_check(&due.state, found);
    inner.store.record_image_check(&due, &check).await?;
    inner.count(check.state.status);
    Ok(host_failure)
}

impl HostCheck {
    /// The number of failures in a row, this one included, and the wait before the next request.
    fn backoff(&self, failing: i16) -> (i16, Duration) {
        let Some(inconclusive) = &self.failed else {
            return (0, Duration::ZERO);
        };
        let failing = match self.answered {
            true => 1,
            false => failing.saturating_add(1),
        };
        let doubled = BACKOFF_MIN * 2_u32.pow(u32::from(failing.unsigned_abs().min(10)) - 1);
        let retry_after = inconclusive
            .retry_after
            .unwrap_or_default()
            .min(RETRY_AFTER_MAX);
        (failing, doubled.min(BACKOFF_MAX).max(retry_after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_does_not_answer_is_left_alone_for_longer_each_time() {
        let failed = |answered, retry_after| HostCheck {
            answered,
            failed: Some(Inconclusive {
                reason: "timeout",
                is_host_failure: true,
                retry_after,
            }),
        };
        let mut failing = 0;
        let mut backoffs = Vec::new();
        for _ in 0..12 {
            let (times, backoff) = failed(false, None).backoff(failing);
            failing = times;
            backoffs.push(backoff.as_secs());
        }
        assert_eq!(backoffs[..4], [10, 20, 40, 80]);
        assert_eq!(backoffs[11], 3_600);
        assert_eq!(failed(true, None).backoff(5), (1, BACKOFF_MIN));
        assert_eq!(HostCheck::default().backoff(5), (0, Duration::ZERO));
        let retry_after = Some(Duration::from_secs(7_200));
        assert_eq!(failed(false, retry_after).backoff(0).1.as_secs(), 7_200);
        let greedy = Some(Duration::MAX);
        assert_eq!(failed(false, greedy).backoff(0).1, RETRY_AFTER_MAX);
    }
}
