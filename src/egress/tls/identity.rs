//! TLS identities: a client certificate with its key, and CA certificates to trust beside the system's.
//!
//! Promises: what is wrong with a PEM text is known before it is stored, and named without repeating the text; no
//! `Debug` shows a key. Must not read files or the clock.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, RootCertStore};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::refusal::{TlsFault, TlsField, TlsRefusal};
use super::summary::{CertificateSummary, TlsSummary};

/// Real chains have two to four certificates, and every handshake sends all of them.
const CHAIN_MAX: usize = 10;
/// As many as a company with a CA per department has.
const AUTHORITIES_MAX: usize = 20;
/// Room for the longest chain with RSA keys.
const PEM_BYTES_MAX: usize = 64 * 1024;

/// The PEM texts of an identity, as they are given and sealed. No `Debug`: one of them is a private key.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TlsFiles {
    /// The client's own certificate, then those that issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_key: Option<String>,
    /// Certificates of private CAs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

/// What a connection presents, and what it trusts beside the system's CAs.
#[derive(Clone, Default)]
pub(crate) struct TlsIdentity {
    client: Option<Arc<CertifiedKey>>,
    authorities: Vec<CertificateDer<'static>>,
    summary: TlsSummary,
}

impl TlsFiles {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl TlsIdentity {
    /// Reads the texts. Does not check dates: a certificate that was valid when it was saved may have expired.
    ///
    /// # Errors
    /// The field that cannot be used, and why.
    pub(crate) fn parse(files: &TlsFiles) -> Result<Self, TlsRefusal> {
        let (client, certificate) = match &files.client_certificate {
            Some(chain) => client(chain, files.client_key.as_deref())?,
            None if files.client_key.is_some() => {
                return Err(TlsField::ClientCertificate.refuse(TlsFault::Missing));
            }
            None => (None, None),
        };
        let authorities = match &files.ca {
            Some(text) => certificates(text, TlsField::Ca, AUTHORITIES_MAX)?,
            None => Vec::new(),
        };
        let ca = authorities.iter().map(|(_, summary)| summary.clone());
        Ok(Self {
            client,
            summary: TlsSummary {
                client_certificate: certificate,
                ca: ca.collect(),
            },
            authorities: authorities.into_iter().map(|(der, _)| der).collect(),
        })
    }

    /// Checks that every certificate is valid now, as whoever saves it must know.
    ///
    /// # Errors
    /// The certificate that is not.
    pub(crate) fn check_dates(&self, now: OffsetDateTime) -> Result<(), TlsRefusal> {
        let client = self.summary.client_certificate.iter();
        let client = client.map(|summary| (TlsField::ClientCertificate, 1, summary));
        let ca = self.summary.ca.iter().enumerate();
        let ca = ca.map(|(index, summary)| (TlsField::Ca, index + 1, summary));
        for (field, number, summary) in client.chain(ca) {
            if summary.not_after <= now {
                return Err(field.refuse(TlsFault::Expired(number, summary.not_after.date())));
            }
            if summary.not_before > now {
                return Err(field.refuse(TlsFault::NotYetValid(number, summary.not_before.date())));
            }
        }
        Ok(())
    }

    /// What may be shown.
    pub(crate) fn summary(&self) -> &TlsSummary {
        &self.summary
    }

    /// Until when the client certificate is valid.
    pub(crate) fn client_expires_at(&self) -> Option<OffsetDateTime> {
        let certificate = self.summary.client_certificate.as_ref();
        certificate.map(|certificate| certificate.not_after)
    }

    pub(in crate::egress) fn client(&self) -> Option<Arc<CertifiedKey>> {
        self.client.clone()
    }

    /// The same without the client certificate.
    pub(in crate::egress) fn without_client(&self) -> Self {
        Self {
            client: None,
            ..self.clone()
        }
    }

    pub(in crate::egress) fn add_authorities(&self, roots: &mut RootCertStore) {
        roots.add_parsable_certificates(self.authorities.iter().cloned());
    }
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TlsIdentity").field(&self.summary).finish()
    }
}

type Client = (Option<Arc<CertifiedKey>>, Option<CertificateSummary>);

fn client(chain: &str, key: Option<&str>) -> Result<Client, TlsRefusal> {
    let field = TlsField::ClientCertificate;
    let chain = certificates(chain, field, CHAIN_MAX)?;
    check_order(&chain)?;
    let key = private_key(key.ok_or_else(|| TlsField::ClientKey.refuse(TlsFault::Missing))?)?;
    let summary = chain.first().map(|(_, summary)| summary.clone());
    let chain = chain.into_iter().map(|(der, _)| der).collect();
    let provider = rustls::crypto::ring::default_provider();
    let certified = CertifiedKey::from_der(chain, key, &provider).map_err(|error| match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            TlsField::ClientKey.refuse(TlsFault::Mismatch)
        }
        Error::InvalidCertificate(_) => field.refuse(TlsFault::Unreadable(1)),
        _ => TlsField::ClientKey.refuse(TlsFault::UnusableKey),
    })?;
    Ok((Some(Arc::new(certified)), summary))
}

/// Reads all certificates of a text, each with what may be shown of it.
fn certificates(
    text: &str,
    field: TlsField,
    count_max: usize,
) -> Result<Vec<(CertificateDer<'static>, CertificateSummary)>, TlsRefusal> {
    if text.len() > PEM_BYTES_MAX {
        return Err(field.refuse(TlsFault::TooLong(PEM_BYTES_MAX)));
    }
    let read = CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<Vec<_>, _>>();
    let read = read.map_err(|_| field.refuse(TlsFault::NotPem))?;
    if read.is_empty() {
        return Err(field.refuse(TlsFault::NotPem));
    }
    if read.len() > count_max {
        return Err(field.refuse(TlsFault::TooMany(count_max)));
    }
    let mut certificates = Vec::with_capacity(read.len());
    for (index, der) in read.into_iter().enumerate() {
        let parsed = Certificate::from_der(&der).ok();
        let usable = parsed.filter(|_| webpki::anchor_from_trusted_cert(&der).is_ok());
        let summary = usable.and_then(|parsed| CertificateSummary::of(&parsed, &der));
        let summary = summary.ok_or_else(|| field.refuse(TlsFault::Unreadable(index + 1)))?;
        certificates.push((der, summary));
    }
    Ok(certificates)
}

/// Each certificate after the first must have issued the one before it: many servers try no other order.
fn check_order(chain: &[(CertificateDer<'_>, CertificateSummary)]) -> Result<(), TlsRefusal> {
    for (number, pair) in (2..).zip(chain.windows(2)) {
        if let [(_, issued), (_, issuer)] = pair
            && issued.issuer != issuer.subject
        {
            return Err(TlsField::ClientCertificate.refuse(TlsFault::ChainOrder(number)));
        }
    }
    Ok(())
}

fn private_key(text: &str) -> Result<PrivateKeyDer<'static>, TlsRefusal> {
    let field = TlsField::ClientKey;
    if text.len() > PEM_BYTES_MAX {
        return Err(field.refuse(TlsFault::TooLong(PEM_BYTES_MAX)));
    }
    // `BEGIN ENCRYPTED PRIVATE KEY`, or `Proc-Type: 4,ENCRYPTED` in older files.
    if text.contains("ENCRYPTED") {
        return Err(field.refuse(TlsFault::Encrypted));
    }
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| field.refuse(TlsFault::NotPemKey))
}
