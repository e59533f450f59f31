//! What is known of a placed order, and of the units that are held before it.

use buywire_checkout::limits::HoldCountdown;
use buywire_checkout::payment_method::PaymentMethod;
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
pub(crate) enum PaidWith<'a> {
    /// A card.
    Card {
        /// The brand as the processor names it.
        brand: &'a str,
        /// The last four digits.
        last4: Option<&'a str>,
    },
    /// Another method.
    Method(PaymentMethod),
}

/// An invoice that is to be paid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InvoiceToPay<'a> {
    /// What the buyer writes on the transfer.
    pub(crate) reference: &'a str,
    /// The seller's own words.
    pub(crate) instructions: &'a str,
    /// Until when the units are held.
    pub(crate) due_at: OffsetDateTime,
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
