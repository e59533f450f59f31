//! Holds in batches: while one transaction commits, the next requests gather.
//!
//! Promises: an idle node commits at once; callers are answered after the commit; an item that another transaction has
//! locked delays only those who want it; nobody is answered "held" for anything whose commit is not certain.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use buywire_schemas::ids::{CheckoutId, HoldId};
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};

use super::allocate::{Allocation, Decision, must_wait};
use super::requests::{Held, HoldOutcome, HoldRefused, HoldRequest};
use crate::ambient;
use crate::db::{DatabaseError, Tx};
use crate::notifier::Notifier;
use crate::store::Store;
use crate::store::events::EmittedDelivery;
use crate::store::stock::holds::{self, NewHold};
use crate::store::stock::{StockChanges, StockKey};

/// Requests in one transaction.
const BATCH_MAX: usize = 256;
/// How long to wait before asking again for items that another transaction has locked.
const LOCKED_RETRY_DELAY: Duration = Duration::from_millis(5);
/// How long a request waits for such an item.
const LOCKED_TIMEOUT: Duration = Duration::from_millis(4_500);

/// A request that waits for its commit, and the channel for its answer.
pub(super) struct PendingHold {
    request: HoldRequest,
    reply: oneshot::Sender<HoldOutcome>,
    since: Instant,
}

impl PendingHold {
    pub(super) fn new(request: HoldRequest, reply: oneshot::Sender<HoldOutcome>) -> Self {
        Self {
            request,
            reply,
            since: Instant::now(),
        }
    }
}

/// Commits batch after batch until no more requests can arrive.
pub(super) async fn run(store: Store, notifier: Notifier, mut queue: mpsc::Receiver<PendingHold>) {
    let mut waiting: Vec<PendingHold> = Vec::new();
    loop {
        if waiting.is_empty() {
            if queue.recv_many(&mut waiting, BATCH_MAX).await == 0 {
                return;
            }
        } else {
            tokio::time::sleep(LOCKED_RETRY_DELAY).await;
            while waiting.len() < BATCH_MAX
                && let Ok(pending) = queue.try_recv()
            {
                waiting.push(pending);
            }
        }
        let (batch, postponed) = decidable(waiting);
        let locked = commit(&store, &notifier, batch).await;
        waiting = locked.into_iter().chain(postponed).collect();
        waiting.retain(|pending| !pending.reply.is_closed());
        for late in waiting.extract_if(.., |pending| pending.since.elapsed() > LOCKED_TIMEOUT) {
            let _ = late.reply.send(Err(HoldRefused::Busy));
        }
    }
}

/// Parts the requests that can be decided together from those that must see first what these hold.
fn decidable(waiting: Vec<PendingHold>) -> (Vec<PendingHold>, Vec<PendingHold>) {
    let (mut batch, mut postponed): (Vec<PendingHold>, _) = (Vec::new(), Vec::new());
    for pending in waiting {
        let mut earlier = batch.iter().chain(&postponed);
        match earlier.any(|earlier| must_wait(&pending.request, &earlier.request)) {
            true => postponed.push(pending),
            false => batch.push(pending),
        }
    }
    (batch, postponed)
}

/// Commits a batch and answers it. Returns the requests whose items are locked.
async fn commit(store: &Store, notifier: &Notifier, batch: Vec<PendingHold>) -> Vec<PendingHold> {
    let requests: Vec<_> = batch.iter().map(|pending| &pending.request).collect();
    match hold_all(store, notifier, &requests).await {
        Ok(outcomes) => answer(batch, outcomes),
        Err(error) if error.is_worth_splitting() && batch.len() > 1 => {
            tracing::warn!(error = %error, requests = batch.len(), "stock.hold: batch refused, retrying each request alone");
            let mut locked = Vec::new();
            for pending in batch {
                let alone = hold_all(store, notifier, &[&pending.request]).await;
                let outcomes = alone.unwrap_or_else(|_| vec![Some(Err(HoldRefused::Busy))]);
                locked.extend(answer(vec![pending], outcomes));
            }
            locked
        }
        Err(error) => {
            tracing::warn!(error = %error, requests = batch.len(), "stock.hold: batch failed");
            let busy = batch.iter().map(|_| Some(Err(HoldRefused::Busy))).collect();
            answer(batch, busy)
        }
    }
}

/// Answers each request that has an outcome. Returns the others.
fn answer(batch: Vec<PendingHold>, outcomes: Vec<Option<HoldOutcome>>) -> Vec<PendingHold> {
    let mut locked = Vec::new();
    for (pending, outcome) in batch.into_iter().zip(outcomes) {
        match outcome {
            Some(outcome) => drop(pending.reply.send(outcome)),
            None => locked.push(pending),
        }
    }
    locked
}

/// Decides requests in one transaction. `None`: an item is locked.
async fn hold_all(
    store: &Store,
    notifier: &Notifier,
    requests: &[&HoldRequest],
) -> Result<Vec<Option<HoldOutcome>>, DatabaseError> {
    let mut conn = store.general().await?;
    let tx = conn.begin().await?;
    let now = ambient::now();
    let mut batch = Batch::begin(&tx, requests).await?;
    let decisions: Vec<_> = requests
        .iter()
        .map(|request| batch.decide(request))
        .collect();
    let (until, emitted) = batch.write(&tx, requests, &decisions, now).await?;
    tx.commit().await?;
    notifier.notify_due(&emitted);
    let outcomes = requests.iter().zip(decisions);
    Ok(outcomes
        .map(|(request, decision)| Some(outcome(request, decision?, &until)))
        .collect())
}

/// Requests and the stock they want, locked.
struct Batch {
    allocation: Allocation,
    /// Items that exist and that another transaction has locked.
    locked: BTreeSet<StockKey>,
    /// What expired holds have given back.
    changes: StockChanges,
}

/// When the holds that were added end, by checkout and item.
type Ends = BTreeMap<(CheckoutId, StockKey), OffsetDateTime>;

impl Batch {
    async fn begin(tx: &Tx<'_>, requests: &[&HoldRequest]) -> Result<Self, DatabaseError> {
        let items = requests.iter().flat_map(|request| request.lines.keys());
        let items: BTreeSet<StockKey> = items.cloned().collect();
        let mut stock = holds::lock_free(tx, &items).await?;
        let absent: BTreeSet<_> = items
            .difference(&stock.keys().cloned().collect())
            .cloned()
            .collect();
        let mut locked = BTreeSet::new();
        if !absent.is_empty() {
            locked = holds::add_from_catalog(tx, &absent).await?;
            let added = holds::lock_free(tx, &locked).await?;
            locked.retain(|key| !added.contains_key(key));
            stock.extend(added);
        }
        let mut changes = StockChanges::new();
        if stock.values().any(|one| one.held > 0) {
            changes = holds::expire(tx, stock.keys()).await?;
            for (key, change) in &changes {
                if let Some(stock) = stock.get_mut(key) {
                    stock.held += change.held;
                }
            }
        }
        let checkouts: Vec<_> = requests.iter().map(|request| request.checkout).collect();
        let buyers = requests.iter().flat_map(|request| request.buyer.all());
        let buyers: Vec<_> = buyers.collect();
        let holds = holds::of_buyers(tx, stock.keys(), &checkouts, &buyers).await?;
        Ok(Self {
            allocation: Allocation::new(stock, holds),
            locked,
            changes,
        })
    }

    fn decide(&mut self, request: &HoldRequest) -> Option<Decision> {
        let is_locked = request.lines.keys().any(|key| self.locked.contains(key));
        (!is_locked).then(|| self.allocation.decide(request))
    }

    /// Writes what was decided. Returns when each new hold ends.
    async fn write(
        mut self,
        tx: &Tx<'_>,
        requests: &[&HoldRequest],
        decisions: &[Option<Decision>],
        now: OffsetDateTime,
    ) -> Result<(Ends, Vec<EmittedDelivery>), DatabaseError> {
        let (mut new, mut releasing) = (Vec::new(), Vec::new());
        for (request, decision) in requests.iter().zip(decisions) {
            if let Some(Decision::Take { released, .. }) = decision {
                releasing.extend(released);
                new.extend(new_holds(request));
            }
        }
        if !releasing.is_empty() {
            self.add_changes(holds::release(tx, &releasing).await?);
        }
        let mut ends = Ends::new();
        if !new.is_empty() {
            ends = holds::add(tx, &new).await?;
            for hold in new {
                self.changes.entry(hold.item).or_default().held += hold.quantity;
            }
        }
        let emitted = holds::apply(tx, &self.changes, now).await?;
        Ok((ends, emitted))
    }

    fn add_changes(&mut self, more: StockChanges) {
        for (key, change) in more {
            let sum = self.changes.entry(key).or_default();
            sum.held += change.held;
            sum.sold += change.sold;
        }
    }
}

fn new_holds(request: &HoldRequest) -> impl Iterator<Item = NewHold> {
    request.lines.iter().map(|(item, quantity)| NewHold {
        id: HoldId::generate(),
        checkout: request.checkout,
        item: item.clone(),
        quantity: *quantity,
        seconds: request.duration.as_secs_f64(),
        buyer: request.buyer,
    })
}

fn outcome(request: &HoldRequest, decision: Decision, ends: &Ends) -> HoldOutcome {
    match decision {
        Decision::Refuse(refused) => Err(refused),
        Decision::Keep { until } => Ok(Held {
            until,
            replaced: Vec::new(),
        }),
        Decision::Take { replaced, .. } => {
            let own = request
                .lines
                .keys()
                .map(|item| (request.checkout, item.clone()));
            let until = own.filter_map(|key| ends.get(&key).copied()).min();
            Ok(Held {
                until: until.ok_or(HoldRefused::Busy)?,
                replaced: replaced.into_iter().collect(),
            })
        }
    }
}
