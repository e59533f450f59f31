//! Summaries of certificates: what is shown of them.
//!
//! Promises: no key, and no character that a table or a terminal cannot show.

use rustls::pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use x509_cert::Certificate;
use x509_cert::name::Name;
use x509_cert::time::Time;

/// How long before its end a client certificate counts as expiring: time enough to ask for another.
pub(crate) const EXPIRY_NOTICE: Duration = Duration::days(14);

/// Longer names are cut: real ones have about a hundred characters.
const NAME_CHARS_MAX: usize = 500;

/// The certificates of an identity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TlsSummary {
    pub client_certificate: Option<CertificateSummary>,
    pub ca: Vec<CertificateSummary>,
}

/// One certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CertificateSummary {
    /// As in RFC 4514, such as `CN=buywire,O=Example`.
    pub subject: String,
    pub issuer: String,
    /// `sha256:` and the hash of the certificate in DER, in lower-case hexadecimal digits.
    pub fingerprint: String,
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
}

impl CertificateSummary {
    pub(super) fn of(certificate: &Certificate, der: &CertificateDer<'_>) -> Option<Self> {
        let content = &certificate.tbs_certificate;
        Some(Self {
            subject: name(&content.subject),
            issuer: name(&content.issuer),
            fingerprint: fingerprint(der),
            not_before: at(content.validity.not_before)?,
            not_after: at(content.validity.not_after)?,
        })
    }
}

fn name(name: &Name) -> String {
    let text = name.to_string();
    let shown = text.chars().filter(|c| !c.is_control());
    shown.take(NAME_CHARS_MAX).collect()
}

fn fingerprint(der: &CertificateDer<'_>) -> String {
    let hash = Sha256::digest(der);
    let digits = hash.iter().map(|byte| format!("{byte:02x}"));
    format!("sha256:{}", digits.collect::<String>())
}

fn at(time: Time) -> Option<OffsetDateTime> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}
