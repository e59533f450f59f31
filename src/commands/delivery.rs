//! `buywire delivery`: the state of deliveries and their attempts.

use clap::Subcommand;
use serde_json::{Value, json};

use super::client::{Paging, Remote};
use super::print::{field, fields, print_document, table};

const COLUMNS: &[&str] = &[
    "id",
    "status",
    "event_type",
    "order_id",
    "partner",
    "attempt_count",
    "last_error",
    "created_at",
];

/// For a list of dead deliveries.
const DEAD_COLUMNS: &[&str] = &[
    "id",
    "reason",
    "last_error",
    "endpoint",
    "died_at",
    "attempt_count",
    "event_type",
    "order_id",
    "partner",
];

/// Deliveries.
#[derive(Subcommand)]
pub(crate) enum Delivery {
    /// List deliveries, newest first.
    List {
        /// Filter by status: pending, delivered or dead.
        #[arg(long)]
        status: Option<String>,
        /// Filter by partner slug.
        #[arg(long)]
        partner: Option<String>,
        /// Filter by endpoint id (`ep_…`).
        #[arg(long)]
        endpoint: Option<String>,
        /// Filter by order: the platform's order id or `ord_…`.
        #[arg(long)]
        order: Option<String>,
        /// Filter by event type, such as order.confirmed.
        #[arg(long)]
        event_type: Option<String>,
        /// Filter by time: created at or after this time (RFC 3339).
        #[arg(long)]
        since: Option<String>,
        /// Filter by time: created before this time (RFC 3339).
        #[arg(long)]
        until: Option<String>,
        #[command(flatten)]
        paging: Paging,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show a delivery, its attempts, and what it is waiting for.
    Show {
        /// Delivery id (`dlv_…`).
        id: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Send a delivery again, under the same id.
    Replay {
        /// Delivery id (`dlv_…`).
        id: String,
        /// Reason, for the audit log.
        #[arg(long)]
        reason: String,
        /// Replay it even if the endpoint has accepted a later event of the order.
        #[arg(long)]
        include_superseded: bool,
        #[command(flatten)]
        remote: Remote,
    },
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the request.
pub(crate) async fn run(command: Delivery) -> anyhow::Result<()> {
    match command {
        Delivery::List {
            status,
            partner,
            endpoint,
            order,
            event_type,
            since,
            until,
            paging,
            remote,
        } => {
            let is_dead = status.as_deref() == Some("dead");
            let columns = if is_dead { DEAD_COLUMNS } else { COLUMNS };
            let filters = [
                ("status", status),
                ("partner", partner),
                ("endpoint", endpoint),
                ("order", order),
                ("event_type", event_type),
                ("since", since),
                ("until", until),
            ];
            let page = |page: &Value| table(page, columns);
            remote
                .print_page(&["deliveries"], filters, paging, page)
                .await
        }
        Delivery::Show { id, remote } => {
            let shown = remote.client()?.get(&["deliveries", &id]).await?;
            print_document(remote.json, &shown, with_attempts);
            Ok(())
        }
        Delivery::Replay {
            id,
            reason,
            include_superseded,
            remote,
        } => {
            let body = json!({"reason": reason, "include_superseded": include_superseded});
            let path = ["deliveries", &id, "replay"];
            let replayed = remote.client()?.post(&path, &body).await?;
            print_document(remote.json, &replayed, fields);
            Ok(())
        }
    }
}

/// The delivery's own fields, a line for each attempt, and what the partner last replied.
pub(super) fn with_attempts(shown: &Value) -> String {
    let mut own = shown.clone();
    let attempts = own.as_object_mut().and_then(|own| own.remove("attempts"));
    let columns = &["at", "duration_ms", "status_code", "error"];
    let reply = attempts.as_ref().and_then(last_reply);
    let attempts = table(&json!({"data": attempts}), columns);
    let reply = reply.map_or_else(String::new, |reply| format!("\nLast reply:\n{reply}\n"));
    format!("{}\n{attempts}{reply}", fields(&own))
}

/// The last reply body, with control characters replaced: a reply must not control the terminal.
fn last_reply(attempts: &Value) -> Option<String> {
    let attempts = attempts.as_array()?.iter().rev();
    let mut replied = attempts.filter(|one| field(one, "response_body").is_string());
    let last = replied.next()?;
    let body = field(last, "response_body").as_str()?;
    let shown = body.chars().map(|letter| match letter {
        '\n' | '\t' => letter,
        other if other.is_control() => '\u{fffd}',
        other => other,
    });
    let is_truncated = field(last, "response_truncated").as_bool() == Some(true);
    let more = if is_truncated {
        "\n… (truncated)"
    } else {
        ""
    };
    Some(format!("{}{more}", shown.collect::<String>().trim_end()))
}
