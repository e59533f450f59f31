//! Refunds: money returned to the buyer by one partner.
//!
//! The rules are pure: earlier refunds are an argument. The caller locks the order's
//! row while it checks and stores, or two concurrent refunds could exceed the total.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    order::{LINES_MAX, Order, QUANTITY_MAX},
    problem::{BodyError, FieldError, Violation},
    read::{Reader, amount, integer, string, text},
    text::{Slug, parse_reference},
};

/// Characters of a refund's reason: a sentence or two.
pub const REASON_CHARS_MAX: usize = 500;

/// A refund as stored with its order, and as shown in an event's `refunds`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The platform's refund id, unique within its order.
    pub refund_id: String,
    /// The partner that makes the refund.
    pub partner: Slug,
    /// Minor units of the order's currency.
    pub amount: i64,
    /// The reason, as free text.
    pub reason: Option<String>,
    /// The returned items, if the refund concerns goods.
    pub lines: Vec<RefundLine>,
    /// When the refund was accepted. Later events still state this time.
    #[serde(with = "time::serde::rfc3339")]
    pub refunded_at: OffsetDateTime,
}

/// A quantity of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundLine {
    /// The line's number, from 1: in the stored refund among the order's lines, in an event among the lines
    /// that the event shows.
    pub line: usize,
    /// The number of units.
    pub quantity: i64,
}

/// A refund as the platform requests it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    refund_id: String,
    partner: Option<Slug>,
    amount: i64,
    reason: Option<String>,
    lines: Vec<RefundLine>,
}

/// The outcome of a refund request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOutcome {
    /// A new refund, to be stored and sent to the partner.
    Created(Refund),
    /// The same refund was stored before. The response is the same.
    Replayed,
    /// A different refund has this id.
    Conflict,
}

impl RefundRequest {
    /// Reads a request, or returns everything that is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        Self::parse_with_warnings(body).map(|(request, _)| request)
    }

    /// The same, with warnings about what was normalised.
    pub fn parse_with_warnings(body: &[u8]) -> Result<(Self, Vec<FieldError>), BodyError> {
        let mut body = Reader::tolerant(body, &[])?;
        let refund_id = body.required("refund_id", string(parse_reference));
        let partner = body.optional("partner", string(Slug::parse));
        let amount = body.required("amount", amount(1));
        let reason = body.optional("reason", text(0..=REASON_CHARS_MAX));
        let lines = body.optional_list("lines", 0..=LINES_MAX, |line| {
            let number = line.required("line", line_number);
            let quantity = line.required("quantity", integer(1..=QUANTITY_MAX));
            Some(RefundLine {
                line: number?,
                quantity: quantity?,
            })
        });
        let lines = lines.unwrap_or_default();
        body.finish_with_warnings(|| {
            Some(Self {
                refund_id: refund_id?,
                partner,
                amount: amount?,
                reason,
                lines,
            })
        })
    }

    /// The platform's refund id.
    #[must_use]
    pub fn refund_id(&self) -> &str {
        &self.refund_id
    }

    /// Checks the request against its order and all its refunds so far. `now` is the time of a new refund.
    pub fn evaluate(
        self,
        order: &Order,
        earlier: &[Refund],
        now: OffsetDateTime,
    ) -> Result<RefundOutcome, BodyError> {
        let refund = Refund {
            partner: self.partner_of(order)?,
            refund_id: self.refund_id,
            amount: self.amount,
            // Free text about an order may name its buyer.
            reason: self.reason.filter(|_| !order.is_redacted()),
            lines: self.lines,
            refunded_at: now,
        };
        if let Some(stored) = earlier
            .iter()
            .find(|other| other.refund_id == refund.refund_id)
        {
            let same_request = Refund {
                refunded_at: stored.refunded_at,
                ..refund
            };
            return Ok(if *stored == same_request {
                RefundOutcome::Replayed
            } else {
                RefundOutcome::Conflict
            });
        }
        let mut problems = Vec::new();
        problems.extend(refund.check_amount(order, earlier));
        problems.extend(refund.check_lines(order, earlier));
        if problems.is_empty() {
            Ok(RefundOutcome::Created(refund))
        } else {
            Err(BodyError::Invalid(problems))
        }
    }

    /// The partner named, or the order's only partner.
    fn partner_of(&self, order: &Order) -> Result<Slug, BodyError> {
        let partners = order.partners();
        let flaw = match (&self.partner, partners.as_slice()) {
            (Some(named), existing) if existing.contains(&named) => return Ok(named.clone()),
            (Some(_), _) => Violation::new(
                "partner_not_in_order",
                "must be a partner with a line in the order",
            ),
            (None, [only]) => return Ok((*only).clone()),
            (None, _) => Violation::new(
                "missing",
                "is required, because the order has several partners",
            ),
        };
        Err(BodyError::single("/partner", flaw))
    }
}

impl Refund {
    /// The refund without its free text.
    #[must_use]
    pub fn redacted(self) -> Self {
        Self {
            reason: None,
            ..self
        }
    }

    fn check_amount(&self, order: &Order, earlier: &[Refund]) -> Option<FieldError> {
        let total = order.share(&self.partner).total;
        let left = total.saturating_sub(refunded(earlier, &self.partner));
        (self.amount > left).then(|| {
            let detail =
                format!("must be at most {left}, the amount not yet refunded of the partner's total of {total}");
            FieldError::at("/amount", Violation::new("refund_exceeds_total", detail))
        })
    }

    fn check_lines(&self, order: &Order, earlier: &[Refund]) -> Vec<FieldError> {
        let mut problems = Vec::new();
        for (index, requested) in self.lines.iter().enumerate() {
            let line = order.content().lines.get(requested.line.wrapping_sub(1));
            let Some(line) = line.filter(|line| line.partner == self.partner) else {
                let flaw = Violation::new(
                    "line_not_partners",
                    "must be the number of a line of this partner",
                );
                problems.push(FieldError::at(format!("/lines/{index}/line"), flaw));
                continue;
            };
            // If a request names a line several times, its entries count in order.
            let before = earlier.iter().flat_map(|refund| &refund.lines);
            let same = self
                .lines
                .iter()
                .take(index)
                .chain(before)
                .filter(|other| other.line == requested.line);
            let taken: i64 = same.map(|other| other.quantity).sum();
            if requested.quantity > line.quantity.saturating_sub(taken) {
                let detail = "must be at most the quantity bought and not yet refunded";
                let flaw = Violation::new("refund_exceeds_quantity", detail);
                problems.push(FieldError::at(format!("/lines/{index}/quantity"), flaw));
            }
        }
        problems
    }
}

/// The amount that a partner has refunded so far.
#[must_use]
pub fn refunded(refunds: &[Refund], partner: &Slug) -> i64 {
    let own = refunds.iter().filter(|refund| refund.partner == *partner);
    own.fold(0, |sum, refund| sum.saturating_add(refund.amount))
}

fn line_number(value: crate::json::Json<'_>) -> Result<usize, Violation> {
    let most = i64::try_from(LINES_MAX).unwrap_or(i64::MAX);
    let number = integer(1..=most)(value)?;
    usize::try_from(number).map_err(|_| Violation::new("out_of_range", "must be a line number"))
}

#[cfg(test)]
mod tests;
