//! What the order page says first in each situation: a sentence, how it stands, and the one action that helps.
//!
//! Promises: every situation has its words and its level, or this does not compile. Must not know an order's details.

use buywire_checkout::address::Language;
use buywire_checkout::machine::PageSituation;

use super::words::{self, Notice};

/// How a situation stands. Its name is the CSS class; its sign is never alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SituationLevel {
    Good,
    Waiting,
    Watch,
    Failed,
    Neutral,
}

/// The one action that helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SituationAction {
    CompleteDetails,
    Review,
    ChangeChoice,
    TryAgain,
    Pay,
    PayAgain,
    Check,
    StartAgain,
    BackToOffer,
    None,
}

impl SituationLevel {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Waiting => "wait",
            Self::Watch => "watch",
            Self::Failed => "bad",
            Self::Neutral => "idle",
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Waiting => "◐",
            Self::Watch => "▲",
            Self::Failed => "✖",
            Self::Neutral => "–",
        }
    }
}

/// The words of a situation.
pub(super) fn situation_words(situation: PageSituation, language: Language) -> Notice {
    let words = &words::ordered(language).situations;
    match situation {
        PageSituation::Incomplete => words.incomplete,
        PageSituation::Ready => words.ready,
        PageSituation::SoldOut => words.sold_out,
        PageSituation::PaymentUnavailable => words.payment_unavailable,
        PageSituation::Stopped => words.stopped,
        PageSituation::Preparing => words.preparing,
        PageSituation::PayNow => words.pay_now,
        PageSituation::PayInvoice => words.pay_invoice,
        PageSituation::Declined => words.declined,
        PageSituation::Processing => words.processing,
        PageSituation::TooLate => words.too_late,
        PageSituation::Cancelling => words.cancelling,
        PageSituation::Confirmed => words.confirmed,
        PageSituation::CancellingOrder => words.cancelling_order,
        PageSituation::Expired => words.expired,
        PageSituation::Cancelled => words.cancelled,
        PageSituation::Released => words.released,
        PageSituation::RefundDue => words.refund_due,
        PageSituation::RefundFailed => words.refund_failed,
        PageSituation::Refunded => words.refunded,
    }
}

/// How a situation stands, and what helps.
pub(super) fn situation_facts(situation: PageSituation) -> (SituationLevel, SituationAction) {
    use {SituationAction as Action, SituationLevel as Level};
    match situation {
        PageSituation::Incomplete => (Level::Neutral, Action::CompleteDetails),
        PageSituation::Ready => (Level::Neutral, Action::Review),
        PageSituation::SoldOut => (Level::Failed, Action::ChangeChoice),
        PageSituation::PaymentUnavailable => (Level::Watch, Action::TryAgain),
        PageSituation::Stopped => (Level::Failed, Action::BackToOffer),
        PageSituation::PayNow => (Level::Watch, Action::Pay),
        PageSituation::PayInvoice => (Level::Watch, Action::None),
        PageSituation::Declined => (Level::Failed, Action::PayAgain),
        PageSituation::Preparing
        | PageSituation::Processing
        | PageSituation::TooLate
        | PageSituation::Cancelling
        | PageSituation::CancellingOrder => (Level::Waiting, Action::Check),
        PageSituation::Confirmed => (Level::Good, Action::None),
        PageSituation::Expired | PageSituation::Cancelled => (Level::Neutral, Action::StartAgain),
        PageSituation::Released => (Level::Neutral, Action::StartAgain),
        PageSituation::RefundDue => (Level::Waiting, Action::None),
        PageSituation::RefundFailed => (Level::Watch, Action::None),
        PageSituation::Refunded => (Level::Good, Action::BackToOffer),
    }
}
