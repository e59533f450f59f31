//! `buywire endpoint`: where a partner is told.

use std::time::Duration;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::client::{Client, Remote};
use super::delivery::with_attempts;
use super::print::{field, fields, note, print_document, table, text};

const COLUMNS: &[&str] = &[
    "id",
    "url",
    "event_types",
    "status",
    "status_reason",
    "circuit",
    "failing_since",
];
/// Over all partners, those that fail first.
const OVERVIEW_COLUMNS: &[&str] = &[
    "id",
    "partner",
    "status",
    "status_reason",
    "circuit",
    "failing_since",
    "url",
];
/// How often a waiting command asks.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// So often, about the longest that one attempt takes.
const POLLS_MAX: u32 = 200;

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
    /// List a partner's endpoints, or those of all partners, the failing ones first.
    List {
        /// The partner; all when absent.
        partner: Option<String>,
        /// Only those that fail or are disabled.
        #[arg(long)]
        failing: bool,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show one endpoint.
    Show(EndpointRef),
    /// Change an endpoint; what is not named stays.
    Update {
        #[command(flatten)]
        one: EndpointRef,
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
    Delete(EndpointRef),
    /// Send to it again.
    Enable(EndpointRef),
    /// Send nothing to it; its deliveries wait.
    Disable {
        #[command(flatten)]
        one: EndpointRef,
        /// Why, for the audit.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Send it a test event, wait for the first attempt, and show how it went.
    Test {
        #[command(flatten)]
        one: EndpointRef,
        /// Send, and do not wait.
        #[arg(long)]
        no_wait: bool,
    },
    /// Give it a new secret, which is shown this once.
    RotateSecret {
        #[command(flatten)]
        one: EndpointRef,
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
pub struct EndpointRef {
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
        Endpoint::List {
            partner,
            failing,
            remote,
        } => list(partner.as_deref(), failing, &remote).await?,
        Endpoint::Show(one) => {
            let (client, path) = one.path(None)?;
            print_document(one.remote.json, &client.get(&path).await?, fields);
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
            print_document(one.remote.json, &endpoint, fields);
        }
        Endpoint::Delete(one) => delete(&one).await?,
        Endpoint::Enable(one) => one.post("enable", json!({})).await?,
        Endpoint::Disable { one, reason } => {
            one.post("disable", json!({"reason": reason})).await?;
        }
        Endpoint::Test { one, no_wait: true } => one.post("test", json!({})).await?,
        Endpoint::Test { one, .. } => test(&one).await?,
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

impl EndpointRef {
    fn path<'a>(&'a self, verb: Option<&'a str>) -> anyhow::Result<(Client, Vec<&'a str>)> {
        let mut path = vec!["partners", &self.partner, "endpoints", &self.id];
        path.extend(verb);
        Ok((self.remote.client()?, path))
    }

    async fn post(&self, verb: &str, body: Value) -> anyhow::Result<()> {
        let (client, path) = self.path(Some(verb))?;
        print_document(self.remote.json, &client.post(&path, &body).await?, fields);
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
        let max_in_flight = self.max_in_flight;
        body.extend(max_in_flight.map(|limit| ("max_in_flight".into(), limit.into())));
        let rate = self.rate_per_second;
        body.extend(rate.map(|rate| ("rate_per_second".into(), rate.into())));
        body
    }
}

async fn create(partner: &str, body: &Value, remote: &Remote) -> anyhow::Result<()> {
    let path = ["partners", partner, "endpoints"];
    let created = remote.client()?.post(&path, body).await?;
    print_document(remote.json, &created, fields);
    note("Keep the secret now: it is not shown again.");
    Ok(())
}

async fn list(partner: Option<&str>, failing: bool, remote: &Remote) -> anyhow::Result<()> {
    let client = remote.client()?;
    let mut found = Vec::new();
    let columns = match partner {
        Some(slug) => {
            found.extend(endpoints(&client, slug).await?);
            COLUMNS
        }
        None => {
            let partners = client.list(&["partners"], &[]).await?;
            for one in field(&partners, "data").as_array().into_iter().flatten() {
                found.extend(endpoints(&client, &text(field(one, "slug"))).await?);
            }
            found.sort_by_key(|one| !fails(one));
            OVERVIEW_COLUMNS
        }
    };
    found.retain(|one| !failing || fails(one));
    print_document(remote.json, &json!({"data": found}), |list| {
        table(list, columns)
    });
    Ok(())
}

async fn endpoints(client: &Client, partner: &str) -> anyhow::Result<Vec<Value>> {
    let mut list = client.get(&["partners", partner, "endpoints"]).await?;
    let found = list.get_mut("data").map(Value::take);
    Ok(match found {
        Some(Value::Array(found)) => found,
        _ => Vec::new(),
    })
}

/// Whether it is off, or has not accepted anything for a while.
fn fails(endpoint: &Value) -> bool {
    let is = |name, value: &str| field(endpoint, name).as_str() == Some(value);
    !is("status", "enabled")
        || !is("circuit", "closed")
        || !field(endpoint, "failing_since").is_null()
}

/// The first attempt decides: later ones are the schedule's.
async fn test(one: &EndpointRef) -> anyhow::Result<()> {
    let (client, path) = one.path(Some("test"))?;
    let sent = client.post(&path, &json!({})).await?;
    let delivery = text(field(&sent, "delivery"));
    let mut shown = Value::Null;
    for _ in 0..POLLS_MAX {
        shown = client.get(&["deliveries", &delivery]).await?;
        if field(&shown, "attempts")
            .as_array()
            .is_some_and(|all| !all.is_empty())
        {
            break;
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    print_document(one.remote.json, &shown, with_attempts);
    match text(field(&shown, "status")).as_str() {
        "delivered" => Ok(()),
        _ if field(&shown, "attempt_count").as_i64() == Some(0) => bail!(
            "{delivery} was not tried yet; it waits for: {}",
            text(field(&shown, "waiting_for"))
        ),
        _ => bail!("the test failed: {}", text(field(&shown, "last_error"))),
    }
}

async fn delete(one: &EndpointRef) -> anyhow::Result<()> {
    let (client, path) = one.path(None)?;
    client.delete(&path).await?;
    let done = json!({"id": one.id, "deleted": true});
    print_document(one.remote.json, &done, |_| format!("{} is deleted", one.id));
    Ok(())
}

fn header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text
        .split_once(':')
        .ok_or("write a header as `Name: value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
