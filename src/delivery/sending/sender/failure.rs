//! Why an attempt got no reply, as stable codes that disclose nothing.
//!
//! Partners read these about their own endpoints. Must not contain an address, a path or
//! another library's wording.

use std::error::Error;
use std::fs::File;
use std::io;

use rustix::io::Errno;
use rustls::{AlertDescription, CertificateError};

use crate::egress::{EgressError, MissingIntermediate, UrlRefusal};

/// Why no reply arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub(crate) enum SendFailure {
    /// The host has no address that may be reached. Nothing was sent.
    #[error("the host has no address that may be reached")]
    BlockedAddress,
    /// The name could not be resolved. Nothing was sent.
    #[error("the host name could not be resolved")]
    Dns,
    /// No connection: refused, unreachable. Nothing was sent.
    #[error("no connection could be made")]
    Connect,
    /// The TLS handshake failed, or the certificate cannot be used. Nothing was sent.
    #[error("the TLS handshake failed or the certificate cannot be used")]
    Tls,
    /// The certificate has expired or is not valid yet. Nothing was sent.
    #[error("the certificate has expired or is not valid yet")]
    TlsExpired,
    /// The certificate is for other names. Nothing was sent.
    #[error("the certificate is not for this host name")]
    TlsWrongHost,
    /// The certificate is self-signed, or signed by an unknown CA. Nothing was sent.
    #[error("the certificate is not signed by a trusted CA")]
    TlsUnknownCa,
    /// The certificate is sent alone, and its issuer is unknown. Nothing was sent.
    #[error("the server does not send the intermediate certificate that signed its certificate")]
    TlsMissingIntermediate,
    /// The server requires a client certificate. The request was refused.
    #[error("the server requires a client certificate, and Buywire has none")]
    TlsClientCertificate,
    /// The server refused the client certificate. The request was refused.
    #[error("the server refused the client certificate")]
    TlsClientCertificateRefused,
    /// No tunnel through the proxy. Nothing was sent to the receiver.
    #[error("the proxy could not be reached or refused to connect")]
    Proxy,
    /// The proxy demands other credentials. Nothing was sent to the receiver.
    #[error("the proxy refused the user name and password")]
    ProxyCredentials,
    /// No reply in time. The request may have arrived.
    #[error("no reply arrived in time")]
    Timeout,
    /// The connection broke. The request may have arrived.
    #[error("the connection broke before a reply arrived")]
    Io,
    /// The reply is not HTTP, or its head is too large. The request may have arrived.
    #[error("the reply is not valid HTTP")]
    BadReply,
    /// A header that HTTP cannot carry. Nothing was sent.
    #[error("a header cannot be sent")]
    BadHeader,
    /// This machine has no file descriptor or port left. Nothing was sent, and the endpoint is not to blame.
    #[error("this node has no file descriptor or port left")]
    NoSocket,
    /// A URL that is no longer allowed, or that HTTP cannot carry. Nothing was sent.
    #[error("the URL cannot be used")]
    BadUrl,
}

impl SendFailure {
    /// The stable code that attempts show and replays filter by.
    #[must_use]
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::BlockedAddress => "blocked_address",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::TlsExpired => "tls_expired",
            Self::TlsWrongHost => "tls_wrong_host",
            Self::TlsUnknownCa => "tls_unknown_ca",
            Self::TlsMissingIntermediate => "tls_missing_intermediate",
            Self::TlsClientCertificate => "tls_client_certificate",
            Self::TlsClientCertificateRefused => "tls_client_certificate_refused",
            Self::Proxy => "proxy",
            Self::ProxyCredentials => "proxy_credentials",
            Self::Timeout => "timeout",
            Self::Io => "io",
            Self::BadReply => "bad_reply",
            Self::BadHeader => "bad_header",
            Self::NoSocket => "no_socket",
            Self::BadUrl => "bad_url",
        }
    }
}

/// A stored URL is parsed again at start, when the allowed ranges may have become narrower.
impl From<UrlRefusal> for SendFailure {
    fn from(refusal: UrlRefusal) -> Self {
        match refusal {
            UrlRefusal::BlockedAddress => Self::BlockedAddress,
            _ => Self::BadUrl,
        }
    }
}

impl From<EgressError> for SendFailure {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::Blocked(_) => Self::BlockedAddress,
            EgressError::Unresolved(error) => Self::from_lookup(&error),
            EgressError::Proxy(error) if causes(&error).any(is_local_exhaustion) => Self::NoSocket,
            EgressError::Proxy(_) => Self::Proxy,
            EgressError::ProxyCredentials(_) => Self::ProxyCredentials,
            EgressError::Http(error) | EgressError::OnReusedConnection(error) => {
                Self::from_http(&error)
            }
            EgressError::CertificateRequired(error) => match Self::from_http(&error) {
                Self::Tls | Self::Io => Self::TlsClientCertificate,
                other => other,
            },
            EgressError::CertificateOffered(error) => match Self::from_http(&error) {
                Self::Tls | Self::TlsClientCertificate => Self::TlsClientCertificateRefused,
                other => other,
            },
        }
    }
}

/// Whether a reused connection was closed without a byte of a reply, most likely because the receiver's idle timeout
/// ended before the request arrived.
pub(super) fn is_end_of_keep_alive(error: &EgressError) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    let EgressError::OnReusedConnection(error) = error else {
        return false;
    };
    let ended = |cause: &(dyn Error + 'static)| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let http = cause.downcast_ref::<hyper::Error>();
        matches!(io, Some(BrokenPipe | ConnectionAborted | ConnectionReset))
            || http.is_some_and(hyper::Error::is_incomplete_message)
    };
    !error.is_timeout() && causes(error).any(ended)
}

impl SendFailure {
    fn from_http(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        if error.is_builder() {
            return Self::BadUrl;
        }
        if causes(error).any(is_local_exhaustion) {
            return Self::NoSocket;
        }
        if error.is_dns() {
            return Self::from_lookup(error);
        }
        // Since TLS 1.3 a receiver may refuse the handshake after we have begun to send.
        if let Some(tls) = causes(error).find_map(<dyn Error>::downcast_ref) {
            return Self::from_tls(tls);
        }
        let mut causes = causes(error);
        if error.is_connect() {
            return if causes.any(is_disconnect) {
                Self::Tls
            } else {
                Self::Connect
            };
        }
        if causes.any(is_bad_reply) {
            Self::BadReply
        } else {
            Self::Io
        }
    }

    fn from_lookup(error: &(dyn Error + 'static)) -> Self {
        // The resolver needs descriptors too, and does not always say when it has none.
        match causes(error).any(is_local_exhaustion) || is_out_of_descriptors() {
            true => Self::NoSocket,
            false => Self::Dns,
        }
    }

    fn from_tls(error: &rustls::Error) -> Self {
        use CertificateError as Certificate;
        match error {
            rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
                Self::TlsClientCertificate
            }
            rustls::Error::InvalidCertificate(refusal) => match refusal {
                Certificate::Expired
                | Certificate::ExpiredContext { .. }
                | Certificate::NotValidYet
                | Certificate::NotValidYetContext { .. } => Self::TlsExpired,
                Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                    Self::TlsWrongHost
                }
                // Signed by an unknown CA, or by one that uses the name of a known CA.
                Certificate::UnknownIssuer | Certificate::BadSignature => Self::TlsUnknownCa,
                Certificate::Other(other) if other.0.is::<MissingIntermediate>() => {
                    Self::TlsMissingIntermediate
                }
                _ => Self::Tls,
            },
            _ => Self::Tls,
        }
    }
}

/// The error and all its causes, including those inside an I/O error, whose `source` skips the error it wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error: &&'a (dyn Error + 'static)| {
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}

/// The process or the machine has no descriptor, port or memory left for a socket.
fn is_local_exhaustion(cause: &(dyn Error + 'static)) -> bool {
    const LOCAL_ERRNOS: [Errno; 5] = [
        Errno::MFILE,
        Errno::NFILE,
        Errno::ADDRNOTAVAIL,
        Errno::NOBUFS,
        Errno::NOMEM,
    ];
    let code = cause
        .downcast_ref::<io::Error>()
        .and_then(Errno::from_io_error);
    code.is_some_and(|code| LOCAL_ERRNOS.contains(&code))
}

fn is_out_of_descriptors() -> bool {
    File::open("/dev/null").is_err_and(|error| is_local_exhaustion(&error))
}

/// While connecting, an established connection can only break during the TLS handshake.
fn is_disconnect(cause: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    let is_broken =
        |error: &io::Error| matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof);
    cause.downcast_ref::<io::Error>().is_some_and(is_broken)
}

fn is_bad_reply(cause: &(dyn Error + 'static)) -> bool {
    cause
        .downcast_ref::<hyper::Error>()
        .is_some_and(hyper::Error::is_parse)
}
