//! How long the parts of one request took: name, connection, TLS, and the wait for the reply's head.
//!
//! The client does not report them. Its resolver, its connector and its TLS run inside the request's own task, and leave
//! their times there. A request that is given up keeps the parts that it has completed.
//! Promises: a part that this request did not do itself is absent: on a connection that was open already there is neither
//! name, connection nor TLS. Must not decide anything.

use std::cell::Cell;
use std::time::{Duration, Instant};

tokio::task_local! {
    static TIMES: Cell<Times>;
}

/// When each step of the last request was done.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    started: Option<Instant>,
    connecting: Option<Instant>,
    resolving: Option<Instant>,
    resolved: Option<Instant>,
    tls_started: Option<Instant>,
    connected: Option<Instant>,
    replied: Option<Instant>,
}

/// A step that has just been reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The request begins. Whatever an earlier one in the same task has left is forgotten.
    Started,
    /// A new connection is made.
    Connecting,
    Resolving,
    Resolved,
    /// TLS begins. Through an https proxy that happens twice, and the second time counts.
    TlsStarted,
    /// The connection is ready, its TLS included.
    Connected,
    /// The head of the reply has arrived.
    Replied,
}

/// How long the parts of a request took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RequestTimings {
    /// Resolving the host's name, or that of the proxy.
    pub dns: Option<Duration>,
    /// The TCP connection; through a proxy, with its tunnel.
    pub connect: Option<Duration>,
    pub tls: Option<Duration>,
    /// From the ready connection to the head of the reply.
    pub first_byte: Option<Duration>,
}

/// Does some work, and returns how long the parts of its last request took.
pub(crate) async fn timed<T>(work: impl Future<Output = T>) -> (T, RequestTimings) {
    let observed = async {
        let done = work.await;
        (done, TIMES.with(Cell::get).timings())
    };
    TIMES.scope(Cell::default(), observed).await
}

/// Notes that a step was reached, if this happens inside [`timed`].
pub(super) fn mark(step: Step) {
    let _ = TIMES.try_with(|cell| cell.set(cell.get().with(step, Instant::now())));
}

impl Times {
    fn with(self, step: Step, now: Instant) -> Self {
        let now = Some(now);
        match step {
            Step::Started => Self {
                started: now,
                ..Self::default()
            },
            Step::Connecting => Self {
                connecting: now,
                ..self
            },
            Step::Resolving => Self {
                resolving: now,
                ..self
            },
            Step::Resolved => Self {
                resolved: now,
                ..self
            },
            Step::TlsStarted => Self {
                tls_started: now,
                ..self
            },
            Step::Connected => Self {
                connected: now,
                ..self
            },
            Step::Replied => Self {
                replied: now,
                ..self
            },
        }
    }

    fn timings(self) -> RequestTimings {
        // While a connection was being made, another one became free and was used.
        let is_reused = self.replied.is_some() && self.connected.is_none();
        let first_byte = between(self.connected.or(self.started), self.replied);
        if is_reused {
            return RequestTimings {
                first_byte,
                ..RequestTimings::default()
            };
        }
        RequestTimings {
            dns: between(self.resolving, self.resolved),
            connect: between(
                self.resolved.or(self.connecting),
                self.tls_started.or(self.connected),
            ),
            tls: between(self.tls_started, self.connected),
            first_byte,
        }
    }
}

fn between(from: Option<Instant>, to: Option<Instant>) -> Option<Duration> {
    Some(to?.saturating_duration_since(from?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// The timings after steps that are one, two, three … milliseconds apart.
    fn after(steps: &[Step]) -> RequestTimings {
        let mut at = Instant::now();
        let mut times = Times::default();
        for (step, pause) in steps.iter().zip(1..) {
            at += MS * pause;
            times = times.with(*step, at);
        }
        times.timings()
    }

    #[test]
    fn each_part_ends_where_the_next_begins() {
        use Step::*;
        let whole = after(&[
            Started, Connecting, Resolving, Resolved, TlsStarted, Connected, Replied,
        ]);
        let expected = RequestTimings {
            dns: Some(MS * 4),
            connect: Some(MS * 5),
            tls: Some(MS * 6),
            first_byte: Some(MS * 7),
        };
        assert_eq!(whole, expected);
        // An address needs no name, and plain HTTP no TLS.
        let plain = after(&[Started, Connecting, Connected, Replied]);
        let expected = RequestTimings {
            connect: Some(MS * 3),
            first_byte: Some(MS * 4),
            ..RequestTimings::default()
        };
        assert_eq!(plain, expected);
    }

    #[test]
    fn an_open_connection_has_only_its_wait() {
        use Step::*;
        for steps in [
            [Started, Replied].as_slice(),
            &[Started, Connecting, Resolving, Resolved, Replied],
        ] {
            let timings = after(steps);
            assert!(timings.first_byte.is_some(), "{steps:?}");
            let parts = (timings.dns, timings.connect, timings.tls);
            assert_eq!(parts, (None, None, None), "{steps:?}");
        }
    }

    #[test]
    fn what_was_not_reached_is_absent() {
        use Step::*;
        let refused = after(&[Started, Connecting, Resolving, Resolved]);
        assert_eq!((refused.dns, refused.connect), (Some(MS * 4), None));
        let no_tls = after(&[Started, Connecting, TlsStarted]);
        assert_eq!((no_tls.connect, no_tls.tls), (Some(MS * 3), None));
        let silent = after(&[Started, Connecting, TlsStarted, Connected]);
        assert_eq!((silent.tls, silent.first_byte), (Some(MS * 4), None));
    }

    #[test]
    fn a_second_request_forgets_the_first() {
        use Step::*;
        let reused = after(&[Started, Connecting, Connected, Replied, Started, Replied]);
        assert_eq!((reused.connect, reused.first_byte), (None, Some(MS * 6)));
    }
}
