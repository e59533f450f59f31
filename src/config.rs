//! Settings: each is a flag and a `BUYWIRE_…` variable, with its default, unit and effect. A secret is a variable, or a
//! file that a flag or the variable `…_FILE` names.
//!
//! Promises: an invalid setting stops the start with a sentence that names it; no secret is an argument, or in `--help`.

pub(crate) mod secret;
mod values;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;
use sha2::{Digest, Sha256};

use self::secret::SecretError;
use self::values::{listen, name, public_url, range, requests, seconds};
use crate::delivery::schedule::RetrySchedule;
use crate::delivery::sender::Timeouts;
use crate::egress::ConnectionSettings;
use crate::mail::MailSettings;
use crate::payments::PaymentSettings;

/// The settings of `buywire serve`.
#[derive(Args, Clone)]
pub struct Settings {
    /// Address to listen on: `127.0.0.1:8080`, `localhost:8080`, or a port alone (`8080`) for this machine only.
    #[arg(long, env = "BUYWIRE_LISTEN", default_value = "127.0.0.1:8080", value_parser = listen)]
    pub listen: SocketAddr,
    /// File with the URL of the PostgreSQL to use, or set DATABASE_URL. Default: a private PostgreSQL in the data
    /// directory.
    #[arg(long, env = "DATABASE_URL_FILE", value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,
    #[arg(skip)]
    pub database_url: Option<String>,
    /// Data directory: the private PostgreSQL and the generated keys.
    #[arg(long, env = "BUYWIRE_DATA_DIR", default_value = "./.buywire")]
    pub data_dir: PathBuf,
    /// File with the operator key, or set BUYWIRE_OPERATOR_KEY: at least 32 characters, starting with `bw_`. Default:
    /// generated, unless DATABASE_URL is set.
    #[arg(long, env = "BUYWIRE_OPERATOR_KEY_FILE", value_name = "FILE")]
    pub operator_key_file: Option<PathBuf>,
    #[arg(skip)]
    pub operator_key: Option<String>,
    /// File with the platform key, or set BUYWIRE_PLATFORM_KEY: at least 32 characters, starting with `bw_`. Default:
    /// generated, unless DATABASE_URL is set.
    #[arg(long, env = "BUYWIRE_PLATFORM_KEY_FILE", value_name = "FILE")]
    pub platform_key_file: Option<PathBuf>,
    #[arg(skip)]
    pub platform_key: Option<String>,
    /// File with the key that encrypts secrets at rest, or set BUYWIRE_MASTER_KEY: 32 bytes in base64. Default:
    /// generated; required if DATABASE_URL is set.
    #[arg(long, env = "BUYWIRE_MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
    #[arg(skip)]
    pub master_key: Option<String>,
    /// File with previous master keys, comma-separated, or set BUYWIRE_MASTER_KEY_PREVIOUS. They decrypt the values that
    /// they encrypted.
    #[arg(long, env = "BUYWIRE_MASTER_KEY_PREVIOUS_FILE", value_name = "FILE")]
    pub master_key_previous_file: Option<PathBuf>,
    #[arg(skip)]
    pub master_key_previous: Vec<String>,
    /// Private address ranges (CIDR) that deliveries may reach, comma-separated: 10.0.0.0/8,127.0.0.0/8.
    /// Applies only to URLs that an operator saved. Default: none.
    #[arg(
        long,
        env = "BUYWIRE_ALLOW_PRIVATE",
        default_value = "",
        hide_default_value = true
    )]
    pub allow_private: String,
    /// Seconds between attempts, comma-separated. N delays give N + 1 attempts.
    /// Default: 5,300,1800,7200,18000,36000,50400,72000,86400.
    #[arg(long, env = "BUYWIRE_RETRY_SCHEDULE")]
    pub retry_schedule: Option<RetrySchedule>,
    /// Name of this gateway in the console, such as `production` or `staging EU` (at most 40 characters). Production is
    /// marked in red.
    #[arg(long, env = "BUYWIRE_NAME", default_value = "", hide_default_value = true, value_parser = name)]
    pub name: String,
    /// Base URL for absolute links, without a query. Partners must be able to reach it. Default: the listen address.
    #[arg(long, env = "BUYWIRE_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Address ranges (CIDR) that may read /metrics without a key, comma-separated. Default: none.
    #[arg(long, env = "BUYWIRE_METRICS_ALLOW", value_delimiter = ',', value_parser = range)]
    pub metrics_allow: Vec<IpNet>,
    /// Which main images of products to check. With `private`, partners' feeds can make the gateway request any
    /// address in BUYWIRE_ALLOW_PRIVATE.
    #[arg(long, env = "BUYWIRE_CHECK_IMAGES", default_value = "on")]
    pub check_images: CheckImages,
    /// Timeout for DNS, connect and TLS, in seconds (0.1 to 300).
    #[arg(long, env = "BUYWIRE_CONNECT_TIMEOUT", default_value = "5", value_parser = seconds)]
    pub connect_timeout: Duration,
    /// Timeout for a whole attempt, in seconds (0.1 to 300).
    #[arg(long, env = "BUYWIRE_ATTEMPT_TIMEOUT", default_value = "20", value_parser = seconds)]
    pub attempt_timeout: Duration,
    /// Requests per second that a key may send, unless it has a limit of its own (1 to 1000000). New orders do not count.
    #[arg(long, env = "BUYWIRE_KEY_RATE", default_value = "500", value_parser = requests)]
    pub key_rate: u32,
    /// Requests that a key may send at once before its rate counts (1 to 1000000). Default: five seconds' worth.
    #[arg(long, env = "BUYWIRE_KEY_BURST", value_parser = requests)]
    pub key_burst: Option<u32>,
    #[command(flatten)]
    pub connections: ConnectionSettings,
    #[command(flatten)]
    pub payments: PaymentSettings,
    #[command(flatten)]
    pub mail: MailSettings,
    /// Log format. Logs go to standard error. RUST_LOG filters them; default: `info`.
    #[arg(long, env = "BUYWIRE_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// Stop when standard input, a pipe, is closed: for programs that must not leave a gateway behind.
    #[arg(long, hide = true)]
    pub stop_with_stdin: bool,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One line per event, for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Whether images are checked, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CheckImages {
    /// Images at public addresses.
    On,
    /// Also images at addresses in BUYWIRE_ALLOW_PRIVATE.
    Private,
    /// None.
    Off,
}

impl Settings {
    /// Reads the secrets, each from its variable or its file.
    ///
    /// # Errors
    /// The first one that cannot be used.
    pub(crate) fn read_secrets(&mut self) -> Result<(), SecretError> {
        let (payments, mail) = (&mut self.payments, &mut self.mail);
        let connections = &mut self.connections;
        for (variable, file, secret) in [
            (
                "DATABASE_URL",
                &self.database_url_file,
                &mut self.database_url,
            ),
            (
                "BUYWIRE_OPERATOR_KEY",
                &self.operator_key_file,
                &mut self.operator_key,
            ),
            (
                "BUYWIRE_PLATFORM_KEY",
                &self.platform_key_file,
                &mut self.platform_key,
            ),
            (
                "BUYWIRE_MASTER_KEY",
                &self.master_key_file,
                &mut self.master_key,
            ),
            (
                "BUYWIRE_STRIPE_KEY",
                &payments.stripe_key_file,
                &mut payments.stripe_key,
            ),
            ("BUYWIRE_SMTP_URL", &mail.smtp_url_file, &mut mail.smtp_url),
            (
                "BUYWIRE_PROXY",
                &connections.proxy_file,
                &mut connections.proxy,
            ),
        ] {
            *secret = secret::read(variable, file.as_deref())?;
        }
        for (variable, file, secrets) in [
            (
                "BUYWIRE_MASTER_KEY_PREVIOUS",
                &self.master_key_previous_file,
                &mut self.master_key_previous,
            ),
            (
                "BUYWIRE_STRIPE_WEBHOOK_SECRET",
                &payments.stripe_webhook_secret_file,
                &mut payments.stripe_webhook_secret,
            ),
        ] {
            *secrets = secret::read_list(variable, file.as_deref())?;
        }
        Ok(())
    }

    /// The settings that all nodes of a database should share, by name. Of keys only a digest, enough to see
    /// whether two nodes have the same.
    pub fn shared(&self) -> BTreeMap<&'static str, String> {
        let digest = |key: &Option<String>| key.as_ref().map(|key| digest_of(key));
        let payments = &self.payments;
        let secrets = payments.stripe_webhook_secret.iter();
        let mut webhook_secrets: Vec<_> = secrets.map(|secret| digest_of(secret)).collect();
        webhook_secrets.sort_unstable();
        let seconds = |time: Duration| time.as_secs_f64().to_string();
        let mut ranges: Vec<_> = self.metrics_allow.iter().map(ToString::to_string).collect();
        ranges.sort();
        [
            ("BUYWIRE_OPERATOR_KEY", digest(&self.operator_key)),
            ("BUYWIRE_PLATFORM_KEY", digest(&self.platform_key)),
            ("BUYWIRE_ALLOW_PRIVATE", Some(sorted(&self.allow_private))),
            (
                "BUYWIRE_RETRY_SCHEDULE",
                Some(format!(
                    "{:?}",
                    self.retry_schedule.clone().unwrap_or_default()
                )),
            ),
            ("BUYWIRE_PUBLIC_URL", self.public_url.clone()),
            ("BUYWIRE_METRICS_ALLOW", Some(ranges.join(","))),
            (
                "BUYWIRE_CHECK_IMAGES",
                Some(format!("{:?}", self.check_images)),
            ),
            (
                "BUYWIRE_CONNECT_TIMEOUT",
                Some(seconds(self.connect_timeout)),
            ),
            (
                "BUYWIRE_ATTEMPT_TIMEOUT",
                Some(seconds(self.attempt_timeout)),
            ),
            ("BUYWIRE_KEY_RATE", Some(self.key_rate.to_string())),
            (
                "BUYWIRE_KEY_BURST",
                self.key_burst.map(|burst| burst.to_string()),
            ),
            ("BUYWIRE_PROXY", digest(&self.connections.proxy)),
            ("BUYWIRE_PAYMENTS", Some(sorted(&payments.payments))),
            ("BUYWIRE_STRIPE_KEY", digest(&payments.stripe_key)),
            (
                "BUYWIRE_STRIPE_WEBHOOK_SECRET",
                Some(webhook_secrets.join(",")),
            ),
            ("BUYWIRE_STRIPE_URL", Some(payments.stripe_url.clone())),
            ("BUYWIRE_SMTP_URL", digest(&self.mail.smtp_url)),
            ("BUYWIRE_MAIL_FROM", self.mail.mail_from.clone()),
        ]
        .map(|(name, value)| (name, value.unwrap_or_default()))
        .into()
    }

    /// How long an attempt may take.
    pub fn timeouts(&self) -> Timeouts {
        Timeouts {
            connect: self.connect_timeout,
            total: self.attempt_timeout,
        }
    }
}

/// Enough of a hash to tell keys apart; a key of 32 characters cannot be derived from it.
fn digest_of(key: &str) -> String {
    let hash = Sha256::digest(key.trim().as_bytes());
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn sorted(list: &str) -> String {
    let mut parts: Vec<_> = list.split(',').map(str::trim).collect();
    parts.sort_unstable();
    parts.join(",")
}
