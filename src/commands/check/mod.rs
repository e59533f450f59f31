//! `buywire check`: the problems `serve` would hit. Changes nothing; an existing private PostgreSQL is started
//! and stopped again, a new one is not created.

mod database;

use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;

use crate::ambient;
use crate::boot::listen;
use crate::cli;
use crate::config::Settings;
use crate::descriptors::{self, Shares};
use crate::egress::{EgressPolicy, Reach};
use crate::output;
use crate::secrets::api_key::ApiKey;
use crate::secrets::master_key::MasterKeys;

/// Where clouds serve the credentials of their machines.
const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

/// Fewer descriptors are not enough for the database, deliveries and callers together.
const DESCRIPTORS_MIN: u64 = 256;
/// More descriptors bring nothing.
const DESCRIPTORS_RECOMMENDED: u64 = 65_536;

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    settings: Settings,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    detail: String,
}

/// Run all checks, also after one has failed.
///
/// # Errors
/// When a check failed; all findings have been printed by then.
pub(crate) async fn run(mut options: Options) -> anyhow::Result<()> {
    options.settings.read_secrets()?;
    let settings = &options.settings;
    let mut findings = vec![
        finding("deliveries to private ranges", ranges(settings)),
        finding("outgoing connections", connections(settings)),
        finding("keys", keys(settings)),
        finding("master key", master_key(settings)),
        finding("payments", payments(settings)),
        finding("mail", mail(settings)),
        finding("listen address", address(settings)),
        finding("file descriptors", descriptors()),
    ];
    findings.extend(database::all(settings).await);
    if options.json {
        output::line(serde_json::to_string_pretty(&findings)?);
    } else {
        for Finding { check, ok, detail } in &findings {
            output::line(format_args!(
                "{} {check}: {detail}",
                if *ok { "ok  " } else { "FAIL" }
            ));
        }
    }
    match findings.iter().filter(|finding| !finding.ok).count() {
        0 => Ok(()),
        wrong => bail!("{wrong} of {} checks failed", findings.len()),
    }
}

fn finding(check: &'static str, result: anyhow::Result<String>) -> Finding {
    let ok = result.is_ok();
    let detail = result.unwrap_or_else(|error| cli::error_chain(&error));
    Finding { check, ok, detail }
}

fn ranges(settings: &Settings) -> anyhow::Result<String> {
    let policy = EgressPolicy::parse(&settings.allow_private).context("BUYWIRE_ALLOW_PRIVATE")?;
    if policy.allows(Reach::PublicOrAllowed, METADATA) {
        bail!(
            "BUYWIRE_ALLOW_PRIVATE includes {METADATA}, where clouds serve credentials. Exclude it"
        );
    }
    Ok(match settings.allow_private.is_empty() {
        true => "none allowed".to_owned(),
        false => format!("allowed: {}", settings.allow_private),
    })
}

fn connections(settings: &Settings) -> anyhow::Result<String> {
    Ok(settings.connections.read(ambient::now())?.summary())
}

fn keys(settings: &Settings) -> anyhow::Result<String> {
    let given = [
        ("BUYWIRE_OPERATOR_KEY", &settings.operator_key),
        ("BUYWIRE_PLATFORM_KEY", &settings.platform_key),
    ];
    let mut names = Vec::new();
    for (name, key) in given {
        if let Some(key) = key {
            ApiKey::parse(key).context(name)?;
            names.push(name);
        }
    }
    Ok(match (names.is_empty(), settings.database_url.is_some()) {
        (false, _) => format!("given: {}", names.join(", ")),
        (true, true) => "none given: only keys stored in the database work".to_owned(),
        (true, false) => "none given: generated in the data directory".to_owned(),
    })
}

fn master_key(settings: &Settings) -> anyhow::Result<String> {
    let previous: Vec<_> = settings
        .master_key_previous
        .iter()
        .map(String::as_str)
        .collect();
    match &settings.master_key {
        Some(key) => {
            MasterKeys::new(key, &previous).context("BUYWIRE_MASTER_KEY")?;
            Ok(format!("given, with {} previous", previous.len()))
        }
        None if settings.database_url.is_some() => {
            bail!("BUYWIRE_MASTER_KEY must be set with DATABASE_URL, the same on every node")
        }
        None => Ok("generated in the data directory".to_owned()),
    }
}

fn payments(settings: &Settings) -> anyhow::Result<String> {
    Ok(settings.payments.read()?.summary())
}

fn mail(settings: &Settings) -> anyhow::Result<String> {
    let mail = settings.mail.read()?;
    Ok(mail.map_or_else(|| "none is sent".to_owned(), |mail| mail.summary()))
}

fn address(settings: &Settings) -> anyhow::Result<String> {
    listen(settings.listen)?;
    Ok(format!("{} is free", settings.listen))
}

fn descriptors() -> anyhow::Result<String> {
    let Shares {
        limit,
        deliveries,
        connections,
    } = descriptors::raise();
    if limit < DESCRIPTORS_MIN {
        bail!(
            "the limit is {limit}. Raise it to at least {DESCRIPTORS_MIN} (`ulimit -n`, LimitNOFILE in systemd, --ulimit nofile in containers)"
        );
    }
    let hint = match limit < DESCRIPTORS_RECOMMENDED {
        true => "; for high load raise it to 65536 (`ulimit -Hn`, LimitNOFILE)",
        false => "",
    };
    Ok(format!(
        "{limit}, the hard limit: up to {deliveries} concurrent deliveries and {connections} client connections{hint}"
    ))
}
