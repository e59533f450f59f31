//! Why an attempt got no reply, in words that are stable and give nothing away.
//!
//! Partners read these about their own endpoints, so no sentence holds an address, a path or
//! another library's wording.

use std::error::Error;
use std::fs::File;
use std::io;

use rustix::io::Errno;
use rustls::{AlertDescription, CertificateError};

use crate::egress::{EgressError, MissingIntermediate, UrlRefusal};

/// What kept a reply from arriving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SendFailure {
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
    /// The certificate is over, or not valid yet. Nothing was sent.
    #[error("the certificate has expired or is not valid yet")]
    TlsExpired,
    /// The certificate is for other names. Nothing was sent.
    #[error("the certificate is not for this host name")]
    TlsWrongHost,
    /// The certificate is signed by itself, or by a CA that is not trusted here. Nothing was sent.
    #[error("the certificate is signed by nobody who is trusted here")]
    TlsUnknownCa,
    /// The certificate comes alone, and its issuer is not known. Nothing was sent.
    #[error("the certificate comes without the intermediate certificate that signed it")]
    TlsMissingIntermediate,
    /// A certificate of ours is demanded. What was sent was refused.
    #[error("a client certificate is demanded, and none is offered")]
    TlsClientCertificate,
    /// No reply in time. The request may have arrived.
    #[error("no reply came in time")]
    Timeout,
    /// The connection broke. The request may have arrived.
    #[error("the connection broke before a reply came")]
    Io,
    /// The other side does not speak HTTP, or too much of it. The request may have arrived.
    #[error("the reply is not valid HTTP")]
    BadReply,
    /// A header that HTTP cannot carry. Nothing was sent.
    #[error("a header cannot be sent")]
    BadHeader,
    /// This machine has no file descriptor or port left: nobody's fault but ours. Nothing was sent.
    #[error("this node has no file descriptor or port left")]
    NoSocket,
    /// A URL that is no longer allowed, or that HTTP cannot carry. Nothing was sent.
    #[error("the URL cannot be used")]
    BadUrl,
}

impl SendFailure {
    /// The stable name, as attempts show it and replays filter by it.
    #[must_use]
    pub const fn code(self) -> &'static str {
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
            Self::Timeout => "timeout",
            Self::Io => "io",
            Self::BadReply => "bad_reply",
            Self::BadHeader => "bad_header",
            Self::NoSocket => "no_socket",
            Self::BadUrl => "bad_url",
        }
    }
}

/// A stored URL is read again at start, when the ranges may have become narrower.
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
            EgressError::Http(error) | EgressError::OnReusedConnection(error) => {
                Self::from_http(&error)
            }
            EgressError::CertificateRequired(error) => match Self::from_http(&error) {
                Self::Tls | Self::Io => Self::TlsClientCertificate,
                other => other,
            },
        }
    }
}

/// Whether a connection that had been used before was ended without a byte of a reply: most likely by a receiver that
/// had waited long enough for the next request, before this one came there.
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
            // The resolver needs descriptors too, and does not say what it lacked.
            return if is_out_of_descriptors() {
                Self::NoSocket
            } else {
                Self::Dns
            };
        }
        // Since TLS 1.3 a receiver may refuse us when we have begun to send.
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
                // By somebody, or by a stranger under the name of one whom we know.
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

/// The error and all that is behind it, also behind an I/O error, whose `source` skips the error
/// that it wraps.
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

/// While connecting, a connection can only break off once it stands: in the TLS handshake.
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
