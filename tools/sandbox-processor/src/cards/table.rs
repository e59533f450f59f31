//! The published test cards, what the bank behind each does, and its words when it declines.

/// What the bank behind a card does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Approve,
    Decline(Decline),
    /// The buyer confirms at the bank; then the card behaves as the inner one.
    Challenge(Option<Decline>),
    Dispute(&'static str),
    FailRefund,
    PendRefund,
}

/// A refusal by the bank, in Stripe's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decline {
    pub(crate) code: &'static str,
    pub(crate) decline_code: Option<&'static str>,
    pub(crate) message: &'static str,
}

const fn card_declined(decline_code: &'static str, message: &'static str) -> Decline {
    Decline {
        code: "card_declined",
        decline_code: Some(decline_code),
        message,
    }
}

pub(crate) const GENERIC_DECLINE: Decline =
    card_declined("generic_decline", "Your card was declined.");
const INSUFFICIENT_FUNDS: Decline = card_declined(
    "insufficient_funds",
    "Your card was declined: it has insufficient funds.",
);
/// The buyer did not pass the challenge.
pub(crate) const AUTHENTICATION_FAILED: Decline = Decline {
    code: "payment_intent_authentication_failure",
    decline_code: None,
    message: "The bank could not confirm that it is you. Try again or use another card.",
};
/// The bank wants the buyer, who is not there.
pub(crate) const AUTHENTICATION_REQUIRED: Decline = Decline {
    code: "authentication_required",
    decline_code: Some("authentication_required"),
    message: "Your card was declined: the bank asks for authentication.",
};
/// A bank redirect was refused at the bank.
pub(crate) const BANK_REFUSED: Decline = Decline {
    code: "payment_intent_payment_attempt_failed",
    decline_code: None,
    message: "The bank refused the payment. Choose another way to pay.",
};

/// A published test card.
pub(crate) struct TestCard {
    pub(crate) number: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) behaviour: Behaviour,
    /// Names of test payment methods that stand for this card.
    pub(crate) aliases: &'static [&'static str],
    /// What the hosted page says it does; none: it is accepted but not shown.
    pub(crate) shown_as: Option<&'static str>,
}

const fn test_card(
    number: &'static str,
    brand: &'static str,
    behaviour: Behaviour,
    aliases: &'static [&'static str],
    shown_as: Option<&'static str>,
) -> TestCard {
    TestCard {
        number,
        brand,
        behaviour,
        aliases,
        shown_as,
    }
}

use Behaviour::{Approve, Challenge, Dispute, FailRefund, PendRefund};

/// Stripe's published test numbers, as far as the sandbox has a behaviour for them.
pub(crate) const TEST_CARDS: [TestCard; 22] = [
    test_card(
        "4242424242424242",
        "visa",
        Approve,
        &["pm_card_visa"],
        Some("Succeeds"),
    ),
    test_card(
        "4000002760003184",
        "visa",
        Challenge(None),
        &["pm_card_authenticationRequired"],
        Some("Asks for 3-D Secure"),
    ),
    test_card(
        "4000000000000002",
        "visa",
        Behaviour::Decline(GENERIC_DECLINE),
        &["pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"],
        Some("Is declined"),
    ),
    test_card(
        "4000000000009995",
        "visa",
        Behaviour::Decline(INSUFFICIENT_FUNDS),
        &[
            "pm_card_chargeDeclinedInsufficientFunds",
            "pm_card_visa_chargeDeclinedInsufficientFunds",
        ],
        Some("Has insufficient funds"),
    ),
    test_card(
        "4000000000000259",
        "visa",
        Dispute("fraudulent"),
        &["pm_card_createDispute"],
        Some("Succeeds, then is disputed"),
    ),
    test_card(
        "4000000000005126",
        "visa",
        FailRefund,
        &["pm_card_refundFail"],
        Some("Succeeds; a refund fails later"),
    ),
    test_card(
        "4000056655665556",
        "visa",
        Approve,
        &["pm_card_visa_debit"],
        None,
    ),
    test_card(
        "5555555555554444",
        "mastercard",
        Approve,
        &["pm_card_mastercard"],
        None,
    ),
    test_card("2223003122003222", "mastercard", Approve, &[], None),
    test_card("378282246310005", "amex", Approve, &["pm_card_amex"], None),
    test_card(
        "6011111111111117",
        "discover",
        Approve,
        &["pm_card_discover"],
        None,
    ),
    test_card(
        "3056930009020004",
        "diners",
        Approve,
        &["pm_card_diners"],
        None,
    ),
    test_card("3566002020360505", "jcb", Approve, &["pm_card_jcb"], None),
    test_card("4000002500003155", "visa", Challenge(None), &[], None),
    test_card(
        "4000000000003220",
        "visa",
        Challenge(None),
        &["pm_card_threeDSecure2Required"],
        None,
    ),
    test_card(
        "4000008260003178",
        "visa",
        Challenge(Some(INSUFFICIENT_FUNDS)),
        &["pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"],
        None,
    ),
    test_card(
        "4000000000009987",
        "visa",
        Behaviour::Decline(card_declined("lost_card", "Your card was declined.")),
        &["pm_card_visa_chargeDeclinedLostCard"],
        None,
    ),
    test_card(
        "4000000000009979",
        "visa",
        Behaviour::Decline(card_declined("stolen_card", "Your card was declined.")),
        &["pm_card_visa_chargeDeclinedStolenCard"],
        None,
    ),
    test_card(
        "4000000000000069",
        "visa",
        Behaviour::Decline(Decline {
            code: "expired_card",
            decline_code: None,
            message: "Your card has expired.",
        }),
        &["pm_card_chargeDeclinedExpiredCard"],
        None,
    ),
    test_card(
        "4000000000000127",
        "visa",
        Behaviour::Decline(Decline {
            code: "incorrect_cvc",
            decline_code: None,
            message: "Your card's security code is incorrect.",
        }),
        &["pm_card_chargeDeclinedIncorrectCvc"],
        None,
    ),
    test_card(
        "4000000000002685",
        "visa",
        Dispute("product_not_received"),
        &["pm_card_createDisputeProductNotReceived"],
        None,
    ),
    test_card(
        "4000000000007726",
        "visa",
        PendRefund,
        &["pm_card_pendingRefund"],
        None,
    ),
];

/// Shared Payment Tokens that nobody has to grant: each pays any amount, any number of times, as its card does.
pub(crate) const TEST_TOKENS: [(&str, &str); 8] = [
    ("spt_test_visa", "pm_card_visa"),
    ("spt_test_mastercard", "pm_card_mastercard"),
    (
        "spt_test_authentication_required",
        "pm_card_authenticationRequired",
    ),
    ("spt_test_declined", "pm_card_chargeDeclined"),
    (
        "spt_test_insufficient_funds",
        "pm_card_chargeDeclinedInsufficientFunds",
    ),
    ("spt_test_expired_card", "pm_card_chargeDeclinedExpiredCard"),
    ("spt_test_disputed", "pm_card_createDispute"),
    ("spt_test_refund_fails", "pm_card_refundFail"),
];
