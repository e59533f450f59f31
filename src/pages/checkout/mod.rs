//! What buyers see of the checkout: the form, the review, the order page, and what follows the order.
//!
//! A handler fills a value ([`BuyForm`], [`Review`], [`OrderPage`], …), and `render` makes a page of it. What is submitted
//! is read by [`BuyInput`], [`PayInput`] and [`OrderInput`].
//!
//! Promises: no page needs a script or a cookie; each is at most 50 kB without pictures, in five languages; a button that
//! orders carries the duty to pay in its words; each problem has one action that helps; a card number that was typed is
//! never shown again. Must not read the clock or the database, and knows no status codes.

mod date;
mod fields;
mod form;
mod frame;
mod input;
mod item;
mod language;
#[allow(dead_code, reason = "no item is marked as a donation yet")]
mod law;
mod links;
mod method;
mod notice;
mod order;
mod problem;
mod question;
mod review;
mod situation;
mod totals;
mod words;

pub(crate) use form::{BuyForm, OptionChoice};
pub(crate) use frame::CHECKOUT_STYLE;
pub(crate) use input::{
    AddressNeed, BuyAction, BuyDetails, BuyField, BuyInput, BuyRules, FieldError, OrderInput,
    PayInput,
};
pub(crate) use item::CheckoutItem;
pub(crate) use language::{choose_language, guess_country};
pub(crate) use law::{
    DurabilityGuarantee, LegalNotices, SellerPages, WithdrawalException, WithdrawalRight,
};
pub(crate) use links::{CheckoutLinks, OrderAction, OrderQuestion};
pub(crate) use notice::CheckoutNotice;
pub(crate) use order::{InvoiceToPay, OrderCancel, OrderHold, OrderPage, PaidWith, PlacedOrder};
pub(crate) use problem::BuyProblem;
pub(crate) use question::OrderCancelPage;
pub(crate) use review::Review;
pub(crate) use totals::Totals;
pub(crate) use {
    input::WithdrawalStatement,
    order::{ReceivedWithdrawal, WithdrawalWindow},
    question::{ForgetPage, WithdrawalPage},
};

pub(crate) use buywire_checkout::address::Language;

#[cfg(test)]
mod tests;
