//! Private keys: published vectors, and RFC 9421 read back by other code.

use p256::ecdsa::signature::Verifier as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::*;

/// Of the Svix README.
const PRIVATE: &str =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const PUBLIC: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
const BODY: &str = r#"{"type":"order.confirmed","timestamp":"2026-01-02T03:04:05Z","data":{"order_id":"ord_123","total":"19.99","currency":"USD"}}"#;
const V1A: &str =
    "v1a,G3cMqdddxwQgKKjrgskyXq69VLFg4RG1IFhn91kqwP4CofLBL42FAG/LllZW7R284rcHFE4arbg9WvwEIFZKAQ==";
const V1: &str = "v1,E+ABusu9NuqiG9zeFlySJ4wFWaKR/UPhJYRGkCTA/FY=";
const SHARED: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn key(text: &str) -> SigningKey {
    SigningKey::parse(text).unwrap()
}

/// RFC 6979, appendix A.2.5.
fn p256() -> SigningKey {
    SigningKey::p256(&hex(
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
    ))
    .unwrap()
}

fn hex<const N: usize>(digits: &str) -> [u8; N] {
    std::array::from_fn(|n| u8::from_str_radix(&digits[2 * n..2 * n + 2], 16).unwrap())
}

fn signed(scheme: Scheme, keys: &[SigningKey], url: &str, rendered: Rendered) -> Signed {
    let attempt = Attempt {
        webhook_id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        timestamp_s: 1_767_323_045,
        method: "POST",
        endpoint: &url.parse().unwrap(),
        rotation: 0,
    };
    sign(&[scheme], keys, &attempt, rendered)
}

fn header<'a>(signed: &'a Signed, name: &str) -> &'a str {
    let found = signed.headers().iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str()).unwrap()
}

#[test]
fn v1a_reproduces_its_vector_and_stands_behind_v1() {
    let keys = [key(SHARED), key(PRIVATE)];
    let rendered = Rendered::json(BODY).unwrap();
    let scheme = Scheme::STANDARD_WEBHOOKS_V1A;
    let signed = signed(scheme, &keys, "https://shop.example/", rendered);
    assert_eq!(header(&signed, "webhook-signature"), format!("{V1} {V1A}"));
}

#[test]
fn without_a_private_key_v1_stands_alone_with_no_space_behind_it() {
    let rendered = Rendered::json(BODY).unwrap();
    let scheme = Scheme::STANDARD_WEBHOOKS_V1A;
    let signed = signed(scheme, &[key(SHARED)], "https://shop.example/", rendered);
    assert_eq!(header(&signed, "webhook-signature"), V1);
}

#[test]
fn the_public_half_is_the_one_that_was_published() {
    let public = key(PRIVATE).public().unwrap();
    assert_eq!(public.text().as_deref(), Some(PUBLIC));
    assert_eq!(PublicKey::from_text(PUBLIC), Some(public));
    assert_eq!(PublicKey::from_jwk(&public.jwk()), Some(public));
    assert!(key(SHARED).public().is_none());
}

#[test]
fn private_keys_are_read_again_from_their_text_and_never_printed() {
    for fresh in [
        SigningKey::ed25519(&[7; 32]),
        SigningKey::p256(&[7; 32]).unwrap(),
    ] {
        let again = key(fresh.expose());
        assert_eq!(again.id(), fresh.id());
        assert_eq!(again.kind(), fresh.kind());
        let encoded = fresh.expose().split_once('_').unwrap().1;
        assert!(!format!("{fresh:?}").contains(encoded));
    }
    assert_eq!(format!("{:?}", p256()), "SigningKey(es256_…)");
}

#[test]
fn a_text_that_is_no_private_key_is_refused() {
    let other_half = PRIVATE.replace("fVKIDij2", "fVKIDij3");
    for text in [
        &other_half,
        "whsk_AAAA",
        "es256_AAAA",
        &format!("es256_{}=", "/".repeat(42) + "8"),
    ] {
        assert_eq!(
            SigningKey::parse(text).unwrap_err(),
            SecretError::InvalidKey,
            "{text}"
        );
    }
    assert_eq!(
        SigningKey::parse("whsk_!").unwrap_err(),
        SecretError::NotBase64
    );
}

/// RFC 7638 with the key of RFC 7517 is RSA; this one is RFC 8037, appendix A.3.
#[test]
fn a_thumbprint_is_the_one_of_its_rfc() {
    let jwk =
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let public = PublicKey::from_jwk(&jwk).unwrap();
    assert_eq!(
        public.thumbprint(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

/// RFC 6979, appendix A.2.5: SHA-256, the message "sample".
#[test]
fn es256_is_deterministic_as_its_rfc_says() {
    use p256::ecdsa::signature::Signer as _;
    let key = p256();
    let keys::KeyMaterial::P256(private) = key.material() else {
        panic!("another kind")
    };
    let signature: p256::ecdsa::Signature = private.sign(b"sample");
    let expected: [u8; 64] = hex(concat!(
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    ));
    assert_eq!(signature.to_bytes().as_slice(), expected);
}

/// The signature base is written out by hand, as RFC 9421 defines it.
#[test]
fn ucp_covers_what_it_says_it_covers() {
    let agent = "profile=\"https://buywire.example/.well-known/ucp\"";
    let rendered = Rendered::json(BODY)
        .unwrap()
        .with_header("ucp-agent", agent);
    let url = "https://Shop.example:8443/hooks/a%20b?token=1";
    let signed = signed(Scheme::UCP, &[key(SHARED), p256()], url, rendered);
    let id = p256().id().to_owned();
    let parameters = format!(
        "(\"@method\" \"@authority\" \"@path\" \"@query\" \"ucp-agent\" \"webhook-id\" \
         \"webhook-timestamp\" \"content-digest\" \"content-type\");created=1767323045;keyid=\"{id}\""
    );
    assert_eq!(
        header(&signed, "signature-input"),
        format!("sig1={parameters}")
    );
    let digest = "sha-256=:mnP4g2CuVludd2qZuW0t1vPaoRgW/n96lWJ86OlGI7k=:";
    assert_eq!(header(&signed, "content-digest"), digest);
    let base = format!(
        "\"@method\": POST\n\
         \"@authority\": shop.example:8443\n\
         \"@path\": /hooks/a%20b\n\
         \"@query\": ?token=1\n\
         \"ucp-agent\": {agent}\n\
         \"webhook-id\": msg_2KWPBgLlAfxdpx2AI54pPJ85f4W\n\
         \"webhook-timestamp\": 1767323045\n\
         \"content-digest\": {digest}\n\
         \"content-type\": application/json\n\
         \"@signature-params\": {parameters}"
    );
    let signature = header(&signed, "signature");
    let encoded = signature
        .strip_prefix("sig1=:")
        .unwrap()
        .strip_suffix(':')
        .unwrap();
    let raw = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, encoded).unwrap();
    assert_eq!(raw.len(), 64, "r and s, not DER");
    let Some(PublicKey::P256(public)) = p256().public() else {
        panic!("another kind")
    };
    let raw = p256::ecdsa::Signature::from_slice(&raw).unwrap();
    public.verify(base.as_bytes(), &raw).unwrap();
}

#[test]
fn ucp_leaves_out_what_the_request_does_not_have() {
    let rendered = Rendered::json(BODY).unwrap();
    let signed = signed(Scheme::UCP, &[p256()], "https://shop.example/", rendered);
    let input = header(&signed, "signature-input");
    assert!(
        input.contains("(\"@method\" \"@authority\" \"@path\" \"webhook-id\" "),
        "{input}"
    );
    assert!(!input.contains("ucp-agent"), "{input}");
}

#[test]
fn a_public_key_verifies_its_own_signatures_alone() {
    let sha = Sha256::digest(b"anything");
    for private in [SigningKey::ed25519(&[7; 32]), p256()] {
        let public = private.public().unwrap();
        assert!(!public.verifies(&sha, &[0; 64]));
        assert!(!public.verifies(&sha, b""));
    }
}
