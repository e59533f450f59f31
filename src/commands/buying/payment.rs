//! `buywire payment`: list, show, refund and reconcile payments, try failed refunds again, and say what has arrived of
//! payments by invoice.
//!
//! Promises: a refund has its idempotency key printed before it is sent, so that it can be repeated when no answer comes.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{members_with_money, rows_with_money, with_money};
use crate::ambient;
use crate::commands::client::{Paging, Remote};
use crate::commands::print::{field, fields, note, print_document, table, text};

/// As processors allow.
const KEY_CHARS_MAX: usize = 255;
const AMOUNTS: &[&str] = &["amount", "amount_captured", "amount_refunded"];
const COLUMNS: &[&str] = &[
    "id",
    "status",
    "amount",
    "amount_captured",
    "amount_refunded",
    "processor",
    "card",
    "decline_code",
    "checkout",
    "created_at",
];
const REFUND_COLUMNS: &[&str] = &["id", "status", "amount", "reason", "failure", "created_at"];

/// Payments.
#[derive(Subcommand)]
pub(crate) enum Payment {
    /// List payments, newest first.
    List {
        /// Filter by status: unpaid, action_required, processing, declined, authorised, captured, expired or voided.
        #[arg(long)]
        status: Option<String>,
        /// Filter by checkout id (`chk_…`).
        #[arg(long)]
        checkout: Option<String>,
        #[command(flatten)]
        paging: Paging,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show a payment and its refunds.
    Show(PaymentRef),
    /// Refund a payment in whole or in part.
    Refund(Refund),
    /// Try a refund again that has failed. Safe to repeat.
    RetryRefund(RefundRef),
    /// Say that an invoice is paid: the order is placed.
    Paid {
        #[command(flatten)]
        one: PaymentRef,
        /// Amount that has arrived, in minor units, such as cents. It must be what the invoice asks for.
        #[arg(long, value_name = "MINOR")]
        amount: i64,
    },
    /// Say that an invoice will not be paid: its units are free again.
    Void(PaymentRef),
    /// Say that the refund of an invoice was sent.
    RefundSent(RefundRef),
    /// Say that the refund of an invoice cannot be sent, or has come back.
    RefundFailed {
        #[command(flatten)]
        one: RefundRef,
        /// Reason, for operators.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Ask the processor about a payment now, and apply what it says.
    Reconcile(PaymentRef),
}

/// A payment.
#[derive(Args)]
pub(crate) struct PaymentRef {
    /// Payment id (`pay_…`).
    id: String,
    #[command(flatten)]
    remote: Remote,
}

/// A refund of a payment.
#[derive(Args)]
pub(crate) struct RefundRef {
    /// Payment id (`pay_…`).
    id: String,
    /// Refund id (`rfd_…`).
    refund: String,
    #[command(flatten)]
    remote: Remote,
}

/// The options of `payment refund`.
#[derive(Args)]
pub(crate) struct Refund {
    #[command(flatten)]
    one: PaymentRef,
    /// Amount in minor units, such as cents.
    #[arg(long, value_name = "MINOR")]
    amount: i64,
    /// Reason. Partners see it.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Idempotency key: the same key and content again is the same refund. Default: a new one, which is printed.
    #[arg(long, value_name = "KEY", value_parser = idempotency_key)]
    idempotency_key: Option<String>,
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the request.
pub(crate) async fn run(command: Payment) -> anyhow::Result<()> {
    match command {
        Payment::List {
            status,
            checkout,
            paging,
            remote,
        } => {
            let filters = [("status", status), ("checkout", checkout)];
            remote
                .print_page(&["payments"], filters, paging, payments_text)
                .await
        }
        Payment::Show(PaymentRef { id, remote }) => {
            let shown = remote.client()?.get(&["payments", &id]).await?;
            print_document(remote.json, &shown, payment_text);
            Ok(())
        }
        Payment::Refund(refund) => refund.run().await,
        Payment::Paid { one, amount } => one.post("paid", json!({"amount": amount})).await,
        Payment::Void(one) => one.post("void", json!({})).await,
        Payment::RefundSent(one) => one.post("sent", json!({})).await,
        Payment::RefundFailed { one, reason } => {
            one.post("failed", json!({"reason": reason})).await
        }
        Payment::RetryRefund(one) => one.post("retry", json!({})).await,
        Payment::Reconcile(one) => one.post("reconcile", json!({})).await,
    }
}

/// What the gateway accepts.
fn idempotency_key(text: &str) -> Result<String, String> {
    let fits = (1..=KEY_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    match fits {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "expected 1 to {KEY_CHARS_MAX} visible ASCII characters"
        )),
    }
}

impl PaymentRef {
    /// Does something with the payment, and prints what it is then.
    async fn post(&self, action: &str, body: Value) -> anyhow::Result<()> {
        post(&self.remote, &["payments", &self.id, action], &body).await
    }
}

impl RefundRef {
    /// Does something with the refund, and prints its payment.
    async fn post(&self, action: &str, body: Value) -> anyhow::Result<()> {
        let path = ["payments", &self.id, "refunds", &self.refund, action];
        post(&self.remote, &path, &body).await
    }
}

async fn post(remote: &Remote, path: &[&str], body: &Value) -> anyhow::Result<()> {
    let shown = remote.client()?.post(path, body).await?;
    print_document(remote.json, &shown, payment_text);
    Ok(())
}

impl Refund {
    async fn run(self) -> anyhow::Result<()> {
        let PaymentRef { id, remote } = &self.one;
        let client = remote.client()?;
        let key = self.idempotency_key.unwrap_or_else(|| {
            let key = ambient::new_uuid().to_string();
            note(&format!(
                "To repeat this refund safely, add --idempotency-key {key}"
            ));
            key
        });
        let body = json!({"amount": self.amount, "reason": self.reason});
        let path = ["payments", id, "refunds"];
        let refund = client.post_once(&path, &key, &body).await?;
        print_document(remote.json, &refund, fields);
        Ok(())
    }
}

/// Payments as a table.
pub(super) fn payments_text(list: &Value) -> String {
    let mut list = rows_with_money(list, AMOUNTS);
    let rows = list.get_mut("data").and_then(Value::as_array_mut);
    for row in rows.into_iter().flatten() {
        flatten_card(row);
    }
    table(&list, COLUMNS)
}

/// The payment's own fields, then a line for each refund.
fn payment_text(shown: &Value) -> String {
    let mut own = with_money(shown, AMOUNTS);
    flatten_card(&mut own);
    if let Some(members) = own.as_object_mut() {
        members.remove("refunds");
    }
    let refunds = members_with_money(shown, "refunds", &["amount"]);
    if field(&refunds, "data").as_array().is_none_or(Vec::is_empty) {
        return fields(&own);
    }
    let refunds = table(&refunds, REFUND_COLUMNS);
    format!("{}\n{refunds}", fields(&own))
}

/// Such as `visa 4242`.
fn flatten_card(payment: &mut Value) {
    let card = field(payment, "card");
    if card.is_object() {
        let card = format!(
            "{} {}",
            text(field(card, "brand")),
            text(field(card, "last4"))
        );
        if let Some(members) = payment.as_object_mut() {
            members.insert("card".to_owned(), card.into());
        }
    }
}
