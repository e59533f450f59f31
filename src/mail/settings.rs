//! The settings of mail, and what they mean together.
//!
//! Promises: user name and password are in no message and in no `Debug`; without TLS a mail never leaves this machine.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use percent_encoding::percent_decode_str;
use url::{Host, Url};
use zeroize::Zeroizing;

use super::address::Mailbox;

/// The submission port with TLS from the start (RFC 8314).
const SMTPS_PORT: u16 = 465;
/// The submission port, where STARTTLS is the custom.
const SUBMISSION_PORT: u16 = 587;
/// A server on this machine.
const SMTP_PORT: u16 = 25;

/// As they are given.
#[derive(Args, Clone)]
pub struct MailSettings {
    /// File with the mail server for mail to buyers, or set BUYWIRE_SMTP_URL: `smtps://user:password@host`,
    /// `smtp://user:password@host?tls=required` for STARTTLS, or `smtp://localhost` without TLS on this machine only.
    /// Default: none, no mail is sent.
    #[arg(long, env = "BUYWIRE_SMTP_URL_FILE", value_name = "FILE")]
    pub smtp_url_file: Option<PathBuf>,
    #[arg(skip)]
    pub smtp_url: Option<String>,
    /// Sender of mail to buyers, such as `Buywire <orders@example.com>`. Required with BUYWIRE_SMTP_URL.
    #[arg(long, env = "BUYWIRE_MAIL_FROM")]
    pub mail_from: Option<String>,
}

/// The settings, checked.
#[derive(Clone)]
pub struct SmtpSettings {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) transport: MailTransport,
    pub(super) credentials: Option<(String, Zeroizing<String>)>,
    pub(super) from: Mailbox,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTransport {
    /// TLS from the start.
    Tls,
    /// STARTTLS; without it nothing is sent.
    StartTls,
    /// None: the server is on this machine.
    Loopback,
}

/// Why the settings cannot be used. Never quotes the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailSettingsError {
    #[error(
        "BUYWIRE_SMTP_URL must be smtps://host[:465], smtp://host[:587]?tls=required, or smtp:// on this machine such \
         as smtp://localhost:25, without path; characters such as @ in user name and password are percent-encoded"
    )]
    Url,
    #[error(
        "BUYWIRE_SMTP_URL must have a user name and a password, or neither: smtps://user:password@host"
    )]
    Credentials,
    #[error(
        "BUYWIRE_SMTP_URL would send mail without encryption to another machine: use smtps://, or smtp:// with \
         ?tls=required"
    )]
    NotEncrypted,
    #[error(
        "BUYWIRE_MAIL_FROM must be set with BUYWIRE_SMTP_URL, such as Buywire <orders@example.com>"
    )]
    SenderMissing,
    #[error(
        "BUYWIRE_SMTP_URL must be set with BUYWIRE_MAIL_FROM, such as smtps://user:password@host"
    )]
    UrlMissing,
    #[error("BUYWIRE_MAIL_FROM must be an e-mail address, such as Buywire <orders@example.com>")]
    Sender,
    #[error("the TLS of mail could not be set up")]
    Tls,
}

impl MailSettings {
    /// Checks them together. `None`: no mail can be sent.
    ///
    /// # Errors
    /// The first setting that cannot be used, by name.
    pub fn read(&self) -> Result<Option<SmtpSettings>, MailSettingsError> {
        let given = |setting: &'_ Option<String>| {
            let text = setting.as_deref().map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        match (given(&self.smtp_url), given(&self.mail_from)) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(MailSettingsError::UrlMissing),
            (Some(_), None) => Err(MailSettingsError::SenderMissing),
            (Some(url), Some(from)) => read(&Zeroizing::new(url), &from).map(Some),
        }
    }
}

fn read(url: &str, from: &str) -> Result<SmtpSettings, MailSettingsError> {
    let url = Url::parse(url).map_err(|_| MailSettingsError::Url)?;
    let is_plain = matches!(url.path(), "" | "/") && url.fragment().is_none();
    let host = host(&url).filter(|_| is_plain);
    let host = host.ok_or(MailSettingsError::Url)?;
    let (transport, port) = match (url.scheme(), url.query()) {
        ("smtps", None) => (MailTransport::Tls, SMTPS_PORT),
        ("smtp", Some("tls=required")) => (MailTransport::StartTls, SUBMISSION_PORT),
        ("smtp", None) if is_loopback(&host) => (MailTransport::Loopback, SMTP_PORT),
        ("smtp", None | Some("tls=opportunistic")) => return Err(MailSettingsError::NotEncrypted),
        _ => return Err(MailSettingsError::Url),
    };
    Ok(SmtpSettings {
        host: match &host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        },
        port: url.port().unwrap_or(port),
        transport,
        credentials: credentials(&url)?,
        from: Mailbox::parse(from).map_err(|_| MailSettingsError::Sender)?,
    })
}

/// The host. `Url` leaves those of unusual schemes as they are, addresses and names with odd letters too.
fn host(url: &Url) -> Option<Host> {
    match url.host()? {
        Host::Domain(name) => Host::parse(name).ok(),
        Host::Ipv4(address) => Some(Host::Ipv4(address)),
        Host::Ipv6(address) => Some(Host::Ipv6(address)),
    }
}

/// By an address, or the one name that never leaves this machine.
fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Ipv4(address) => IpAddr::V4(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).is_loopback(),
        Host::Domain(name) => name == "localhost",
    }
}

fn credentials(url: &Url) -> Result<Option<(String, Zeroizing<String>)>, MailSettingsError> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(|text| Zeroizing::new(text.into_owned()))
            .map_err(|_| MailSettingsError::Url)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None | Some("")) => Err(MailSettingsError::Credentials),
        (user, Some(password)) => Ok(Some((decoded(user)?.to_string(), decoded(password)?))),
    }
}

impl SmtpSettings {
    /// One line for an operator: where mail goes, how, and from whom.
    #[must_use]
    pub fn summary(&self) -> String {
        let transport = match self.transport {
            MailTransport::Tls => "TLS",
            MailTransport::StartTls => "STARTTLS",
            MailTransport::Loopback => "on this machine, without TLS",
        };
        let from = self.from.address().as_str();
        format!("by {}:{} ({transport}), from {from}", self.host, self.port)
    }
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
