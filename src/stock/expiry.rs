//! Expiry: ends holds whose time is over, so that their units are free.
//!
//! Promises: by whichever node sees them first, within a second. A buyer who asks before that does not wait for it:
//! taking units ends the due holds of the item first.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::ambient;
use crate::db::DatabaseError;
use crate::jobs::Job;
use crate::notifier::Notifier;
use crate::store::Store;
use crate::store::stock::holds;

/// How often somebody looks: half of what is promised.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Due holds looked at in one transaction.
const SLICE: i64 = 500;

/// Ends holds whose time is over.
pub(crate) fn job(store: Store, notifier: Notifier) -> Job {
    Job::new("stock.expiry", POLL_INTERVAL, move || {
        let (store, notifier) = (store.clone(), notifier.clone());
        async move { step(&store, &notifier).await }
    })
}

/// Ends one slice. Returns whether any item was settled: there may be more.
async fn step(store: &Store, notifier: &Notifier) -> Result<bool, DatabaseError> {
    let mut conn = store.general().await?;
    let due = holds::due_items(&conn, SLICE).await?;
    if due.is_empty() {
        return Ok(false);
    }
    let tx = conn.begin().await?;
    let locked: BTreeSet<_> = holds::lock_free(&tx, &due).await?.into_keys().collect();
    let free = holds::expire(&tx, &locked).await?;
    let emitted = holds::apply(&tx, &free, ambient::now()).await?;
    tx.commit().await?;
    notifier.notify_due(&emitted);
    Ok(!free.is_empty())
}
