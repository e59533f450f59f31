//! Files on other hosts, by SFTP or FTPS: which URLs may be read, and guarded connections to their hosts.
//!
//! Promises: the rules of [`TargetUrl`](super::TargetUrl) apply, with the ports of these protocols; a name's addresses
//! are checked when it is resolved, and connections go to exactly those. No HTTP proxy carries them.

mod connector;
mod ftps;

use std::fmt;
use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

pub(crate) use connector::{ConnectFailure, FileConnector};
pub(crate) use ftps::{FtpsSession, OpenFailure};

use super::policy::{EgressPolicy, Reach};
use super::target::{SavedBy, UrlRefusal, check_name, may_resolve};

const URL_BYTES_MAX: usize = 2048;

/// How a file is transferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileProtocol {
    /// The file transfer of SSH.
    Sftp,
    /// FTP that begins with TLS.
    ImplicitFtps,
    /// FTP that changes to TLS before it logs in.
    ExplicitFtps,
}

/// A file that may be read. `Debug` shows the host only, because paths often contain tokens.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FileUrl {
    protocol: FileProtocol,
    /// Without a user name.
    shown: String,
    user: Option<String>,
    host: Host<String>,
    port: u16,
    path: String,
    reach: Reach,
}

/// Why such a URL is refused, in words for whoever saves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FileUrlRefusal {
    #[error("the URL must not carry a password; give it as `password`")]
    Password,
    #[error("the URL must name a file, such as sftp://shop.example/feeds/products.csv")]
    NoFile,
    #[error("the URL must not have a query; a file has none")]
    Query,
    #[error("the port must be {0}, or at least 1024")]
    Port(&'static str),
    #[error(transparent)]
    Url(#[from] UrlRefusal),
}

impl FileProtocol {
    const ALL: [Self; 3] = [Self::Sftp, Self::ImplicitFtps, Self::ExplicitFtps];

    /// The scheme of its URLs.
    #[must_use]
    pub(crate) const fn scheme(self) -> &'static str {
        match self {
            Self::Sftp => "sftp",
            Self::ImplicitFtps => "ftps",
            Self::ExplicitFtps => "ftpes",
        }
    }

    /// The protocol of a URL, if it is one of these.
    #[must_use]
    pub(crate) fn of(url: &str) -> Option<Self> {
        let (scheme, _) = url.split_once(':')?;
        let mut all = Self::ALL.into_iter();
        all.find(|protocol| scheme.eq_ignore_ascii_case(protocol.scheme()))
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Sftp => 22,
            Self::ImplicitFtps => 990,
            Self::ExplicitFtps => 21,
        }
    }

    const fn default_port_text(self) -> &'static str {
        match self {
            Self::Sftp => "22",
            Self::ImplicitFtps => "990",
            Self::ExplicitFtps => "21",
        }
    }
}

impl FileUrl {
    /// # Errors
    /// The rule that the URL breaks.
    pub(crate) fn parse(
        text: &str,
        saved_by: SavedBy,
        policy: &EgressPolicy,
    ) -> Result<Self, FileUrlRefusal> {
        let protocol = FileProtocol::of(text).ok_or(UrlRefusal::Scheme)?;
        let url = parse_as("https", text)?;
        if url.password().is_some() {
            return Err(FileUrlRefusal::Password);
        }
        if url.query().is_some() {
            return Err(FileUrlRefusal::Query);
        }
        let ranges_apply = saved_by == SavedBy::Operator && policy.has_ranges();
        let host = url.host().ok_or(UrlRefusal::Malformed)?.to_owned();
        // The parser leaves out the scheme's own port: 443 here, 80 there.
        let port = url.port().or(parse_as("http", text)?.port());
        let port = port.unwrap_or(protocol.default_port());
        let is_public = port == protocol.default_port() || port >= 1024;
        let reach = reach(&host, is_public, ranges_apply, policy)?;
        let reach = reach.ok_or(FileUrlRefusal::Port(protocol.default_port_text()))?;
        Ok(Self {
            protocol,
            shown: shown(protocol, &host, port, url.path()),
            user: user(&url)?,
            host,
            port,
            path: path(&url)?,
            reach,
        })
    }

    pub(crate) fn protocol(&self) -> FileProtocol {
        self.protocol
    }

    /// The URL as it is stored and shown, without the user name.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.shown
    }

    /// The user name in the URL.
    #[must_use]
    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The host as a certificate names it, and the only part that a log may show.
    #[must_use]
    pub(crate) fn host(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }

    /// The path as the server takes it: absolute, or relative to the login directory if it began with `/~/`.
    #[must_use]
    pub(crate) fn path(&self) -> &str {
        self.path.strip_prefix("/~/").unwrap_or(&self.path)
    }

    /// The last part of the path.
    #[must_use]
    pub(crate) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Debug for FileUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileUrl({}, {})", self.protocol.scheme(), self.host())
    }
}

impl FileUrlRefusal {
    /// A stable code for problems.
    #[must_use]
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Password => "userinfo",
            Self::NoFile | Self::Query => "malformed",
            Self::Port(_) => "port",
            Self::Url(refusal) => refusal.code(),
        }
    }

    /// The message for the caller who saves the URL.
    #[must_use]
    pub(crate) fn message_for(self, saved_by: SavedBy) -> String {
        match self {
            Self::Url(refusal) => refusal.message_for(saved_by),
            other => other.to_string(),
        }
    }
}

/// Parses the URL with the rules for a scheme of the web, which unite all spellings of a host.
fn parse_as(scheme: &str, text: &str) -> Result<Url, UrlRefusal> {
    if text.len() > URL_BYTES_MAX {
        return Err(UrlRefusal::TooLong);
    }
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(UrlRefusal::Malformed);
    }
    let rest = text.split_once(':').map(|(_, rest)| rest);
    let rest = rest.and_then(|rest| rest.strip_prefix("//"));
    let rest = rest.filter(|rest| !rest.starts_with('/'));
    let rest = rest.ok_or(UrlRefusal::Malformed)?;
    let url = Url::parse(&format!("{scheme}://{rest}")).map_err(|_| UrlRefusal::Malformed)?;
    if url.fragment().is_some() {
        return Err(UrlRefusal::Fragment);
    }
    // No server can listen on port 0.
    if url.port() == Some(0) {
        return Err(UrlRefusal::Port);
    }
    Ok(url)
}

/// What the URL may connect to. `None` if its port is closed to it.
fn reach(
    host: &Host<String>,
    has_public_port: bool,
    ranges_apply: bool,
    policy: &EgressPolicy,
) -> Result<Option<Reach>, UrlRefusal> {
    let address = match host {
        Host::Domain(name) => {
            check_name(name)?;
            if !may_resolve(name, ranges_apply, policy) {
                return Err(UrlRefusal::BlockedAddress);
            }
            return Ok(match (has_public_port, ranges_apply) {
                (true, false) => Some(Reach::Public),
                (true, true) => Some(Reach::PublicOrAllowed),
                (false, true) => Some(Reach::AllowedOnly),
                (false, false) => None,
            });
        }
        Host::Ipv4(address) => IpAddr::V4(*address),
        Host::Ipv6(address) => IpAddr::V6(*address),
    };
    if ranges_apply && policy.is_allowed(address) {
        return Ok(Some(Reach::AllowedOnly));
    }
    if !policy.allows(Reach::Public, address) {
        return Err(UrlRefusal::BlockedAddress);
    }
    Ok(has_public_port.then_some(Reach::Public))
}

fn shown(protocol: FileProtocol, host: &Host<String>, port: u16, path: &str) -> String {
    let port = match port == protocol.default_port() {
        true => String::new(),
        false => format!(":{port}"),
    };
    format!("{}://{host}{port}{path}", protocol.scheme())
}

fn user(url: &Url) -> Result<Option<String>, FileUrlRefusal> {
    if url.username().is_empty() {
        return Ok(None);
    }
    Ok(Some(decoded(url.username())?))
}

fn path(url: &Url) -> Result<String, FileUrlRefusal> {
    let path = decoded(url.path())?;
    match path.ends_with('/') {
        true => Err(FileUrlRefusal::NoFile),
        false => Ok(path),
    }
}

/// Decoded text goes into lines of commands, so it holds no control character.
fn decoded(text: &str) -> Result<String, FileUrlRefusal> {
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| UrlRefusal::Malformed)?;
    match decoded.contains(char::is_control) {
        true => Err(UrlRefusal::Malformed.into()),
        false => Ok(decoded.into_owned()),
    }
}

#[cfg(test)]
mod tests;
