//! TLS to the database, as `sslmode` requests it and libpq does it.
//!
//! | mode          | encrypted            | certificate chain | host name |
//! |---------------|----------------------|-------------------|-----------|
//! | `disable`     | no                   |                   |           |
//! | `allow`, `prefer` (default) | if the server can | not checked | not checked |
//! | `require`     | yes                  | not checked, unless `sslrootcert` is given | not checked |
//! | `verify-ca`   | yes                  | checked           | not checked |
//! | `verify-full` | yes                  | checked           | checked   |
//!
//! Roots come from `sslrootcert` (a PEM file), otherwise from the system. Client certificates are not supported. A
//! self-signed server certificate must not be marked as an authority (CA:FALSE).

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::db::error::DatabaseError;

/// The TLS parameters of a database URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsParameters {
    /// `sslmode`.
    pub(crate) mode: Option<String>,
    /// `sslrootcert`: a PEM file, or `system`.
    pub(crate) root_cert: Option<String>,
}

/// How much of the server's certificate is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    Nothing,
    Chain,
    ChainAndName,
}

impl TlsParameters {
    /// Returns the driver's mode, and the connector that verifies the certificate.
    pub(crate) fn resolve(&self) -> Result<(SslMode, MakeRustlsConnect), DatabaseError> {
        let (mode, check) = match (self.mode.as_deref().unwrap_or("prefer"), &self.root_cert) {
            ("disable", _) => (SslMode::Disable, Check::Nothing),
            ("allow" | "prefer", _) => (SslMode::Prefer, Check::Nothing),
            ("require", None) => (SslMode::Require, Check::Nothing),
            ("require", Some(_)) | ("verify-ca", _) => (SslMode::Require, Check::Chain),
            ("verify-full", _) => (SslMode::Require, Check::ChainAndName),
            (other, _) => {
                return Err(DatabaseError::Setup(format!(
                    "unknown sslmode `{other}`; use disable, allow, prefer, require, verify-ca or verify-full"
                )));
            }
        };
        let roots = match check {
            Check::Nothing => RootCertStore::empty(),
            Check::Chain | Check::ChainAndName => roots(self.root_cert.as_deref())?,
        };
        Ok((mode, connector(check, roots)?))
    }
}

fn connector(check: Check, roots: RootCertStore) -> Result<MakeRustlsConnect, DatabaseError> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier {
        check,
        roots,
        provider: Arc::clone(&provider),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| DatabaseError::Setup(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn roots(file: Option<&str>) -> Result<RootCertStore, DatabaseError> {
    let certificates = match file {
        Some(file) if file != "system" => CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect)
            .map_err(|error| {
                DatabaseError::Setup(format!("cannot read sslrootcert {file}: {error}"))
            })?,
        _ => rustls_native_certs::load_native_certs().certs,
    };
    let mut roots = RootCertStore::empty();
    match roots.add_parsable_certificates(certificates) {
        (0, _) => Err(DatabaseError::Setup(
            "no root certificate to verify the server; set sslrootcert".into(),
        )),
        _ => Ok(roots),
    }
}

/// Verifies what the mode requires. The handshake's signature is always verified.
#[derive(Debug)]
struct Verifier {
    check: Check,
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.check != Check::Nothing {
            let certificate = ParsedCertificate::try_from(end_entity)?;
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(
                &certificate,
                &self.roots,
                intermediates,
                now,
                algorithms,
            )?;
            if self.check == Check::ChainAndName {
                verify_server_name(&certificate, server_name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
