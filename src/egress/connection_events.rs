//! Connection events: what happened while one request was sent.
//!
//! The client does not say which connection a request used. Its connector and its TLS run inside the request's own
//! task, so they can record events there.

use std::cell::Cell;
use std::task::{Context, Poll};

use futures_util::TryFutureExt;
use futures_util::future::InspectOk;
use tower_layer::Layer;
use tower_service::Service;

use super::timings::{Step, mark};

tokio::task_local! {
    static EVENTS: Cell<ConnectionEvents>;
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ConnectionEvents {
    /// The server requested a client certificate.
    pub(super) certificate_requested: bool,
    /// It was offered one.
    pub(super) certificate_offered: bool,
    /// A new connection was made or tried.
    pub(super) connected: bool,
}

/// Does some work, and returns the events meanwhile.
pub(super) async fn observe<T>(work: impl Future<Output = T>) -> (T, ConnectionEvents) {
    let observed = async {
        let done = work.await;
        (done, EVENTS.with(Cell::get))
    };
    EVENTS.scope(Cell::default(), observed).await
}

/// Records an event, if it happens inside [`observe`].
pub(super) fn record(change: impl FnOnce(&mut ConnectionEvents)) {
    let _ = EVENTS.try_with(|cell| {
        let mut events = cell.get();
        change(&mut events);
        cell.set(events);
    });
}

/// Records each new connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordConnections;

/// A connector that records each new connection.
#[derive(Debug, Clone)]
pub(super) struct RecordingConnector<S>(S);

impl<S> Layer<S> for RecordConnections {
    type Service = RecordingConnector<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RecordingConnector(inner)
    }
}

impl<S: Service<R>, R> Service<R> for RecordingConnector<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = InspectOk<S::Future, fn(&S::Response)>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        record(|events| events.connected = true);
        mark(Step::Connecting);
        let connected: fn(&S::Response) = |_| mark(Step::Connected);
        self.0.call(request).inspect_ok(connected)
    }
}
