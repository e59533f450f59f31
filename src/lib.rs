//! Buywire, a merchant integration webhook gateway.
//!
//! Not a library for others: what the executable and the tests use is named below.
//! `docs/ARCHITECTURE.md` says what each room is for and which it may import.

#![warn(unreachable_pub)]
#![allow(
    missing_docs,
    reason = "what is public is for the executable and the tests"
)]

mod agents;
mod ambient;
mod boot;
mod callbacks;
mod catalog;
mod checkout;
mod cli;
mod commands;
mod config;
mod console;
mod db;
mod delivery;
mod descriptors;
mod egress;
mod http;
mod idempotency;
mod jobs;
mod local_postgres;
mod mail;
mod notifier;
mod orders;
mod output;
mod pages;
mod partners;
mod payments;
mod posts;
mod quotes;
mod retention;
mod secrets;
mod sessions;
mod stats;
mod stock;
mod store;
mod telemetry;
mod temp_file;
mod tools;

pub use cli::main;

/// What the tests start and look into; no interface of the product.
#[doc(hidden)]
pub mod testing {
    pub use buywire_checkout::machine::CaptureMethod;

    pub use crate::boot::Gateway;
    pub use crate::config::{CheckImages, Settings};
    pub use crate::db::{Conn, DatabaseError, DatabaseTarget, ListenEvent, migrate};
    pub use crate::descriptors::raise as raise_descriptors;
    pub use crate::egress::{ConnectionSettings, EgressPolicy, GatewayConnections, client_config};
    pub use crate::http::routes::{RouteEntry, table};
    pub use crate::jobs::Jobs;
    pub use crate::local_postgres::{DataDir, Embedded, EmbeddedError, EmbeddedOptions};
    pub use crate::mail::{
        CancellationMail, DeclaredWithdrawal, InvalidMailAddress, InvoiceMail, MailAddress,
        MailDelivery, MailError, MailFailure, MailRecipient, MailSettings, MailSettingsError,
        MailStage, MailTimeouts, MailTransport, Mailbox, Mailer, NoticeMail, OutgoingMail,
        PaidReference, PaymentCard, ReceiptAmounts, ReceiptLine, ReceiptMail, ReturnedMoney,
        SellerContact, SellerLinks, SmtpSettings, WithdrawalException, WithdrawalMail,
        WithdrawalTerms,
    };
    pub use crate::notifier::Notifier;
    pub use crate::partners::Partners;
    pub use crate::payments::{
        Amount, Answer, CardFacts, DisputeFacts, DisputeStatus, EventHint, IdempotencyKey,
        NamedAmount, NewSession, NotAnEvent, PaymentError, PaymentProcessor, PaymentSettings,
        PaymentSettingsError, Processor, ProcessorPayment, ProcessorPaymentId,
        ProcessorPaymentStatus, ProcessorRefund, ProcessorRefundId, ProcessorRefundStatus,
        ProcessorSettings, Session, SessionId, SessionLine, SessionStatus, StripeProcessor,
        StripeSettings, StripeTimeouts, UnknownCause, WebhookVerifier,
    };
    pub use crate::posts::{Posts, scheduler};
    pub use crate::quotes::{
        PartnerDelivery, QuestionLine, QuoteAnswer, QuoteMetrics, QuoteQuestion, Quotes,
        QuotesSetupError, SellingTerms,
    };
    pub use crate::retention::{close_undeliverable, keep};
    pub use crate::secrets::master_key::MasterKeys;
    pub use crate::stock::{
        BuyerFingerprints, HoldOutcome, HoldRefused, HoldRequest, Sale, Stock, StockMetrics,
    };
    pub use crate::store::Store;
    pub use crate::store::stock::StockKey;
}

/// The README's Rust, compiled and run as it stands there.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
