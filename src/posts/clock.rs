//! The clock: posts begin and end, and prices change, when it is time.
//!
//! Promises: what is due is settled within a second, on whichever node looks first; a node that is late
//! catches up. Must not know why a post changes.

use std::time::Duration;

use time::OffsetDateTime;

use super::ring;
use crate::store::bell::Bell;
use crate::store::{Store, StoreError, posts};

/// How often somebody looks: half of what is promised.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Settles what becomes due, for as long as the gateway runs.
pub async fn run(store: Store, bell: Bell) {
    loop {
        if let Err(error) = catch_up(&store, &bell).await {
            tracing::warn!(error = %error, "posts.clock: not done, trying again");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn catch_up(store: &Store, bell: &Bell) -> Result<(), StoreError> {
    while step(store, bell, OffsetDateTime::now_utc()).await? > 0 {}
    Ok(())
}

/// One step: a slice of the posts that are due at that time; how many there were.
///
/// # Errors
/// The database.
pub async fn step(store: &Store, bell: &Bell, now: OffsetDateTime) -> Result<usize, StoreError> {
    let (settled, emitted) = posts::follow_due(store, now).await?;
    ring(bell, &emitted);
    Ok(settled)
}
