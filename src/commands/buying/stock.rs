//! `buywire stock`: set, show and list how many units of an item are for sale.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::json;

use crate::commands::client::Remote;
use crate::commands::print::{field, fields, note, print_document, table};

const COLUMNS: &[&str] = &[
    "item_id",
    "kind",
    "total",
    "held",
    "sold",
    "left",
    "reported",
    "per_buyer_max",
];

/// Stock.
#[derive(Subcommand)]
pub(crate) enum Stock {
    /// Set an item's stock. Feeds set the total of a counter too, if they have a quantity.
    Set {
        /// Item id, as in the partner's feed.
        item: String,
        /// Partner slug.
        #[arg(long)]
        partner: String,
        #[command(flatten)]
        units: Units,
        /// The most units that one buyer may have. Default: no limit.
        #[arg(long)]
        per_buyer_max: Option<u32>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show an item's stock.
    Show {
        /// Item id, as in the partner's feed.
        item: String,
        /// Partner slug.
        #[arg(long)]
        partner: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// List the items that the partner has counted, or that somebody has wanted to buy.
    List {
        /// Partner slug.
        #[arg(long)]
        partner: String,
        #[command(flatten)]
        remote: Remote,
    },
}

/// How many units.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Units {
    /// Units for sale, sold ones included.
    #[arg(long)]
    total: Option<u64>,
    /// Units are not counted.
    #[arg(long)]
    unlimited: bool,
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the request.
pub(crate) async fn run(command: Stock) -> anyhow::Result<()> {
    match command {
        Stock::Set {
            item,
            partner,
            units,
            per_buyer_max,
            remote,
        } => {
            let mut body = match units.total {
                Some(total) => json!({"kind": "counter", "total": total}),
                None => json!({"kind": "unlimited"}),
            };
            if let (Some(max), Some(body)) = (per_buyer_max, body.as_object_mut()) {
                body.insert("per_buyer_max".to_owned(), max.into());
            }
            let path = ["partners", &partner, "stock", &item];
            let body = body.to_string().into_bytes();
            let level = remote.client()?.send(Method::PUT, &path, body).await?;
            print_document(remote.json, &level, fields);
            if !field(&level, "reported").is_null() {
                note(
                    "The total is below what is held and sold. Nothing more is sold until it is not.",
                );
            }
        }
        Stock::Show {
            item,
            partner,
            remote,
        } => {
            let path = ["partners", &partner, "stock", &item];
            let level = remote.client()?.get(&path).await?;
            print_document(remote.json, &level, fields);
        }
        Stock::List { partner, remote } => {
            let path = ["partners", &partner, "stock"];
            let levels = remote.client()?.list(&path, &[]).await?;
            print_document(remote.json, &levels, |levels| table(levels, COLUMNS));
        }
    }
    Ok(())
}
