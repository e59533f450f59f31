//! `buywire order`: send, show, cancel, refund and redact orders.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::Remote;
use super::print::{field, fields, note, print_document, table, text};

/// Orders.
#[derive(Subcommand)]
pub(crate) enum Order {
    /// Send an order from a JSON file.
    Send {
        /// JSON file, or `-` for standard input.
        file: PathBuf,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show an order and its deliveries.
    Show(OrderRef),
    /// Cancel an order.
    Cancel {
        #[command(flatten)]
        one: OrderRef,
        /// Reason. Partners see it.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Refund an order in whole or in part.
    Refund {
        #[command(flatten)]
        one: OrderRef,
        /// Your id for the refund. It is safe to send the same id again.
        #[arg(long)]
        refund_id: String,
        /// Amount in minor units, such as cents.
        #[arg(long)]
        amount: i64,
        /// Partner slug. Required when the order has several partners.
        #[arg(long)]
        partner: Option<String>,
        /// Reason. Partners see it.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Remove the buyer's personal data. Cannot be undone.
    Redact {
        #[command(flatten)]
        one: OrderRef,
        /// Reason, for the audit log. Must not name the buyer.
        #[arg(long)]
        reason: String,
    },
}

/// An order.
#[derive(Args)]
pub(crate) struct OrderRef {
    /// Order id: the platform's, or `ord_…`.
    id: String,
    #[command(flatten)]
    remote: Remote,
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the request.
pub(crate) async fn run(command: Order) -> anyhow::Result<()> {
    match command {
        Order::Send { file, remote } => {
            let body = read_body(&file)?;
            let client = remote.client()?;
            let (receipt, is_new) = client.create(&["orders"], body).await?;
            print_document(remote.json, &receipt, receipt_text);
            if !is_new {
                note("This order was accepted before. Nothing was sent again.");
            }
            Ok(())
        }
        Order::Show(one) => {
            let shown = one.remote.client()?.get(&["orders", &one.id]).await?;
            print_document(one.remote.json, &shown, timeline_text);
            Ok(())
        }
        Order::Cancel { one, reason } => one.post("cancel", json!({"reason": reason})).await,
        Order::Refund {
            one,
            refund_id,
            amount,
            partner,
            reason,
        } => {
            let body = json!({
                "refund_id": refund_id, "amount": amount, "partner": partner, "reason": reason,
            });
            one.post("refunds", body).await
        }
        Order::Redact { one, reason } => one.post("redact", json!({"reason": reason})).await,
    }
}

impl OrderRef {
    async fn post(&self, verb: &str, body: Value) -> anyhow::Result<()> {
        let path = ["orders", &self.id, verb];
        let receipt = self.remote.client()?.post(&path, &body).await?;
        print_document(self.remote.json, &receipt, receipt_text);
        Ok(())
    }
}

fn read_body(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut body = Vec::new();
        std::io::stdin()
            .read_to_end(&mut body)
            .context("standard input")?;
        return Ok(body);
    }
    std::fs::read(file).with_context(|| file.display().to_string())
}

fn receipt_text(receipt: &Value) -> String {
    let events = table(
        &json!({"data": field(receipt, "events")}),
        &["id", "type", "partner", "deliveries"],
    );
    let (id, status) = (field(receipt, "id"), field(receipt, "status"));
    format!("{} {}\n{events}", text(id), text(status))
}

/// The order's own fields, then a line for each delivery.
fn timeline_text(shown: &Value) -> String {
    let own = ["id", "order_id", "status", "created_at", "cancelled_at"];
    let own: Value = own
        .into_iter()
        .map(|name| (name.to_owned(), field(shown, name).clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let events = field(shown, "events").as_array().into_iter().flatten();
    let deliveries: Vec<_> = events
        .flat_map(|event| field(event, "deliveries").as_array().into_iter().flatten())
        .collect();
    let columns = &[
        "id",
        "event_type",
        "partner",
        "status",
        "attempt_count",
        "last_error",
    ];
    let deliveries = table(&json!({"data": deliveries}), columns);
    format!("{}\n{deliveries}", fields(&own))
}
