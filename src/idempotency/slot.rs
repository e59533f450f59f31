//! Where the answer of a request with a key is kept: in the transaction that carries the request out.
//!
//! Promises: what a request does and its answer commit together, so that after a crash the key is free or answered, and
//! nothing is done twice; a process that has lost its claim commits nothing; a request that is given up can be repeated
//! at once. Must not know HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{Granted, Idempotency, IdempotencyError, SHORT_CLAIM_SECONDS, context, hex};
use crate::db::{DatabaseError, Tx};
use crate::store::idempotency;

/// The place of a request's answer. Without an idempotency key nothing is kept. Clones are one slot.
#[derive(Clone, Default)]
pub(crate) struct AnswerSlot(Option<Arc<OpenRequest>>);

/// A granted request that has not ended.
struct OpenRequest {
    idempotency: Idempotency,
    granted: Arc<Granted>,
    /// Of the answer when the request succeeds.
    status: i16,
    /// Whether a transaction holds the answer.
    is_kept: AtomicBool,
    has_ended: AtomicBool,
}

/// How a request ended.
pub(crate) enum RequestOutcome<'a> {
    Succeeded {
        status: u16,
        body: &'a [u8],
    },
    /// Nothing was done: the key may be used for any request.
    Refused,
    /// Something failed here: the same request may be repeated at once.
    Failed,
}

impl AnswerSlot {
    /// For a granted request that is answered with this status if it succeeds.
    pub(crate) fn new(idempotency: Idempotency, granted: Granted, status: i16) -> Self {
        Self(Some(Arc::new(OpenRequest {
            idempotency,
            granted: Arc::new(granted),
            status,
            is_kept: AtomicBool::new(false),
            has_ended: AtomicBool::new(false),
        })))
    }

    /// Keeps the answer, right before the transaction commits.
    ///
    /// # Errors
    /// When the claim has ended: the transaction must not commit.
    pub(crate) async fn keep(
        &self,
        tx: &Tx<'_>,
        answer: &(impl Serialize + Sync),
    ) -> Result<(), IdempotencyError> {
        let Some(open) = &self.0 else { return Ok(()) };
        let (name, claim) = (&open.granted.name, open.granted.claim);
        let body = serde_json::to_vec(answer)
            .map_err(|_| DatabaseError::Misuse("an answer is not JSON".into()))?;
        let row = hex(&name.key);
        let sealed = open.idempotency.master.seal(context(&row), &body)?;
        if !idempotency::answer(tx, name, claim, open.status, &sealed).await? {
            return Err(IdempotencyError::TakenOver);
        }
        open.is_kept.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Keeps the claim, in each transaction of a request that takes several.
    ///
    /// # Errors
    /// When the claim has ended: the transaction must not commit.
    pub(crate) async fn renew(&self, tx: &Tx<'_>) -> Result<(), IdempotencyError> {
        let Some(open) = &self.0 else { return Ok(()) };
        let (name, claim) = (&open.granted.name, open.granted.claim);
        match idempotency::renew(tx, name, claim, SHORT_CLAIM_SECONDS).await? {
            true => Ok(()),
            false => Err(IdempotencyError::TakenOver),
        }
    }

    /// The id of a request that was begun before and not ended. What it has done so far is found by it.
    pub(crate) fn resumed(&self) -> Option<Uuid> {
        let open = self.0.as_ref().filter(|open| open.granted.claim.number > 1);
        open.map(|open| open.granted.subject())
    }

    /// The id of this request, the same when it is resumed.
    pub(crate) fn request(&self) -> Option<Uuid> {
        self.0.as_ref().map(|open| open.granted.subject())
    }

    /// Ends the request. An answer that no transaction has kept is kept now.
    pub(crate) async fn end(&self, outcome: RequestOutcome<'_>) -> Result<(), IdempotencyError> {
        let Some(open) = &self.0 else { return Ok(()) };
        open.has_ended.store(true, Ordering::Relaxed);
        let (idempotency, granted) = (&open.idempotency, &open.granted);
        match outcome {
            RequestOutcome::Succeeded { .. } if open.is_kept.load(Ordering::Relaxed) => Ok(()),
            RequestOutcome::Succeeded { status, body } => {
                idempotency.finish(granted, status, body).await
            }
            // Neither changes an answer that was committed after all.
            RequestOutcome::Refused => idempotency.free(granted).await,
            RequestOutcome::Failed => idempotency.release(granted).await,
        }
    }
}

/// The caller has stopped waiting, and its transaction rolls back.
impl Drop for OpenRequest {
    fn drop(&mut self) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if self.has_ended.load(Ordering::Relaxed) {
            return;
        }
        let (idempotency, granted) = (self.idempotency.clone(), Arc::clone(&self.granted));
        runtime.spawn(async move {
            if let Err(error) = idempotency.release(&granted).await {
                tracing::warn!(error = %error, "idempotency.release: failed, the claim ends by itself");
            }
        });
    }
}
