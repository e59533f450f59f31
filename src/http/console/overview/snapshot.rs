//! What the page "Now" shows of the queue: read for all pages together, at most every 15 seconds.
//!
//! Promises: however many pages are open, the whole queue is read once; a page waits for it only if there is none yet.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::operations::PartnerBacklog;

const MAX_AGE: Duration = Duration::from_secs(15);

/// The last snapshot, and whether the next is being read. Clones share it.
#[derive(Clone, Default)]
pub(in crate::http::console) struct Snapshots(Arc<Mutex<Last>>);

#[derive(Default)]
struct Last {
    read_at: Option<Instant>,
    backlogs: Arc<Vec<PartnerBacklog>>,
    is_reading: bool,
}

impl Snapshots {
    /// The backlog of each partner that has one, up to 15 seconds old, or as old as it takes to read it.
    pub(super) async fn backlogs(
        &self,
        store: &Store,
        now: Instant,
    ) -> Result<Arc<Vec<PartnerBacklog>>, DatabaseError> {
        let last = {
            let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let is_fresh = |at: Instant| now.saturating_duration_since(at) < MAX_AGE;
            let is_due = !last.is_reading && !last.read_at.is_some_and(is_fresh);
            last.is_reading |= is_due;
            let shown = last.read_at.map(|_| Arc::clone(&last.backlogs));
            (shown, is_due)
        };
        match last {
            (Some(shown), false) => Ok(shown),
            (Some(shown), true) => {
                let (this, store) = (self.clone(), store.clone());
                tokio::spawn(async move { this.read(&store).await });
                Ok(shown)
            }
            (None, _) => self.read(store).await,
        }
    }

    async fn read(&self, store: &Store) -> Result<Arc<Vec<PartnerBacklog>>, DatabaseError> {
        let read = store.partner_backlogs().await.map(Arc::new);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_reading = false;
        let backlogs = read?;
        last.read_at = Some(Instant::now());
        last.backlogs = Arc::clone(&backlogs);
        Ok(backlogs)
    }
}
