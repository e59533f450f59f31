//! `buywire key`: API keys, and the gateway's signing keys.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::client::Remote;
use super::print::{fields, note, print_document, table};

const COLUMNS: &[&str] = &[
    "id",
    "role",
    "partner",
    "label",
    "created_at",
    "expires_at",
    "last_used_at",
    "revoked_at",
];

const SIGNING: &[&str] = &["kid", "algorithm", "signs_from", "valid_until"];

/// API keys and signing keys.
#[derive(Subcommand)]
pub(crate) enum Key {
    /// Create an API key. Prints the key, which is not shown again.
    Create {
        #[command(flatten)]
        holder: Holder,
        /// Who will use the key. The audit log shows it.
        #[arg(long)]
        label: String,
        /// Time at which the key stops working, such as 2027-01-31T00:00:00Z. Default: never.
        #[arg(long)]
        expires_at: Option<String>,
        #[command(flatten)]
        limits: Limits,
        #[command(flatten)]
        remote: Remote,
    },
    /// Change an API key. What no option is given for stays unchanged.
    Update {
        /// Key id (`key_…`).
        id: String,
        /// Time at which the key stops working, such as 2027-01-31T00:00:00Z, or `never`.
        #[arg(long)]
        expires_at: Option<String>,
        #[command(flatten)]
        limits: Limits,
        #[command(flatten)]
        remote: Remote,
    },
    /// List API keys, without their values.
    List {
        /// List the keys of this partner. Default: platform and operator keys.
        #[arg(long)]
        partner: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// List the gateway's own signing keys, which `/.well-known/ucp` publishes.
    Signing {
        #[command(flatten)]
        remote: Remote,
    },
    /// Create a new signing key for the gateway: published at once, used after a delay.
    RotateSigning {
        /// Minutes until the new key signs, so that receivers can first refresh their copy of the published keys.
        #[arg(long, default_value_t = 10)]
        signs_after_minutes: u32,
        /// Hours for which previous keys stay published after that. With 0, they are withdrawn at once, and the new key
        /// signs at once.
        #[arg(long, default_value_t = 168)]
        overlap_hours: u32,
        #[command(flatten)]
        remote: Remote,
    },
    /// Revoke an API key. It stops working within 5 seconds.
    Revoke {
        /// Key id (`key_…`).
        id: String,
        #[command(flatten)]
        remote: Remote,
    },
}

/// The role of a key.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Holder {
    /// Role of the key: `platform` (orders and posts), `agent` (its own checkout sessions) or `operator` (everything).
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// Partner slug, for a partner's key.
    #[arg(long)]
    partner: Option<String>,
}

/// How much a key may send.
#[derive(Args)]
pub(crate) struct Limits {
    /// Requests per second. Default: BUYWIRE_KEY_RATE of the gateway.
    #[arg(long)]
    requests_per_second: Option<u32>,
    /// Requests at once, before the rate counts. Default: five seconds' worth.
    #[arg(long)]
    burst: Option<u32>,
}

impl Limits {
    /// The members of a request that are given.
    fn members(&self) -> Map<String, Value> {
        let named = [
            ("requests_per_second", self.requests_per_second),
            ("burst", self.burst),
        ];
        let given = named.into_iter();
        given
            .filter_map(|(name, limit)| Some((name.to_owned(), limit?.into())))
            .collect()
    }
}

/// What a key may do.
#[derive(Clone, Copy)]
enum Role {
    Platform,
    Agent,
    Operator,
}

fn role(text: &str) -> Result<Role, &'static str> {
    match text {
        "platform" => Ok(Role::Platform),
        "agent" => Ok(Role::Agent),
        "operator" => Ok(Role::Operator),
        "partner" => Err("for a partner's key use `--partner SLUG` instead of `--role`"),
        _ => Err(
            "expected `platform`, `agent` or `operator`; for a partner's key use `--partner SLUG`",
        ),
    }
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the request.
pub(crate) async fn run(command: Key) -> anyhow::Result<()> {
    match command {
        Key::Create {
            holder,
            label,
            expires_at,
            limits,
            remote,
        } => {
            let mut body = limits.members();
            body.insert("label".to_owned(), label.into());
            body.insert("expires_at".to_owned(), expires_at.into());
            create(&holder, body, &remote).await
        }
        Key::Update {
            id,
            expires_at,
            limits,
            remote,
        } => update(&id, expires_at, &limits, &remote).await,
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
            print_document(remote.json, &done, |_| format!("{id} revoked"));
            Ok(())
        }
    }
}

async fn update(
    id: &str,
    expires_at: Option<String>,
    limits: &Limits,
    remote: &Remote,
) -> anyhow::Result<()> {
    let mut body = limits.members();
    if let Some(at) = expires_at {
        let at = Some(at).filter(|at| at != "never");
        body.insert("expires_at".to_owned(), at.into());
    }
    let key = remote.client()?.patch(&["keys", id], &body.into()).await?;
    print_document(remote.json, &key, fields);
    Ok(())
}

async fn create(
    holder: &Holder,
    mut body: Map<String, Value>,
    remote: &Remote,
) -> anyhow::Result<()> {
    let client = remote.client()?;
    let issued = match (&holder.partner, holder.role) {
        (Some(slug), _) => {
            let path = ["partners", slug, "keys"];
            client.post(&path, &body.into()).await?
        }
        (None, role) => {
            let role = match role {
                Some(Role::Operator) => "operator",
                Some(Role::Agent) => "agent",
                _ => "platform",
            };
            body.insert("role".to_owned(), role.into());
            client.post(&["keys"], &body.into()).await?
        }
    };
    print_document(remote.json, &issued, fields);
    note("Save the key now: it is not shown again.");
    Ok(())
}
