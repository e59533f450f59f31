//! What a step works with: the time, and the effects it has collected.

use buywire_schemas::ids::CheckoutId;
use time::OffsetDateTime;

use super::effect::{BuyerNotice, Effect, EffectAction};
use super::payment::Payment;
use super::state::PayingStage;
use crate::payment_method::PaymentMethod;

/// One step under way.
pub(super) struct Context {
    pub(super) id: CheckoutId,
    pub(super) now: OffsetDateTime,
    pub(super) effects: Vec<Effect>,
    /// Attempts to pay so far.
    pub(super) attempts: u32,
    /// A kill switch refuses new payments.
    pub(super) is_stopped: bool,
    /// A declined attempt after which another begins. It must not be paid later, beside that.
    pub(super) superseded: Option<Payment>,
}

impl Context {
    pub(super) fn emit(&mut self, action: EffectAction) {
        self.effects.push(Effect::new(self.id, action));
    }

    pub(super) fn notify(&mut self, attempt: u32, notice: BuyerNotice) {
        self.emit(EffectAction::SendNotice { attempt, notice });
    }

    pub(super) fn release(&mut self, hold: u32) {
        self.emit(EffectAction::ReleaseHold { hold });
    }

    pub(super) fn open_session(&mut self, payment: &Payment) {
        self.emit(EffectAction::OpenSession {
            attempt: payment.attempt,
            terms: payment.terms,
            capture: payment.capture,
            method: payment.method,
            flow: payment.flow,
        });
    }

    pub(super) fn expire_session(&mut self, payment: &Payment) {
        self.emit(EffectAction::ExpireSession {
            attempt: payment.attempt,
            reference: payment.reference.clone(),
        });
    }

    pub(super) fn ask(&mut self, payment: &Payment) {
        self.emit(EffectAction::AskProcessor {
            attempt: payment.attempt,
            reference: payment.reference.clone(),
            count: payment.asking.count,
        });
    }

    pub(super) fn place_order(&mut self, payment: &Payment, confirmed_at: OffsetDateTime) {
        self.emit(EffectAction::PlaceOrder {
            attempt: payment.attempt,
            hold: payment.hold,
            quote: payment.terms.quote(),
            reference: payment.reference.clone(),
            confirmed_at,
        });
    }

    pub(super) fn capture(&mut self, payment: &Payment) {
        self.emit(EffectAction::Capture {
            attempt: payment.attempt,
            reference: payment.reference.clone(),
        });
    }

    /// Cancels an order for which there is no money, fulfilled or not.
    pub(super) fn revoke_order(&mut self, attempt: u32, order: Option<String>) {
        self.emit(EffectAction::CancelOrder {
            attempt,
            order,
            only_unfulfilled: false,
        });
    }

    /// Cancels an order that the buyer no longer wants, unless it is fulfilled.
    pub(super) fn cancel_order(&mut self, payment: &Payment, order: &str) {
        self.emit(EffectAction::CancelOrder {
            attempt: payment.attempt,
            order: Some(order.to_owned()),
            only_unfulfilled: true,
        });
    }

    /// The stage of a payment whose session is open. Who pays by invoice is told how, once.
    pub(super) fn opened(&mut self, payment: &Payment, stage: PayingStage) -> PayingStage {
        match stage {
            PayingStage::Holding | PayingStage::Opening => {
                if matches!(payment.method, PaymentMethod::Invoice { .. }) {
                    self.emit(EffectAction::SendInvoice {
                        attempt: payment.attempt,
                    });
                }
                PayingStage::Unpaid
            }
            // A webhook was faster than the processor's answer.
            later => later,
        }
    }

    pub(super) fn send_receipt(&mut self, payment: &Payment, order: &str) {
        self.emit(EffectAction::SendReceipt {
            attempt: payment.attempt,
            order: order.to_owned(),
        });
    }
}
