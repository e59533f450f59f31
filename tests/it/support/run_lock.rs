//! Stories run in parallel; a story that kills or measures for minutes runs alone.

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

static RUN_LOCK: RwLock<()> = RwLock::const_new(());

/// The lock of a story that may run beside others. Take it once: a second request behind a story that waits to run
/// alone would never be granted.
pub(crate) async fn shared() -> RwLockReadGuard<'static, ()> {
    RUN_LOCK.read().await
}

/// Waits for running stories to end, and keeps others from starting.
pub(crate) async fn exclusive() -> RwLockWriteGuard<'static, ()> {
    RUN_LOCK.write().await
}
