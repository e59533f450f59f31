//! Why PEM texts are refused: the field and the fault, in words for whoever saves them.
//!
//! Must not repeat the texts: one of them is a private key.

use std::fmt;

use time::Date;

/// A field of [`TlsFiles`](super::TlsFiles).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsField {
    ClientCertificate,
    ClientKey,
    Ca,
}

/// A field that cannot be used, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {fault}")]
pub(crate) struct TlsRefusal {
    pub field: TlsField,
    pub fault: TlsFault,
}

/// What is wrong with a field. Certificates are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TlsFault {
    #[error("must be certificates in PEM, each beginning with -----BEGIN CERTIFICATE-----")]
    NotPem,
    #[error(
        "must be a private key in PEM, beginning with a line such as -----BEGIN PRIVATE KEY-----"
    )]
    NotPemKey,
    #[error("must have at most {0} characters")]
    TooLong(usize),
    #[error("must hold at most {0} certificates")]
    TooMany(usize),
    #[error("certificate {0} cannot be read as X.509, version 3")]
    Unreadable(usize),
    #[error("certificate {0} expired on {1}: give one that is valid")]
    Expired(usize, Date),
    #[error("certificate {0} is not valid before {1}: give one that is valid now")]
    NotYetValid(usize, Date),
    #[error(
        "certificate {0} did not issue the one before it: give the client's own certificate first, then its issuers"
    )]
    ChainOrder(usize),
    #[error("must be given: a client certificate and its key go together")]
    Missing,
    #[error(
        "must not be encrypted: decrypt it first, such as with `openssl pkey -in key.pem -out plain.pem`"
    )]
    Encrypted,
    #[error("cannot be used: give an RSA key, an ECDSA key on P-256 or P-384, or an Ed25519 key")]
    UnusableKey,
    #[error("does not belong to the first certificate of `client_certificate`")]
    Mismatch,
}

impl TlsField {
    pub(super) fn refuse(self, fault: TlsFault) -> TlsRefusal {
        TlsRefusal { field: self, fault }
    }

    /// Its name in bodies.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ClientCertificate => "client_certificate",
            Self::ClientKey => "client_key",
            Self::Ca => "ca",
        }
    }
}

impl fmt::Display for TlsField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TlsFault {
    /// A stable code for problems.
    #[must_use]
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NotPem | Self::NotPemKey => "not_pem",
            Self::TooLong(_) => "too_long",
            Self::TooMany(_) => "chain_too_long",
            Self::Unreadable(_) => "certificate_unreadable",
            Self::Expired(..) => "certificate_expired",
            Self::NotYetValid(..) => "certificate_not_yet_valid",
            Self::ChainOrder(_) => "chain_order",
            Self::Missing => "missing",
            Self::Encrypted => "key_encrypted",
            Self::UnusableKey => "key_unusable",
            Self::Mismatch => "key_mismatch",
        }
    }
}
