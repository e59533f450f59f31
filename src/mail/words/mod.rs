//! The words of mails, one table per language.
//!
//! Promises: a language that lacks a sentence does not compile; a test holds that it has the same values in it.
//! Must not hold values: these are filled in, once and never into one another.

mod dutch;
mod english;
mod french;
mod german;
mod spanish;

use buywire_checkout::address::Language;

/// Each sentence with the values that it names in braces.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident [$($value:literal),*];)*) => {
        /// Every word and sentence that a mail may need, in one language.
        pub(super) struct Words {
            $($(#[$doc])* pub(super) $name: &'static str,)*
        }

        #[cfg(test)]
        impl Words {
            /// Each sentence: its name, the values it must have, and the sentence.
            fn sentences(&self) -> Vec<(&'static str, Vec<&'static str>, &'static str)> {
                vec![$((stringify!($name), vec![$($value),*], self.$name),)*]
            }
        }
    };
}

words! {
    /// Between a name and its value.
    colon [];
    /// Without a name.
    greeting [];
    /// With the buyer's name.
    greeting_named ["name"];
    /// A name of a value.
    order_number [];
    /// A name of a value, where no order was placed.
    checkout_number [];
    /// A name of a value.
    ordered_at [];
    /// A name of a value.
    amount [];
    /// A heading.
    seller [];
    /// A name of a value.
    email [];
    /// A name of a value.
    phone [];
    /// A button.
    see_order [];
    /// A button, where no order was placed.
    see_details [];
    /// Who a reply reaches.
    footer ["seller"];
    /// Where no seller can be named.
    footer_alone [];
    /// Above everything else.
    test_order [];
    /// A subject.
    receipt_subject ["order"];
    /// A title.
    receipt_title [];
    /// What the mail is.
    receipt_intro ["seller"];
    /// A heading.
    items [];
    /// The price of one unit.
    each ["amount"];
    /// A row of the sum.
    subtotal [];
    /// A row of the sum.
    discount [];
    /// A row of the sum, and a heading.
    delivery [];
    /// An amount of nothing.
    free [];
    /// A row of the sum.
    tax_added [];
    /// A row of the sum, below the total’s parts.
    tax_included [];
    /// The last row of the sum.
    total [];
    /// How long delivery takes.
    delivery_day [];
    /// How long delivery takes.
    delivery_days ["days"];
    /// How long delivery takes.
    delivery_days_between ["from", "to"];
    /// A name of a value.
    delivery_time [];
    /// A heading.
    ship_to [];
    /// A name of a value.
    payment [];
    /// With which card.
    payment_card ["brand", "last4"];
    /// A card without a known brand.
    card [];
    /// A heading.
    policies [];
    /// A link.
    terms_of_use [];
    /// A link.
    privacy_policy [];
    /// A link.
    return_policy [];
    /// A link.
    shipping_policy [];
    /// A heading.
    withdrawal [];
    /// The period, of goods.
    withdrawal_after_delivery ["days"];
    /// The period, of what is not delivered as goods.
    withdrawal_after_order ["days"];
    /// How it is used.
    withdrawal_how ["seller", "email"];
    /// What follows for the money.
    withdrawal_money [];
    /// What follows for goods.
    withdrawal_goods [];
    /// Why there is no right of withdrawal.
    excepted_dated_ticket ["item"];
    /// Why there may be no right of withdrawal.
    excepted_sealed_media ["item"];
    /// Why there is no right of withdrawal.
    excepted_perishable ["item"];
    /// Why there is no right of withdrawal.
    excepted_custom_made ["item"];
    /// Why there is no right of withdrawal.
    excepted_digital ["item"];
    /// A heading, above the form of Annex I(B) of Directive 2011/83/EU.
    form_title [];
    /// Of the form.
    form_hint [];
    /// Of the form.
    form_to ["seller"];
    /// Of the form.
    form_notice [];
    /// Of the form.
    form_dates [];
    /// Of the form.
    form_name [];
    /// Of the form.
    form_address [];
    /// Of the form.
    form_signature [];
    /// Of the form.
    form_date [];
    /// Of the form.
    form_delete [];
    /// A subject and a title.
    not_charged_subject [];
    /// What became of the money.
    not_charged ["amount"];
    /// A subject.
    refund_started_subject ["amount"];
    /// A title.
    refund_started_title [];
    /// What becomes of the money.
    refund_started ["amount"];
    /// A subject.
    refunded_subject ["amount"];
    /// A title.
    refunded_title [];
    /// What became of the money.
    refunded ["amount"];
    /// A subject.
    cancelled_subject ["order"];
    /// A title.
    cancelled_title [];
    /// What it means.
    cancelled [];
    /// A name of a value.
    cancelled_at [];
    /// What becomes of the money.
    cancelled_released [];
    /// What becomes of the money.
    cancelled_refund ["amount"];
    /// A subject.
    declared_subject ["order"];
    /// A title.
    declared_title [];
    /// When it was received.
    declared_intro ["time"];
    /// A heading.
    declared [];
    /// The declaration itself.
    declaration ["order"];
    /// A name of a value.
    declared_name [];
    /// A name of a value.
    declared_items [];
    /// A name of a value.
    declared_contact [];
    /// A name of a value.
    declared_at [];
    /// What follows for the money.
    declared_money [];
    /// What follows.
    declared_next [];
    /// A subject.
    invoice_subject ["order"];
    /// A title.
    invoice_title [];
    /// What is to be paid, until when.
    invoice_intro ["amount", "date"];
    /// A heading.
    invoice_how [];
    /// A name of a value.
    invoice_reference [];
    /// A name of a value.
    invoice_due [];
}

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &english::WORDS,
        Language::French => &french::WORDS,
        Language::German => &german::WORDS,
        Language::Spanish => &spanish::WORDS,
        Language::Dutch => &dutch::WORDS,
    }
}

/// A sentence with its values. What stands in a value is not read again.
pub(super) fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        let value = values.iter().find(|(given, _)| *given == name);
        text.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_every_sentence_with_its_values() {
        for language in Language::ALL {
            for (name, values, sentence) in words(language).sentences() {
                let named: Vec<_> = sentence.split('{').skip(1).collect();
                let named = named.iter().filter_map(|rest| rest.split('}').next());
                let mut named: Vec<_> = named.collect();
                named.sort_unstable();
                named.dedup();
                let mut expected = values;
                expected.sort_unstable();
                assert_eq!(named, expected, "{language:?} {name}");
                let is_trimmed = name == "colon" || sentence == sentence.trim();
                assert!(!sentence.is_empty() && is_trimmed, "{language:?} {name}");
                assert!(!sentence.contains("  "), "{language:?} {name}");
            }
        }
    }

    #[test]
    fn a_sentence_of_its_own_is_written_in_each_language() {
        // Words that two languages share.
        let alike = [
            "Total", "Subtotal", "Contact", "Date", "E-mail", "Gratis", "Datum", "Name",
        ];
        for (language, other) in [(0, 1), (0, 2), (0, 3), (0, 4), (1, 3), (2, 4)] {
            let [one, two] = [language, other].map(|index| words(Language::ALL[index]).sentences());
            for ((name, _, one), (_, _, two)) in one.into_iter().zip(two) {
                let is_alike = name == "colon" || alike.iter().any(|word| one.starts_with(word));
                assert!(is_alike || one != two, "{name}: {one}");
            }
        }
    }

    #[test]
    fn a_value_is_not_read_again() {
        let filled = fill("{a} and {b}", &[("a", "{b}"), ("b", "{a}")]);
        assert_eq!(filled, "{b} and {a}");
    }
}
