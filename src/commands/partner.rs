//! `buywire partner`: create, show and update partners.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::client::Remote;
use super::print::{fields, print_document, table};
use crate::config::secret;

const COLUMNS: &[&str] = &[
    "slug",
    "name",
    "adapter",
    "status",
    "contact_allowed",
    "created_at",
];

/// Partners.
#[derive(Subcommand)]
pub(crate) enum Partner {
    /// Create a partner.
    Create {
        /// Slug: the partner's permanent name in URLs and orders.
        slug: String,
        /// Display name.
        #[arg(long)]
        name: String,
        /// Adapter: the partner's webhook format. See `buywire adapter list`.
        #[arg(long, default_value = "standard")]
        adapter: String,
        #[command(flatten)]
        settings: AdapterSettings,
        #[command(flatten)]
        remote: Remote,
    },
    /// List partners.
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Show a partner.
    Show {
        /// Partner slug.
        slug: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show the request that a partner would receive, without sending it.
    Preview {
        /// Partner slug.
        slug: String,
        /// Adapter to use instead of the partner's.
        #[arg(long)]
        adapter: Option<String>,
        // Used instead of the partner's, and not saved.
        #[command(flatten)]
        settings: AdapterSettings,
        /// Event type, shown with example data, or the id of one of the partner's events.
        #[arg(long, default_value = "order.confirmed")]
        event: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Suspend a partner: its keys stop working, nothing is sent to it, pulled from it or sold of it. Orders are kept.
    Suspend {
        /// Partner slug.
        slug: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// End a suspension. Everything goes on as it was; deliveries that waited are sent.
    Resume {
        /// Partner slug.
        slug: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Update a partner. Settings for which no option is given stay unchanged.
    Update {
        /// Partner slug.
        slug: String,
        #[command(flatten)]
        changes: Changes,
        #[command(flatten)]
        remote: Remote,
    },
}

/// The changes of `partner update`.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Changes {
    /// Display name.
    #[arg(long)]
    name: Option<String>,
    /// Adapter: the partner's webhook format. See `buywire adapter list`.
    #[arg(long)]
    adapter: Option<String>,
    /// Settings of the adapter, as a JSON object that replaces all settings. Without `headers`, whose values are secrets.
    #[arg(long, value_parser = json_object)]
    settings: Option<Value>,
    /// File with the settings, `headers` included. `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "settings")]
    settings_file: Option<PathBuf>,
    /// Whether the partner also receives the e-mail addresses and phone numbers of buyers who do not share them.
    #[arg(long, value_name = "true|false")]
    contact_allowed: Option<bool>,
    /// Signature scheme of the partner's callbacks: standard-webhooks, acp, stripe, shopify, ucp or unsigned.
    #[arg(long)]
    callback_scheme: Option<String>,
    /// File with the secret that the partner signs callbacks with, or set BUYWIRE_CALLBACK_SECRET. `-` reads standard
    /// input.
    #[arg(long, env = "BUYWIRE_CALLBACK_SECRET_FILE", value_name = "FILE")]
    callback_secret_file: Option<PathBuf>,
    /// Public key that verifies callbacks: a JSON Web Key or `whpk_…`. Repeatable.
    #[arg(long, requires = "callback_scheme")]
    callback_public_key: Vec<String>,
    /// File with the access token for the partner's own records, or set BUYWIRE_CALLBACK_TOKEN. Only for the scheme
    /// `unsigned`. `-` reads standard input.
    #[arg(long, env = "BUYWIRE_CALLBACK_TOKEN_FILE", value_name = "FILE")]
    callback_token_file: Option<PathBuf>,
    /// Disable callbacks.
    #[arg(long, conflicts_with = "callback_scheme")]
    no_callback: bool,
}

/// The settings of a partner's adapter.
#[derive(Args)]
pub(crate) struct AdapterSettings {
    /// Settings of the adapter, as a JSON object that replaces all settings. Without `headers`, whose values are secrets.
    #[arg(long, value_parser = json_object)]
    settings: Option<Value>,
    /// File with the settings, `headers` included. `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "settings")]
    settings_file: Option<PathBuf>,
}

impl AdapterSettings {
    fn read(self) -> anyhow::Result<Option<Value>> {
        if let Some(file) = &self.settings_file {
            let text = secret::read_file(file)?;
            return json_object(&text).context("--settings-file").map(Some);
        }
        let has_headers = |settings: &Value| settings.get("headers").is_some();
        if self.settings.as_ref().is_some_and(has_headers) {
            bail!(
                "the values of `headers` are secrets, which everybody on this machine could read in the list of \
                   processes: use --settings-file"
            );
        }
        Ok(self.settings)
    }
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the request.
pub(crate) async fn run(command: Partner) -> anyhow::Result<()> {
    match command {
        Partner::Create {
            slug,
            name,
            adapter,
            settings,
            remote,
        } => {
            let settings = settings.read()?.unwrap_or_else(|| json!({}));
            let body =
                json!({"slug": slug, "name": name, "adapter": adapter, "settings": settings});
            let partner = remote.client()?.post(&["partners"], &body).await?;
            print_document(remote.json, &partner, fields);
        }
        Partner::List { remote } => {
            let partners = remote.client()?.list(&["partners"], &[]).await?;
            print_document(remote.json, &partners, |list| table(list, COLUMNS));
        }
        Partner::Show { slug, remote } => {
            let partner = remote.client()?.get(&["partners", &slug]).await?;
            print_document(remote.json, &partner, fields);
        }
        Partner::Preview {
            slug,
            adapter,
            settings,
            event,
            remote,
        } => {
            let path = ["partners", &slug, "preview"];
            let settings = settings.read()?;
            let body = json!({"adapter": adapter, "settings": settings, "event": event});
            let preview = remote.client()?.post(&path, &body).await?;
            print_document(remote.json, &preview, request_text);
        }
        Partner::Suspend { slug, remote } => set_status(&slug, "suspended", &remote).await?,
        Partner::Resume { slug, remote } => set_status(&slug, "active", &remote).await?,
        Partner::Update {
            slug,
            changes,
            remote,
        } => {
            let path = ["partners", &slug];
            let partner = remote.client()?.patch(&path, &changes.body()?).await?;
            print_document(remote.json, &partner, fields);
        }
    }
    Ok(())
}

async fn set_status(slug: &str, status: &str, remote: &Remote) -> anyhow::Result<()> {
    let body = json!({"status": status});
    let partner = remote.client()?.patch(&["partners", slug], &body).await?;
    print_document(remote.json, &partner, fields);
    Ok(())
}

impl Changes {
    fn body(self) -> anyhow::Result<Value> {
        let secret = secret::read(
            "BUYWIRE_CALLBACK_SECRET",
            self.callback_secret_file.as_deref(),
        )?;
        let token = secret::read(
            "BUYWIRE_CALLBACK_TOKEN",
            self.callback_token_file.as_deref(),
        )?;
        let callback = match (self.callback_scheme, self.no_callback) {
            (Some(scheme), _) => Some(json!({
                "scheme": scheme,
                "secret": secret,
                "public_keys": public_keys(&self.callback_public_key),
                "access_token": token,
            })),
            (None, true) => Some(Value::Null),
            (None, false) => None,
        };
        // Not flattened above: one of `Changes` is required, and clap counts no nested options.
        let settings = AdapterSettings {
            settings: self.settings,
            settings_file: self.settings_file,
        };
        let named = [
            ("name", self.name.map(Value::from)),
            ("adapter", self.adapter.map(Value::from)),
            ("settings", settings.read()?),
            ("contact_allowed", self.contact_allowed.map(Value::from)),
            ("callback", callback),
        ];
        let named = named.into_iter();
        Ok(named
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect::<Map<_, _>>()
            .into())
    }
}

/// The request as an `.http` file, with the notes as comments.
fn request_text(preview: &Value) -> String {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let part = |pointer: &str| text(preview.pointer(pointer));
    let notes = preview.get("notes").and_then(Value::as_array);
    let notes = notes.into_iter().flatten();
    let mut lines: Vec<_> = notes
        .map(|note| format!("# {}", text(Some(note))))
        .collect();
    lines.push(format!(
        "{} {}",
        part("/request/method"),
        part("/request/url")
    ));
    let headers = preview.pointer("/request/headers");
    let headers = headers.and_then(Value::as_object).into_iter().flatten();
    lines.extend(headers.map(|(name, value)| format!("{name}: {}", text(Some(value)))));
    lines.push(String::new());
    lines.push(part("/request/body"));
    lines.join("\n")
}

/// The given keys; null if there are none.
fn public_keys(given: &[String]) -> Value {
    let key = |text: &String| serde_json::from_str(text).unwrap_or_else(|_| text.clone().into());
    let keys: Vec<Value> = given.iter().map(key).collect();
    if keys.is_empty() {
        return Value::Null;
    }
    keys.into()
}

fn json_object(text: &str) -> anyhow::Result<Value> {
    let object: Map<String, Value> =
        serde_json::from_str(text).context("not a JSON object such as {\"key\":\"value\"}")?;
    Ok(object.into())
}
