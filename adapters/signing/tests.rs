//! The published vectors of every scheme, and the published verifier against ours.

#![allow(
    clippy::disallowed_methods,
    reason = "the published verifiers judge by the real time"
)]

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use standardwebhooks::Webhook;
use time::OffsetDateTime;

use super::explain::{CapturedRequest, verify};
use super::signer::Signer;
use super::*;

const BODY: &str = r#"{"type":"order.confirmed","timestamp":"2026-01-02T03:04:05Z","data":{"order_id":"ord_123","total":"19.99","currency":"USD"}}"#;
const ID: &str = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
const TIMESTAMP_S: i64 = 1_767_323_045;
const NEW: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const BY_NEW: &str = "v1,E+ABusu9NuqiG9zeFlySJ4wFWaKR/UPhJYRGkCTA/FY=";
const BY_OLD: &str = "v1,xU6RwN8T7LIsMoQRn8COYOIgxH0Y0W2DjVjF1LrmWX0=";

fn signing_key(secret: &str) -> SigningKey {
    SigningKey::parse(secret).unwrap()
}

fn signed(scheme: Scheme, keys: &[SigningKey], timestamp_s: i64) -> Signed {
    let rendered = Rendered::json(BODY).unwrap();
    sign(&[scheme], keys, &attempt(ID, timestamp_s), rendered)
}

fn attempt(webhook_id: &str, timestamp_s: i64) -> Attempt<'_> {
    static ENDPOINT: LazyLock<Url> =
        LazyLock::new(|| "https://shop.example/hooks?token=t".parse().unwrap());
    Attempt {
        webhook_id,
        timestamp_s,
        method: "POST",
        endpoint: &ENDPOINT,
        rotation: 0,
    }
}

/// The headers of the vector, as `name: value` lines.
fn lines(scheme: Scheme, keys: &[SigningKey]) -> Vec<String> {
    signed(scheme, keys, TIMESTAMP_S)
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect()
}

#[test]
fn standard_webhooks_reproduces_its_vectors() {
    for (secret, signature) in [(NEW, BY_NEW), (OLD, BY_OLD)] {
        assert_eq!(
            lines(Scheme::STANDARD_WEBHOOKS, &[signing_key(secret)]),
            [
                format!("webhook-id: {ID}"),
                format!("webhook-timestamp: {TIMESTAMP_S}"),
                format!("webhook-signature: {signature}"),
            ]
        );
    }
}

#[test]
fn during_a_rotation_the_current_key_signs_first_and_one_space_parts_the_two() {
    let lines = lines(
        Scheme::STANDARD_WEBHOOKS,
        &[signing_key(NEW), signing_key(OLD)],
    );
    assert_eq!(lines[2], format!("webhook-signature: {BY_NEW} {BY_OLD}"));
}

#[test]
fn the_other_dialects_reproduce_their_vectors() {
    for (scheme, secret, line) in [
        (
            Scheme::STRIPE,
            "whsec_test_secret",
            "stripe-signature: t=1767323045,v1=a817be911962b9568c6be209ce1a81ffc528369b9fc487996ba1ed0c4cdd4ed9",
        ),
        (
            Scheme::ACP,
            "acp_secret",
            "merchant-signature: t=1767323045,v1=33257a7d7f2481ab9a4d8743d2818d69d9a4d403dabc7fee8908111b697e7da8",
        ),
        (
            Scheme::SHOPIFY,
            "shpss_test",
            "x-shopify-hmac-sha256: RlqQKR4L3Pk6fAgEsjwSJsaAQnFHljcYJ3BNEuyXeTg=",
        ),
        (
            Scheme::GITHUB,
            "gh_secret",
            "x-hub-signature-256: sha256=c8a7743010ee6355bbda73d5c58a1f2152d11fbb7530b2209e784c48c981fe9c",
        ),
        (
            Scheme::WOOCOMMERCE,
            "wc_secret",
            "x-wc-webhook-signature: 3AhPcDziQCDXXJESFyyT6iu+0VQEAD51OIVzx87za7c=",
        ),
    ] {
        let keys = [SigningKey::of_any_text(secret)];
        let name = scheme.name().to_owned();
        assert_eq!(lines(scheme, &keys), [line], "{name}");
    }
}

/// RFC 4231, test case 6: whole secrets may be longer than a block.
#[test]
fn a_key_longer_than_a_block_is_hashed_first() {
    let subject = Subject {
        webhook_id: "",
        timestamp: "",
        body: b"Test Using Larger Than Block-Size Key - Hash Key First",
        request: None,
    };
    assert_eq!(
        Signer::BODY_HEX.encoded_mac(keys::hmac_with_key(&[0xaa; 131]), &subject),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    );
}

#[test]
fn where_there_is_room_for_one_signature_the_keys_take_turns() {
    let keys = [NEW, OLD].map(SigningKey::of_any_text);
    let at = |rotation| {
        let attempt = Attempt {
            rotation,
            ..attempt(ID, TIMESTAMP_S)
        };
        let rendered = Rendered::json(BODY).unwrap();
        let signed = sign(&[Scheme::SHOPIFY], &keys, &attempt, rendered);
        format!("{}: {}", signed.headers()[0].0, signed.headers()[0].1)
    };
    assert_eq!([at(0)].as_slice(), lines(Scheme::SHOPIFY, &keys[..1]));
    assert_eq!([at(1)].as_slice(), lines(Scheme::SHOPIFY, &keys[1..]));
    assert_eq!(at(2), at(0));
    assert_eq!(rotations(&[Scheme::SHOPIFY], &keys), 2);
    assert_eq!(rotations(&[Scheme::SHOPIFY], &keys[..1]), 1);
    assert_eq!(rotations(&[Scheme::SHOPIFY], &[]), 1);
}

#[test]
fn where_there_is_room_every_key_signs_and_no_turn_is_taken() {
    let keys = [NEW, OLD].map(SigningKey::of_any_text);
    let stripe = lines(Scheme::STRIPE, &keys);
    assert_eq!(stripe[0].matches(",v1=").count(), 2, "{stripe:?}");
    assert_eq!(
        rotations(&[Scheme::STRIPE, Scheme::STANDARD_WEBHOOKS], &keys),
        1
    );
}

#[test]
fn without_a_key_nobody_accepts() {
    let request = signed(Scheme::STANDARD_WEBHOOKS, &[], now_s());
    assert!(!published_accepts(NEW, &raw(&request)));
}

#[test]
fn a_fresh_key_is_read_again_from_its_text() {
    let fresh = SigningKey::fresh(&[7; 32]);
    assert_eq!(
        fresh.expose(),
        "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
    );
    let again = signing_key(fresh.expose());
    let scheme = || Scheme::STANDARD_WEBHOOKS;
    assert_eq!(lines(scheme(), &[fresh]), lines(scheme(), &[again]));
}

#[test]
fn a_key_never_prints_its_secret() {
    assert_eq!(format!("{:?}", signing_key(NEW)), "SigningKey(whsec_…)");
}

#[test]
fn a_text_that_is_no_secret_is_refused_with_its_reason() {
    let short = "whsec_AAAA";
    for (text, fault) in [
        ("", SecretError::PartnerForm),
        ("MfKQ9r8GKYqrTwj", SecretError::PartnerForm),
        (&format!("{NEW}\n"), SecretError::WhiteSpace),
        (&NEW.replace('9', "-"), SecretError::NotBase64),
        (&NEW[..NEW.len() - 1], SecretError::NotBase64),
        (short, SecretError::Length { bytes: 3 }),
        (
            &format!("whsec_{}", "A".repeat(88)),
            SecretError::Length { bytes: 66 },
        ),
    ] {
        assert_eq!(SigningKey::parse(text).unwrap_err(), fault, "{text}");
    }
}

#[test]
fn the_published_verifier_accepts_either_key_during_a_rotation() {
    let keys = [signing_key(NEW), signing_key(OLD)];
    let request = raw(&signed(Scheme::STANDARD_WEBHOOKS, &keys, now_s()));
    assert!(published_accepts(NEW, &request));
    assert!(published_accepts(OLD, &request));
    let outsider = SigningKey::fresh(&[1; 32]);
    assert!(!published_accepts(outsider.expose(), &request));
}

/// Header values and body as raw bytes, so that any bit can be turned.
type Raw = [Vec<u8>; 4];
const NAMES: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];

fn raw(signed: &Signed) -> Raw {
    let header = |name| {
        let (_, value) = signed.headers().iter().find(|(n, _)| n == name).unwrap();
        value.clone().into_bytes()
    };
    let [id, timestamp, signature] = NAMES.map(header);
    [id, timestamp, signature, signed.body().to_vec()]
}

fn published_accepts(secret: &str, [values @ .., body]: &Raw) -> bool {
    let mut headers = HeaderMap::new();
    for (name, value) in NAMES.iter().zip(values) {
        // A value that HTTP cannot carry never arrives.
        let Ok(value) = HeaderValue::from_bytes(value) else {
            return false;
        };
        headers.insert(HeaderName::from_static(name), value);
    }
    let webhook = Webhook::new(secret).unwrap();
    webhook.verify(body, &headers).is_ok()
}

fn ours_accepts(secret: &str, [values @ .., body]: &Raw) -> bool {
    let Ok(headers) = NAMES
        .iter()
        .zip(values)
        .map(|(name, value)| Ok((name.to_string(), String::from_utf8(value.clone())?)))
        .collect::<Result<Vec<_>, std::string::FromUtf8Error>>()
    else {
        return false;
    };
    let headers = &headers;
    verify(
        secret,
        &CapturedRequest { headers, body },
        OffsetDateTime::now_utc(),
    )
    .is_ok()
}

fn now_s() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn every_single_bit_counts(part in 0_usize..4, at: prop::sample::Index, bit in 0_u32..8) {
        let mut request = raw(&signed(Scheme::STANDARD_WEBHOOKS, &[signing_key(NEW)], now_s()));
        prop_assert!(published_accepts(NEW, &request) && ours_accepts(NEW, &request));
        let bytes = &mut request[part];
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(!published_accepts(NEW, &request), "published verifier");
        prop_assert!(!ours_accepts(NEW, &request), "our own");
    }
}

#[test]
fn every_scheme_recognises_its_own_signature_and_no_changed_byte() {
    let key = SigningKey::fresh(&[7; 32]);
    let other = SigningKey::fresh(&[8; 32]);
    for scheme in [
        Scheme::STANDARD_WEBHOOKS,
        Scheme::STRIPE,
        Scheme::ACP,
        Scheme::SHOPIFY,
        Scheme::GITHUB,
        Scheme::WOOCOMMERCE,
    ] {
        let rendered = Rendered::json(r#"{"a":1}"#).unwrap();
        let attempt = attempt("dlv_1", 1_700_000_000);
        let schemes = std::slice::from_ref(&scheme);
        let signed = sign(schemes, std::slice::from_ref(&key), &attempt, rendered);
        let header = |name: &str| {
            let mut all = signed.headers().iter();
            all.find_map(|(key, value)| (key == name).then_some(value.as_str()))
        };
        let name = scheme.name();
        assert!(scheme.matches(&key, header, signed.body()), "{name}");
        assert!(!scheme.matches(&other, header, signed.body()), "{name}");
        assert!(!scheme.matches(&key, header, br#"{"a":2}"#), "{name}");
        assert!(!scheme.matches(&key, |_| None, signed.body()), "{name}");
    }
}

#[test]
fn a_secret_in_a_partners_own_form_signs_where_the_whole_text_is_the_key() {
    let own = "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";
    let key = SigningKey::parse(own).unwrap();
    assert_eq!(key.expose(), own);
    let keys = [key];
    for scheme in [Scheme::SHOPIFY, Scheme::STRIPE, Scheme::ACP] {
        let name = scheme.name().to_owned();
        let alone = [scheme];
        assert!(accepts_secret(&alone, &keys[0]), "{name}");
        assert!(can_sign(&alone, &keys), "{name}");
    }
    let decoding = [Scheme::STANDARD_WEBHOOKS];
    assert!(!accepts_secret(&decoding, &keys[0]));
    assert!(!can_sign(&decoding, &keys));
    for bad in [
        "short_secret_15",
        "with a blank in it",
        "shpss_\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
        &"x".repeat(129),
    ] {
        assert!(SigningKey::parse(bad).is_err(), "{bad}");
    }
}
