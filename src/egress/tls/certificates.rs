//! Explains failed TLS handshakes in more detail than the library's verifier.
//!
//! Promises: it trusts exactly what the library's verifier trusts, and only reports refusals differently. It records
//! when a client certificate was requested, and whether one was offered.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

use crate::egress::connection_events::record;

/// The server sends its certificate alone, and its issuer is not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the certificate's issuer is neither sent nor known")]
pub(crate) struct MissingIntermediate;

/// The client certificate, if there is one. It is offered to every server that requests one, whatever issuers the
/// server names: many name too few.
pub(super) struct OfferedCertificate(pub(super) Option<Arc<CertifiedKey>>);

impl fmt::Debug for OfferedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OfferedCertificate({})", self.0.is_some())
    }
}

impl ResolvesClientCert for OfferedCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        record(|events| {
            events.certificate_requested = true;
            events.certificate_offered = self.0.is_some();
        });
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

/// The library's verifier, with explanations. `None` without any CA certificate: then no server is trusted.
pub(super) fn verifier(
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
) -> Option<Arc<dyn ServerCertVerifier>> {
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
    Some(Arc::new(ExplainingVerifier(verifier.ok()?)))
}

#[derive(Debug)]
struct ExplainingVerifier(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for ExplainingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.0
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(|error| explain(error, end_entity, intermediates))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

fn explain(
    error: Error,
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
) -> Error {
    let Error::InvalidCertificate(refusal) = &error else {
        return error;
    };
    let self_signed = webpki::EndEntityCert::try_from(end_entity)
        .is_ok_and(|cert| cert.issuer() == cert.subject());
    match refusal {
        CertificateError::UnknownIssuer if intermediates.is_empty() && !self_signed => {
            let missing = OtherError(Arc::new(MissingIntermediate));
            Error::InvalidCertificate(CertificateError::Other(missing))
        }
        // A self-signed certificate usually claims to be a CA's.
        CertificateError::Other(other)
            if self_signed && other.0.downcast_ref() == Some(&webpki::Error::CaUsedAsEndEntity) =>
        {
            Error::InvalidCertificate(CertificateError::UnknownIssuer)
        }
        _ => error,
    }
}
