//! Disputes: opened by a card's behaviour, a fault or a command; closed by a command.

use super::base::{apply, card_of};
use super::publish::emit;
use crate::cards::Behaviour;
use crate::clock::new_id;
use crate::machine::{IntentCommand, IntentRefusal, IntentStatus};
use crate::store::{Dispute, Store};

/// Opens a dispute over all that was captured.
pub(crate) fn open_dispute(
    store: &mut Store,
    now_s: i64,
    intent: &str,
    reason: &str,
) -> Result<(), IntentRefusal> {
    apply(store, intent, IntentCommand::OpenDispute)?;
    let brand = card_of(store, intent).map_or("visa", |card| card.brand);
    let Some(disputed) = store.intents.get(intent) else {
        return Ok(());
    };
    let id = new_id("du_");
    let dispute = Dispute {
        id: id.clone(),
        created: now_s,
        amount: disputed.state.captured - disputed.state.refunded,
        currency: disputed.currency.clone(),
        charge: disputed.latest_charge.clone().unwrap_or_default(),
        intent: intent.to_owned(),
        brand,
        reason: reason.to_owned(),
        status: "needs_response",
    };
    if let Some(charge) = store.charges.get_mut(&dispute.charge) {
        charge.dispute = Some(id.clone());
    }
    store.disputes.insert(&id, dispute);
    emit(store, now_s, &id, "charge.dispute.created");
    emit(store, now_s, &id, "charge.dispute.funds_withdrawn");
    Ok(())
}

/// Closes the open dispute of an intent. A lost one keeps the money: nothing can be refunded.
pub(crate) fn close_dispute(
    store: &mut Store,
    now_s: i64,
    intent: &str,
    is_won: bool,
) -> Result<(), IntentRefusal> {
    let charge = store
        .intents
        .get(intent)
        .and_then(|intent| intent.latest_charge.as_deref());
    let dispute = charge.and_then(|charge| store.charges.get(charge)?.dispute.clone());
    match is_won {
        true => apply(store, intent, IntentCommand::CloseDispute).map(drop)?,
        false => ensure_disputed(store, intent)?,
    }
    if let Some(id) = dispute {
        if let Some(dispute) = store.disputes.get_mut(&id) {
            dispute.status = if is_won { "won" } else { "lost" };
        }
        if is_won {
            emit(store, now_s, &id, "charge.dispute.funds_reinstated");
        }
        emit(store, now_s, &id, "charge.dispute.closed");
    }
    Ok(())
}

fn ensure_disputed(store: &Store, intent: &str) -> Result<(), IntentRefusal> {
    match store.intents.get(intent).map(|intent| intent.state) {
        Some(state) if !state.is_disputed => Err(IntentRefusal::UnexpectedState {
            verb: "dispute",
            status: state.status,
        }),
        _ => Ok(()),
    }
}

/// Opens the dispute that a card's number stands for, once its money was taken.
pub(super) fn dispute_by_card(store: &mut Store, now_s: i64, intent: &str) {
    let status = store.intents.get(intent).map(|intent| intent.state.status);
    if let (Some(IntentStatus::Succeeded), Some(card)) = (status, card_of(store, intent))
        && let Behaviour::Dispute(reason) = card.behaviour
    {
        // A payment that is disputed already needs no second one.
        open_dispute(store, now_s, intent, reason).unwrap_or_default();
    }
}
