//! The bank's part: it approves, declines, wants the buyer, or takes its time.
//!
//! Promises: each attempt that reaches the bank leaves a charge, a declined one too.

use serde_json::{Value, json};

use super::base::{Forced, apply, card_of, charge_token};
use super::disputes::{dispute_by_card, open_dispute};
use super::progress;
use super::publish::publish_intent;
use crate::cards::{self, Behaviour, Decline};
use crate::clock::new_id;
use crate::machine::{Authorization, CaptureMethod, IntentCommand, IntentRefusal, IntentStatus};
use crate::objects;
use crate::store::{Charge, DueAction, Store};

/// How long a buyer-present card stays authorised.
const HOLD_SECONDS: i64 = 7 * 86_400;
/// How long a bank takes to decide later.
const SETTLE_AFTER_SECONDS: i64 = 60;

/// What the buyer chose at the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BankAnswer {
    Confirmed,
    /// The bank will decide later.
    Deferred,
    Refused,
}

/// Asks the bank. `is_off_session`: nobody could answer a challenge.
pub(crate) fn authorize(
    store: &mut Store,
    now_s: i64,
    intent: &str,
    forced: Forced,
    is_off_session: bool,
) -> Result<(), IntentRefusal> {
    let (answer, decline) = match (card_of(store, intent), forced) {
        (_, Forced { decline: true, .. }) => {
            (Authorization::Declined, Some(cards::GENERIC_DECLINE))
        }
        (
            Some(_),
            Forced {
                challenge: true, ..
            },
        )
        | (None, _) => (Authorization::Challenged, None),
        (Some(card), _) => card.answer(),
    };
    match answer {
        Authorization::Challenged if is_off_session => {
            let decline = Some(cards::AUTHENTICATION_REQUIRED);
            decide(
                store,
                now_s,
                intent,
                Authorization::Declined,
                decline,
                false,
            )?;
        }
        answer => decide(store, now_s, intent, answer, decline, false)?,
    }
    if forced.dispute {
        open_dispute(store, now_s, intent, "fraudulent").unwrap_or_default();
    }
    Ok(())
}

/// Takes what the buyer chose at the bank.
pub(crate) fn answer_bank(
    store: &mut Store,
    now_s: i64,
    intent: &str,
    answer: BankAnswer,
) -> Result<(), IntentRefusal> {
    let current = store.intents.get(intent).map(|intent| intent.state.status);
    if let Some(status) = current
        && status != IntentStatus::RequiresAction
    {
        let verb = "confirm";
        return Err(IntentRefusal::UnexpectedState { verb, status });
    }
    let card = card_of(store, intent);
    let (authorization, decline) = match (answer, &card) {
        (BankAnswer::Refused | BankAnswer::Deferred, Some(_)) => {
            (Authorization::Declined, Some(cards::AUTHENTICATION_FAILED))
        }
        (BankAnswer::Refused, None) => (Authorization::Declined, Some(cards::BANK_REFUSED)),
        (BankAnswer::Deferred, None) => (Authorization::Deferred, None),
        (BankAnswer::Confirmed, Some(card)) => match card.behaviour {
            Behaviour::Challenge(Some(decline)) | Behaviour::Decline(decline) => {
                (Authorization::Declined, Some(decline))
            }
            _ => (Authorization::Approved, None),
        },
        (BankAnswer::Confirmed, None) => (Authorization::Approved, None),
    };
    decide(store, now_s, intent, authorization, decline, card.is_some())
}

/// A bank that wanted time has decided.
pub(crate) fn settle(
    store: &mut Store,
    now_s: i64,
    intent: &str,
    is_paid: bool,
) -> Result<(), IntentRefusal> {
    let events = apply(store, intent, IntentCommand::Settle { is_paid })?;
    let charge = store
        .intents
        .get(intent)
        .and_then(|intent| intent.latest_charge.clone());
    if let Some(charge) = charge.and_then(|charge| store.charges.get_mut(&charge)) {
        charge.is_pending = false;
        charge.decline = (!is_paid).then_some(cards::BANK_REFUSED);
    }
    record_error(store, intent, (!is_paid).then_some(cards::BANK_REFUSED));
    publish_intent(store, now_s, intent, &events);
    progress::settle_session(store, now_s, intent, is_paid);
    Ok(())
}

/// Carries the bank's answer into the intent, its charge and its session.
fn decide(
    store: &mut Store,
    now_s: i64,
    intent: &str,
    answer: Authorization,
    decline: Option<Decline>,
    is_authenticated: bool,
) -> Result<(), IntentRefusal> {
    let events = apply(store, intent, IntentCommand::Authorize(answer))?;
    if answer != Authorization::Challenged {
        record_charge(store, now_s, intent, answer, decline, is_authenticated);
    }
    record_error(store, intent, decline);
    publish_intent(store, now_s, intent, &events);
    if matches!(answer, Authorization::Approved | Authorization::Deferred) {
        progress::complete_session(store, now_s, intent);
    }
    dispute_by_card(store, now_s, intent);
    Ok(())
}

fn record_charge(
    store: &mut Store,
    now_s: i64,
    intent_id: &str,
    answer: Authorization,
    decline: Option<Decline>,
    is_authenticated: bool,
) {
    let Some(intent) = store.intents.get_mut(intent_id) else {
        return;
    };
    let is_held =
        answer == Authorization::Approved && intent.state.capture_method == CaptureMethod::Manual;
    let id = new_id("ch_");
    let charge = Charge {
        id: id.clone(),
        created: now_s,
        intent: intent_id.to_owned(),
        amount: intent.state.amount,
        currency: intent.currency.clone(),
        payment_method: intent.payment_method.clone().unwrap_or_default(),
        decline,
        is_pending: answer == Authorization::Deferred,
        is_authenticated: is_authenticated && decline.is_none(),
        capture_before: is_held.then(|| now_s.saturating_add(HOLD_SECONDS)),
        dispute: None,
    };
    let amount = charge.amount;
    intent.latest_charge = Some(id.clone());
    store.charges.insert(&id, charge);
    if is_held {
        let action = DueAction::CancelHold(intent_id.to_owned());
        store
            .agenda
            .enter(now_s.saturating_add(HOLD_SECONDS), action);
    }
    if answer == Authorization::Deferred {
        let action = DueAction::SettleIntent(intent_id.to_owned());
        store
            .agenda
            .enter(now_s.saturating_add(SETTLE_AFTER_SECONDS), action);
    }
    if decline.is_none() {
        charge_token(store, intent_id, amount);
    }
}

/// Sets or clears `last_payment_error`. After a decline another payment method is needed, as Stripe demands.
fn record_error(store: &mut Store, intent_id: &str, decline: Option<Decline>) {
    let error = decline.map(|decline| payment_error(store, intent_id, decline));
    if let Some(intent) = store.intents.get_mut(intent_id) {
        if error.is_some() {
            intent.payment_method = None;
        }
        intent.last_error = error;
    }
}

fn payment_error(store: &Store, intent: &str, decline: Decline) -> Value {
    let intent = store.intents.get(intent);
    let method = intent.and_then(|intent| intent.payment_method.as_deref());
    let method = method.and_then(|method| objects::find(store, method));
    let mut error = json!({
        "type": "card_error",
        "code": decline.code,
        "message": decline.message,
    });
    if let Some(members) = error.as_object_mut() {
        let charge = intent.and_then(|intent| intent.latest_charge.as_deref());
        let optional = [
            ("charge", charge.map(Value::from)),
            ("decline_code", decline.decline_code.map(Value::from)),
            ("payment_method", method),
        ];
        for (name, value) in optional {
            members.extend(value.map(|value| (name.to_owned(), value)));
        }
    }
    error
}
