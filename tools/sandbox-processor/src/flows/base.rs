//! What all flows share: applying a command to an intent, its card, its token, and what faults demand.

use crate::cards::Card;
use crate::machine::{IntentCommand, IntentEvent, IntentRefusal};
use crate::store::{MethodKind, PaymentMethod, Store};

/// What faults demand of the next attempt.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Forced {
    pub(crate) decline: bool,
    pub(crate) challenge: bool,
    pub(crate) dispute: bool,
    pub(crate) refund_fails: bool,
}

/// Applies a command to an intent's state. An intent that does not exist has nothing to apply to.
pub(super) fn apply(
    store: &mut Store,
    intent: &str,
    command: IntentCommand,
) -> Result<Vec<IntentEvent>, IntentRefusal> {
    let Some(intent) = store.intents.get_mut(intent) else {
        return Ok(Vec::new());
    };
    let (state, events) = intent.state.apply(command)?;
    intent.state = state;
    Ok(events)
}

fn method_of<'a>(store: &'a Store, intent: &str) -> Option<&'a PaymentMethod> {
    let method = store.intents.get(intent)?.payment_method.as_deref()?;
    store.methods.get(method)
}

/// The card that an intent is paid with; none for a bank redirect.
pub(super) fn card_of(store: &Store, intent: &str) -> Option<Card> {
    match &method_of(store, intent)?.kind {
        MethodKind::Card(card) => Some(card.clone()),
        MethodKind::Ideal => None,
    }
}

/// Counts what an intent takes from the granted token it is paid with, or gives back.
pub(super) fn charge_token(store: &mut Store, intent: &str, amount: i64) {
    let token = method_of(store, intent).and_then(|method| method.token.clone());
    if let Some(token) = token.and_then(|token| store.tokens.get_mut(&token)) {
        token.used = token.used.saturating_add(amount);
    }
}
