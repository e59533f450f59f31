//! A processor: sessions that buyers pay, authorisations, captures, voids and refunds that may fail.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::super::support::{TOTAL, euro};
use crate::machine::*;

pub(in super::super) struct SimPayment {
    pub(in super::super) status: PaymentStatus,
    pub(in super::super) amount: i64,
    pub(in super::super) capture: CaptureMethod,
    opened_at: OffsetDateTime,
    capture_key: Option<String>,
    /// Whether its authorisation was ever taken.
    pub(in super::super) was_captured: bool,
    /// Each refund by its key, in order.
    pub(in super::super) refunds: Vec<(String, RefundStatus)>,
}

/// Payments by checkout and attempt.
#[derive(Default)]
pub(in super::super) struct Processor {
    pub(in super::super) payments: BTreeMap<(usize, u32), SimPayment>,
    refused: Vec<(usize, u32)>,
}

impl Processor {
    /// The same key opens the same session. `false` if it is refused, now and for ever.
    pub(in super::super) fn open(
        &mut self,
        at: (usize, u32),
        capture: CaptureMethod,
        refuse: bool,
        now: OffsetDateTime,
    ) -> bool {
        if self.payments.contains_key(&at) {
            return true;
        }
        if refuse || self.refused.contains(&at) {
            self.refused.push(at);
            return false;
        }
        let payment = SimPayment {
            status: PaymentStatus::Unpaid,
            amount: TOTAL,
            capture,
            opened_at: now,
            capture_key: None,
            was_captured: false,
            refunds: Vec::new(),
        };
        self.payments.insert(at, payment);
        true
    }

    pub(in super::super) fn facts(&self, at: (usize, u32)) -> Option<PaymentFacts> {
        let payment = self.payments.get(&at)?;
        Some(PaymentFacts {
            attempt: at.1,
            reference: format!("pi_{}_{}", at.0, at.1),
            status: payment.status,
            amount: payment.amount,
            currency: euro(),
        })
    }

    /// The last refund's number and status.
    pub(in super::super) fn refund(&self, at: (usize, u32)) -> Option<(u32, RefundStatus)> {
        let refunds = &self.payments.get(&at)?.refunds;
        let (_, status) = refunds.last()?;
        Some((refunds.len() as u32, *status))
    }

    pub(in super::super) fn expire(&mut self, at: (usize, u32)) {
        if let Some(payment) = self.payments.get_mut(&at)
            && payment.is_open()
        {
            payment.status = PaymentStatus::Expired;
        }
    }

    /// Whether the money is ours afterwards. Two keys for one payment would be two captures.
    pub(in super::super) fn capture(&mut self, at: (usize, u32), key: &str) -> bool {
        let payment = self.payments.get_mut(&at).unwrap();
        let first = payment.capture_key.get_or_insert_with(|| key.to_owned());
        assert_eq!(first, key, "a second capture under another key");
        if payment.status == PaymentStatus::Authorised {
            payment.status = PaymentStatus::Captured;
            payment.was_captured = true;
        }
        payment.status == PaymentStatus::Captured
    }

    pub(in super::super) fn void(&mut self, at: (usize, u32)) {
        if let Some(payment) = self.payments.get_mut(&at)
            && (payment.status == PaymentStatus::Authorised || payment.is_open())
        {
            payment.status = PaymentStatus::Voided;
        }
    }

    pub(in super::super) fn start_refund(&mut self, at: (usize, u32), key: &str) {
        let payment = self.payments.get_mut(&at).unwrap();
        if payment.refunds.iter().any(|(existing, _)| existing == key) {
            return;
        }
        assert_eq!(
            payment.status,
            PaymentStatus::Captured,
            "refund without a capture"
        );
        let is_open = |status: &RefundStatus| *status != RefundStatus::Failed;
        let has_open = payment.refunds.iter().any(|(_, status)| is_open(status));
        assert!(!has_open, "refunded twice");
        payment
            .refunds
            .push((key.to_owned(), RefundStatus::Pending));
    }

    /// Time passes: sessions end after half an hour, authorisations after a week.
    pub(in super::super) fn pass(&mut self, now: OffsetDateTime) {
        for payment in self.payments.values_mut() {
            let age = now - payment.opened_at;
            if payment.is_open() && age >= Duration::minutes(30) {
                payment.status = PaymentStatus::Expired;
            }
            if payment.status == PaymentStatus::Authorised && age >= Duration::days(7) {
                payment.status = PaymentStatus::Voided;
            }
        }
    }
}

impl SimPayment {
    pub(in super::super) fn is_open(&self) -> bool {
        matches!(
            self.status,
            PaymentStatus::Unpaid | PaymentStatus::ActionRequired | PaymentStatus::Declined
        )
    }

    /// What the buyer or the bank does.
    pub(in super::super) fn pay(&mut self, outcome: u8) {
        if !self.is_open() && self.status != PaymentStatus::Processing {
            return;
        }
        self.status = match (outcome % 8, self.capture) {
            (0, _) => PaymentStatus::Declined,
            (1, _) => PaymentStatus::ActionRequired,
            (2, _) => PaymentStatus::Processing,
            (_, CaptureMethod::Manual) => PaymentStatus::Authorised,
            (_, CaptureMethod::Automatic) => PaymentStatus::Captured,
        };
        self.was_captured |= self.status == PaymentStatus::Captured;
        if outcome == 77 {
            self.amount += 1;
        }
    }

    /// The bank ends what it was doing.
    pub(in super::super) fn settle(&mut self, fails: bool) {
        if let Some((_, status)) = self.refunds.last_mut()
            && *status == RefundStatus::Pending
        {
            *status = match fails {
                true => RefundStatus::Failed,
                false => RefundStatus::Succeeded,
            };
        }
    }

    /// A refund that had arrived comes back.
    pub(in super::super) fn bounce(&mut self) {
        if let Some((_, status)) = self.refunds.last_mut()
            && *status == RefundStatus::Succeeded
        {
            *status = RefundStatus::Failed;
        }
    }

    /// Whether the buyer's money is held or taken.
    pub(in super::super) fn is_kept(&self) -> bool {
        match self.status {
            PaymentStatus::Authorised => true,
            PaymentStatus::Captured => {
                let mut refunds = self.refunds.iter();
                !refunds.any(|(_, status)| *status == RefundStatus::Succeeded)
            }
            PaymentStatus::Unpaid
            | PaymentStatus::ActionRequired
            | PaymentStatus::Processing
            | PaymentStatus::Declined
            | PaymentStatus::Expired
            | PaymentStatus::Voided => false,
        }
    }
}
