//! Shares lookups: one at a time for each name.
//!
//! The system resolver blocks a thread until it has an answer, and a name server that never
//! answers holds it for half a minute, long after the attempt has timed out. Without
//! this, one partner's dead name server would use up the threads that all names need.
//! Promises: answers are shared by concurrent lookups and never cached, so that a rebinding name gains nothing.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use super::resolver::Lookup;

/// Wraps another lookup, and joins lookups of a name that is being resolved already.
#[derive(Clone)]
pub(crate) struct SharedLookup<L> {
    inner: L,
    pending: PendingLookups,
}

type Answer = Result<Arc<[IpAddr]>, (io::ErrorKind, Arc<str>)>;

/// The lookups that have no answer yet.
type PendingLookups = Arc<Mutex<HashMap<String, Shared<BoxFuture<'static, Answer>>>>>;

impl<L> SharedLookup<L> {
    pub(crate) fn new(inner: L) -> Self {
        let pending = PendingLookups::default();
        Self { inner, pending }
    }
}

impl<L: Lookup> Lookup for SharedLookup<L> {
    fn lookup(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let mut pending = lock(&self.pending);
        let answer = match pending.get(host) {
            Some(answer) => answer.clone(),
            None => {
                let answer = start_lookup(self.inner.lookup(host), host.to_owned(), &self.pending);
                pending.insert(host.to_owned(), answer.clone());
                answer
            }
        };
        let to_error = |(kind, text): (_, Arc<str>)| io::Error::new(kind, &*text);
        Box::pin(answer.map(move |answer| answer.map(|found| found.to_vec()).map_err(to_error)))
    }
}

/// Runs the lookup in its own task, so that it outlives a caller that times out and the next one can join it.
/// The caller holds the lock until the lookup is registered; only then can it be removed.
fn start_lookup(
    lookup: BoxFuture<'static, io::Result<Vec<IpAddr>>>,
    host: String,
    pending: &PendingLookups,
) -> Shared<BoxFuture<'static, Answer>> {
    let pending = Arc::clone(pending);
    let task = tokio::spawn(async move {
        let found = lookup.await;
        lock(&pending).remove(&host);
        found
    });
    let answer = task.map(|ended| match ended.map_err(io::Error::other).flatten() {
        Ok(found) => Ok(found.into()),
        Err(error) => Err((error.kind(), error.to_string().into())),
    });
    answer.boxed().shared()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while the lock is held leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};
    use std::time::Duration;

    use tokio::sync::Semaphore;

    use super::*;

    /// Answers with the number of the question, once it is let.
    #[derive(Clone)]
    struct Slow {
        lookups: Arc<AtomicU8>,
        may_answer: Arc<Semaphore>,
    }

    impl Lookup for Slow {
        fn lookup(&self, _host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            let number = self.lookups.fetch_add(1, Ordering::SeqCst);
            let may_answer = Arc::clone(&self.may_answer);
            Box::pin(async move {
                may_answer.acquire().await.unwrap().forget();
                Ok(vec![[10, 0, 0, number].into()])
            })
        }
    }

    #[tokio::test]
    async fn those_who_wait_share_an_answer_and_nobody_keeps_it() {
        let slow = Slow {
            lookups: Arc::default(),
            may_answer: Arc::new(Semaphore::new(0)),
        };
        let shared = SharedLookup::new(slow.clone());
        let ten = || (0..10).map(|_| shared.lookup("one.example"));

        // The impatient ones leave; their question stays the only one.
        for impatient in ten() {
            let left = tokio::time::timeout(Duration::from_millis(1), impatient).await;
            assert!(left.is_err());
        }
        let waiting = ten().collect::<Vec<_>>();
        let other = shared.lookup("two.example");
        assert_eq!(slow.lookups.load(Ordering::SeqCst), 2);

        slow.may_answer.add_permits(2);
        for answer in futures_util::future::join_all(waiting).await {
            assert_eq!(answer.unwrap(), [IpAddr::from([10, 0, 0, 0])]);
        }
        assert_eq!(other.await.unwrap(), [IpAddr::from([10, 0, 0, 1])]);

        slow.may_answer.add_permits(1);
        let repeated = shared.lookup("one.example").await;
        assert_eq!(repeated.unwrap(), [IpAddr::from([10, 0, 0, 2])]);
    }
}
