//! Partners' decision hooks: asked with a cache, once for equal questions, and not while they fail.
//!
//! Promises: an answer or a failure within four seconds; a question that is being asked is not asked a second time; a
//! caller who leaves does not end a question that others wait for. Must not decide what stands in for a failure.

mod cache;
mod circuit;
mod client;
mod failure;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use buywire_checkout::hook::{HookReply, HookRequest};
use buywire_schemas::ids::PartnerId;
use buywire_schemas::text::Slug;
use futures_util::FutureExt;
use futures_util::future::Shared;
use time::OffsetDateTime;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::Instrument;

use self::cache::{QuestionKey, ReplyCache};
use self::circuit::{Denied, HookCircuit, Permit};
use self::client::HookClient;
use self::failure::HookFailure;
use super::metrics::QuoteMetrics;
use crate::egress::{ClientsError, EgressPolicy};
use crate::secrets::master_key::MasterKeys;
use crate::store::partners::decision_hooks::DecisionHook;

type HookOutcome = Result<HookReply, HookFailure>;
/// The outcome of a question that is being asked.
type PendingOutcome = Shared<oneshot::Receiver<HookOutcome>>;

/// Clones share everything.
#[derive(Clone)]
pub(super) struct DecisionHooks {
    client: HookClient,
    metrics: QuoteMetrics,
    state: Arc<Mutex<HooksState>>,
}

#[derive(Default)]
struct HooksState {
    cache: ReplyCache,
    pending: HashMap<QuestionKey, PendingOutcome>,
    /// By partner, each with the version of the hook that it is about.
    circuits: HashMap<Slug, (OffsetDateTime, HookCircuit)>,
}

/// A partner's hook as it is stored.
pub(super) struct StoredHook<'a> {
    pub(super) slug: &'a Slug,
    pub(super) partner: PartnerId,
    pub(super) hook: &'a DecisionHook,
}

/// How a question goes on.
enum Begun {
    Cached(HookReply),
    Pending(PendingOutcome),
    Started(Permit, oneshot::Sender<HookOutcome>, PendingOutcome),
    Denied(HookFailure),
}

impl DecisionHooks {
    pub(super) fn new(
        policy: EgressPolicy,
        master: Arc<MasterKeys>,
        metrics: QuoteMetrics,
    ) -> Result<Self, ClientsError> {
        Ok(Self {
            client: HookClient::new(policy, master)?,
            metrics,
            state: Arc::default(),
        })
    }

    /// The hook's reply, from the cache or from the hook.
    pub(super) async fn reply(
        &self,
        stored: &StoredHook<'_>,
        request: HookRequest,
        now: OffsetDateTime,
    ) -> HookOutcome {
        let digest = request.digest().map_err(|_| HookFailure::Unsendable)?;
        let key = QuestionKey {
            partner: stored.slug.clone(),
            hook_version: stored.hook.updated_at,
            digest,
        };
        let begun = self.lock().begin(&key, now);
        let pending = match begun {
            Begun::Cached(reply) => {
                self.metrics.count("cached");
                return Ok(reply);
            }
            Begun::Denied(failure) => {
                self.metrics.count(failure.outcome());
                return Err(failure);
            }
            Begun::Pending(pending) => pending,
            Begun::Started(permit, sender, pending) => {
                let question = self.question(stored, request, permit, now);
                let asking = self.clone().run(key.clone(), question, sender);
                tokio::spawn(asking.in_current_span());
                pending
            }
        };
        // The sender is only dropped when the runtime ends.
        pending.await.unwrap_or_else(|_| {
            self.lock().pending.remove(&key);
            Err(HookFailure::Stopped)
        })
    }

    fn question(
        &self,
        stored: &StoredHook<'_>,
        request: HookRequest,
        permit: Permit,
        now: OffsetDateTime,
    ) -> Question {
        Question {
            hook: self.client.open(stored.partner, stored.hook, now),
            request,
            permit,
            now,
        }
    }

    /// Asks, and records what came of it.
    async fn run(self, key: QuestionKey, question: Question, sender: oneshot::Sender<HookOutcome>) {
        let begun = Instant::now();
        let outcome = match &question.hook {
            Ok(hook) => {
                self.client
                    .send(hook, &question.request, question.now)
                    .await
            }
            Err(failure) => Err(failure.clone()),
        };
        self.metrics.observe(begun.elapsed());
        self.report(&key.partner, &question, &outcome);
        let now = question.now + begun.elapsed();
        self.lock().end(key, question.permit, &outcome, now);
        // Nobody may wait any more.
        let _ = sender.send(outcome);
    }

    fn report(&self, partner: &Slug, question: &Question, outcome: &HookOutcome) {
        let failure = match outcome {
            Ok(HookReply::Prices(_)) => return self.metrics.count("answered"),
            Ok(HookReply::Refusal(_)) => return self.metrics.count("refused"),
            Err(failure) => failure,
        };
        self.metrics.count(failure.outcome());
        let host = question.hook.as_ref().map(|hook| hook.target.host());
        let host = host.unwrap_or_default();
        tracing::warn!(%partner, host, error = %failure, "quotes.hook: no usable answer");
    }

    fn lock(&self) -> MutexGuard<'_, HooksState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request on its way.
struct Question {
    hook: Result<client::OpenedHook, HookFailure>,
    request: HookRequest,
    permit: Permit,
    /// When it was asked.
    now: OffsetDateTime,
}

impl HooksState {
    fn begin(&mut self, key: &QuestionKey, now: OffsetDateTime) -> Begun {
        if let Some(reply) = self.cache.get(key, now) {
            return Begun::Cached(reply);
        }
        if let Some(pending) = self.pending.get(key) {
            return Begun::Pending(pending.clone());
        }
        match self.circuit(key).acquire(now) {
            Err(Denied::Open) => Begun::Denied(HookFailure::CircuitOpen),
            Err(Denied::Busy) => Begun::Denied(HookFailure::Busy),
            Ok(permit) => {
                let (sender, receiver) = oneshot::channel();
                let pending = receiver.shared();
                self.pending.insert(key.clone(), pending.clone());
                Begun::Started(permit, sender, pending)
            }
        }
    }

    fn end(
        &mut self,
        key: QuestionKey,
        permit: Permit,
        outcome: &HookOutcome,
        now: OffsetDateTime,
    ) {
        self.pending.remove(&key);
        if let Some((version, circuit)) = self.circuits.get_mut(&key.partner)
            && *version == key.hook_version
        {
            circuit.record(permit, outcome.is_ok(), now);
        }
        if let Ok(reply) = outcome {
            self.cache.insert(key, reply.clone(), now);
        }
    }

    /// A changed hook starts with a closed circuit.
    fn circuit(&mut self, key: &QuestionKey) -> &mut HookCircuit {
        let new = || (key.hook_version, HookCircuit::default());
        let own = self.circuits.entry(key.partner.clone()).or_insert_with(new);
        if own.0 < key.hook_version {
            *own = new();
        }
        &mut own.1
    }
}
