//! What happened on the way while one request was sent.
//!
//! The client keeps to itself which connection a request took. Its connector and its TLS run inside the request's own
//! task, so that they can leave a note there.

use std::cell::Cell;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    static SEEN: Cell<Seen>;
}

/// What was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The other side asked for a certificate of ours.
    pub(super) asked_for_certificate: bool,
    /// A connection was made, or tried.
    pub(super) connected: bool,
}

/// Does some work, and says what was seen meanwhile.
pub(super) async fn watching<T>(work: impl Future<Output = T>) -> (T, Seen) {
    let watched = async {
        let done = work.await;
        (done, SEEN.with(Cell::get))
    };
    SEEN.scope(Cell::default(), watched).await
}

/// Leaves a note. Whoever connects outside of a request of ours does not want to know.
pub(super) fn note(change: impl FnOnce(&mut Seen)) {
    let _ = SEEN.try_with(|cell| {
        let mut seen = cell.get();
        change(&mut seen);
        cell.set(seen);
    });
}

/// Notes each connection that is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoteConnections;

/// A connector that leaves a note.
#[derive(Debug, Clone)]
pub(super) struct Noting<S>(S);

impl<S> Layer<S> for NoteConnections {
    type Service = Noting<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Noting(inner)
    }
}

impl<S: Service<R>, R> Service<R> for Noting<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        note(|seen| seen.connected = true);
        self.0.call(request)
    }
}
