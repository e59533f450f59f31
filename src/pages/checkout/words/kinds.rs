//! What a table of words is made of: sentences, sentences for one and for many, and notices.
//!
//! Promises: a table lists all of its sentences, so that tests can compare the languages.

use buywire_checkout::address::Language;

use super::fill;

/// One sentence. `{…}` in it is filled in.
pub(super) type Text = &'static str;

/// A sentence for one and for many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plural {
    pub(super) one: Text,
    pub(super) many: Text,
}

/// What happened, and what it means for the buyer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Notice {
    pub(crate) title: Text,
    pub(crate) text: Text,
}

impl Plural {
    /// The sentence for a count, with the count filled in as `{count}`.
    pub(crate) fn of(self, language: Language, count: u64) -> String {
        // French counts zero as singular.
        let is_one = count == 1 || (count == 0 && language == Language::French);
        let sentence = if is_one { self.one } else { self.many };
        fill(sentence, &[("count", &count.to_string())])
    }
}

/// Declares a table of words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name {
            $($(#[$field_doc])* pub(crate) $field: $kind,)*
        }

        #[cfg(test)]
        impl $crate::pages::checkout::words::Sentences for $name {
            fn sentences(&self) -> Vec<(String, &'static str)> {
                let mut all = Vec::new();
                $(
                    let inner = $crate::pages::checkout::words::Sentences::sentences(&self.$field);
                    all.extend(inner.into_iter().map(|(name, sentence)| {
                        (format!("{}.{name}", stringify!($field)), sentence)
                    }));
                )*
                all
            }
        }
    };
}

/// All sentences of a table, by name.
#[cfg(test)]
pub(crate) trait Sentences {
    fn sentences(&self) -> Vec<(String, &'static str)>;
}

#[cfg(test)]
impl Sentences for Text {
    fn sentences(&self) -> Vec<(String, &'static str)> {
        vec![(String::new(), self)]
    }
}

#[cfg(test)]
impl Sentences for Plural {
    fn sentences(&self) -> Vec<(String, &'static str)> {
        vec![("one".to_owned(), self.one), ("many".to_owned(), self.many)]
    }
}

#[cfg(test)]
impl Sentences for Notice {
    fn sentences(&self) -> Vec<(String, &'static str)> {
        vec![
            ("title".to_owned(), self.title),
            ("text".to_owned(), self.text),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_counts_zero_as_one() {
        let plural = Plural {
            one: "{count} jour",
            many: "{count} jours",
        };
        assert_eq!(plural.of(Language::French, 0), "0 jour");
        assert_eq!(plural.of(Language::English, 0), "0 jours");
        assert_eq!(plural.of(Language::French, 2), "2 jours");
    }
}
