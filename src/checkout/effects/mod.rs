//! Effects: what a checkout has decided, carried out.
//!
//! Promises: each may be run again, after a crash or beside itself, and changes nothing more; only what is certain is
//! reported.

mod cancellation_mail;
mod invoice_mail;
pub(super) mod mail;
mod order;
mod outcome;
mod payment;
mod session;
mod stock;
mod token;
mod withdrawal_mail;

use buywire_checkout::machine::{EffectAction, PaymentFlow};

pub(super) use self::outcome::Outcome;
use self::outcome::Performed;
use super::shared::Checkouts;
use crate::store::checkouts::effects::ClaimedEffect;

impl Checkouts {
    /// Runs one effect.
    pub(super) async fn perform(&self, claimed: &ClaimedEffect) -> Performed {
        let (id, key) = (claimed.checkout, claimed.effect.key.as_str());
        match &claimed.effect.action {
            EffectAction::TakeHold { hold, ends_at } => {
                self.take_hold(claimed, *hold, *ends_at).await
            }
            EffectAction::ExtendHold { ends_at, .. } => self.extend_hold(id, *ends_at).await,
            EffectAction::ReleaseHold { hold } => self.release_hold(id, *hold).await,
            EffectAction::OpenSession {
                attempt,
                terms,
                capture,
                method,
                flow,
            } => match flow {
                PaymentFlow::Hosted => self.open_session(id, key, *attempt, *terms, *method).await,
                PaymentFlow::Token => self.pay_token(id, key, *attempt, *terms, *capture).await,
            },
            EffectAction::ExpireSession { attempt, .. } => {
                self.expire_session(id, key, *attempt).await
            }
            EffectAction::AskProcessor { attempt, .. } => self.ask_processor(id, *attempt).await,
            EffectAction::Capture { attempt, .. } => self.capture(id, key, *attempt).await,
            EffectAction::Void { attempt, .. } => self.void(id, key, *attempt).await,
            EffectAction::Refund {
                attempt, number, ..
            } => self.refund(id, key, *attempt, *number).await,
            EffectAction::PlaceOrder {
                attempt,
                confirmed_at,
                ..
            } => self.place_order(claimed, *attempt, *confirmed_at).await,
            EffectAction::CancelOrder {
                attempt,
                order,
                only_unfulfilled,
            } => {
                self.cancel_order(id, *attempt, order.as_deref(), *only_unfulfilled)
                    .await
            }
            EffectAction::SendReceipt { .. } => self.send_receipt(id, key, claimed.attempts).await,
            EffectAction::SendCancellation {
                is_charged,
                cancelled_at,
                ..
            } => {
                let tries = claimed.attempts;
                self.send_cancellation(id, key, *is_charged, *cancelled_at, tries)
                    .await
            }
            EffectAction::SendAcknowledgement { .. } => {
                self.send_acknowledgement(id, key, claimed.attempts).await
            }
            EffectAction::SendInvoice { .. } => self.send_invoice(id, key, claimed.attempts).await,
            EffectAction::SendNotice { notice, .. } => {
                self.send_notice(id, key, *notice, claimed.attempts).await
            }
        }
    }
}
