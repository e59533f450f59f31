//! Where a checkout stands, in a sentence.

use buywire_checkout::machine::{Checkout, PageSituation, State};

/// What goes on, and whose turn it is.
pub(super) fn sentence(machine: &Checkout) -> &'static str {
    match machine.page_situation() {
        PageSituation::Incomplete => "the buyer fills in the form.",
        PageSituation::Ready => "the buyer sees the total and has not pressed the button.",
        PageSituation::SoldOut => "the button was pressed, and not enough units were left.",
        PageSituation::PaymentUnavailable => {
            "the processor did not open a page. The buyer may try again."
        }
        PageSituation::Stopped => "a kill switch refuses the payment.",
        PageSituation::Preparing => "the units are held and the processor's page is opened.",
        PageSituation::PayNow => "the buyer is on the processor's page.",
        PageSituation::PayInvoice => {
            "the buyer transfers the money. An operator says when it has arrived."
        }
        PageSituation::Declined => "the bank refused. The buyer may try again.",
        PageSituation::Processing => match machine.state() {
            State::Authorised { .. } => "the money is there, and the order is being placed.",
            State::Placed { .. } => "the order is placed, and the money is being captured.",
            _ => "the bank decides.",
        },
        PageSituation::TooLate => {
            "its time is over. A payment on its way still counts if there are units."
        }
        PageSituation::Cancelling => "the payment is being cancelled.",
        PageSituation::Confirmed => "nothing is left to do.",
        PageSituation::CancellingOrder => "the buyer has asked to cancel the order.",
        PageSituation::Expired => "nobody paid in time. Its units are free.",
        PageSituation::Cancelled => "it was given up before anything was paid.",
        PageSituation::Released => "nothing was charged: what the bank held is released.",
        PageSituation::RefundDue => "there is no order, and the money is on its way back.",
        PageSituation::RefundFailed => {
            "there is no order, and the money did not reach the buyer. Retry the refund of its payment."
        }
        PageSituation::Refunded => "there is no order, and the money is back.",
    }
}
