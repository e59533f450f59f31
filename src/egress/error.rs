//! Why a request got no reply.

use std::error::Error;
use std::io;

use super::connection_events::ConnectionEvents;
use super::resolver::BlockedAddress;

/// How the library names every failure at a proxy, in an error whose type is private.
const PROXY_FAILURE: &str = "tunnel error: ";
const PROXY_CREDENTIALS: &str = "tunnel error: proxy authorization required";

/// Why a request got no reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EgressError {
    /// The host has no address that this URL may reach; nothing was sent.
    #[error(transparent)]
    Blocked(#[from] BlockedAddress),
    /// The host's name cannot be resolved, so that no proxy may be sent to it.
    #[error(transparent)]
    Unresolved(io::Error),
    /// The proxy could not be reached, or refused to connect. Nothing was sent to the target.
    #[error(transparent)]
    Proxy(reqwest::Error),
    /// The proxy demands other credentials. Nothing was sent to the target.
    #[error(transparent)]
    ProxyCredentials(reqwest::Error),
    /// Any other failure of the request.
    #[error(transparent)]
    Http(reqwest::Error),
    /// As `Http`, at a host that requested a client certificate, which we do not have.
    #[error(transparent)]
    CertificateRequired(reqwest::Error),
    /// As `Http`, at a host that was offered a client certificate.
    #[error(transparent)]
    CertificateOffered(reqwest::Error),
    /// As `Http`, on a reused connection.
    #[error(transparent)]
    OnReusedConnection(reqwest::Error),
}

impl EgressError {
    pub(super) fn classify(
        error: reqwest::Error,
        events: ConnectionEvents,
        is_proxied: bool,
    ) -> Self {
        if let Some(blocked) = causes(&error).find_map(<dyn Error>::downcast_ref) {
            return Self::Blocked(*blocked);
        }
        let at_proxy = is_proxied && !error.is_timeout();
        match proxy_failure(&error).filter(|_| at_proxy).as_deref() {
            Some(PROXY_CREDENTIALS) => return Self::ProxyCredentials(error),
            Some(_) => return Self::Proxy(error),
            None => {}
        }
        match events {
            _ if events.certificate_offered => Self::CertificateOffered(error),
            _ if events.certificate_requested => Self::CertificateRequired(error),
            _ if !events.connected => Self::OnReusedConnection(error),
            _ => Self::Http(error),
        }
    }
}

fn proxy_failure(error: &reqwest::Error) -> Option<String> {
    let mut texts = causes(error).map(ToString::to_string);
    texts.find(|text| text.starts_with(PROXY_FAILURE))
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause: &&'a (dyn Error + 'static)| {
        cause.source()
    })
}
