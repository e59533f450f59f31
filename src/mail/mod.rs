//! Mail to buyers: values in, a message out, and the SMTP client that hands it to the operator's mail server.
//!
//! Promises: the same mail has the same Message-ID however often it is sent; its text and its HTML say the same; no
//! input becomes a header, markup or an address line of its own, and no card number gets through; an error names no
//! address. Must not read the database or the clock, and must not decide who gets which mail, or when it is sent again.
//!
//! Read [`ReceiptMail`] for what goes in, then `content/` for how it becomes text, then [`Mailer`].

mod address;
mod content;
mod error;
mod format;
mod letters;
mod mailer;
mod message;
mod outgoing;
mod settings;
mod words;

pub use self::address::{InvalidMailAddress, MailAddress, Mailbox};
pub use self::error::{MailError, MailFailure, MailStage};
pub use self::letters::{
    CancellationMail, DeclaredWithdrawal, InvoiceMail, MailDelivery, NoticeMail, PaidReference,
    PaymentCard, ReceiptAmounts, ReceiptLine, ReceiptMail, ReturnedMoney, SellerContact,
    SellerLinks, WithdrawalException, WithdrawalMail, WithdrawalTerms,
};
pub use self::mailer::{MailTimeouts, Mailer};
pub use self::outgoing::{MailRecipient, OutgoingMail};
pub use self::settings::{MailSettings, MailSettingsError, MailTransport, SmtpSettings};
