//! A mail that is ready to be sent.
//!
//! Promises: only this room makes one, from checked values; its subject is one bounded line; `Debug` shows no buyer.

use std::fmt;

use buywire_checkout::address::Language;

use super::address::{MailAddress, Mailbox};
use super::content::{Document, html, plain_text, single_line};

/// What a list of mails shows of a subject, and more.
const SUBJECT_CHARS_MAX: usize = 150;

/// Who a mail is for.
#[derive(Debug, Clone)]
pub struct MailRecipient {
    /// Where it goes.
    pub address: MailAddress,
    /// The buyer's name, as the buyer gave it.
    pub name: String,
    /// The language it is written in.
    pub language: Language,
}

/// A mail: who it is for, its subject, and its content as text and as HTML.
#[derive(Clone)]
pub struct OutgoingMail {
    pub(super) to: Mailbox,
    pub(super) reply_to: Option<Mailbox>,
    pub(super) language: Language,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

impl OutgoingMail {
    pub(super) fn new(
        recipient: &MailRecipient,
        reply_to: Option<Mailbox>,
        subject: &str,
        document: Document,
    ) -> Self {
        let document = document.without_card_numbers();
        Self {
            to: Mailbox::new(&recipient.name, recipient.address.clone()),
            reply_to,
            language: recipient.language,
            subject: single_line(subject, SUBJECT_CHARS_MAX),
            text: plain_text(&document),
            html: html(&document, recipient.language),
        }
    }

    /// The subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The content as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The content as HTML.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }
}

impl fmt::Debug for OutgoingMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingMail")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}
