//! What is known of a placed order, and of the units that are held before it.

use buywire_checkout::limits::HoldCountdown;
use time::OffsetDateTime;

/// Units held for a payment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderHold {
    /// What is left of the time.
    pub(crate) countdown: HoldCountdown,
    /// Its end.
    pub(crate) ends_at: OffsetDateTime,
    /// Whether others wait for the units.
    pub(crate) is_scarce: bool,
}

/// A placed order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlacedOrder<'a> {
    /// Its number.
    pub(crate) number: &'a str,
    /// When it was confirmed.
    pub(crate) ordered_at: OffsetDateTime,
    /// How it was paid.
    pub(crate) payment: Option<PaidWith<'a>>,
    /// Whether it can be cancelled.
    pub(crate) cancel: OrderCancel,
    /// Whether the contract can be withdrawn from.
    pub(crate) withdrawal: Option<WithdrawalWindow>,
    /// Whether the buyer's data can be deleted here.
    pub(crate) may_forget: bool,
}

/// What paid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PaidWith<'a> {
    /// The card's brand as the processor names it, or another method.
    pub(crate) brand: &'a str,
    /// The last four digits of a card.
    pub(crate) last4: Option<&'a str>,
}

/// Whether an order can be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderCancel {
    /// It is not fulfilled yet.
    Possible,
    /// The buyer asked, and it was fulfilled already.
    Refused,
    /// Not any more, or not here.
    Absent,
}

/// The time in which a buyer may withdraw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WithdrawalWindow {
    /// Its end, once the delivery is known.
    pub(crate) until: Option<OffsetDateTime>,
}

/// A withdrawal that was received.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReceivedWithdrawal<'a> {
    /// When.
    pub(crate) received_at: OffsetDateTime,
    /// Where the acknowledgement went.
    pub(crate) contact: &'a str,
}
