//! `buywire key`: who may use the API.

use clap::{Args, Subcommand};
use serde_json::json;

use super::client::Remote;
use super::print::{fields, note, print_document, table};

const COLUMNS: &[&str] = &["id", "role", "partner", "label", "created_at", "revoked_at"];

const SIGNING: &[&str] = &["kid", "algorithm", "signs_from", "valid_until"];

/// Keys of the API.
#[derive(Subcommand)]
pub enum Key {
    /// Issue a key; it is shown this once.
    Create {
        #[command(flatten)]
        holder: Holder,
        /// Who will use it, for the audit.
        #[arg(long)]
        label: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// List keys, never the keys themselves.
    List {
        /// Only this partner's.
        #[arg(long)]
        partner: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// List the gateway's own key pairs, which sign for dialects that find our keys by our profile.
    Signing {
        #[command(flatten)]
        remote: Remote,
    },
    /// Give the gateway a new key pair: published now, used a little later.
    RotateSigning {
        /// Minutes until it signs, for copies of our profile to be renewed.
        #[arg(long, default_value_t = 10)]
        signs_after_minutes: u32,
        /// Hours for which the old ones stay published from then on. 0: they end now and it signs now.
        #[arg(long, default_value_t = 168)]
        overlap_hours: u32,
        #[command(flatten)]
        remote: Remote,
    },
    /// Revoke a key; it stops working within 5 seconds.
    Revoke {
        /// The key's id (`key_…`).
        id: String,
        #[command(flatten)]
        remote: Remote,
    },
}

/// Whom a key is for.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Holder {
    /// `platform` (orders and posts), or `operator` (everything).
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// For this partner.
    #[arg(long)]
    partner: Option<String>,
}

/// What a key may do.
#[derive(Clone, Copy)]
enum Role {
    /// Orders and posts.
    Platform,
    /// Everything.
    Operator,
}

fn role(text: &str) -> Result<Role, &'static str> {
    match text {
        "platform" => Ok(Role::Platform),
        "operator" => Ok(Role::Operator),
        "partner" => Err("a partner's key is made with `--partner SLUG` in place of `--role`"),
        _ => Err("write `platform` or `operator`; a partner's key is made with `--partner SLUG`"),
    }
}

/// Run it.
///
/// # Errors
/// What the gateway refused, as sentences.
pub async fn run(command: Key) -> anyhow::Result<()> {
    match command {
        Key::Create {
            holder,
            label,
            remote,
        } => create(&holder, &label, &remote).await,
        Key::List { partner, remote } => {
            let client = remote.client()?;
            let keys = match partner {
                Some(slug) => client.list(&["partners", &slug, "keys"], &[]).await?,
                None => client.list(&["keys"], &[]).await?,
            };
            print_document(remote.json, &keys, |keys| table(keys, COLUMNS));
            Ok(())
        }
        Key::Signing { remote } => {
            let keys = remote.client()?.get(&["keys", "signing"]).await?;
            print_document(remote.json, &keys, |keys| table(keys, SIGNING));
            Ok(())
        }
        Key::RotateSigning {
            signs_after_minutes,
            overlap_hours,
            remote,
        } => {
            let body =
                json!({"signs_after_minutes": signs_after_minutes, "overlap_hours": overlap_hours});
            let path = ["keys", "signing", "rotate"];
            let keys = remote.client()?.post(&path, &body).await?;
            print_document(remote.json, &keys, |keys| table(keys, SIGNING));
            Ok(())
        }
        Key::Revoke { id, remote } => {
            remote.client()?.delete(&["keys", &id]).await?;
            let done = json!({"id": id, "revoked": true});
            print_document(remote.json, &done, |_| format!("{id} is revoked"));
            Ok(())
        }
    }
}

async fn create(holder: &Holder, label: &str, remote: &Remote) -> anyhow::Result<()> {
    let client = remote.client()?;
    let issued = match (&holder.partner, holder.role) {
        (Some(slug), _) => {
            let path = ["partners", slug, "keys"];
            client.post(&path, &json!({"label": label})).await?
        }
        (None, role) => {
            let role = match role {
                Some(Role::Operator) => "operator",
                _ => "platform",
            };
            let body = json!({"role": role, "label": label});
            client.post(&["keys"], &body).await?
        }
    };
    print_document(remote.json, &issued, fields);
    note("Keep the key now: it is not shown again.");
    Ok(())
}
