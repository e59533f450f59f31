//! What happens to the objects: each function carries one command through the machines, the records and the events.
//!
//! Promises: a change and its events happen together, under the caller's lock; what a machine refuses changes nothing.
//! Must not know HTTP. The time is an argument.

mod authorize;
mod base;
mod disputes;
mod intents;
mod progress;
mod publish;
mod refunds;
mod sessions;

pub(crate) use authorize::{BankAnswer, answer_bank, authorize, settle};
pub(crate) use base::Forced;
pub(crate) use disputes::{close_dispute, open_dispute};
pub(crate) use intents::{NewIntent, attach_method, cancel, capture, create_intent, create_method};
pub(crate) use refunds::{NewRefund, create_refund};
pub(crate) use sessions::{PayRefusal, Payment, expire_session, open_session, pay_session};

use crate::store::{DueAction, RefundStatus, Store};

/// Does what has become due, each action at the time it was due.
pub(crate) fn run_due(store: &mut Store, now_s: i64) {
    while let Some((due_s, action)) = store.agenda.take_due(now_s) {
        // What is over by now refuses, and stays as it is.
        match action {
            DueAction::ExpireSession(id) => expire_session(store, due_s, &id).unwrap_or_default(),
            DueAction::CancelHold(id) => {
                intents::cancel_authorisation(store, due_s, &id).unwrap_or_default()
            }
            DueAction::SettleIntent(id) => settle(store, due_s, &id, true).unwrap_or_default(),
            DueAction::FailRefund(id) => refunds::finish(store, due_s, &id, RefundStatus::Failed),
            DueAction::SucceedRefund(id) => {
                refunds::finish(store, due_s, &id, RefundStatus::Succeeded);
            }
        }
    }
}
