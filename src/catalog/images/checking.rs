//! A visit to a host: its pictures that are due, two at a time, until it has enough or no longer answers.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;

use super::Room;
use super::fetch::nothing;
use super::manners::PER_HOST;
use super::verdict::{Found, Nothing, judge};
use crate::store::StoreError;
use crate::store::images::{Due, Host};

/// Longer than a visit can be.
pub(super) const LEASE_SECONDS: f64 = 120.0;
/// No look begins after so much of a visit.
const VISIT: Duration = Duration::from_secs(60);
/// One look and its turns, at the host and wherever it is sent from there.
const LOOK: Duration = Duration::from_secs(40);
/// Pictures of one visit: some five seconds of a host that answers.
pub(super) const BATCH: i64 = 20;
/// A host that did not answer is left alone for so long, and twice as long each time.
const REST: Duration = Duration::from_secs(10);
const REST_MAX: Duration = Duration::from_hours(1);
/// A server may ask for more.
const ASKED_MAX: Duration = Duration::from_hours(24);

/// What a visit has come to.
#[derive(Default)]
struct Visit {
    answered: bool,
    failed: Option<Nothing>,
}

/// Visits a host and lets it go.
pub(super) async fn visit(room: &Room, host: Host) {
    let done = match looks(room, &host).await {
        Ok(visit) => {
            let (failing, rest) = visit.ends(host.failing);
            let rest = rest.as_secs_f64();
            room.store.release_image_host(&host, failing, rest).await
        }
        Err(error) => Err(error),
    };
    // Not let go, it is due after its lease.
    if let Err(error) = done {
        tracing::warn!(error = %error, "catalog.images: a visit was not recorded, trying again later");
    }
}

async fn looks(room: &Room, host: &Host) -> Result<Visit, StoreError> {
    // A host that failed is asked for one picture, whatever waits behind it.
    let most = if host.failing > 0 { 1 } else { BATCH };
    let due = room.store.due_images(host, most).await?;
    let begun = Instant::now();
    let looks = due.into_iter().map(|due| look(room, due));
    let mut looks = futures_util::stream::iter(looks).buffer_unordered(PER_HOST);
    let mut visit = Visit::default();
    while let Some(told) = looks.next().await {
        match told? {
            Some(nothing) => visit.failed = Some(nothing),
            None => visit.answered = true,
        }
        if visit.failed.is_some() || begun.elapsed() > VISIT {
            break;
        }
    }
    Ok(visit)
}

/// Looks at one picture and writes down what it told; why nothing, when that is the host's doing.
async fn look(room: &Room, due: Due) -> Result<Option<Nothing>, StoreError> {
    let etag = due.known.facts.etag.as_deref();
    let found = tokio::time::timeout(LOOK, room.fetcher.look(&due.url, etag)).await;
    let found = found.unwrap_or_else(|_| nothing("busy"));
    let of_host = match &found {
        Found::Nothing(nothing) if nothing.is_of_host => Some(*nothing),
        _ => None,
    };
    let look = judge(&due.known, found);
    room.store.record_image(&due, &look).await?;
    room.count(look.known.status);
    Ok(of_host)
}

impl Visit {
    /// How often the host has failed in a row now, and how long it is left alone.
    fn ends(&self, failing: i16) -> (i16, Duration) {
        let Some(nothing) = &self.failed else {
            return (0, Duration::ZERO);
        };
        let failing = match self.answered {
            true => 1,
            false => failing.saturating_add(1),
        };
        let doubled = REST * 2_u32.pow(u32::from(failing.unsigned_abs().min(10)) - 1);
        let asked = nothing.asked.unwrap_or_default().min(ASKED_MAX);
        (failing, doubled.min(REST_MAX).max(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_does_not_answer_is_left_alone_for_longer_each_time() {
        let failed = |answered, asked| Visit {
            answered,
            failed: Some(Nothing {
                why: "timeout",
                is_of_host: true,
                asked,
            }),
        };
        let mut failing = 0;
        let mut rests = Vec::new();
        for _ in 0..12 {
            let (times, rest) = failed(false, None).ends(failing);
            failing = times;
            rests.push(rest.as_secs());
        }
        assert_eq!(rests[..4], [10, 20, 40, 80]);
        assert_eq!(rests[11], 3_600);
        assert_eq!(failed(true, None).ends(5), (1, REST));
        assert_eq!(Visit::default().ends(5), (0, Duration::ZERO));
        let asked = Some(Duration::from_secs(7_200));
        assert_eq!(failed(false, asked).ends(0).1.as_secs(), 7_200);
        let greedy = Some(Duration::MAX);
        assert_eq!(failed(false, greedy).ends(0).1, ASKED_MAX);
    }
}
