//! What comes to the door: each scheme's own request, and all that is wrong with it.

use serde_json::json;
use time::macros::datetime;
use url::Url;

use super::*;
use crate::contract::request::Rendered;
use crate::signing::{Attempt, Scheme, SigningKey, sign};

const BODY: &str = r#"{"id":"evt_1","type":"order.shipped"}"#;
const NOW: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

/// A request as its parts, so that each can be broken.
#[derive(Clone)]
struct Request {
    method: &'static str,
    url: Url,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// One scheme with a partner's key, and the same with a stranger's.
struct Case {
    scheme: InboundScheme,
    outbound: Scheme,
    key: SigningKey,
    outsider: SigningKey,
    timed: bool,
}

fn cases() -> Vec<Case> {
    let shared = |seed| SigningKey::fresh(&[seed; 32]);
    let case = |scheme, outbound, timed| Case {
        scheme,
        outbound,
        key: shared(1),
        outsider: shared(2),
        timed,
    };
    let v1a = Case {
        key: SigningKey::ed25519(&[1; 32]),
        outsider: SigningKey::ed25519(&[2; 32]),
        ..case(
            InboundScheme::STANDARD_WEBHOOKS,
            Scheme::STANDARD_WEBHOOKS_V1A,
            true,
        )
    };
    let ucp = Case {
        key: SigningKey::p256(&[1; 32]).unwrap(),
        outsider: SigningKey::p256(&[2; 32]).unwrap(),
        ..case(InboundScheme::UCP, Scheme::UCP, true)
    };
    vec![
        case(
            InboundScheme::STANDARD_WEBHOOKS,
            Scheme::STANDARD_WEBHOOKS,
            true,
        ),
        case(InboundScheme::STRIPE, Scheme::STRIPE, true),
        case(InboundScheme::ACP, Scheme::ACP, true),
        case(InboundScheme::SHOPIFY, Scheme::SHOPIFY, false),
        v1a,
        ucp,
    ]
}

impl Case {
    fn verifier(&self, keys: &[&SigningKey]) -> CallbackVerifier {
        let secrets = keys.iter().filter(|key| key.public().is_none());
        let secrets: Vec<_> = secrets.map(|key| key.expose()).collect();
        let public = keys.iter().filter_map(|key| key.public());
        let public: Vec<_> = public.map(|key| key.jwk()).collect();
        CallbackVerifier::new(self.scheme, &secrets, &public).unwrap()
    }

    fn request(&self, key: &SigningKey, at: OffsetDateTime) -> Request {
        let url: Url = "https://buywire.example/v1/callbacks/acme?from=warehouse"
            .parse()
            .unwrap();
        let attempt = Attempt {
            webhook_id: "msg_1",
            timestamp_s: at.unix_timestamp(),
            method: "POST",
            endpoint: &url,
            rotation: 0,
        };
        let schemes = std::slice::from_ref(&self.outbound);
        let keys = std::slice::from_ref(key);
        let signed = sign(schemes, keys, &attempt, Rendered::json(BODY).unwrap());
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let signing = signed.headers().iter();
        headers.extend(signing.map(|(name, value)| (name.to_string(), value.clone())));
        Request {
            method: "POST",
            url,
            headers,
            body: BODY.into(),
        }
    }
}

fn verify(
    verifier: &CallbackVerifier,
    request: &Request,
) -> Result<VerifiedCallback, SignatureError> {
    let request = CallbackRequest {
        method: request.method,
        url: &request.url,
        headers: &request.headers,
        body: &request.body,
    };
    verifier.verify(&request, NOW)
}

#[test]
fn a_partners_own_request_passes_with_its_old_key_and_its_new_one() {
    for case in cases() {
        let request = case.request(&case.key, NOW);
        let passed = Ok(VerifiedCallback::Signed {
            at: case.timed.then_some(NOW),
        });
        assert_eq!(
            verify(&case.verifier(&[&case.key]), &request),
            passed,
            "{}",
            case.scheme
        );
        let rotating = case.verifier(&[&case.outsider, &case.key]);
        assert_eq!(verify(&rotating, &request), passed, "{}", case.scheme);
    }
}

#[test]
fn another_partners_signature_is_refused() {
    for case in cases() {
        let request = case.request(&case.outsider, NOW);
        let refused = verify(&case.verifier(&[&case.key]), &request);
        assert_eq!(refused, Err(SignatureError::Signature), "{}", case.scheme);
    }
}

#[test]
fn a_request_passes_for_five_minutes_either_way() {
    for case in cases().into_iter().filter(|case| case.timed) {
        let guard = case.verifier(&[&case.key]);
        for (age_s, refused) in [
            (300, None),
            (-300, None),
            (301, Some(SignatureError::TooOld)),
            (-301, Some(SignatureError::TooNew)),
            (86_400, Some(SignatureError::TooOld)),
        ] {
            let request = case.request(&case.key, NOW - Duration::seconds(age_s));
            assert_eq!(
                verify(&guard, &request).err(),
                refused,
                "{} {age_s}",
                case.scheme
            );
        }
    }
}

#[test]
fn every_bit_of_the_body_counts() {
    for case in cases() {
        let guard = case.verifier(&[&case.key]);
        let good = case.request(&case.key, NOW);
        for at in 0..good.body.len() * 8 {
            let mut request = good.clone();
            request.body[at / 8] ^= 1 << (at % 8);
            assert_eq!(
                verify(&guard, &request),
                Err(SignatureError::Signature),
                "{}",
                case.scheme
            );
        }
        let mut longer = good;
        longer.body.push(b'\n');
        assert!(verify(&guard, &longer).is_err(), "{}", case.scheme);
    }
}

#[test]
fn every_byte_of_the_signing_headers_counts() {
    for case in cases() {
        let guard = case.verifier(&[&case.key]);
        let good = case.request(&case.key, NOW);
        for header in 0..good.headers.len() {
            // Shared-secret schemes do not cover the content type.
            if good.headers[header].0 == "content-type" && case.scheme != InboundScheme::UCP {
                continue;
            }
            for at in 0..good.headers[header].1.len() {
                let mut request = good.clone();
                let mut value = request.headers[header].1.clone().into_bytes();
                value[at] ^= 1;
                request.headers[header].1 = String::from_utf8(value).unwrap();
                let name = &good.headers[header].0;
                assert!(
                    verify(&guard, &request).is_err(),
                    "{} {name} {at}",
                    case.scheme
                );
            }
        }
    }
}

#[test]
fn a_missing_a_doubled_and_a_nonsense_header_is_refused() {
    for case in cases() {
        let guard = case.verifier(&[&case.key]);
        let good = case.request(&case.key, NOW);
        for n in 1..good.headers.len() {
            let name = &good.headers[n].0;
            let mut without = good.clone();
            without.headers.remove(n);
            assert!(
                verify(&guard, &without).is_err(),
                "{} without {name}",
                case.scheme
            );
            let mut twice = good.clone();
            twice.headers.push(good.headers[n].clone());
            assert!(
                verify(&guard, &twice).is_err(),
                "{} {name} twice",
                case.scheme
            );
            for nonsense in [
                "",
                ",",
                "=",
                "v1,",
                "t=,v1=",
                "sig1=()",
                "sig1=(\"@method\")",
                "\u{fffd}",
            ] {
                let mut altered = good.clone();
                altered.headers[n].1 = nonsense.to_owned();
                assert!(
                    verify(&guard, &altered).is_err(),
                    "{} {name}: {nonsense}",
                    case.scheme
                );
            }
        }
    }
}

#[test]
fn junk_is_refused_without_a_panic() {
    let mebibyte = vec![b'x'; 1024 * 1024];
    for case in cases() {
        let guard = case.verifier(&[&case.key]);
        let mut request = case.request(&case.key, NOW);
        request.body.clone_from(&mebibyte);
        assert_eq!(
            verify(&guard, &request),
            Err(SignatureError::Signature),
            "{}",
            case.scheme
        );
        request.headers.clear();
        assert!(matches!(
            verify(&guard, &request),
            Err(SignatureError::Header(_))
        ));
    }
}

#[test]
fn what_is_not_signed_must_be_fetched_again() {
    let guard = CallbackVerifier::new(InboundScheme::UNSIGNED, &[], &[]).unwrap();
    let request = cases().remove(0).request(&SigningKey::fresh(&[1; 32]), NOW);
    assert_eq!(
        verify(&guard, &request),
        Ok(VerifiedCallback::NeedsConfirmation)
    );
}

fn ucp() -> (CallbackVerifier, Request) {
    let case = cases().pop().unwrap();
    (case.verifier(&[&case.key]), case.request(&case.key, NOW))
}

#[test]
fn a_ucp_request_passes_only_where_it_was_sent_to() {
    let (guard, good) = ucp();
    for url in [
        "https://other.example/v1/callbacks/acme?from=warehouse",
        "https://buywire.example:8443/v1/callbacks/acme?from=warehouse",
        "https://buywire.example/v1/callbacks/rival?from=warehouse",
        "https://buywire.example/v1/callbacks/acme?from=elsewhere",
        "https://buywire.example/v1/callbacks/acme",
    ] {
        let url = url.parse().unwrap();
        let request = Request {
            url,
            ..good.clone()
        };
        assert_eq!(verify(&guard, &request), Err(SignatureError::Signature));
    }
    let request = Request {
        method: "PUT",
        ..good
    };
    assert_eq!(verify(&guard, &request), Err(SignatureError::Signature));
}

#[test]
fn a_ucp_request_must_cover_what_steers_us() {
    let (guard, good) = ucp();
    for name in ["ucp-agent", "idempotency-key"] {
        let mut request = good.clone();
        request.headers.push((name.to_owned(), "x".to_owned()));
        assert_eq!(
            verify(&guard, &request),
            Err(SignatureError::NotCovered(name))
        );
    }
    let mut request = good;
    let input = request
        .headers
        .iter_mut()
        .find(|(name, _)| name == "signature-input");
    let input = &mut input.unwrap().1;
    *input = input.replace(" \"content-digest\"", "");
    assert_eq!(
        verify(&guard, &request),
        Err(SignatureError::NotCovered("content-digest"))
    );
}

#[test]
fn one_good_ucp_signature_among_others_is_enough() {
    let (guard, mut request) = ucp();
    for (name, value) in &mut request.headers {
        match name.as_str() {
            "signature-input" => *value = format!("a=(\"@method\");keyid=\"k,2\", {value}"),
            "signature" => *value = format!("a=:AAAA:, {value}"),
            _ => {}
        }
    }
    assert!(verify(&guard, &request).is_ok());
}

#[test]
fn a_guard_that_could_pass_nothing_or_everything_is_not_set_up() {
    use VerifierSetupError::{NoKey, PublicKey, Secret};
    let p256 = SigningKey::p256(&[1; 32]).unwrap().public().unwrap().jwk();
    for (scheme, secrets, public, fault) in [
        (InboundScheme::STANDARD_WEBHOOKS, vec![], vec![], NoKey),
        (InboundScheme::STRIPE, vec![], vec![], NoKey),
        (InboundScheme::SHOPIFY, vec![], vec![p256], NoKey),
        (
            InboundScheme::UCP,
            vec!["a shop's own secret"],
            vec![],
            NoKey,
        ),
        (
            InboundScheme::STANDARD_WEBHOOKS,
            vec!["whsec_AAAA"],
            vec![],
            Secret,
        ),
        (InboundScheme::STRIPE, vec![""], vec![], Secret),
        (
            InboundScheme::STANDARD_WEBHOOKS,
            vec!["hunter2"],
            vec![],
            Secret,
        ),
        (
            InboundScheme::UCP,
            vec![],
            vec![json!({"kty": "RSA", "kid": "a"})],
            PublicKey,
        ),
    ] {
        let refused = CallbackVerifier::new(scheme, &secrets, &public).unwrap_err();
        assert_eq!(refused, fault, "{scheme}");
    }
    for scheme in InboundScheme::ALL {
        assert_eq!(scheme.to_string().parse(), Ok(*scheme));
    }
    let names = InboundScheme::listed_names();
    assert!(names.ends_with("`shopify`, `ucp` or `unsigned`"), "{names}");
    assert_eq!(
        "basic".parse::<InboundScheme>(),
        Err(VerifierSetupError::Scheme)
    );
}
