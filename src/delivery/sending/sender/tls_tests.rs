//! Each way in which TLS fails has its name, so that a partner knows what to mend.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, version};
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::testing::*;
use super::*;
use crate::egress::Clients;
use crate::egress::testing::{FakeDns, Receiver};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A root, and an intermediate certificate below it that signs for receivers.
struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
}

/// What a receiver presents.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

fn params(name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts = hosts.iter().map(|host| (*host).to_owned());
    let mut params = CertificateParams::new(hosts.collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn ca(name: &str) -> CertificateParams {
    let mut params = params(name, &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn der(issuer: &CertifiedIssuer<'static, KeyPair>) -> CertificateDer<'static> {
    issuer.as_ref().der().clone()
}

impl Authority {
    fn new() -> Self {
        let key = || KeyPair::generate().unwrap();
        let root = CertifiedIssuer::self_signed(ca("root"), key()).unwrap();
        let intermediate = CertifiedIssuer::signed_by(ca("intermediate"), key(), &root).unwrap();
        Self { root, intermediate }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(der(&self.root)).unwrap();
        roots
    }

    /// For `shop.example`, until then, with or without the intermediate certificate.
    fn identity(&self, not_after: OffsetDateTime, full_chain: bool) -> Identity {
        let mut params = params("shop", &["shop.example"]);
        params.not_after = not_after;
        let key = KeyPair::generate().unwrap();
        let cert = params.signed_by(&key, &self.intermediate).unwrap();
        let mut chain = vec![cert.der().clone()];
        chain.extend(full_chain.then(|| der(&self.intermediate)));
        Identity { chain, key }
    }
}

const LATER: OffsetDateTime = datetime!(2099-01-01 00:00 UTC);

impl Identity {
    /// A receiver that presents it, and demands a certificate of these where there are any.
    async fn listen(
        self,
        demands: Option<RootCertStore>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Receiver {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let building = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .unwrap();
        let building = match demands {
            None => building.with_no_client_auth(),
            Some(roots) => building.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                    .build()
                    .unwrap(),
            ),
        };
        let key = self.key.serialize_der().try_into().unwrap();
        let config = building.with_single_cert(self.chain, key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let serve = move |stream| {
            let acceptor = acceptor.clone();
            async move {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    stream.write_all(OK).await.unwrap();
                    stream.shutdown().await.unwrap();
                }
            }
        };
        receiver(serve).await
    }
}

async fn sent(roots: RootCertStore, receiver: &Receiver, host: &str) -> Result<u16, SendFailure> {
    let names = FakeDns::all_resolve_to(&["127.0.0.1"]);
    let clients = Clients::new(policy(), names, roots, TOTAL).unwrap();
    let to = prepared(&format!("https://{host}:{}/", receiver.address.port()));
    let reply = sender_with(clients).send(&to, signed()).await;
    reply.map(|reply| reply.status)
}

const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS12, &version::TLS13];

#[tokio::test]
async fn a_certificate_that_cannot_be_used_says_why() {
    let ours = Authority::new();
    let fine = ours.identity(LATER, true).listen(None, BOTH).await;
    assert_eq!(sent(ours.roots(), &fine, "shop.example").await, Ok(200));
    assert_eq!(
        sent(ours.roots(), &fine, "other.example").await,
        Err(SendFailure::TlsWrongHost)
    );

    let over = ours.identity(datetime!(2020-01-01 00:00 UTC), true);
    let over = over.listen(None, BOTH).await;
    assert_eq!(
        sent(ours.roots(), &over, "shop.example").await,
        Err(SendFailure::TlsExpired)
    );

    let alone = ours.identity(LATER, false).listen(None, BOTH).await;
    assert_eq!(
        sent(ours.roots(), &alone, "shop.example").await,
        Err(SendFailure::TlsMissingIntermediate)
    );

    // Another's whole chain; and as on a machine without CA certificates.
    let others = Authority::new().roots();
    for roots in [others, RootCertStore::empty()] {
        assert_eq!(
            sent(roots, &fine, "shop.example").await,
            Err(SendFailure::TlsUnknownCa)
        );
    }

    // Home-made ones, which usually say that they are a CA's.
    for is_ca in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
        let mut params = params("home-made", &["shop.example"]);
        params.is_ca = is_ca;
        let key = KeyPair::generate().unwrap();
        let chain = vec![params.self_signed(&key).unwrap().der().clone()];
        let home_made = Identity { chain, key }.listen(None, BOTH).await;
        assert_eq!(
            sent(ours.roots(), &home_made, "shop.example").await,
            Err(SendFailure::TlsUnknownCa)
        );
    }
}

#[tokio::test]
async fn a_receiver_that_demands_a_client_certificate_is_told_from_a_broken_connection() {
    let ours = Authority::new();
    for versions in [&[&version::TLS12], &[&version::TLS13]] {
        let identity = ours.identity(LATER, true);
        let demanding = identity.listen(Some(ours.roots()), versions).await;
        assert_eq!(
            sent(ours.roots(), &demanding, "shop.example").await,
            Err(SendFailure::TlsClientCertificate)
        );
    }
}
