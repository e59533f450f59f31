//! The settings of payments, and what they mean together.
//!
//! Promises: keys are in no message and in no `Debug`; a live key never meets a test processor.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use buywire_adapters::signing::inbound::{CallbackVerifier, InboundScheme};
use clap::Args;
use url::{Host, Url};
use zeroize::Zeroizing;

/// Room for keys of any kind, and a bound for what goes into a header.
const KEY_BYTES_MAX: usize = 255;

/// As they are given.
#[derive(Args, Clone)]
pub struct PaymentSettings {
    /// Payment processors, comma-separated: stripe, manual (invoices), sandbox. Default: none.
    #[arg(
        long,
        env = "BUYWIRE_PAYMENTS",
        default_value = "",
        hide_default_value = true
    )]
    pub payments: String,
    /// File with Stripe's secret or restricted key, or set BUYWIRE_STRIPE_KEY: `sk_live_…`, `rk_live_…`, or with `test`.
    /// Required with `stripe` and `sandbox`.
    #[arg(long, env = "BUYWIRE_STRIPE_KEY_FILE", value_name = "FILE")]
    pub stripe_key_file: Option<PathBuf>,
    #[arg(skip)]
    pub stripe_key: Option<String>,
    /// File with the secret of Stripe's webhook endpoint, or set BUYWIRE_STRIPE_WEBHOOK_SECRET: `whsec_…`,
    /// comma-separated during a rotation. Required with `stripe` and `sandbox`.
    #[arg(long, env = "BUYWIRE_STRIPE_WEBHOOK_SECRET_FILE", value_name = "FILE")]
    pub stripe_webhook_secret_file: Option<PathBuf>,
    #[arg(skip)]
    pub stripe_webhook_secret: Vec<String>,
    /// Base URL of Stripe's API: https, or http on this machine for the sandbox processor.
    #[arg(
        long,
        env = "BUYWIRE_STRIPE_URL",
        default_value = "https://api.stripe.com"
    )]
    pub stripe_url: String,
}

/// Where Stripe serves its API, and where the pages of its sessions are.
pub(super) const STRIPE_HOST: &str = "api.stripe.com";
pub(super) const STRIPE_PAGES_HOST: &str = "checkout.stripe.com";

/// A processor that an operator can enable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Processor {
    Stripe,
    Manual,
    /// The sandbox processor: Stripe's client, without money.
    Sandbox,
}

impl Processor {
    pub const ALL: [Self; 3] = [Self::Stripe, Self::Manual, Self::Sandbox];

    /// Its name in settings, routes and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Manual => "manual",
            Self::Sandbox => "sandbox",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == text)
    }
}

/// The settings, checked.
#[derive(Debug, Clone)]
pub struct ProcessorSettings {
    pub stripe: Option<StripeSettings>,
    pub is_manual_enabled: bool,
}

/// What Stripe's client is opened with.
#[derive(Clone)]
pub struct StripeSettings {
    /// `Stripe` or `Sandbox`.
    pub processor: Processor,
    /// Without a path.
    pub url: Url,
    /// Whether the URL is on this machine.
    pub is_loopback: bool,
    pub key: Zeroizing<String>,
    pub webhook_secrets: Vec<Zeroizing<String>>,
}

/// Why the settings cannot be used. Never quotes a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentSettingsError {
    #[error("BUYWIRE_PAYMENTS: `{0}` is not a payment processor: expected stripe, manual, sandbox")]
    UnknownProcessor(String),
    #[error("BUYWIRE_PAYMENTS: stripe and sandbox share their settings: enable one of them")]
    StripeAndSandbox,
    #[error("{0} must be set: BUYWIRE_PAYMENTS enables {1}")]
    Missing(&'static str, &'static str),
    #[error(
        "BUYWIRE_STRIPE_KEY must begin with sk_live_, rk_live_, sk_test_ or rk_test_, and have visible ASCII \
         characters only"
    )]
    Key,
    #[error(
        "BUYWIRE_STRIPE_WEBHOOK_SECRET must have at least 16 characters: Stripe shows it as whsec_… beside the endpoint"
    )]
    WebhookSecret,
    #[error(
        "BUYWIRE_STRIPE_URL must be https, or http on this machine, without path, query or user name, such as \
         https://api.stripe.com or http://127.0.0.1:12111"
    )]
    Url,
    #[error(
        "BUYWIRE_STRIPE_KEY is a live key, and BUYWIRE_STRIPE_URL is on this machine: use a test key"
    )]
    LiveKeyOnLoopback,
    #[error(
        "BUYWIRE_PAYMENTS enables sandbox: BUYWIRE_STRIPE_URL must be on this machine, such as http://127.0.0.1:12111"
    )]
    SandboxElsewhere,
    #[error("BUYWIRE_PAYMENTS enables sandbox: BUYWIRE_STRIPE_KEY must begin with sk_test_")]
    SandboxKey,
}

impl PaymentSettings {
    /// Checks them together.
    ///
    /// # Errors
    /// The first setting that cannot be used, by name.
    pub fn read(&self) -> Result<ProcessorSettings, PaymentSettingsError> {
        let names = self.payments.split(',').map(str::trim);
        let enabled = names.filter(|name| !name.is_empty()).map(|name| {
            let unknown = || PaymentSettingsError::UnknownProcessor(name.to_owned());
            Processor::parse(name).ok_or_else(unknown)
        });
        let enabled = enabled.collect::<Result<Vec<_>, _>>()?;
        let has = |processor| enabled.contains(&processor);
        let stripe = match (has(Processor::Stripe), has(Processor::Sandbox)) {
            (true, true) => return Err(PaymentSettingsError::StripeAndSandbox),
            (true, false) => Some(self.read_stripe(Processor::Stripe)?),
            (false, true) => Some(self.read_stripe(Processor::Sandbox)?),
            (false, false) => None,
        };
        Ok(ProcessorSettings {
            stripe,
            is_manual_enabled: has(Processor::Manual),
        })
    }

    fn read_stripe(&self, processor: Processor) -> Result<StripeSettings, PaymentSettingsError> {
        let missing = |setting| PaymentSettingsError::Missing(setting, processor.name());
        let key = self.stripe_key.as_deref().map(str::trim);
        let key = key.ok_or_else(|| missing("BUYWIRE_STRIPE_KEY"))?;
        let is_live = is_live_key(key).ok_or(PaymentSettingsError::Key)?;
        let secrets = self
            .stripe_webhook_secret
            .iter()
            .map(|secret| secret.trim());
        let secrets = secrets.filter(|secret| !secret.is_empty());
        let webhook_secrets: Vec<_> = secrets
            .map(|text| Zeroizing::new(text.to_owned()))
            .collect();
        if webhook_secrets.is_empty() {
            return Err(missing("BUYWIRE_STRIPE_WEBHOOK_SECRET"));
        }
        let texts: Vec<_> = webhook_secrets.iter().map(|text| text.as_str()).collect();
        if CallbackVerifier::new(InboundScheme::STRIPE, &texts, &[]).is_err() {
            return Err(PaymentSettingsError::WebhookSecret);
        }
        let (url, is_loopback) = base_url(&self.stripe_url).ok_or(PaymentSettingsError::Url)?;
        match processor {
            Processor::Sandbox if !is_loopback => {
                return Err(PaymentSettingsError::SandboxElsewhere);
            }
            Processor::Sandbox if !key.starts_with("sk_test_") => {
                return Err(PaymentSettingsError::SandboxKey);
            }
            _ if is_live && is_loopback => return Err(PaymentSettingsError::LiveKeyOnLoopback),
            _ => {}
        }
        Ok(StripeSettings {
            processor,
            url,
            is_loopback,
            key: Zeroizing::new(key.to_owned()),
            webhook_secrets,
        })
    }
}

impl ProcessorSettings {
    /// One line for an operator: what is enabled, and with which kind of key.
    #[must_use]
    pub fn summary(&self) -> String {
        let stripe = self.stripe.as_ref().map(|stripe| {
            let kind = match is_live_key(&stripe.key) {
                Some(true) => "live",
                _ => "test",
            };
            let host = stripe.url.host_str().unwrap_or_default();
            format!("{} ({kind} key, {host})", stripe.processor.name())
        });
        let manual = self.is_manual_enabled.then(|| "manual".to_owned());
        let enabled: Vec<_> = stripe.into_iter().chain(manual).collect();
        match enabled.is_empty() {
            true => "none enabled".to_owned(),
            false => format!("enabled: {}", enabled.join(", ")),
        }
    }
}

impl StripeSettings {
    /// The origins of the pages that a buyer may be sent to, for the policy of the page that sends him.
    pub(super) fn page_origins(&self) -> Vec<String> {
        let hosts = match self.url.host_str() {
            Some(STRIPE_HOST) => vec![STRIPE_PAGES_HOST],
            Some(_) if self.is_loopback => vec!["127.0.0.1", "localhost"],
            other => other.into_iter().collect(),
        };
        let port = self.url.port();
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        let origin = |host| format!("{}://{host}{port}", self.url.scheme());
        hosts.into_iter().map(origin).collect()
    }
}

impl fmt::Debug for StripeSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeSettings")
            .field("processor", &self.processor)
            .field("host", &self.url.host_str())
            .finish_non_exhaustive()
    }
}

/// `None`: not a key.
fn is_live_key(key: &str) -> Option<bool> {
    let is_header = key.len() <= KEY_BYTES_MAX && key.bytes().all(|byte| byte.is_ascii_graphic());
    let begins = |prefixes: [&str; 2]| prefixes.iter().any(|prefix| key.starts_with(prefix));
    match (
        begins(["sk_live_", "rk_live_"]),
        begins(["sk_test_", "rk_test_"]),
    ) {
        (true, _) if is_header => Some(true),
        (_, true) if is_header => Some(false),
        _ => None,
    }
}

/// The URL, and whether it is on this machine.
fn base_url(text: &str) -> Option<(Url, bool)> {
    let url = Url::parse(text.trim()).ok()?;
    let is_open = url.username().is_empty() && url.password().is_none();
    let is_base = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_loopback = is_loopback(&url);
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    (is_open && is_base && is_safe).then_some((url, is_loopback))
}

/// By an address, or the one name that never leaves this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests;
