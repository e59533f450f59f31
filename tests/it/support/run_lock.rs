//! Stories run beside each other; one that kills and measures for minutes runs alone.

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

static RUN_LOCK: RwLock<()> = RwLock::const_new(());

/// Held by a story that may run beside others. Held once: asking again behind somebody who waits to be
/// alone would never end.
pub(crate) async fn shared() -> RwLockReadGuard<'static, ()> {
    RUN_LOCK.read().await
}

/// Waits for the stories that run, and keeps others from beginning.
pub(crate) async fn exclusive() -> RwLockWriteGuard<'static, ()> {
    RUN_LOCK.write().await
}
