//! English.

use super::{
    ActionWords, AfterWords, DetailWords, HoldWords, InvoiceWords, Notice, NoticeWords,
    OrderedWords, Plural, SituationWords, WithdrawalWords,
};

pub(crate) const EN: OrderedWords = OrderedWords {
    situations: SituationWords {
        incomplete: Notice {
            title: "Something is still missing",
            text: "Complete your details to see the total. Nothing is ordered yet.",
        },
        ready: Notice {
            title: "Ready to order",
            text: "Check the total and press the button. Nothing is ordered yet.",
        },
        sold_out: Notice {
            title: "Sold out meanwhile",
            text: "Somebody else was faster. Nothing was ordered, and nothing was charged.",
        },
        payment_unavailable: Notice {
            title: "Payment is not available right now",
            text: "The payment service did not answer. Nothing was charged. Please try again in a minute.",
        },
        stopped: Notice {
            title: "Not for sale at the moment",
            text: "Sales are paused. Nothing was ordered, and nothing was charged.",
        },
        preparing: Notice {
            title: "Preparing your payment",
            text: "This takes a few seconds.",
        },
        pay_now: Notice {
            title: "Pay to complete your order",
            text: "Your order is placed as soon as you have paid.",
        },
        pay_invoice: Notice {
            title: "Transfer the money to complete your order",
            text: "Your order is placed as soon as {amount} has arrived. Until then, everything is reserved for you.",
        },
        declined: Notice {
            title: "The payment was declined",
            text: "Your bank did not approve it, and nothing was charged. Try again, with another card if you like.",
        },
        processing: Notice {
            title: "Your payment is being processed",
            text: "This usually takes a few seconds. Please do not pay again.",
        },
        too_late: Notice {
            title: "The time to pay is over",
            text: "If your payment is already on its way and enough is left, the order still goes through. Otherwise you get everything back.",
        },
        cancelling: Notice {
            title: "Cancelling the payment",
            text: "This takes a few seconds. Please do not pay any more: a payment that still arrives is given back.",
        },
        confirmed: Notice {
            title: "Order confirmed",
            text: "Thank you. {seller} has your order.",
        },
        cancelling_order: Notice {
            title: "Cancelling your order",
            text: "We check that nothing has been sent yet. Then you get your money back.",
        },
        expired: Notice {
            title: "This checkout has expired",
            text: "It was not paid in time. Nothing was ordered, and nothing was charged.",
        },
        cancelled: Notice {
            title: "Cancelled",
            text: "Nothing was ordered, and nothing was charged.",
        },
        released: Notice {
            title: "Nothing was charged",
            text: "There is no order. If your bank has reserved the amount, it releases it, usually within a few days.",
        },
        refund_due: Notice {
            title: "Your money is on its way back",
            text: "{amount} goes back the way you paid. Banks usually take 5 to 10 days.",
        },
        refund_failed: Notice {
            title: "The refund has not arrived yet",
            text: "Your bank sent it back. We try again until you have your {amount}. You need not do anything.",
        },
        refunded: Notice {
            title: "Refunded",
            text: "{amount} was refunded the way you paid. Your bank may need a few days to show it.",
        },
    },
    actions: ActionWords {
        complete: "Complete your details",
        review: "Check and order",
        change_choice: "Change your choice",
        try_again: "Try again",
        pay: "Continue to payment",
        pay_amount: "Pay {amount}",
        more_time: "More time",
        cancel_payment: "Change or cancel",
        check_again: "Check again",
        updates_itself: "This page updates by itself.",
        start_again: "Start again",
        back_to_offer: "Back to the offer",
    },
    hold: HoldWords {
        until: "Reserved for you until {time}, {left}.",
        minutes: Plural {
            one: "about {count} minute left",
            many: "about {count} minutes left",
        },
        under_a_minute: "less than a minute left",
        ends_soon: "Less than {seconds} seconds left. Pay now, or ask for more time if the button is there.",
        scarce: "Others are waiting, so the time cannot be extended.",
    },
    invoice: InvoiceWords {
        heading: "How to pay",
        amount: "Amount",
        reference: "Reference",
        due: "Pay by",
        hint: "Write the reference on the transfer: it shows that the money is yours. We have sent you all of this by e-mail, too.",
    },
    details: DetailWords {
        heading: "Your order",
        order_number: "Order number",
        ordered_at: "Ordered",
        payment: "Payment",
        card: "{brand} ending in {last4}",
        destination: "Delivery address",
        receipt_note: "The receipt goes to {email}.",
        keep_address: "Keep the address of this page: it shows your order at any time.",
    },
    after: AfterWords {
        heading: "Changed your mind?",
        cancel: "Cancel order",
        cancel_refused: "The order is already on its way, so it can no longer be cancelled. You can send it back.",
        withdraw_until: "You can withdraw until {date}, without giving a reason.",
        contact: "Questions about the delivery? Ask {seller}",
        forget: "Delete my data",
        cancel_question: Notice {
            title: "Cancel this order?",
            text: "If nothing has been sent yet, {seller} gets a cancellation and you get {amount} back.",
        },
        cancel_confirm: "Cancel order",
        cancel_keep: "Keep the order",
        forget_question: Notice {
            title: "Delete your data?",
            text: "We remove your name, contact and address here, and ask {seller} to do the same. Data that tax law makes us keep is locked until then. This page then no longer shows your details. This cannot be undone.",
        },
        forget_confirm: "Delete my data",
        forget_keep: "Keep my data",
        forgotten: Notice {
            title: "Your data is deleted",
            text: "Your name, contact and address are removed from this order.",
        },
    },
    withdrawal: WithdrawalWords {
        open: "Withdraw from contract here",
        form: Notice {
            title: "Withdraw from the contract",
            text: "You need not give a reason. Check these details, then confirm on the next page.",
        },
        name: "Full name",
        order: "Order number",
        contact: "E-mail, for the acknowledgement",
        proceed: "Withdraw from contract here",
        name_missing: "Enter your full name.",
        order_missing: "Enter the order number.",
        contact_missing: "Check the e-mail address. The acknowledgement goes there.",
        question: Notice {
            title: "Confirm your withdrawal",
            text: "With the button you send {seller} this statement:",
        },
        statement: "I withdraw from my contract for order {order}, {title}. {name}, {contact}.",
        confirm: "Confirm withdrawal here",
        back: "Back to the order",
        received: Notice {
            title: "Withdrawal received",
            text: "We have sent the acknowledgement to {contact}.",
        },
        received_at: "Received {time}",
    },
    notices: NoticeWords {
        not_found: Notice {
            title: "Nothing here",
            text: "There is no order at this address. It may have been mistyped, or it has expired.",
        },
        too_many_requests: Notice {
            title: "Too many attempts",
            text: "Please wait a minute, then try again. Nothing was ordered.",
        },
        unavailable: Notice {
            title: "Temporarily unavailable",
            text: "This page cannot be shown at the moment. Please try again shortly. If you have paid, your payment is safe: do not pay again.",
        },
    },
};
