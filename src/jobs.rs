//! Jobs: what runs beside requests and deliveries, each in a loop of its own.
//!
//! A room describes its loop as a [`Job`]: a name, a poll interval, one bounded step, and what wakes it. [`Jobs`] runs
//! all of them and stops them together.
//! Promises: a step that fails or panics is logged once and retried, later after each failure; a stop lets running
//! steps end, within its timeout, and starts none. Must not know what a step does.
//!
//! The tasks of the delivery engine are not jobs: they share state, and a stop drains them in order.

use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The delay after a first failure; it doubles with each further one …
const RETRY_DELAY_MIN: Duration = Duration::from_millis(500);
/// … up to the poll interval, but to a second at least and to this at most.
const RETRY_DELAY_MAX: Duration = Duration::from_secs(60);

/// When the next step starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// At once: there is more work.
    Now,
    /// After a pause: there may be more work, but other work goes first. Nothing wakes the job meanwhile.
    After(Duration),
    /// When something wakes the job, or after its poll interval.
    Poll,
}

/// Whether there is more work.
impl From<bool> for NextStep {
    fn from(has_more: bool) -> Self {
        match has_more {
            true => Self::Now,
            false => Self::Poll,
        }
    }
}

impl From<()> for NextStep {
    fn from((): ()) -> Self {
        Self::Poll
    }
}

type Step = Box<dyn FnMut() -> BoxFuture<'static, Result<NextStep, String>> + Send>;

/// A loop that has not been started.
pub struct Job {
    name: &'static str,
    poll_interval: Duration,
    wake: Arc<Notify>,
    step: Step,
}

impl Job {
    /// A job that does `step` at once and then at least once per poll interval. Log lines begin with its name, which has
    /// the form `room.step`.
    pub fn new<F, N, E>(
        name: &'static str,
        poll_interval: Duration,
        mut step: impl FnMut() -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = Result<N, E>> + Send + 'static,
        N: Into<NextStep>,
        E: Display,
    {
        Self {
            name,
            poll_interval,
            wake: Arc::default(),
            step: Box::new(move || {
                let step = step();
                async move { step.await.map(Into::into).map_err(|e| e.to_string()) }.boxed()
            }),
        }
    }

    /// Also start a step when this notifies. A notification during a step counts after it.
    #[must_use]
    pub fn woken_by(self, wake: Arc<Notify>) -> Self {
        Self { wake, ..self }
    }

    async fn run(self, mut stopping: watch::Receiver<bool>) {
        let Self {
            name,
            poll_interval,
            wake,
            mut step,
        } = self;
        let mut failures = 0;
        while !*stopping.borrow() {
            // Before the step, so that it counts what happens during it.
            let woken = wake.notified();
            let done = AssertUnwindSafe(step()).catch_unwind().await;
            let next = match done.unwrap_or_else(|_| Err("the step panicked".to_owned())) {
                Ok(next) => {
                    failures = 0;
                    next
                }
                Err(error) => {
                    let delay = retry_delay(failures, poll_interval);
                    failures = failures.saturating_add(1);
                    tracing::warn!(error, "{name}: failed, retrying in {delay:?}");
                    NextStep::After(delay)
                }
            };
            let pause = async {
                match next {
                    NextStep::Now => {}
                    NextStep::After(delay) => tokio::time::sleep(delay).await,
                    NextStep::Poll => drop(tokio::time::timeout(poll_interval, woken).await),
                }
            };
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => return,
                () = pause => {}
            }
        }
    }
}

/// Running jobs. Dropped without [`Jobs::stop`], they end by themselves after their current steps.
pub struct Jobs {
    tasks: Vec<(&'static str, JoinHandle<()>)>,
    stopping: watch::Sender<bool>,
}

impl Jobs {
    /// Start each job in a task of its own.
    pub fn start(jobs: impl IntoIterator<Item = Job>) -> Self {
        let stopping = watch::Sender::new(false);
        let start = |job: Job| (job.name, tokio::spawn(job.run(stopping.subscribe())));
        Self {
            tasks: jobs.into_iter().map(start).collect(),
            stopping,
        }
    }

    /// Start no further step, and let running ones end. A step that takes longer than the timeout is aborted: jobs
    /// survive that, because they survive a killed process.
    pub async fn stop(self, timeout: Duration) {
        self.stopping.send_replace(true);
        let deadline = Instant::now() + timeout;
        for (name, mut task) in self.tasks {
            if tokio::time::timeout_at(deadline, &mut task).await.is_err() {
                tracing::info!(
                    "{name}: aborted, the step did not end within {timeout:?} of the stop"
                );
                task.abort();
                let _ = task.await;
            }
        }
    }
}

fn retry_delay(failures: u32, poll_interval: Duration) -> Duration {
    let delay_max = poll_interval.clamp(Duration::from_secs(1), RETRY_DELAY_MAX);
    let delay = RETRY_DELAY_MIN.saturating_mul(2_u32.saturating_pow(failures));
    delay.min(delay_max)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const LONG_ENOUGH: Duration = Duration::from_secs(10);

    /// Counts steps, and lets a test wait for a number of them.
    #[derive(Clone, Default)]
    struct Counter(Arc<AtomicU32>);

    impl Counter {
        fn add(&self) -> u32 {
            self.0.fetch_add(1, Ordering::SeqCst) + 1
        }

        fn count(&self) -> u32 {
            self.0.load(Ordering::SeqCst)
        }

        async fn reaches(&self, count: u32) {
            let reached = async {
                while self.count() < count {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            };
            tokio::time::timeout(LONG_ENOUGH, reached).await.unwrap();
        }
    }

    /// A job whose steps begin, wait until they may end, and end.
    fn blocking_job(begun: &Counter, may_end: &Arc<Notify>, ended: &Counter) -> Job {
        let (begun, may_end, ended) = (begun.clone(), Arc::clone(may_end), ended.clone());
        Job::new("tests.block", HOUR, move || {
            let (begun, may_end, ended) = (begun.clone(), Arc::clone(&may_end), ended.clone());
            async move {
                begun.add();
                may_end.notified().await;
                ended.add();
                Ok::<_, Infallible>(true)
            }
        })
    }

    #[tokio::test]
    async fn a_stop_lets_a_running_step_end_and_starts_none() {
        let (begun, may_end, ended) = (Counter::default(), Arc::default(), Counter::default());
        let jobs = Jobs::start([blocking_job(&begun, &may_end, &ended)]);
        begun.reaches(1).await;
        let stop = tokio::spawn(jobs.stop(LONG_ENOUGH));
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!stop.is_finished(), "it waits for the step");
        may_end.notify_one();
        stop.await.unwrap();
        assert_eq!((begun.count(), ended.count()), (1, 1));
    }

    #[tokio::test]
    async fn a_stop_does_not_wait_for_longer_than_its_timeout() {
        let (begun, may_end, ended) = (Counter::default(), Arc::default(), Counter::default());
        let jobs = Jobs::start([blocking_job(&begun, &may_end, &ended)]);
        begun.reaches(1).await;
        let stopped = tokio::time::timeout(LONG_ENOUGH, jobs.stop(Duration::from_millis(20)));
        stopped.await.unwrap();
        may_end.notify_one();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(ended.count(), 0);
    }

    #[tokio::test]
    async fn more_work_does_not_wait_for_the_poll() {
        let steps = Counter::default();
        let counter = steps.clone();
        let jobs = Jobs::start([Job::new("tests.work", HOUR, move || {
            let more = counter.add() < 1_000;
            async move { Ok::<_, Infallible>(more) }
        })]);
        steps.reaches(1_000).await;
        jobs.stop(LONG_ENOUGH).await;
        assert_eq!(steps.count(), 1_000, "then it waits");
    }

    #[tokio::test]
    async fn a_notification_during_a_step_starts_another() {
        for notify in [Notify::notify_one, Notify::notify_waiters] {
            let steps = Counter::default();
            let wake = Arc::new(Notify::new());
            let (counter, waking) = (steps.clone(), Arc::clone(&wake));
            let job = Job::new("tests.wake", HOUR, move || {
                if counter.add() == 1 {
                    notify(&waking);
                }
                async { Ok::<_, Infallible>(()) }
            });
            let jobs = Jobs::start([job.woken_by(wake)]);
            steps.reaches(2).await;
            jobs.stop(LONG_ENOUGH).await;
        }
    }

    #[tokio::test]
    async fn a_step_that_fails_or_panics_is_tried_again() {
        let steps = Counter::default();
        let counter = steps.clone();
        let begun = Instant::now();
        let jobs = Jobs::start([Job::new("tests.fail", HOUR, move || {
            let step = counter.add();
            async move {
                match step {
                    1 => Err("no database"),
                    2 => panic!("a bug"),
                    _ => Ok(()),
                }
            }
        })]);
        steps.reaches(3).await;
        assert!(begun.elapsed() >= RETRY_DELAY_MIN * 3);
        jobs.stop(LONG_ENOUGH).await;
    }

    #[test]
    fn retries_back_off_up_to_the_poll_interval() {
        let delays = |poll| -> Vec<_> {
            let delays = (0..9).map(|failures| retry_delay(failures, poll).as_millis());
            delays.collect()
        };
        let short = delays(Duration::from_millis(250));
        assert_eq!(
            short,
            [500, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000]
        );
        let long = delays(HOUR);
        let expected = [
            500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
        ];
        assert_eq!(long, expected);
        assert_eq!(retry_delay(u32::MAX, HOUR), RETRY_DELAY_MAX);
    }
}
