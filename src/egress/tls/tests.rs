//! Identities: what is taken, what is refused, and what is shown.

use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ED25519};
use time::macros::datetime;

use super::refusal::TlsFault;
use super::*;

const NOW: time::OffsetDateTime = datetime!(2026-11-30 12:00 UTC);

/// A certificate that signs itself, and its key.
fn pair(name: &str, key: &KeyPair) -> TlsFiles {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = datetime!(2026-01-01 00:00 UTC);
    params.not_after = datetime!(2027-01-01 00:00 UTC);
    TlsFiles {
        client_certificate: Some(params.self_signed(key).unwrap().pem()),
        client_key: Some(key.serialize_pem()),
        ca: None,
    }
}

#[test]
fn every_kind_of_key_that_receivers_take_is_taken() {
    for key in [
        KeyPair::generate().unwrap(),
        KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap(),
        KeyPair::generate_for(&PKCS_ED25519).unwrap(),
    ] {
        let identity = TlsIdentity::parse(&pair("ours", &key)).unwrap();
        assert_eq!(
            identity.client_expires_at(),
            Some(datetime!(2027-01-01 00:00 UTC))
        );
        assert!(identity.client().is_some());
        assert!(identity.without_client().client().is_none());
    }
}

#[test]
fn a_certificate_is_shown_without_what_a_table_cannot_hold() {
    let key = KeyPair::generate().unwrap();
    let identity = TlsIdentity::parse(&pair("a\0b", &key)).unwrap();
    let shown = identity.summary().client_certificate.clone().unwrap();
    assert!(!shown.subject.contains(char::is_control), "{shown:?}");
    assert_eq!(shown.fingerprint.len(), "sha256:".len() + 64);
    assert!(!format!("{identity:?}").contains("PRIVATE"));
}

#[test]
fn dates_are_checked_when_a_certificate_is_saved_and_not_when_it_is_used() {
    let key = KeyPair::generate().unwrap();
    let identity = TlsIdentity::parse(&pair("ours", &key)).unwrap();
    assert_eq!(identity.check_dates(NOW), Ok(()));
    for (now, code) in [
        (datetime!(2027-01-01 00:00 UTC), "certificate_expired"),
        (datetime!(2025-12-31 23:59 UTC), "certificate_not_yet_valid"),
    ] {
        let refusal = identity.check_dates(now).unwrap_err();
        assert_eq!(
            (refusal.field, refusal.fault.code()),
            (TlsField::ClientCertificate, code)
        );
    }
}

#[test]
fn bytes_that_are_no_certificate_are_counted() {
    let key = KeyPair::generate().unwrap();
    let good = pair("ours", &key).client_certificate.unwrap();
    let bad = "-----BEGIN CERTIFICATE-----\nAAECAwQFBgc=\n-----END CERTIFICATE-----\n";
    let files = TlsFiles {
        ca: Some(format!("{good}{bad}")),
        ..TlsFiles::default()
    };
    let refusal = TlsIdentity::parse(&files).unwrap_err();
    assert_eq!(refusal.fault, TlsFault::Unreadable(2));
    assert_eq!(
        refusal.to_string(),
        "ca certificate 2 cannot be read as X.509, version 3"
    );
}
