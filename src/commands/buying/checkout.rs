//! `buywire checkout`: list and show checkouts. They name no buyer.

use clap::Subcommand;
use serde_json::{Value, json};

use super::payment::payments_text;
use super::{members_with_money, rows_with_money, with_money};
use crate::commands::client::{Paging, Remote};
use crate::commands::print::{field, fields, print_document, table};

const COLUMNS: &[&str] = &[
    "id",
    "state",
    "situation",
    "total",
    "channel",
    "order",
    "created_at",
    "updated_at",
];
const LINE_COLUMNS: &[&str] = &["partner", "item_id", "title", "quantity", "unit_price"];

/// Checkouts.
#[derive(Subcommand)]
pub(crate) enum Checkout {
    /// List checkouts, newest first.
    List {
        /// Filter by state: open, priced, paying, closing, authorised, placed, captured, returning, expired or cancelled.
        #[arg(long)]
        state: Option<String>,
        /// Filter by partner slug: checkouts with lines of this partner.
        #[arg(long)]
        partner: Option<String>,
        #[command(flatten)]
        paging: Paging,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show a checkout, its lines, and its attempts to pay.
    Show {
        /// Checkout id (`chk_…`).
        id: String,
        #[command(flatten)]
        remote: Remote,
    },
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the request.
pub(crate) async fn run(command: Checkout) -> anyhow::Result<()> {
    match command {
        Checkout::List {
            state,
            partner,
            paging,
            remote,
        } => {
            let filters = [("state", state), ("partner", partner)];
            let page = |page: &Value| table(&rows_with_money(page, &["total"]), COLUMNS);
            remote
                .print_page(&["checkouts"], filters, paging, page)
                .await
        }
        Checkout::Show { id, remote } => {
            let shown = remote.client()?.get(&["checkouts", &id]).await?;
            print_document(remote.json, &shown, checkout_text);
            Ok(())
        }
    }
}

/// The checkout's own fields, then its lines, then a line for each attempt to pay.
fn checkout_text(shown: &Value) -> String {
    let mut own = with_money(shown, &["total"]);
    if let Some(members) = own.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "lines" | "payments"));
    }
    let lines = members_with_money(shown, "lines", &["unit_price"]);
    let lines = table(&lines, LINE_COLUMNS);
    let payments = payments_text(&json!({"data": field(shown, "payments")}));
    format!("{}\n{lines}\n{payments}", fields(&own))
}
