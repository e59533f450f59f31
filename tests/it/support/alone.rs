//! Stories run beside each other; one that kills and measures for minutes runs alone.

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

static HOUSE: RwLock<()> = RwLock::const_new(());

/// Held by a story that may run beside others. Held once: asking again behind somebody who waits to be
/// alone would never end.
pub(crate) async fn with_others() -> RwLockReadGuard<'static, ()> {
    HOUSE.read().await
}

/// Waits for the stories that run, and keeps others from beginning.
pub(crate) async fn alone() -> RwLockWriteGuard<'static, ()> {
    HOUSE.write().await
}
