//! The mails that a buyer gets: each is a value that becomes an [`OutgoingMail`](super::OutgoingMail).
//!
//! Promises: the same value gives the same mail; what a buyer or a merchant wrote is cleaned before it stands in one.
//! Must not know why a mail is sent.

mod cancellation;
mod invoice;
mod notice;
mod parts;
mod receipt;
mod withdrawal;

pub use self::cancellation::{CancellationMail, ReturnedMoney};
pub use self::invoice::InvoiceMail;
pub use self::notice::{NoticeMail, PaidReference};
pub use self::parts::{SellerContact, SellerLinks};
pub use self::receipt::{
    MailDelivery, PaymentCard, ReceiptAmounts, ReceiptLine, ReceiptMail, WithdrawalException,
    WithdrawalTerms,
};
pub use self::withdrawal::{DeclaredWithdrawal, WithdrawalMail};
