//! The TLS configuration of outgoing HTTP: what is trusted, and what is presented.
//!
//! It selects its crypto provider itself, so nothing depends on a process-wide default.
//! A machine without CA certificates can still start: its https requests then fail as
//! `tls`, and plain http inside allowed ranges works.

mod certificates;
mod identity;
mod refusal;
mod sessions;
mod summary;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore};

pub(crate) use certificates::MissingIntermediate;
use certificates::{OfferedCertificate, verifier};
pub(crate) use identity::{TlsFiles, TlsIdentity};
pub(crate) use refusal::{TlsField, TlsRefusal};
use sessions::TimedSessions;
pub(crate) use summary::EXPIRY_NOTICE;

/// TLS 1.2 and 1.3 with the system's CA certificates (`SSL_CERT_FILE` and `SSL_CERT_DIR`
/// are honoured).
///
/// # Errors
/// The crypto provider does not support those versions, which cannot happen in a shipped build.
pub fn client_config() -> Result<ClientConfig, rustls::Error> {
    config(system_roots(), None)
}

/// The system's CA certificates.
pub(crate) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, unusable) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        tracing::warn!(
            tls.unusable = unusable,
            "egress.tls: no CA certificates found, https requests fail until some are installed"
        );
    }
    roots
}

/// TLS 1.2 and 1.3 with these CA certificates, and a client certificate for servers that request one.
///
/// # Errors
/// As [`client_config`].
pub(super) fn config(
    roots: RootCertStore,
    client: Option<Arc<CertifiedKey>>,
) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let building = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let roots = Arc::new(roots);
    let trusting = match verifier(Arc::clone(&roots), provider) {
        Some(verifier) => building
            .dangerous()
            .with_custom_certificate_verifier(verifier),
        None => building.with_root_certificates(roots),
    };
    let mut config = trusting.with_client_cert_resolver(Arc::new(OfferedCertificate(client)));
    config.resumption = Resumption::store(Arc::new(TimedSessions::default()));
    Ok(config)
}
