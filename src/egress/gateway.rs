//! The gateway's own way out: its proxy, its client certificate and the CAs that it trusts, for all its connections.
//!
//! Promises: a setting that cannot be used stops the start and is named; no error repeats a URL or a key.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use time::OffsetDateTime;

use super::proxy::{MalformedProxy, ProxyAddress};
use super::tls::{TlsField, TlsFiles, TlsIdentity, TlsRefusal};

/// As they are given.
#[derive(Args, Clone, Default)]
pub struct ConnectionSettings {
    /// File with the URL of the proxy for outgoing https requests (HTTP CONNECT), or set BUYWIRE_PROXY: `http://` or
    /// `https://`, with user name and password if it needs them. Default: none.
    #[arg(long, env = "BUYWIRE_PROXY_FILE", value_name = "FILE")]
    pub proxy_file: Option<PathBuf>,
    #[arg(skip)]
    pub proxy: Option<String>,
    /// PEM file of CA certificates to trust beside the system's. Default: none.
    #[arg(long, env = "BUYWIRE_CA_FILE")]
    pub ca_file: Option<PathBuf>,
    /// PEM file of the client certificate that receivers are shown if they ask for one. Default: none.
    #[arg(long, env = "BUYWIRE_CLIENT_CERTIFICATE_FILE")]
    pub client_certificate_file: Option<PathBuf>,
    /// PEM file of the client certificate's private key.
    #[arg(long, env = "BUYWIRE_CLIENT_KEY_FILE")]
    pub client_key_file: Option<PathBuf>,
}

/// The same, checked.
#[derive(Debug, Clone, Default)]
pub struct GatewayConnections {
    pub(super) proxy: Option<ProxyAddress>,
    pub(super) tls: TlsIdentity,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionSettingsError {
    #[error("{setting}: the file cannot be read ({error})")]
    File {
        setting: &'static str,
        error: std::io::Error,
    },
    #[error("BUYWIRE_PROXY {0}")]
    Proxy(String),
    #[error("{0}")]
    Tls(String),
}

impl ConnectionSettings {
    /// Reads the files and checks what they hold.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn read(&self, now: OffsetDateTime) -> Result<GatewayConnections, ConnectionSettingsError> {
        let proxy = self.proxy.as_deref().map(str::trim);
        let proxy = proxy.filter(|url| !url.is_empty()).map(ProxyAddress::parse);
        let refused = |refusal: MalformedProxy| ConnectionSettingsError::Proxy(refusal.to_string());
        let files = TlsFiles {
            client_certificate: read(
                "BUYWIRE_CLIENT_CERTIFICATE_FILE",
                self.client_certificate_file.as_deref(),
            )?,
            client_key: read("BUYWIRE_CLIENT_KEY_FILE", self.client_key_file.as_deref())?,
            ca: read("BUYWIRE_CA_FILE", self.ca_file.as_deref())?,
        };
        let tls = TlsIdentity::parse(&files);
        let tls = tls.and_then(|tls| tls.check_dates(now).map(|()| tls));
        Ok(GatewayConnections {
            proxy: proxy.transpose().map_err(refused)?,
            tls: tls.map_err(ConnectionSettingsError::from)?,
        })
    }
}

impl GatewayConnections {
    /// What is configured, in words.
    pub(crate) fn summary(&self) -> String {
        let proxy = match &self.proxy {
            Some(proxy) => format!("through the proxy {}", proxy.host()),
            None => "direct".to_owned(),
        };
        let certificate = match self.tls.client_expires_at() {
            Some(at) => format!("a client certificate until {}", at.date()),
            None => "no client certificate".to_owned(),
        };
        let authorities = self.tls.summary().ca.len();
        format!("{proxy}, {certificate}, {authorities} private CAs")
    }
}

impl From<TlsRefusal> for ConnectionSettingsError {
    fn from(refusal: TlsRefusal) -> Self {
        let setting = match refusal.field {
            TlsField::ClientCertificate => "BUYWIRE_CLIENT_CERTIFICATE_FILE",
            TlsField::ClientKey => "BUYWIRE_CLIENT_KEY_FILE",
            TlsField::Ca => "BUYWIRE_CA_FILE",
        };
        Self::Tls(format!("{setting} {}", refusal.fault))
    }
}

fn read(
    setting: &'static str,
    path: Option<&Path>,
) -> Result<Option<String>, ConnectionSettingsError> {
    let read = path.map(fs::read_to_string).transpose();
    read.map_err(|error| ConnectionSettingsError::File { setting, error })
}
