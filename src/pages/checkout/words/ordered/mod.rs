//! The words of the order page and of what follows the order.

mod de;
mod en;
mod es;
mod fr;
mod nl;

pub(super) use de::DE;
pub(super) use en::EN;
pub(super) use es::ES;
pub(super) use fr::FR;
pub(super) use nl::NL;

use super::kinds::{Notice, Plural, Text};

words! {
    /// The words of the order page and of what follows the order.
    OrderedWords {
        situations: SituationWords,
        actions: ActionWords,
        hold: HoldWords,
        invoice: InvoiceWords,
        details: DetailWords,
        after: AfterWords,
        withdrawal: WithdrawalWords,
        notices: NoticeWords,
    }
}

words! {
    /// One sentence for each situation of the order page.
    SituationWords {
        incomplete: Notice,
        ready: Notice,
        sold_out: Notice,
        payment_unavailable: Notice,
        stopped: Notice,
        preparing: Notice,
        pay_now: Notice,
        pay_invoice: Notice,
        declined: Notice,
        processing: Notice,
        too_late: Notice,
        cancelling: Notice,
        confirmed: Notice,
        cancelling_order: Notice,
        expired: Notice,
        cancelled: Notice,
        released: Notice,
        refund_due: Notice,
        refund_failed: Notice,
        refunded: Notice,
    }
}

words! {
    /// What can be done.
    ActionWords {
        complete: Text,
        review: Text,
        change_choice: Text,
        try_again: Text,
        pay: Text,
        pay_amount: Text,
        more_time: Text,
        cancel_payment: Text,
        check_again: Text,
        updates_itself: Text,
        start_again: Text,
        back_to_offer: Text,
    }
}

words! {
    /// The time for which units are held.
    HoldWords {
        until: Text,
        minutes: Plural,
        under_a_minute: Text,
        ends_soon: Text,
        scarce: Text,
    }
}

words! {
    /// How an invoice is paid.
    InvoiceWords {
        heading: Text,
        amount: Text,
        reference: Text,
        due: Text,
        hint: Text,
    }
}

words! {
    /// The details of an order.
    DetailWords {
        heading: Text,
        order_number: Text,
        ordered_at: Text,
        payment: Text,
        card: Text,
        destination: Text,
        receipt_note: Text,
        keep_address: Text,
    }
}

words! {
    /// What a buyer may do after the order.
    AfterWords {
        heading: Text,
        cancel: Text,
        cancel_refused: Text,
        withdraw_until: Text,
        contact: Text,
        forget: Text,
        cancel_question: Notice,
        cancel_confirm: Text,
        cancel_keep: Text,
        forget_question: Notice,
        forget_confirm: Text,
        forget_keep: Text,
        forgotten: Notice,
    }
}

words! {
    /// The withdrawal function.
    WithdrawalWords {
        open: Text,
        form: Notice,
        name: Text,
        order: Text,
        contact: Text,
        proceed: Text,
        name_missing: Text,
        order_missing: Text,
        contact_missing: Text,
        question: Notice,
        statement: Text,
        confirm: Text,
        back: Text,
        received: Notice,
        received_at: Text,
    }
}

words! {
    /// Pages without a checkout.
    NoticeWords {
        not_found: Notice,
        too_many_requests: Notice,
        unavailable: Notice,
    }
}
