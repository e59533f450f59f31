//! What the buyer pays with, to be chosen on the review.
//!
//! Promises: the method that is proposed is chosen already; one method alone is no choice.

use buywire_checkout::address::Language;
use buywire_checkout::payment_method::PaymentMethod;

use super::review::Review;
use super::words::{self, fill, isolated};

/// A method to choose.
pub(super) struct MethodView {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) hint: String,
    pub(super) is_chosen: bool,
}

/// The methods of a review, if there is a choice.
pub(super) fn method_views(review: &Review<'_>, language: Language) -> Vec<MethodView> {
    if review.methods.len() <= 1 {
        return Vec::new();
    }
    let chosen = review
        .methods
        .iter()
        .find(|method| Some(method.name()) == review.method)
        .or(review.methods.first());
    let views = review.methods.iter().map(|method| MethodView {
        name: method.name(),
        title: method_title(*method, language),
        hint: method_hint(review, *method, language),
        is_chosen: Some(method) == chosen,
    });
    views.collect()
}

/// How buyers read a method.
pub(super) fn method_title(method: PaymentMethod, language: Language) -> &'static str {
    let words = &words::buying(language).review;
    match method {
        PaymentMethod::Card => words.method_card,
        PaymentMethod::Invoice { .. } => words.method_invoice,
        PaymentMethod::BankRedirect(redirect) => redirect.title(),
    }
}

/// What happens next with it.
pub(super) fn method_hint(
    review: &Review<'_>,
    method: PaymentMethod,
    language: Language,
) -> String {
    let words = &words::buying(language).review;
    match method {
        PaymentMethod::Card => {
            let seller = isolated(review.item.seller());
            let values = [("processor", review.processor), ("seller", seller.as_str())];
            fill(words.payment_note, &values)
        }
        PaymentMethod::BankRedirect(_) => words.method_bank_hint.to_owned(),
        PaymentMethod::Invoice { days } => words.method_invoice_hint.of(language, u64::from(days)),
    }
}
