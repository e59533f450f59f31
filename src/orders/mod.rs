//! Orders come in: validated, committed with their deliveries, answered.
//!
//! Promises: an order that was answered with success is on disk with everything that follows from it;
//! the same order again gets the same answer; another one under the same id is a conflict. Must not
//! send anything, and knows no HTTP.

mod follow_up;
mod intake;
mod notices;
mod partners;
mod unsayable;

pub use follow_up::FollowUp;

use std::sync::Arc;

use buywire_schemas::event::{EventType, OrderState};
use buywire_schemas::ids::{DeliveryId, EventId, OrderId};
use buywire_schemas::order::{Order, suspects};
use buywire_schemas::problem::{FieldError, Flaw, Refused};
use buywire_schemas::text::Slug;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Duration, Instant, MissedTickBehavior};

use crate::store::bell::{Bell, Ring};
use crate::store::clock::{ClockWatch, Step};
use crate::store::orders::{NewEvent, NewOrder};
use crate::store::{Store, StoreError};

/// Orders that may wait for a commit; more are told to come back.
const QUEUE_MAX: usize = 2_048;

/// A caller is told to come back after this, whatever the database does: longer than a commit may take.
const ANSWERED_WITHIN: Duration = Duration::from_millis(5_500);
/// How often it is checked that an order could be written, whether or not any comes.
const CHECKED_EVERY: Duration = Duration::from_secs(3);

/// The front of the room. Clones share its queue.
#[derive(Clone)]
pub struct Orders {
    store: Store,
    bell: Bell,
    partners: Arc<partners::Directory>,
    intake: mpsc::Sender<intake::Waiting>,
}

/// What the platform is told about an accepted order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Our id of the order.
    pub id: OrderId,
    /// Always `accepted`.
    pub status: &'static str,
    /// One event per partner.
    pub events: Vec<EventReceipt>,
    /// What was mended in the body or left out of it, and what else the platform should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FieldError>,
}

/// One event and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventReceipt {
    /// The event.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// Who hears of it.
    pub partner: Slug,
    /// One delivery per subscribed endpoint.
    pub deliveries: Vec<DeliveryId>,
}

/// What became of something that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken<T> {
    /// It was new.
    New(T),
    /// The same had been taken before.
    Again(T),
}

/// Why something was not taken.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// It breaks the contract.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Another content was taken under the same id.
    #[error("{0}")]
    Conflict(String),
    /// There is no such order.
    #[error("no such order")]
    NotFound,
    /// Not now, or it is not known whether it was taken: the same again is safe.
    #[error("not now: send the same again")]
    Busy,
    /// Our own failure.
    #[error(transparent)]
    Store(StoreError),
}

impl<T> Taken<T> {
    fn map(self, change: impl FnOnce(T) -> T) -> Self {
        match self {
            Self::New(taken) => Self::New(change(taken)),
            Self::Again(taken) => Self::Again(change(taken)),
        }
    }
}

/// An order that waits for its answer, and what the answer will warn of.
type InLine = (oneshot::Receiver<intake::Answer>, Vec<FieldError>);

impl From<StoreError> for OrderError {
    fn from(error: StoreError) -> Self {
        if error.is_transient() || error.outcome_unknown() {
            Self::Busy
        } else {
            Self::Store(error)
        }
    }
}

/// Check again and again that orders can be written: what readiness says. What the database's clock says then tells
/// whether it was set back.
pub async fn keep_checking(store: Store, bell: Bell) {
    let mut clock = ClockWatch::default();
    let mut times = tokio::time::interval(CHECKED_EVERY);
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        times.tick().await;
        let followed = match store.check_writing().await {
            Ok(at) => follow_clock(&store, &bell, clock.read(at, std::time::Instant::now())).await,
            Err(error) => Err(error),
        };
        if let Err(error) = followed {
            tracing::warn!(error = %error, "orders.check: nothing can be written, this node is not ready");
        }
    }
}

/// Orders that were taken before the clock was set back would wait until it is as late again. At the start nobody
/// knows whether it was.
async fn follow_clock(store: &Store, bell: &Bell, step: Step) -> Result<(), StoreError> {
    match step {
        Step::None => return Ok(()),
        Step::First => {}
        Step::Back => tracing::warn!("orders.check: the database's clock was set back"),
        Step::Forward => tracing::warn!("orders.check: the database's clock was set forward"),
    }
    store.make_due().await?;
    bell.ring(Ring::ClockSetBack);
    Ok(())
}

impl Orders {
    /// Open the room: one task commits what waits, batch after batch.
    pub fn open(store: Store, bell: Bell) -> Self {
        let (intake, waiting) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(intake::run(store.clone(), bell.clone(), waiting));
        Self {
            partners: Arc::new(partners::Directory::new(store.clone())),
            store,
            bell,
            intake,
        }
    }

    /// Accept an order, as the platform sent it.
    pub async fn accept(&self, body: &[u8]) -> Result<Taken<Receipt>, OrderError> {
        self.hand_in(body).await.await
    }

    /// Put an order in line; what comes out of this is the wait for its answer. Of two that would have the
    /// same id, the one that was put in line first has it.
    pub async fn hand_in(
        &self,
        body: &[u8],
    ) -> impl Future<Output = Result<Taken<Receipt>, OrderError>> + use<> {
        let deadline = Instant::now() + ANSWERED_WITHIN;
        let lined_up = tokio::time::timeout_at(deadline, self.line_up(body)).await;
        async move {
            let (answered, warnings) = lined_up.map_err(|_| OrderError::Busy)??;
            let taken = tokio::time::timeout_at(deadline, answered)
                .await
                .map_err(|_| OrderError::Busy)?
                .map_err(|_| OrderError::Busy)??;
            Ok(taken.map(|receipt| Receipt {
                warnings,
                ..receipt
            }))
        }
    }

    async fn line_up(&self, body: &[u8]) -> Result<InLine, OrderError> {
        let (order, mut warnings) = self.parse(body).await?;
        let (new, unsayable) = self.prepare(order).await?;
        warnings.extend(unsayable);
        let (answer, answered) = oneshot::channel();
        let waiting = intake::Waiting { new, answer };
        let queued = self.intake.try_send(waiting);
        queued.map_err(|_| OrderError::Busy)?;
        Ok((answered, warnings))
    }

    /// Reads an order. Where only ids or titles of items look like card numbers, the catalogs are asked: what they
    /// have taken can be ordered.
    async fn parse(&self, body: &[u8]) -> Result<(Order, Vec<FieldError>), OrderError> {
        let refused = match Order::parse_warned(body, &[]) {
            Ok(parsed) => return Ok(parsed),
            Err(refused) => refused,
        };
        let suspects = suspects(body, &refused);
        if suspects.is_empty() {
            return Err(refused.into());
        }
        let titles = self.store.titles_of_items(&suspects).await?;
        let excused: Vec<String> = suspects
            .iter()
            .zip(&titles)
            .filter_map(|(suspect, title)| Some(suspect.excused(title.as_deref()?)))
            .flatten()
            .collect();
        Ok(Order::parse_warned(body, &excused)?)
    }

    /// Everything that is written for an order, made before any transaction begins.
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
                .partners
                .get(slug)
                .await?
                .ok_or_else(|| unknown_partner(&state.order, slug))?;
            let data = state.data_for(slug, 1, partner.contact_allowed);
            let warning = partner
                .dialect
                .and_then(|dialect| unsayable::warning(dialect, &state.order, slug, &data));
            warnings.extend(warning);
            events.push(NewEvent {
                id: EventId::generate(),
                partner: partner.id,
                slug: slug.clone(),
                data: Arc::from(intake::json(&data)?),
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

/// Named at every line that it stands in.
fn unknown_partner(order: &Order, slug: &Slug) -> OrderError {
    let flaw = || {
        Flaw::new(
            "partner_unknown",
            "is not a partner here: create it first, or correct the name",
        )
    };
    let places = order
        .lines_of(slug)
        .map(|index| FieldError::at(format!("/lines/{index}/partner"), flaw()));
    OrderError::Refused(Refused::Invalid(places.collect()))
}
