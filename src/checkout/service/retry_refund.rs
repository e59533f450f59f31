//! A refund that has failed, tried again because an operator has removed the cause.
//!
//! Promises: the same failed refund is followed by one other at most, however often it is requested; together they are
//! never more than was captured. Must not decide whether a checkout's own refund may be tried: its machine does.

use buywire_checkout::machine::{Event, Rejected};
use buywire_schemas::ids::{PaymentId, RefundId};
use serde_json::json;

use crate::ambient;
use crate::checkout::drive::StepError;
use crate::checkout::refunds::{RefundRefused, left_to_refund};
use crate::checkout::shared::Checkouts;
use crate::db::Tx;
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::checkouts;
use crate::store::payments::refunds::{self, NewRefund, StoredRefund};
use crate::store::payments::{self, StoredPayment};

impl Checkouts {
    /// Tries a failed refund again. A second request for the same refund changes nothing more.
    pub(crate) async fn retry_refund(
        &self,
        actor: &Actor,
        id: PaymentId,
        refund: RefundId,
    ) -> Result<(), RefundRefused> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let payment = self.store.payment(id).await?;
        let payment = payment.ok_or(RefundRefused::NotFound)?;
        // Whoever writes a checkout locks it before its payments.
        let checkout = checkouts::lock(&tx, payment.checkout).await?;
        let mut checkout = checkout.ok_or(RefundRefused::NotFound)?;
        let payment = payments::lock(&tx, id).await?;
        let payment = payment.ok_or(RefundRefused::NotFound)?;
        let all = refunds::of_payment(&tx, id).await?;
        let failed = all.iter().find(|one| one.id == refund);
        let failed = failed.ok_or(RefundRefused::NotFound)?;
        if is_retried(failed, &all) {
            return Ok(());
        }
        if !is_failed(failed) {
            return Err(RefundRefused::NotFailed {
                status: failed.status.clone(),
            });
        }
        let effects = match failed.number {
            None => {
                request_again(&tx, &payment, failed, &all).await?;
                Vec::new()
            }
            Some(_) => {
                let attempt = u32::try_from(payment.attempt).unwrap_or_default();
                let event = Event::RetryRefund { attempt };
                let stepped = self.step_in(&tx, &mut checkout, event, ambient::now());
                match stepped.await {
                    Ok(effects) => effects,
                    // It is under way already.
                    Err(StepError::Rejected(Rejected::NoFailedRefund)) => return Ok(()),
                    Err(StepError::Rejected(_)) => return Err(RefundRefused::NotFound),
                    Err(StepError::Store(error)) => return Err(error.into()),
                }
            }
        };
        let entry = NewAuditEntry {
            actor,
            action: "payment.refund.retry",
            subject: &id.to_string(),
            details: json!({"refund": refund}),
        };
        audit::record(&tx, entry).await?;
        tx.commit().await?;
        self.run_now(effects).await;
        Ok(())
    }
}

/// An operator's refund has no machine behind it: the next one is requested under a key of the failed one.
async fn request_again(
    tx: &Tx<'_>,
    payment: &StoredPayment,
    failed: &StoredRefund,
    all: &[StoredRefund],
) -> Result<(), RefundRefused> {
    let left = left_to_refund(payment, all);
    if failed.amount > left {
        return Err(RefundRefused::TooMuch { left });
    }
    let new = NewRefund {
        id: RefundId::generate(),
        payment: payment.id,
        key: &retry_key(failed),
        number: None,
        amount: failed.amount,
        reason: &failed.reason,
        due_at: Some(ambient::now()),
    };
    refunds::add(tx, &new).await?;
    Ok(())
}

fn is_failed(refund: &StoredRefund) -> bool {
    matches!(refund.status.as_str(), "failed" | "cancelled")
}

/// Whether another refund follows this one already.
fn is_retried(failed: &StoredRefund, all: &[StoredRefund]) -> bool {
    let key = retry_key(failed);
    all.iter().any(|other| match failed.number {
        Some(number) => other.number.is_some_and(|other| other > number),
        None => other.key == key,
    })
}

fn retry_key(failed: &StoredRefund) -> String {
    format!("{}.{}.retry", failed.payment, failed.id)
}
