//! Intake in batches: while one transaction commits, the next orders gather.
//!
//! Promises: an idle gateway commits at once; callers are answered after the commit; one bad order does not fail
//! others. Must not answer success for anything whose commit is not certain.

use buywire_schemas::event::{Event, EventType, OrderData};
use buywire_schemas::instant::truncate_to_ms;
use buywire_schemas::order::Order;
use buywire_schemas::problem::{BodyError, Violation};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{Accepted, EventReceipt, OrderError, OrderReceipt};
use crate::db::DatabaseError;
use crate::notifier::{Notification, Notifier};
use crate::store::Store;
use crate::store::delivery::queue::QueuedDelivery;
use crate::store::orders::{ExistingOrder, InsertedBatch, NewOrder};

/// Orders in one transaction: enough that one fsync is shared by many, few enough to stay short.
const BATCH_ORDERS_MAX: usize = 256;
/// Bytes in one transaction, so that large orders make smaller batches.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long orders of a batch that timed out are committed alone, and how many of them at one time.
const QUARANTINE_PERIOD: Duration = Duration::from_mins(10);
const QUARANTINE_CONCURRENCY: usize = 2;

pub(super) type IntakeResult = Result<Accepted<OrderReceipt>, OrderError>;

/// An order that waits for its commit, and the channel for its answer.
pub(super) struct PendingOrder {
    pub(super) order: NewOrder,
    pub(super) reply: oneshot::Sender<IntakeResult>,
}

/// Commit batch after batch until no more orders can arrive.
pub(super) async fn run(store: Store, notifier: Notifier, mut queue: mpsc::Receiver<PendingOrder>) {
    let mut batch = Vec::with_capacity(BATCH_ORDERS_MAX);
    let quarantine = Arc::new(Quarantine::default());
    while queue.recv_many(&mut batch, BATCH_ORDERS_MAX).await > 0 {
        // Callers that no longer wait were answered that we are busy, and may have sent the order to another node.
        batch.retain(|pending: &PendingOrder| !pending.reply.is_closed());
        for pending in batch.extract_if(.., |pending| quarantine.contains(pending)) {
            tokio::spawn(commit_quarantined(
                store.clone(),
                notifier.clone(),
                Arc::clone(&quarantine),
                pending,
            ));
        }
        while !batch.is_empty() {
            let rest = batch.split_off(fitting_count(&batch));
            commit(
                &store,
                &notifier,
                &quarantine,
                std::mem::replace(&mut batch, rest),
            )
            .await;
        }
    }
}

/// The number of orders that fit into one transaction: at least one.
fn fitting_count(batch: &[PendingOrder]) -> usize {
    let mut bytes = 0;
    let fit = batch.iter().take_while(|pending| {
        bytes += pending.order.size_bytes();
        bytes <= BATCH_BYTES_MAX
    });
    fit.count().max(1)
}

/// Orders whose batch timed out. A hanging session may hold one of their ids, and repeating that order would delay all
/// others of its batch, again and again. For a while each of them is committed alone.
struct Quarantine {
    ids: Mutex<HashMap<String, Instant>>,
    permits: Semaphore,
}

impl Default for Quarantine {
    fn default() -> Self {
        Self {
            ids: Mutex::default(),
            permits: Semaphore::new(QUARANTINE_CONCURRENCY),
        }
    }
}

impl Quarantine {
    fn add(&self, orders: &[NewOrder]) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.retain(|_, since| since.elapsed() < QUARANTINE_PERIOD);
        let now = Instant::now();
        ids.extend(orders.iter().map(|order| (order.platform_id.clone(), now)));
    }

    fn contains(&self, pending: &PendingOrder) -> bool {
        let ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.get(&pending.order.platform_id)
            .is_some_and(|since| since.elapsed() < QUARANTINE_PERIOD)
    }
}

async fn commit_quarantined(
    store: Store,
    notifier: Notifier,
    quarantine: Arc<Quarantine>,
    pending: PendingOrder,
) {
    if let Ok(_permit) = quarantine.permits.acquire().await
        && !pending.reply.is_closed()
    {
        commit(&store, &notifier, &quarantine, vec![pending]).await;
    }
}

async fn commit(
    store: &Store,
    notifier: &Notifier,
    quarantine: &Quarantine,
    batch: Vec<PendingOrder>,
) {
    let (orders, replies): (Vec<_>, Vec<_>) = batch.into_iter().map(|w| (w.order, w.reply)).unzip();
    match accept(store, notifier, &orders).await {
        Ok(results) => results
            .into_iter()
            .zip(replies)
            .for_each(|(result, reply)| drop(reply.send(result))),
        Err(error) if error.is_worth_splitting() && orders.len() > 1 => {
            tracing::warn!(error = %error, orders = orders.len(), "orders.intake: batch refused, retrying each order alone");
            for (order, reply) in orders.into_iter().zip(replies) {
                let alone = accept(store, notifier, std::slice::from_ref(&order)).await;
                let result = alone
                    .map_err(OrderError::from)
                    .and_then(|mut results| results.pop().unwrap_or(Err(OrderError::Busy)));
                let _ = reply.send(result);
            }
        }
        Err(error) => {
            if error.is_timeout() {
                quarantine.add(&orders);
            }
            tracing::warn!(error = %error, orders = orders.len(), "orders.intake: batch failed");
            let each =
                |reply: oneshot::Sender<IntakeResult>| drop(reply.send(Err(refusal(&error))));
            replies.into_iter().for_each(each);
        }
    }
}

fn refusal(error: &DatabaseError) -> OrderError {
    match error.is_worth_splitting() {
        false => OrderError::Busy,
        true => OrderError::Store(DatabaseError::Misuse(
            "an order could not be written".into(),
        )),
    }
}

/// One statement inserts new orders; a second one reads existing ones, if there are any.
async fn accept(
    store: &Store,
    notifier: &Notifier,
    orders: &[NewOrder],
) -> Result<Vec<IntakeResult>, DatabaseError> {
    let inserted = store.insert_orders(orders).await?;
    let committed_at = Instant::now();
    let first_deliveries = orders
        .iter()
        .flat_map(|order| first_deliveries(order, &inserted))
        .collect::<Vec<_>>();
    if !first_deliveries.is_empty() {
        notifier.notify(Notification::NewDeliveries(first_deliveries, committed_at));
    }
    let existing_ids: Vec<&str> = orders
        .iter()
        .filter(|o| !inserted.contains(o.id))
        .map(|o| o.platform_id.as_str())
        .collect();
    let existing = if existing_ids.is_empty() {
        Vec::new()
    } else {
        store.existing_orders(&existing_ids).await?
    };
    Ok(orders
        .iter()
        .map(|order| intake_result(order, &inserted, &existing))
        .collect())
}

fn intake_result(
    order: &NewOrder,
    inserted: &InsertedBatch,
    existing: &[ExistingOrder],
) -> IntakeResult {
    if inserted.contains(order.id) {
        return Ok(Accepted::Created(receipt(order, inserted)));
    }
    let existing_order = existing
        .iter()
        .find(|candidate| candidate.platform_id == order.platform_id)
        .ok_or(OrderError::Busy)?;
    if existing_order.content_hash != order.content_hash
        && !has_same_content(&existing_order.body, order)
    {
        return Err(OrderError::Conflict(
            "another order was accepted under this order_id".into(),
        ));
    }
    Ok(Accepted::Replayed(existing_receipt(existing_order)))
}

/// Whether the stored order is the same one, when today's rules for normalising text are applied to it.
fn has_same_content(stored: &str, order: &NewOrder) -> bool {
    Order::parse(stored.as_bytes()).is_ok_and(|stored| stored.content_hash() == order.content_hash)
}

fn receipt(order: &NewOrder, inserted: &InsertedBatch) -> OrderReceipt {
    let events = order.events.iter().map(|event| {
        let mut deliveries: Vec<_> = inserted.deliveries_of(event.id).map(|own| own.id).collect();
        // In the order in which a repeated request reads them.
        deliveries.sort_unstable();
        EventReceipt {
            id: event.id,
            kind: EventType::OrderConfirmed,
            partner: event.slug.clone(),
            deliveries,
        }
    });
    OrderReceipt {
        id: order.id,
        status: "accepted",
        events: events.collect(),
        warnings: Vec::new(),
    }
}

fn existing_receipt(existing: &ExistingOrder) -> OrderReceipt {
    let events = existing
        .events
        .iter()
        .map(|(id, partner, deliveries)| EventReceipt {
            id: *id,
            kind: EventType::OrderConfirmed,
            partner: partner.clone(),
            deliveries: deliveries.clone(),
        });
    OrderReceipt {
        id: existing.id,
        status: "accepted",
        events: events.collect(),
        warnings: Vec::new(),
    }
}

/// The first deliveries of an order, which may go straight to their lanes: no event of the order can precede them.
pub(super) fn first_deliveries<'a>(
    order: &'a NewOrder,
    inserted: &'a InsertedBatch,
) -> impl Iterator<Item = QueuedDelivery> + 'a {
    order.events.iter().flat_map(move |new| {
        let event = Arc::new(Event {
            id: new.id,
            kind: EventType::OrderConfirmed,
            occurred_at: truncate_to_ms(inserted.at),
            data: Arc::clone(&new.data),
        });
        inserted
            .deliveries_of(new.id)
            .map(move |delivery| QueuedDelivery {
                id: delivery.id,
                endpoint: delivery.endpoint,
                shard: delivery.shard,
                order: Some(order.id),
                attempts: 0,
                attempts_in_cycle: 0,
                due_at: inserted.at,
                opened_at: inserted.at,
                replay: None,
                event: Arc::clone(&event),
            })
    })
}

/// The stored text of an event's data.
pub(super) fn to_json(data: &OrderData) -> Result<String, OrderError> {
    serde_json::to_string(data).map_err(|_| {
        BodyError::single("", Violation::new("unstorable", "could not be serialised")).into()
    })
}
