//! `buywire switch`: kill switches, which stop sales on every node.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use crate::commands::client::Remote;
use crate::commands::print::{fields, print_document, table};

const COLUMNS: &[&str] = &["scope", "enabled", "reason", "updated_at"];

/// Kill switches.
#[derive(Subcommand)]
pub(crate) enum Switch {
    /// List the switches that were ever set. What was never set is on.
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Stop sales within a scope.
    Off {
        #[command(flatten)]
        change: Change,
        /// Void payments in progress. Default: they finish.
        #[arg(long)]
        void: bool,
    },
    /// Allow sales within a scope again. Other switches still count.
    On {
        #[command(flatten)]
        change: Change,
    },
}

/// Which switch, and why.
#[derive(Args)]
pub(crate) struct Change {
    /// all, partner:SLUG, post:ID, item:SLUG:ITEM, processor:NAME or channel:NAME (page, acp or ucp).
    scope: String,
    /// Reason, for the audit log.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the request.
pub(crate) async fn run(command: Switch) -> anyhow::Result<()> {
    match command {
        Switch::List { remote } => {
            let switches = remote.client()?.get(&["switches"]).await?;
            print_document(remote.json, &switches, |list| table(list, COLUMNS));
            Ok(())
        }
        Switch::Off { change, void } => {
            let payments = if void { "void" } else { "finish" };
            let body = json!({"enabled": false, "reason": change.reason, "payments": payments});
            change.put(&body).await
        }
        Switch::On { change } => {
            let body = json!({"enabled": true, "reason": change.reason});
            change.put(&body).await
        }
    }
}

impl Change {
    async fn put(&self, body: &Value) -> anyhow::Result<()> {
        let path = ["switches", &self.scope];
        let body = body.to_string().into_bytes();
        let set = self.remote.client()?.send(Method::PUT, &path, body).await?;
        print_document(self.remote.json, &set, fields);
        Ok(())
    }
}
