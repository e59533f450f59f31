//! When API keys were last used.
//!
//! Promises: a request writes nothing; the first use of a key is written within seconds, and later ones at most once a
//! minute per key and node. Only keys that exist are recorded, so that guesses take no memory. A crash loses the uses of
//! the last minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use buywire_schemas::ids::KeyId;

use crate::db::DatabaseError;
use crate::jobs::Job;
use crate::store::Store;

/// Between two writes for one key.
const WRITE_INTERVAL: Duration = Duration::from_secs(60);
/// How often keys are looked for whose use is to be written.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The uses that this node has seen.
pub(crate) struct KeyUsage {
    store: Store,
    keys: Mutex<HashMap<KeyId, LastUse>>,
}

#[derive(Debug, Clone, Copy)]
struct LastUse {
    used_at: Instant,
    /// Which use was written, and when.
    written: Option<(Instant, Instant)>,
}

impl LastUse {
    fn is_written(self) -> bool {
        self.written
            .is_some_and(|(used_at, _)| used_at == self.used_at)
    }

    /// Whether the last write is longer ago than that.
    fn is_due(self, now: Instant, interval: Duration) -> bool {
        self.written
            .is_none_or(|(_, at)| now.saturating_duration_since(at) >= interval)
    }
}

impl KeyUsage {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            keys: Mutex::default(),
        }
    }

    /// A key was used.
    pub(crate) fn record(&self, key: KeyId, now: Instant) {
        let mut keys = self.keys();
        let last = keys.entry(key).or_insert(LastUse {
            used_at: now,
            written: None,
        });
        last.used_at = now;
    }

    /// Writes the uses of keys that were last written at least so long ago.
    pub(crate) async fn flush(
        &self,
        now: Instant,
        interval: Duration,
    ) -> Result<(), DatabaseError> {
        let due: Vec<_> = {
            let keys = self.keys();
            let due = keys
                .iter()
                .filter(|(_, last)| !last.is_written() && last.is_due(now, interval));
            due.map(|(key, last)| (*key, last.used_at)).collect()
        };
        if !due.is_empty() {
            let age =
                |(key, used_at): &(KeyId, Instant)| (*key, now.saturating_duration_since(*used_at));
            let uses: Vec<_> = due.iter().map(age).collect();
            self.store.save_key_uses(&uses).await?;
        }
        let mut keys = self.keys();
        for (key, used_at) in due {
            if let Some(last) = keys.get_mut(&key) {
                last.written = Some((used_at, now));
            }
        }
        // A key that rests is not kept in mind.
        keys.retain(|_, last| !last.is_written() || !last.is_due(now, interval));
        Ok(())
    }

    /// Writes uses as they become due.
    pub(crate) fn job(self: &Arc<Self>) -> Job {
        let usage = Arc::clone(self);
        Job::new("partners.key_usage", POLL_INTERVAL, move || {
            let usage = Arc::clone(&usage);
            async move { usage.flush(Instant::now(), WRITE_INTERVAL).await }
        })
    }

    fn keys(&self) -> MutexGuard<'_, HashMap<KeyId, LastUse>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
