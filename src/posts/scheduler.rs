//! Settles posts on time: when they begin or end, or a price changes.
//!
//! Promises: a due post is settled within a second, by whichever node sees it first; a node that is late catches
//! up. Must not know why a post changes.

use std::time::Duration;

use time::OffsetDateTime;

use crate::ambient;
use crate::db::DatabaseError;
use crate::jobs::Job;
use crate::notifier::Notifier;
use crate::posts::Posts;
use crate::store::{Store, posts};

/// How often somebody looks: half of what is promised.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Slices that a caller waits for: five thousand posts, about a second. The job settles the rest.
const SLICES_MAX: usize = 5;

impl Posts {
    /// Settles what is due now, for a caller that has just made posts due.
    ///
    /// # Errors
    /// When the database fails; the job tries again.
    pub(crate) async fn settle_due(&self) -> Result<(), DatabaseError> {
        for _ in 0..SLICES_MAX {
            if step(&self.store, &self.notifier, ambient::now()).await? == 0 {
                break;
            }
        }
        Ok(())
    }
}

/// Settles posts as they become due.
pub(crate) fn job(store: Store, notifier: Notifier) -> Job {
    Job::new("posts.scheduler", POLL_INTERVAL, move || {
        let (store, notifier) = (store.clone(), notifier.clone());
        async move {
            let settled = step(&store, &notifier, ambient::now()).await?;
            Ok::<_, DatabaseError>(settled > 0)
        }
    })
}

/// Settles one slice of the posts due at `now`; returns their number.
///
/// # Errors
/// When the database fails.
pub async fn step(
    store: &Store,
    notifier: &Notifier,
    now: OffsetDateTime,
) -> Result<usize, DatabaseError> {
    let (settled, emitted) = posts::settle_due(store, now).await?;
    notifier.notify_due(&emitted);
    Ok(settled)
}
