//! The words of the form and of the review.

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
    /// The words of the form and of the review.
    BuyingWords {
        page: PageWords,
        form: FormWords,
        errors: ErrorWords,
        review: ReviewWords,
        totals: TotalsWords,
        law: LawWords,
        problems: ProblemWords,
    }
}

words! {
    /// What is around every page.
    PageWords {
        title: Text,
        back_to_offer: Text,
        languages: Text,
        steps: Text,
        step_details: Text,
        step_review: Text,
        step_pay: Text,
        summary: Text,
        sold_by: Text,
        units_left: Plural,
        quantity: Text,
    }
}

words! {
    /// The form.
    FormWords {
        title: Text,
        option: Text,
        option_sold_out: Text,
        contact: Text,
        destination: Text,
        email: Text,
        name: Text,
        country: Text,
        change_country: Text,
        phone: Text,
        phone_hint: Text,
        line2_add: Text,
        optional: Text,
        choose: Text,
        proceed: Text,
        proceed_hint: Text,
    }
}

words! {
    /// What is wrong with a field, and what to do.
    ErrorWords {
        title: Plural,
        prefix: Text,
        option: Text,
        quantity: Text,
        email_missing: Text,
        email_malformed: Text,
        name_missing: Text,
        country_missing: Text,
        phone_missing: Text,
        phone_malformed: Text,
        too_long: Text,
        card_number: Text,
        consent_missing: Text,
    }
}

words! {
    /// The review.
    ReviewWords {
        title: Text,
        contact: Text,
        destination: Text,
        change: Text,
        delivery: Text,
        free: Text,
        days: Plural,
        days_range: Text,
        update_total: Text,
        essentials: Text,
        essentials_options: Text,
        order: Text,
        donate: Text,
        payment_note: Text,
        method: Text,
        method_card: Text,
        method_bank_hint: Text,
        method_invoice: Text,
        method_invoice_hint: Plural,
        terms_of: Text,
        terms: Text,
        privacy: Text,
        returns: Text,
    }
}

words! {
    /// The lines of the totals.
    TotalsWords {
        subtotal: Text,
        discount: Text,
        delivery: Text,
        total: Text,
        vat: Text,
        tax: Text,
        vat_included: Text,
        tax_included: Text,
    }
}

words! {
    /// What the law makes a seller say.
    LawWords {
        withdrawal: Text,
        withdrawal_dated: Text,
        withdrawal_sealed: Text,
        withdrawal_perishable: Text,
        withdrawal_custom_made: Text,
        withdrawal_digital: Text,
        withdrawal_donation: Text,
        digital_consent: Text,
        guarantee: Notice,
        guarantee_link: Text,
        durability: Notice,
    }
}

words! {
    /// What stops a purchase, and the one action that helps.
    ProblemWords {
        sold_out: Notice,
        few_left: Notice,
        buyer_limit: Notice,
        not_delivered: Notice,
        tax_unknown: Notice,
        refused_country: Notice,
        refused_age: Notice,
        refused_category: Notice,
        refused_other: Notice,
        seller_says: Text,
        seller_unreachable: Notice,
        quote_changed: Notice,
        payment_unavailable: Notice,
        method_unavailable: Notice,
        stopped: Notice,
        consent_missing: Notice,
        change_quantity: Text,
        change_address: Text,
        see_at_seller: Text,
        try_again: Text,
    }
}
