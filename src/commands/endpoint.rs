//! `buywire endpoint`: where partners receive events.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::client::{Client, Remote};
use super::delivery::with_attempts;
use super::print::{field, fields, note, print_document, table, text};
use crate::config::secret::{self, SecretError};

const COLUMNS: &[&str] = &[
    "id",
    "url",
    "event_types",
    "status",
    "status_reason",
    "circuit",
    "failing_since",
];
/// For all partners; failing endpoints come first.
const OVERVIEW_COLUMNS: &[&str] = &[
    "id",
    "partner",
    "status",
    "status_reason",
    "circuit",
    "failing_since",
    "url",
];
/// How often a waiting command polls.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// About as long as the longest attempt takes.
const POLLS_MAX: u32 = 200;

/// Endpoints of a partner.
#[derive(Subcommand)]
pub(crate) enum Endpoint {
    /// Create an endpoint. Prints its secret, which is not shown again.
    Create {
        /// Partner slug.
        partner: String,
        /// URL that receives the events. `-` reads it from standard input, for a URL with a password or token.
        url: String,
        #[command(flatten)]
        settings: Settings,
        #[command(flatten)]
        secret: OwnSecret,
        #[command(flatten)]
        remote: Remote,
    },
    /// List the endpoints of one or all partners, failing ones first.
    List {
        /// Partner slug. Default: all partners.
        partner: Option<String>,
        /// List only failing and disabled endpoints.
        #[arg(long)]
        failing: bool,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show an endpoint.
    Show(EndpointRef),
    /// Update an endpoint. Settings for which no option is given stay unchanged.
    Update {
        #[command(flatten)]
        one: EndpointRef,
        /// New URL. `-` reads it from standard input, for a URL with a password or token.
        #[arg(long)]
        url: Option<String>,
        #[command(flatten)]
        settings: Settings,
        /// Reset a setting to its default: event_types, headers, retry, max_in_flight, rate_per_second,
        /// test_orders, tls or proxy. Repeatable.
        #[arg(long, value_name = "SETTING")]
        reset: Vec<String>,
    },
    /// Delete an endpoint. Its pending deliveries become dead.
    Delete(EndpointRef),
    /// Enable an endpoint. Its waiting deliveries are sent at a rising rate.
    Enable(EndpointRef),
    /// Disable an endpoint. Its deliveries wait for at most 30 days, then they become dead.
    Disable {
        #[command(flatten)]
        one: EndpointRef,
        /// Reason, for the audit log.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Send a test event (a test order if the dialect has no such event), wait for the first attempt, show its result.
    Test {
        #[command(flatten)]
        one: EndpointRef,
        /// Do not wait for the attempt.
        #[arg(long)]
        no_wait: bool,
    },
    /// Create a new secret for an endpoint. Prints the secret, which is not shown again.
    RotateSecret {
        #[command(flatten)]
        one: EndpointRef,
        /// Hours for which the old secret also signs (0 to 168).
        #[arg(long, default_value_t = 24)]
        overlap_hours: u32,
        #[command(flatten)]
        secret: OwnSecret,
    },
}

/// An endpoint of a partner.
#[derive(Args)]
pub(crate) struct EndpointRef {
    /// Partner slug.
    partner: String,
    /// Endpoint id (`ep_…`).
    id: String,
    #[command(flatten)]
    remote: Remote,
}

/// The settings of an endpoint.
#[derive(Args)]
pub(crate) struct Settings {
    /// Event type to receive, such as `order.confirmed`, `order.*` or `*`. Repeatable. Default for a new endpoint:
    /// `order.*`.
    #[arg(long = "event-type", value_name = "PATTERN")]
    event_types: Vec<String>,
    /// File with extra request headers, one `Name: value` a line. Their values are secrets. `-` reads standard input. An
    /// update replaces all extra headers.
    #[arg(long, value_name = "FILE")]
    headers_file: Option<PathBuf>,
    /// Seconds between attempts, comma-separated, at most 20 delays. Default for a new endpoint: the gateway's
    /// schedule.
    #[arg(long, value_delimiter = ',', value_name = "SECONDS")]
    retry: Option<Vec<i64>>,
    /// Maximum concurrent attempts. Default for a new endpoint: 64.
    #[arg(long)]
    max_in_flight: Option<i64>,
    /// Maximum attempts per second. Default for a new endpoint: no limit.
    #[arg(long)]
    rate_per_second: Option<f64>,
    /// Events of test orders: include, only or exclude. Default for a new endpoint: include.
    #[arg(long, value_parser = ["include", "only", "exclude"], hide_possible_values = true)]
    test_orders: Option<String>,
    /// PEM file of the client certificate for this endpoint, followed by those that issued it.
    #[arg(long, value_name = "FILE")]
    client_certificate_file: Option<PathBuf>,
    /// PEM file of the client certificate's private key, unencrypted.
    #[arg(long, value_name = "FILE")]
    client_key_file: Option<PathBuf>,
    /// PEM file of CA certificates to trust beside the system's.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// File that holds the URL of the proxy to connect through, such as `https://name:password@proxy.example:3128`.
    #[arg(long, value_name = "FILE")]
    proxy_file: Option<PathBuf>,
}

/// A secret to use instead of a generated one.
#[derive(Args)]
pub(crate) struct OwnSecret {
    /// File with the secret to use instead of a generated one (`whsec_…`), or set BUYWIRE_ENDPOINT_SECRET. `-` reads
    /// standard input.
    #[arg(long, env = "BUYWIRE_ENDPOINT_SECRET_FILE", value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

impl OwnSecret {
    fn read(&self) -> Result<Option<String>, SecretError> {
        secret::read("BUYWIRE_ENDPOINT_SECRET", self.secret_file.as_deref())
    }
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the request.
pub(crate) async fn run(command: Endpoint) -> anyhow::Result<()> {
    match command {
        Endpoint::Create {
            partner,
            url,
            settings,
            secret,
            remote,
        } => {
            let mut body = settings.body()?;
            body.insert("url".into(), given_url(url)?.into());
            body.extend(
                secret
                    .read()?
                    .map(|secret| ("secret".into(), secret.into())),
            );
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
            let mut body = settings.body()?;
            let url = url.map(given_url).transpose()?;
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
            let body = json!({"overlap_hours": overlap_hours, "secret": secret.read()?});
            one.post("rotate-secret", body).await?;
            note("Save the secret now: it is not shown again.");
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
    fn body(self) -> anyhow::Result<Map<String, Value>> {
        let mut body = Map::new();
        let mut tls = Map::new();
        for (name, path) in [
            ("client_certificate", &self.client_certificate_file),
            ("client_key", &self.client_key_file),
            ("ca", &self.ca_file),
        ] {
            tls.extend(read(path)?.map(|text| (name.to_owned(), text.into())));
        }
        if !tls.is_empty() {
            body.insert("tls".into(), tls.into());
        }
        let proxy = read(&self.proxy_file)?;
        body.extend(proxy.map(|url| ("proxy".to_owned(), url.trim().into())));
        if !self.event_types.is_empty() {
            body.insert("event_types".into(), self.event_types.into());
        }
        if let Some(file) = &self.headers_file {
            let text = secret::read_file(file)?;
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let headers = lines.map(header).collect::<anyhow::Result<Map<_, _>>>()?;
            body.insert("headers".into(), headers.into());
        }
        body.extend(self.retry.map(|retry| ("retry".into(), retry.into())));
        let max_in_flight = self.max_in_flight;
        body.extend(max_in_flight.map(|limit| ("max_in_flight".into(), limit.into())));
        let rate = self.rate_per_second;
        body.extend(rate.map(|rate| ("rate_per_second".into(), rate.into())));
        let test_orders = self.test_orders;
        body.extend(test_orders.map(|setting| ("test_orders".into(), setting.into())));
        Ok(body)
    }
}

async fn create(partner: &str, body: &Value, remote: &Remote) -> anyhow::Result<()> {
    let path = ["partners", partner, "endpoints"];
    let created = remote.client()?.post(&path, body).await?;
    print_document(remote.json, &created, fields);
    note("Save the secret now: it is not shown again.");
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

/// Whether the endpoint is disabled, or its attempts fail.
fn fails(endpoint: &Value) -> bool {
    let is = |name, value: &str| field(endpoint, name).as_str() == Some(value);
    !is("status", "enabled")
        || !is("circuit", "closed")
        || !field(endpoint, "failing_since").is_null()
}

/// Reports the first attempt; retries follow the schedule.
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
            "{delivery} has no attempt yet; it is waiting for: {}",
            text(field(&shown, "waiting_for"))
        ),
        _ => bail!("the test failed: {}", text(field(&shown, "last_error"))),
    }
}

async fn delete(one: &EndpointRef) -> anyhow::Result<()> {
    let (client, path) = one.path(None)?;
    client.delete(&path).await?;
    let done = json!({"id": one.id, "deleted": true});
    print_document(one.remote.json, &done, |_| format!("{} deleted", one.id));
    Ok(())
}

fn read(path: &Option<PathBuf>) -> anyhow::Result<Option<String>> {
    path.as_deref().map(secret::read_file).transpose()
}

/// The URL, or that on standard input.
fn given_url(url: String) -> anyhow::Result<String> {
    match url.as_str() {
        "-" => Ok(secret::read_file(Path::new("-"))?.trim().to_owned()),
        _ => Ok(url),
    }
}

fn header(line: &str) -> anyhow::Result<(String, Value)> {
    let parts = line.split_once(':');
    let (name, value) = parts.context("--headers-file: expected lines such as `Name: value`")?;
    Ok((name.trim().to_owned(), value.trim().into()))
}
