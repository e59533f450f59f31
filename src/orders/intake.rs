//! The intake batch: while one transaction commits, the next orders gather.
//!
//! Promises: no waiting when idle; callers are answered after the commit; one bad order costs nobody
//! else. Must not answer success for anything whose commit is not certain.

use buywire_schemas::event::{Event, EventType, OrderData};
use buywire_schemas::instant::whole_ms;
use buywire_schemas::order::Order;
use buywire_schemas::problem::{Flaw, Refused};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{EventReceipt, OrderError, Receipt, Taken};
use crate::store::bell::{Bell, Ring};
use crate::store::orders::{Answered, Inserted, NewOrder};
use crate::store::queue::QueuedDelivery;
use crate::store::{Store, StoreError};

/// Orders in one transaction: enough that one fsync is shared by many, few enough to stay short.
const BATCH_ORDERS_MAX: usize = 256;
/// Bytes in one transaction, so that large orders make smaller batches.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long orders go alone whose batch took too long, and how many of them at one time.
const APART_FOR: Duration = Duration::from_mins(10);
const APART_AT_ONCE: usize = 2;

pub(super) type Answer = Result<Taken<Receipt>, OrderError>;

/// An order that waits for its commit, and who waits for the answer.
pub(super) struct Waiting {
    pub(super) new: NewOrder,
    pub(super) answer: oneshot::Sender<Answer>,
}

/// Commit batch after batch until nobody can bring orders any more.
pub(super) async fn run(store: Store, bell: Bell, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(BATCH_ORDERS_MAX);
    let apart = Arc::new(Apart::default());
    while waiting.recv_many(&mut batch, BATCH_ORDERS_MAX).await > 0 {
        // Whoever waits no more was told to come back, and may have done so elsewhere.
        batch.retain(|waiting: &Waiting| !waiting.answer.is_closed());
        for one in batch.extract_if(.., |waiting| apart.has(waiting)) {
            tokio::spawn(commit_apart(
                store.clone(),
                bell.clone(),
                Arc::clone(&apart),
                one,
            ));
        }
        while !batch.is_empty() {
            let rest = batch.split_off(fitting(&batch));
            commit(&store, &bell, &apart, std::mem::replace(&mut batch, rest)).await;
        }
    }
}

/// How many orders from the front fit into one transaction; at least one.
fn fitting(batch: &[Waiting]) -> usize {
    let mut bytes = 0;
    let fit = batch.iter().take_while(|waiting| {
        bytes += waiting.new.bytes();
        bytes <= BATCH_BYTES_MAX
    });
    fit.count().max(1)
}

/// Orders whose batch took too long: a session that hangs may hold one of their ids, and whoever brings it again would
/// hold up all others of its batch, again and again. For a while each of them goes alone.
struct Apart {
    ids: Mutex<HashMap<String, Instant>>,
    at_once: Semaphore,
}

impl Default for Apart {
    fn default() -> Self {
        Self {
            ids: Mutex::default(),
            at_once: Semaphore::new(APART_AT_ONCE),
        }
    }
}

impl Apart {
    fn put(&self, orders: &[NewOrder]) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.retain(|_, since| since.elapsed() < APART_FOR);
        let now = Instant::now();
        ids.extend(orders.iter().map(|order| (order.platform_id.clone(), now)));
    }

    fn has(&self, waiting: &Waiting) -> bool {
        let ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.get(&waiting.new.platform_id)
            .is_some_and(|since| since.elapsed() < APART_FOR)
    }
}

async fn commit_apart(store: Store, bell: Bell, apart: Arc<Apart>, one: Waiting) {
    if let Ok(_place) = apart.at_once.acquire().await
        && !one.answer.is_closed()
    {
        commit(&store, &bell, &apart, vec![one]).await;
    }
}

async fn commit(store: &Store, bell: &Bell, apart: &Apart, batch: Vec<Waiting>) {
    let (orders, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|w| (w.new, w.answer)).unzip();
    match accept(store, bell, &orders).await {
        Ok(taken) => taken
            .into_iter()
            .zip(answers)
            .for_each(|(result, answer)| drop(answer.send(result))),
        Err(error) if is_worth_splitting(&error) && orders.len() > 1 => {
            tracing::warn!(error = %error, orders = orders.len(), "orders.intake: a batch was refused, trying each alone");
            for (order, answer) in orders.into_iter().zip(answers) {
                let alone = accept(store, bell, std::slice::from_ref(&order)).await;
                let result = alone
                    .map_err(OrderError::from)
                    .and_then(|mut taken| taken.pop().unwrap_or(Err(OrderError::Busy)));
                let _ = answer.send(result);
            }
        }
        Err(error) => {
            if error.is_late() {
                apart.put(&orders);
            }
            tracing::warn!(error = %error, orders = orders.len(), "orders.intake: nothing was taken");
            let each = |answer: oneshot::Sender<Answer>| drop(answer.send(Err(refusal(&error))));
            answers.into_iter().for_each(each);
        }
    }
}

/// A database that is away refuses every order alike.
fn is_worth_splitting(error: &StoreError) -> bool {
    !error.is_transient() && !error.outcome_unknown()
}

fn refusal(error: &StoreError) -> OrderError {
    match is_worth_splitting(error) {
        false => OrderError::Busy,
        true => OrderError::Store(StoreError::Misuse("an order could not be written".into())),
    }
}

/// One statement for what is new; a second one only where something was not.
async fn accept(
    store: &Store,
    bell: &Bell,
    orders: &[NewOrder],
) -> Result<Vec<Answer>, StoreError> {
    let inserted = store.insert_orders(orders).await?;
    let committed_at = Instant::now();
    let fresh = orders
        .iter()
        .flat_map(|order| fresh(order, &inserted))
        .collect::<Vec<_>>();
    if !fresh.is_empty() {
        bell.ring(Ring::Fresh(fresh, committed_at));
    }
    let known: Vec<&str> = orders
        .iter()
        .filter(|o| !inserted.has(o.id))
        .map(|o| o.platform_id.as_str())
        .collect();
    let answered = if known.is_empty() {
        Vec::new()
    } else {
        store.answers(&known).await?
    };
    Ok(orders
        .iter()
        .map(|order| answer(order, &inserted, &answered))
        .collect())
}

fn answer(order: &NewOrder, inserted: &Inserted, answered: &[Answered]) -> Answer {
    if inserted.has(order.id) {
        return Ok(Taken::New(receipt(order, inserted)));
    }
    let before = answered
        .iter()
        .find(|before| before.platform_id == order.platform_id)
        .ok_or(OrderError::Busy)?;
    if before.content_hash != order.content_hash && !reads_the_same(&before.body, order) {
        return Err(OrderError::Conflict(
            "another order was accepted under this order_id".into(),
        ));
    }
    Ok(Taken::Again(receipt_before(before)))
}

/// Whether an order that was accepted by other rules for harmless text is this one by today's.
fn reads_the_same(stored: &str, order: &NewOrder) -> bool {
    Order::parse(stored.as_bytes()).is_ok_and(|stored| stored.content_hash() == order.content_hash)
}

fn receipt(order: &NewOrder, inserted: &Inserted) -> Receipt {
    let events = order.events.iter().map(|event| {
        let mut deliveries: Vec<_> = inserted.of_event(event.id).map(|own| own.id).collect();
        // As they are read back when the same order comes again.
        deliveries.sort_unstable();
        EventReceipt {
            id: event.id,
            kind: EventType::OrderConfirmed,
            partner: event.slug.clone(),
            deliveries,
        }
    });
    Receipt {
        id: order.id,
        status: "accepted",
        events: events.collect(),
        warnings: Vec::new(),
    }
}

fn receipt_before(before: &Answered) -> Receipt {
    let events = before
        .events
        .iter()
        .map(|(id, partner, deliveries)| EventReceipt {
            id: *id,
            kind: EventType::OrderConfirmed,
            partner: partner.clone(),
            deliveries: deliveries.clone(),
        });
    Receipt {
        id: before.id,
        status: "accepted",
        events: events.collect(),
        warnings: Vec::new(),
    }
}

/// First deliveries may go straight to their lanes: nothing of the order can be ahead of them.
fn fresh<'a>(
    order: &'a NewOrder,
    inserted: &'a Inserted,
) -> impl Iterator<Item = QueuedDelivery> + 'a {
    order.events.iter().flat_map(move |new| {
        let event = Arc::new(Event {
            id: new.id,
            kind: EventType::OrderConfirmed,
            occurred_at: whole_ms(inserted.at),
            data: Arc::clone(&new.data),
        });
        inserted
            .of_event(new.id)
            .map(move |delivery| QueuedDelivery {
                id: delivery.id,
                endpoint: delivery.endpoint,
                shard: delivery.shard,
                order: Some(order.id),
                attempts: 0,
                tries: 0,
                due_at: inserted.at,
                opened_at: inserted.at,
                replay: None,
                event: Arc::clone(&event),
            })
    })
}

/// The stored text of an event's data.
pub(super) fn json(data: &OrderData) -> Result<String, OrderError> {
    serde_json::to_string(data).map_err(|_| {
        Refused::because(
            "",
            Flaw::new("unstorable", "could not be written down again"),
        )
        .into()
    })
}
