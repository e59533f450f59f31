//! `buywire endpoint`: where a partner is told.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::client::{Client, Remote};
use super::print::{answer, fields, note, table};

const COLUMNS: &[&str] = &[
    "id",
    "url",
    "event_types",
    "status",
    "status_reason",
    "circuit",
];

/// Endpoints of a partner.
#[derive(Subcommand)]
pub enum Endpoint {
    /// Create an endpoint; its secret is shown this once.
    Create {
        /// The partner.
        partner: String,
        /// Where it listens.
        url: String,
        #[command(flatten)]
        settings: Settings,
        /// A secret of the partner's own (`whsec_…`).
        #[arg(long, env = "BUYWIRE_ENDPOINT_SECRET", hide_env_values = true)]
        secret: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// List a partner's endpoints.
    List {
        /// The partner.
        partner: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show one endpoint.
    Show(One),
    /// Change an endpoint; what is not named stays.
    Update {
        #[command(flatten)]
        one: One,
        /// Where it listens from now on.
        #[arg(long)]
        url: Option<String>,
        #[command(flatten)]
        settings: Settings,
        /// Take a setting back to its default: event_types, headers, retry, max_in_flight, rate_per_second.
        #[arg(long, value_name = "SETTING")]
        reset: Vec<String>,
    },
    /// Delete an endpoint; its open deliveries die.
    Delete(One),
    /// Send to it again.
    Enable(One),
    /// Send nothing to it; its deliveries wait.
    Disable {
        #[command(flatten)]
        one: One,
        /// Why, for the audit.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Send it an `endpoint.test`.
    Test(One),
    /// Give it a new secret, which is shown this once.
    RotateSecret {
        #[command(flatten)]
        one: One,
        /// For how many hours the old secret signs too: 0 to 168.
        #[arg(long, default_value_t = 24)]
        overlap_hours: u32,
        /// A secret of the partner's own (`whsec_…`).
        #[arg(long, env = "BUYWIRE_ENDPOINT_SECRET", hide_env_values = true)]
        secret: Option<String>,
    },
}

/// One endpoint.
#[derive(Args)]
pub struct One {
    /// The partner.
    partner: String,
    /// The endpoint's id (`ep_…`).
    id: String,
    #[command(flatten)]
    remote: Remote,
}

/// What an endpoint can be told.
#[derive(Args)]
pub struct Settings {
    /// What it hears of, such as `order.*`; may be repeated.
    #[arg(long = "event-type", value_name = "PATTERN")]
    event_types: Vec<String>,
    /// A header of every request, as `Name: value`; may be repeated. Replaces all headers.
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// Seconds between attempts, comma-separated.
    #[arg(long, value_delimiter = ',', value_name = "SECONDS")]
    retry: Option<Vec<i64>>,
    /// Attempts at one time.
    #[arg(long)]
    max_in_flight: Option<i64>,
    /// Attempts a second.
    #[arg(long)]
    rate_per_second: Option<f64>,
}

/// Run it.
///
/// # Errors
/// What the gateway refused, as sentences.
pub async fn run(command: Endpoint) -> anyhow::Result<()> {
    match command {
        Endpoint::Create {
            partner,
            url,
            settings,
            secret,
            remote,
        } => {
            let mut body = settings.body();
            body.insert("url".into(), url.into());
            body.extend(secret.map(|secret| ("secret".into(), secret.into())));
            create(&partner, &body.into(), &remote).await?;
        }
        Endpoint::List { partner, remote } => {
            let path = ["partners", &partner, "endpoints"];
            let list = remote.client()?.get(&path).await?;
            answer(remote.json, &list, |list| table(list, COLUMNS));
        }
        Endpoint::Show(one) => {
            let (client, path) = one.path(None)?;
            answer(one.remote.json, &client.get(&path).await?, fields);
        }
        Endpoint::Update {
            one,
            url,
            settings,
            reset,
        } => {
            let mut body = settings.body();
            body.extend(url.map(|url| ("url".into(), url.into())));
            body.extend(reset.into_iter().map(|name| (name, Value::Null)));
            let (client, path) = one.path(None)?;
            let endpoint = client.patch(&path, &body.into()).await?;
            answer(one.remote.json, &endpoint, fields);
        }
        Endpoint::Delete(one) => delete(&one).await?,
        Endpoint::Enable(one) => one.post("enable", json!({})).await?,
        Endpoint::Disable { one, reason } => {
            one.post("disable", json!({"reason": reason})).await?;
        }
        Endpoint::Test(one) => one.post("test", json!({})).await?,
        Endpoint::RotateSecret {
            one,
            overlap_hours,
            secret,
        } => {
            let body = json!({"overlap_hours": overlap_hours, "secret": secret});
            one.post("rotate-secret", body).await?;
            note("Keep the secret now: it is not shown again.");
        }
    }
    Ok(())
}

impl One {
    fn path<'a>(&'a self, verb: Option<&'a str>) -> anyhow::Result<(Client, Vec<&'a str>)> {
        let mut path = vec!["partners", &self.partner, "endpoints", &self.id];
        path.extend(verb);
        Ok((self.remote.client()?, path))
    }

    async fn post(&self, verb: &str, body: Value) -> anyhow::Result<()> {
        let (client, path) = self.path(Some(verb))?;
        answer(self.remote.json, &client.post(&path, &body).await?, fields);
        Ok(())
    }
}

impl Settings {
    fn body(self) -> Map<String, Value> {
        let mut body = Map::new();
        if !self.event_types.is_empty() {
            body.insert("event_types".into(), self.event_types.into());
        }
        if !self.headers.is_empty() {
            let headers = self.headers.into_iter();
            let headers: Map<_, _> = headers.map(|(name, value)| (name, value.into())).collect();
            body.insert("headers".into(), headers.into());
        }
        body.extend(self.retry.map(|retry| ("retry".into(), retry.into())));
        let room = self.max_in_flight;
        body.extend(room.map(|room| ("max_in_flight".into(), room.into())));
        let rate = self.rate_per_second;
        body.extend(rate.map(|rate| ("rate_per_second".into(), rate.into())));
        body
    }
}

async fn create(partner: &str, body: &Value, remote: &Remote) -> anyhow::Result<()> {
    let path = ["partners", partner, "endpoints"];
    let created = remote.client()?.post(&path, body).await?;
    answer(remote.json, &created, fields);
    note("Keep the secret now: it is not shown again.");
    Ok(())
}

async fn delete(one: &One) -> anyhow::Result<()> {
    let (client, path) = one.path(None)?;
    client.delete(&path).await?;
    let done = json!({"id": one.id, "deleted": true});
    answer(one.remote.json, &done, |_| format!("{} is deleted", one.id));
    Ok(())
}

fn header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text
        .split_once(':')
        .ok_or("write a header as `Name: value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
