//! Each mistake that receivers make, made on purpose, and the sentence it gets.

use time::macros::datetime;

use super::*;
use crate::contract::request::Rendered;
use crate::signing::keys::{HmacSha256, hmac_with_key};
use crate::signing::{Attempt, Scheme, SigningKey, sign};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const BODY: &str = r#"{"type":"order.confirmed","data":{"title":"A 5\" b \\ c  d","lines":[1,2]}}"#;
const NOW: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

type Headers = Vec<(String, String)>;

/// A good request of this moment.
fn headers(secrets: &[&str]) -> Headers {
    let keys: Vec<_> = secrets
        .iter()
        .map(|secret| SigningKey::parse(secret).unwrap())
        .collect();
    let rendered = Rendered::json(BODY).unwrap();
    let attempt = Attempt {
        webhook_id: "dlv_1",
        timestamp_s: NOW.unix_timestamp(),
        method: "POST",
        endpoint: &"https://shop.example/hooks".parse().unwrap(),
        rotation: 0,
    };
    let signed = sign(Scheme::STANDARD_WEBHOOKS_ONLY, &keys, &attempt, rendered);
    let pairs = signed.headers().iter();
    pairs
        .map(|(name, value)| (name.to_string(), value.clone()))
        .collect()
}

/// A request whose signature was made by other means.
fn signed_by(mac: HmacSha256, signer: Signer) -> Headers {
    let mut headers = headers(&[SECRET]);
    let timestamp = NOW.unix_timestamp().to_string();
    let signature = signer.encoded_mac(
        mac,
        &Subject {
            webhook_id: "dlv_1",
            timestamp: &timestamp,
            body: BODY.as_bytes(),
            request: None,
        },
    );
    headers[2].1 = format!("v1,{signature}");
    headers
}

fn verify_headers(headers: &Headers, body: impl AsRef<[u8]>) -> Result<Verified, VerifyError> {
    let body = body.as_ref();
    verify(SECRET, &CapturedRequest { headers, body }, NOW)
}

fn with(name: &str, value: &str) -> Headers {
    let mut headers = headers(&[SECRET]);
    let (_, old) = headers.iter_mut().find(|(key, _)| key == name).unwrap();
    value.clone_into(old);
    headers
}

#[test]
fn a_good_request_tells_which_signature_fits() {
    let mut headers = headers(&[OTHER, SECRET]);
    headers[0].0 = "Webhook-Id".to_owned();
    let verified = verify_headers(&headers, BODY).unwrap();
    assert_eq!(
        verified,
        Verified {
            webhook_id: "dlv_1".to_owned(),
            timestamp_s: NOW.unix_timestamp(),
            signature: 2,
            signatures: 2,
        }
    );
}

#[test]
fn versions_that_a_secret_cannot_check_are_passed_over() {
    let good = headers(&[SECRET])[2].1.clone();
    let verified = verify_headers(
        &with("webhook-signature", &format!("v1a,AAAA {good}")),
        BODY,
    );
    assert_eq!(verified.map(|verified| verified.signature), Ok(2));
    let fault = verify_headers(&with("webhook-signature", "v1a,AAAA"), BODY);
    assert_eq!(fault, Err(VerifyError::NoV1));
}

#[test]
fn a_secret_that_is_none_is_named_first() {
    let nothing = CapturedRequest {
        headers: &[],
        body: b"",
    };
    let fault = verify("hunter2", &nothing, NOW).unwrap_err();
    assert_eq!(fault, VerifyError::Secret(SecretError::Prefix));
}

#[test]
fn missing_and_doubled_headers_are_named() {
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut without = headers(&[SECRET]);
        without.retain(|(key, _)| key != name);
        assert_eq!(
            verify_headers(&without, BODY),
            Err(VerifyError::HeaderMissing(name))
        );
        let twice = [headers(&[SECRET]), headers(&[SECRET])].concat();
        assert_eq!(
            verify_headers(&twice, BODY),
            Err(VerifyError::DuplicateHeader("webhook-id"))
        );
    }
}

#[test]
fn headers_of_another_service_are_recognised() {
    let mut headers = headers(&[SECRET]);
    for (name, _) in &mut headers {
        *name = name.replace("webhook-", "Svix-");
    }
    assert_eq!(
        verify_headers(&headers, BODY),
        Err(VerifyError::SvixHeaders)
    );
}

#[test]
fn timestamps_that_are_none_are_named() {
    let at = |text: &str| verify_headers(&with("webhook-timestamp", text), BODY);
    for text in ["", "soon", "-5", "+5", "1.5", "2026-11-20T10:00:00Z"] {
        assert_eq!(
            at(text),
            Err(VerifyError::TimestampNotANumber(text.to_owned()))
        );
    }
    assert_eq!(
        at("1795168800000"),
        Err(VerifyError::TimestampInMilliseconds)
    );
}

#[test]
fn the_clock_may_differ_by_five_minutes_either_way() {
    let headers = &headers(&[SECRET]);
    let body = BODY.as_bytes();
    let at = |seconds| {
        let later = NOW + time::Duration::seconds(seconds);
        verify(SECRET, &CapturedRequest { headers, body }, later).map(|_| ())
    };
    assert_eq!(at(300), Ok(()));
    assert_eq!(at(-300), Ok(()));
    assert_eq!(at(301), Err(VerifyError::TooOld { by_s: 1 }));
    assert_eq!(at(-307), Err(VerifyError::TooNew { by_s: 7 }));
}

#[test]
fn a_wrong_secret_is_told_even_when_the_capture_is_old() {
    let headers = &headers(&[OTHER]);
    let body = BODY.as_bytes();
    let later = NOW + time::Duration::DAY;
    let fault = verify(SECRET, &CapturedRequest { headers, body }, later).unwrap_err();
    assert_eq!(fault, VerifyError::NoSignatureFits);
}

#[test]
fn malformed_signatures_are_counted() {
    let good = headers(&[SECRET])[2].1.clone();
    for (value, entry) in [
        (String::new(), 1),
        ("v1".to_owned(), 1),
        ("v1,".to_owned(), 1),
        (good.replace("v1,", ""), 1),
        (good.replace("v1,", "v1="), 1),
        (good.trim_end_matches('=').to_owned(), 1),
        (format!("{good}  {good}"), 2),
        (format!("{good},{good}"), 1),
        (format!("{good} v1,{}", "ab".repeat(32)), 2),
    ] {
        let fault = verify_headers(&with("webhook-signature", &value), BODY);
        assert_eq!(
            fault,
            Err(VerifyError::SignatureMalformed { entry }),
            "{value:?}"
        );
    }
}

#[test]
fn a_signer_that_took_the_wrong_key_or_content_is_told_so() {
    let key = SharedKey::parse(SECRET).unwrap();
    let standard = || Signer::V1;
    let text = signed_by(key.mac(KeyForm::Text).unwrap(), standard());
    assert_eq!(
        verify_headers(&text, BODY),
        Err(VerifyError::SecretUsedAsText)
    );
    let undecoded = signed_by(
        hmac_with_key(&SECRET.as_bytes()["whsec_".len()..]),
        standard(),
    );
    assert_eq!(
        verify_headers(&undecoded, BODY),
        Err(VerifyError::SecretNotDecoded)
    );
    let body_alone = signed_by(key.mac(KeyForm::Decoded).unwrap(), Signer::BODY_BASE64);
    assert_eq!(
        verify_headers(&body_alone, BODY),
        Err(VerifyError::BodyAlone)
    );
}

#[test]
fn a_body_that_a_tool_changed_is_told_how() {
    let spaced = BODY.replace(':', ": ").replace(',', ",\n  ");
    for (body, change) in [
        (format!("{BODY}\n"), BodyChange::LineEndAdded),
        (format!("{BODY}\r\n"), BodyChange::LineEndAdded),
        (format!("\u{feff}{BODY}"), BodyChange::ByteOrderMark),
        (spaced, BodyChange::Respaced),
    ] {
        let fault = verify_headers(&headers(&[SECRET]), body);
        assert_eq!(fault, Err(VerifyError::BodyChanged(change)));
    }
    assert_eq!(
        verify_headers(&headers(&[SECRET]), ""),
        Err(VerifyError::BodyEmpty)
    );
    let other = BODY.replace("[1,2]", "[1,3]");
    let fault = verify_headers(&headers(&[SECRET]), other);
    assert_eq!(fault, Err(VerifyError::NoSignatureFits));
}

#[test]
fn a_body_of_lines_that_a_tool_changed_is_told_how() {
    let lines = "{\"a\":1,\n\"b\":2}\n";
    let key = SharedKey::parse(SECRET).unwrap();
    let timestamp = NOW.unix_timestamp().to_string();
    let subject = Subject {
        webhook_id: "dlv_1",
        timestamp: &timestamp,
        body: lines.as_bytes(),
        request: None,
    };
    let right = Signer::V1.encoded_mac(key.mac(KeyForm::Decoded).unwrap(), &subject);
    let headers = with("webhook-signature", &format!("v1,{right}"));
    assert!(verify_headers(&headers, lines).is_ok());
    for (body, change) in [
        (lines.trim_end().to_owned(), BodyChange::LineEndCut),
        (lines.replace('\n', "\r\n"), BodyChange::CrLf),
    ] {
        assert_eq!(
            verify_headers(&headers, body),
            Err(VerifyError::BodyChanged(change))
        );
    }
}
