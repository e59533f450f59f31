//! Why an attempt failed, as operators sort failures: a closed list.
//!
//! Most causes are the attempt's error. Two kinds of status are taken apart, because what to do differs: a refused
//! signature or a wrong path from other 4xx, and a receiver that is away from one that fails. Must not be renamed: causes
//! stand in stored groups and in links.

use serde::{Deserialize, Serialize};

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cause {
    /// The host has no address that may be reached.
    BlockedAddress,
    Dns,
    Connect,
    Tls,
    TlsExpired,
    TlsWrongHost,
    TlsUnknownCa,
    TlsMissingIntermediate,
    TlsClientCertificate,
    TlsClientCertificateRefused,
    Proxy,
    ProxyCredentials,
    Timeout,
    /// The connection broke before the reply.
    Io,
    /// The reply is not HTTP.
    BadReply,
    Redirect,
    /// 429.
    Throttled,
    /// 401 and 403: mostly a signature made with another secret.
    Unauthorized,
    /// 404.
    NotFound,
    /// 410.
    Gone,
    /// Any other 4xx.
    ClientError,
    /// 502, 503 and 504: mostly the server in front of a receiver that is away.
    Unavailable,
    /// Any other 5xx.
    ServerError,
    UnexpectedStatus,
    /// 2xx, but the body rejects the delivery.
    NotReceived,
    /// 2xx, but the body cannot be read.
    UnreadableReply,
    /// The dialect cannot express the event.
    Unrenderable,
    /// Open for too long.
    Expired,
    NoSigningKey,
    /// A bug of ours.
    Internal,
    /// Something saved with the endpoint or its partner cannot be used.
    Configuration,
}

impl Cause {
    pub(crate) const ALL: [Self; 31] = [
        Self::BlockedAddress,
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::TlsExpired,
        Self::TlsWrongHost,
        Self::TlsUnknownCa,
        Self::TlsMissingIntermediate,
        Self::TlsClientCertificate,
        Self::TlsClientCertificateRefused,
        Self::Proxy,
        Self::ProxyCredentials,
        Self::Timeout,
        Self::Io,
        Self::BadReply,
        Self::Redirect,
        Self::Throttled,
        Self::Unauthorized,
        Self::NotFound,
        Self::Gone,
        Self::ClientError,
        Self::Unavailable,
        Self::ServerError,
        Self::UnexpectedStatus,
        Self::NotReceived,
        Self::UnreadableReply,
        Self::Unrenderable,
        Self::Expired,
        Self::NoSigningKey,
        Self::Internal,
        Self::Configuration,
    ];

    /// From an attempt's error and the status of its reply.
    pub(crate) fn of(error: &str, status: Option<i16>) -> Self {
        match (error, status) {
            ("client_error", Some(401 | 403)) => Self::Unauthorized,
            ("client_error", Some(404)) => Self::NotFound,
            ("server_error", Some(502..=504)) => Self::Unavailable,
            // The rest of the text says what cannot be expressed.
            _ if error.starts_with("unrenderable") => Self::Unrenderable,
            _ => Self::parse(error).unwrap_or(Self::Configuration),
        }
    }

    /// From its name in groups and links.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == name)
    }

    pub(crate) const fn as_str(self) -> &'static str {
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
            Self::Redirect => "redirect",
            Self::Throttled => "throttled",
            Self::Unauthorized => "unauthorized",
            Self::NotFound => "not_found",
            Self::Gone => "gone",
            Self::ClientError => "client_error",
            Self::Unavailable => "unavailable",
            Self::ServerError => "server_error",
            Self::UnexpectedStatus => "unexpected_status",
            Self::NotReceived => "not_received",
            Self::UnreadableReply => "unreadable_reply",
            Self::Unrenderable => "unrenderable",
            Self::Expired => "expired",
            Self::NoSigningKey => "no_signing_key",
            Self::Internal => "internal",
            Self::Configuration => "configuration",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_cause_has_one_spelling() {
        let names: BTreeSet<_> = Cause::ALL.iter().map(|cause| cause.as_str()).collect();
        assert_eq!(names.len(), Cause::ALL.len());
        for cause in Cause::ALL {
            let written = serde_json::to_value(cause).unwrap();
            assert_eq!(written, cause.as_str());
            assert_eq!(serde_json::from_value::<Cause>(written).unwrap(), cause);
        }
    }

    /// What the sender can name, but for faults of the endpoint's own settings and of this node.
    #[test]
    fn each_failure_of_the_sender_is_a_cause_of_its_own() {
        use crate::delivery::sending::sender::SendFailure::*;
        for failure in [
            BlockedAddress,
            Dns,
            Connect,
            Tls,
            TlsExpired,
            TlsWrongHost,
            TlsUnknownCa,
            TlsMissingIntermediate,
            TlsClientCertificate,
            TlsClientCertificateRefused,
            Proxy,
            ProxyCredentials,
            Timeout,
            Io,
            BadReply,
        ] {
            assert_eq!(Cause::of(failure.code(), None).as_str(), failure.code());
        }
    }

    #[test]
    fn an_error_and_its_status_have_one_cause() {
        for (error, status, cause) in [
            ("timeout", None, Cause::Timeout),
            ("tls_expired", None, Cause::TlsExpired),
            ("client_error", Some(401), Cause::Unauthorized),
            ("client_error", Some(403), Cause::Unauthorized),
            ("client_error", Some(404), Cause::NotFound),
            ("client_error", Some(422), Cause::ClientError),
            ("server_error", Some(500), Cause::ServerError),
            ("server_error", Some(503), Cause::Unavailable),
            ("throttled", Some(429), Cause::Throttled),
            ("gone", Some(410), Cause::Gone),
            ("not_received", Some(200), Cause::NotReceived),
            ("unrenderable: no words", None, Cause::Unrenderable),
            ("bad_connection_settings", None, Cause::Configuration),
            ("port", None, Cause::Configuration),
        ] {
            assert_eq!(Cause::of(error, status), cause, "{error}");
        }
    }
}
