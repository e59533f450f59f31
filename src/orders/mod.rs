//! Orders: validated, committed with their deliveries, answered.
//!
//! Promises: an order that was answered with success is on disk with its events and deliveries;
//! the same order again gets the same answer; another one under the same id is a conflict. Must not
//! send anything or know HTTP.

mod changes;
mod intake;
pub(crate) mod metrics;
mod partner_cache;
mod redaction_notices;
mod unrenderable;

use std::sync::{Arc, Mutex, PoisonError};

use buywire_schemas::event::{EventType, OrderState};
use buywire_schemas::ids::{DeliveryId, EventId, OrderId};
use buywire_schemas::order::{Order, card_suspects};
use buywire_schemas::problem::{BodyError, FieldError, Violation};
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Duration, Instant};

use crate::ambient;
use crate::db::clock::{ClockMonitor, ClockStep};
use crate::db::{DatabaseError, Tx};
use crate::jobs::Job;
use crate::notifier::{Notification, Notifier};
use crate::stats::Stats;
use crate::store::Store;
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::orders::{InsertedBatch, NewOrder, NewOrderEvent};

/// Orders that may wait for a commit; more are refused as busy.
const QUEUE_MAX: usize = 2_048;

/// After this a caller is answered that the gateway is busy, whatever the database does. Longer than a commit may take.
const REPLY_TIMEOUT: Duration = Duration::from_millis(5_500);
/// How often to check that an order could be written, even when none arrives.
const CHECK_INTERVAL: Duration = Duration::from_secs(3);

/// Clones share its queue.
#[derive(Clone)]
pub(crate) struct Orders {
    store: Store,
    notifier: Notifier,
    stats: Stats,
    partner_cache: Arc<partner_cache::PartnerCache>,
    intake: mpsc::Sender<intake::PendingOrder>,
}

/// The answer to an accepted order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct OrderReceipt {
    pub id: OrderId,
    /// Always `accepted`.
    pub status: &'static str,
    /// One event per partner.
    pub events: Vec<EventReceipt>,
    /// What was normalised in the body or left out of it, and what cannot be sent to a partner.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FieldError>,
}

/// One event and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EventReceipt {
    pub id: EventId,
    #[serde(rename = "type")]
    pub kind: EventType,
    pub partner: Slug,
    /// One delivery per subscribed endpoint.
    pub deliveries: Vec<DeliveryId>,
}

/// Whether an accepted request was new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Accepted<T> {
    Created(T),
    /// The same request had been accepted before.
    Replayed(T),
}

/// Why a request was refused or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OrderError {
    /// The body breaks the contract.
    #[error(transparent)]
    Refused(#[from] BodyError),
    /// Other content was accepted under the same id.
    #[error("{0}")]
    Conflict(String),
    #[error("order not found")]
    NotFound,
    /// The request was not accepted, or it is unknown whether it was. Repeating it is safe.
    #[error("busy: repeat the request")]
    Busy,
    #[error(transparent)]
    Store(DatabaseError),
}

impl<T> Accepted<T> {
    fn map(self, change: impl FnOnce(T) -> T) -> Self {
        match self {
            Self::Created(value) => Self::Created(change(value)),
            Self::Replayed(value) => Self::Replayed(change(value)),
        }
    }
}

/// The answer that an order waits for, and the warnings to add to it.
type PendingReply = (oneshot::Receiver<intake::IntakeResult>, Vec<FieldError>);

impl From<DatabaseError> for OrderError {
    fn from(error: DatabaseError) -> Self {
        if error.is_transient() || error.outcome_unknown() {
            Self::Busy
        } else {
            Self::Store(error)
        }
    }
}

/// Checks that orders can be written, which is what readiness reports, and whether the database's clock was set.
pub(crate) fn write_check_job(store: Store, notifier: Notifier) -> Job {
    let clock = Arc::new(Mutex::new(ClockMonitor::default()));
    Job::new("orders.write_check", CHECK_INTERVAL, move || {
        let (store, notifier, clock) = (store.clone(), notifier.clone(), Arc::clone(&clock));
        async move {
            let at = store.check_write().await?;
            let step = {
                let mut clock = clock.lock().unwrap_or_else(PoisonError::into_inner);
                clock.observe(at, std::time::Instant::now())
            };
            handle_clock_step(&store, &notifier, step).await
        }
    })
}

/// Make orders due that were accepted before the clock was set back: otherwise they wait until it has caught up. At
/// the start it is not known whether it was set.
async fn handle_clock_step(
    store: &Store,
    notifier: &Notifier,
    step: ClockStep,
) -> Result<(), DatabaseError> {
    match step {
        ClockStep::None => return Ok(()),
        ClockStep::FirstReading => {}
        ClockStep::Backward => {
            tracing::warn!("orders.write_check: the database's clock was set back")
        }
        ClockStep::Forward => {
            tracing::warn!("orders.write_check: the database's clock was set forward")
        }
    }
    store.make_due().await?;
    notifier.notify(Notification::ClockSetBack);
    Ok(())
}

impl Orders {
    /// Start intake: one task commits waiting orders, batch after batch.
    pub(crate) fn start(store: Store, notifier: Notifier, stats: Stats) -> Self {
        let (intake, queue) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(intake::run(store.clone(), notifier.clone(), queue));
        Self {
            partner_cache: Arc::new(partner_cache::PartnerCache::new(store.clone())),
            store,
            notifier,
            stats,
            intake,
        }
    }

    /// Accept an order from the platform.
    pub(crate) async fn accept(&self, body: &[u8]) -> Result<Accepted<OrderReceipt>, OrderError> {
        self.enqueue(body).await.await
    }

    /// Prepares an order that is accepted in the transaction of a payment.
    pub(crate) async fn prepare_paid(&self, body: &[u8]) -> Result<NewOrder, OrderError> {
        let (order, _) = self.parse(body).await?;
        Ok(self.prepare(order).await?.0)
    }

    /// Hands the deliveries of an accepted order to their lanes, after the commit.
    pub(crate) fn notify_accepted(&self, order: &NewOrder, inserted: &InsertedBatch) {
        self.stats.count_order(ambient::now());
        let deliveries: Vec<_> = intake::first_deliveries(order, inserted).collect();
        if !deliveries.is_empty() {
            let accepted = Notification::NewDeliveries(deliveries, std::time::Instant::now());
            self.notifier.notify(accepted);
        }
    }

    /// Enqueue an order. The returned future waits for its answer. Of two orders with the same id, the one that
    /// was enqueued first is accepted.
    pub(crate) async fn enqueue(
        &self,
        body: &[u8],
    ) -> impl Future<Output = Result<Accepted<OrderReceipt>, OrderError>> + use<> {
        let deadline = Instant::now() + REPLY_TIMEOUT;
        let enqueued = tokio::time::timeout_at(deadline, self.try_enqueue(body)).await;
        let stats = self.stats.clone();
        async move {
            let (reply, warnings) = enqueued.map_err(|_| OrderError::Busy)??;
            let accepted = tokio::time::timeout_at(deadline, reply)
                .await
                .map_err(|_| OrderError::Busy)?
                .map_err(|_| OrderError::Busy)??;
            if matches!(accepted, Accepted::Created(_)) {
                stats.count_order(ambient::now());
            }
            Ok(accepted.map(|receipt| OrderReceipt {
                warnings,
                ..receipt
            }))
        }
    }

    async fn try_enqueue(&self, body: &[u8]) -> Result<PendingReply, OrderError> {
        let (order, mut warnings) = self.parse(body).await?;
        let (new, render_warnings) = self.prepare(order).await?;
        warnings.extend(render_warnings);
        let (reply, reply_receiver) = oneshot::channel();
        let pending = intake::PendingOrder { order: new, reply };
        let queued = self.intake.try_send(pending);
        queued.map_err(|_| OrderError::Busy)?;
        Ok((reply_receiver, warnings))
    }

    /// Parses an order. If only item ids or titles look like card numbers, they are looked up in the catalogs: what is in
    /// a catalog can be ordered.
    async fn parse(&self, body: &[u8]) -> Result<(Order, Vec<FieldError>), OrderError> {
        let refused = match Order::parse_with_warnings(body, &[]) {
            Ok(parsed) => return Ok(parsed),
            Err(refused) => refused,
        };
        let suspects = card_suspects(body, &refused);
        if suspects.is_empty() {
            return Err(refused.into());
        }
        let titles = self.store.item_titles(&suspects).await?;
        let excused: Vec<String> = suspects
            .iter()
            .zip(&titles)
            .filter_map(|(suspect, title)| Some(suspect.exempt_pointers(title.as_deref()?)))
            .flatten()
            .collect();
        Ok(Order::parse_with_warnings(body, &excused)?)
    }

    /// Makes everything that is written for an order, before any transaction begins.
    async fn prepare(&self, order: Order) -> Result<(NewOrder, Vec<FieldError>), OrderError> {
        let id = OrderId::generate();
        let platform_id = order.order_id().to_owned();
        let content_hash = order.content_hash();
        let test = order.is_test();
        let state = OrderState {
            id,
            order,
            cancelled_at: None,
            cancel_reason: None,
            refunds: Vec::new(),
        };
        let mut events = Vec::new();
        let mut warnings = Vec::new();
        for slug in state.order.partners() {
            let partner = self
                .partner_cache
                .get(slug)
                .await?
                .ok_or_else(|| unknown_partner(&state.order, slug))?;
            let data = state.data_for(slug, 1, partner.contact_allowed);
            let warning = partner
                .dialect
                .and_then(|dialect| unrenderable::warning(dialect, &state.order, slug, &data));
            warnings.extend(warning);
            events.push(NewOrderEvent {
                id: EventId::generate(),
                partner: partner.id,
                slug: slug.clone(),
                data: Arc::from(intake::to_json(&data)?),
            });
        }
        let new = NewOrder {
            id,
            platform_id,
            content_hash,
            body: state.order.canonical().to_owned(),
            test,
            events,
        };
        Ok((new, warnings))
    }
}

/// Record a change of an order, in the transaction of the change.
async fn record_audit(
    tx: &Tx<'_>,
    actor: &Actor,
    action: &'static str,
    order: OrderId,
    details: Value,
) -> Result<(), DatabaseError> {
    let entry = NewAuditEntry {
        actor,
        action,
        subject: &order.to_string(),
        details,
    };
    audit::record(tx, entry).await
}

/// The violation points to every line of the unknown partner.
fn unknown_partner(order: &Order, slug: &Slug) -> OrderError {
    let flaw = || {
        Violation::new(
            "partner_unknown",
            "is not a partner here; create it first, or correct the name",
        )
    };
    let errors = order
        .line_indices(slug)
        .map(|index| FieldError::at(format!("/lines/{index}/partner"), flaw()));
    OrderError::Refused(BodyError::Invalid(errors.collect()))
}
