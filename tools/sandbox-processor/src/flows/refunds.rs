//! Refunds: made, and for some cards failed or settled later.

use serde_json::Value;

use super::base::{apply, card_of};
use super::publish::{emit, publish_intent};
use crate::cards::Behaviour;
use crate::clock::new_id;
use crate::machine::{IntentCommand, IntentEvent, IntentRefusal};
use crate::store::{DueAction, Refund, RefundStatus, Store};

/// Long enough to see the refund as it was before.
const FINISH_AFTER_SECONDS: i64 = 2;

/// What a refund is made from.
#[derive(Debug)]
pub(crate) struct NewRefund {
    pub(crate) intent: String,
    /// None: what is left.
    pub(crate) amount: Option<i64>,
    /// The bank will send the money back, whatever the card.
    pub(crate) fails: bool,
    pub(crate) params: Value,
}

/// Makes a refund.
pub(crate) fn create_refund(
    store: &mut Store,
    now_s: i64,
    new: NewRefund,
) -> Result<String, IntentRefusal> {
    let amount = new.amount;
    let events = apply(store, &new.intent, IntentCommand::Refund { amount })?;
    let amounts = events.iter().map(|event| match event {
        IntentEvent::Refunded { amount } => *amount,
        _ => 0,
    });
    let amount = amounts.sum();
    let behaviour = card_of(store, &new.intent).map(|card| card.behaviour);
    let id = new_id("re_");
    let (status, later) = match (new.fails, behaviour) {
        (true, _) | (_, Some(Behaviour::FailRefund)) => (
            RefundStatus::Succeeded,
            Some(DueAction::FailRefund(id.clone())),
        ),
        (_, Some(Behaviour::PendRefund)) => (
            RefundStatus::Pending,
            Some(DueAction::SucceedRefund(id.clone())),
        ),
        _ => (RefundStatus::Succeeded, None),
    };
    let intent = store.intents.get(&new.intent);
    let refund = Refund {
        id: id.clone(),
        created: now_s,
        amount,
        currency: intent
            .map(|intent| intent.currency.clone())
            .unwrap_or_default(),
        charge: intent
            .and_then(|intent| intent.latest_charge.clone())
            .unwrap_or_default(),
        intent: new.intent.clone(),
        status,
        params: new.params,
    };
    store.refunds.insert(&id, refund);
    if let Some(action) = later {
        store
            .agenda
            .enter(now_s.saturating_add(FINISH_AFTER_SECONDS), action);
    }
    emit(store, now_s, &id, "refund.created");
    publish_intent(store, now_s, &new.intent, &events);
    Ok(id)
}

/// The bank's last word on a refund.
pub(super) fn finish(store: &mut Store, now_s: i64, id: &str, status: RefundStatus) {
    let Some(refund) = store.refunds.get_mut(id) else {
        return;
    };
    refund.status = status;
    let (intent, amount) = (refund.intent.clone(), refund.amount);
    let is_failed = status == RefundStatus::Failed;
    if is_failed {
        // The refund is counted in the intent, so that this never exceeds it.
        apply(store, &intent, IntentCommand::FailRefund { amount }).unwrap_or_default();
    }
    emit(store, now_s, id, "refund.updated");
    emit(store, now_s, id, "charge.refund.updated");
    if is_failed {
        emit(store, now_s, id, "refund.failed");
    }
}
