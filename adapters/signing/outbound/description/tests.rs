//! Described schemes against the known ones, and what is refused.

use serde_json::json;

use super::*;
use crate::contract::request::Rendered;
use crate::signing::{Attempt, SigningKey, sign};

/// Headers of a `{"a":1}` signed as described with these keys.
fn lines(description: &Json, keys: &[SigningKey]) -> Vec<String> {
    let attempt = Attempt {
        webhook_id: "dlv_1",
        timestamp_s: 1_767_323_045,
        method: "POST",
        endpoint: &"https://shop.example/".parse().unwrap(),
        rotation: 0,
    };
    let schemes = [Scheme::from_description(description).unwrap()];
    let signed = sign(
        &schemes,
        keys,
        &attempt,
        Rendered::json(r#"{"a":1}"#).unwrap(),
    );
    let headers = signed.headers().iter();
    headers
        .map(|(name, value)| format!("{name}: {value}"))
        .collect()
}

#[test]
fn a_description_of_a_known_scheme_signs_as_the_known_scheme() {
    let keys = [SigningKey::fresh(&[1; 32]), SigningKey::fresh(&[2; 32])];
    let expected = |scheme: Scheme| {
        let attempt = Attempt {
            webhook_id: "dlv_1",
            timestamp_s: 1_767_323_045,
            method: "POST",
            endpoint: &"https://shop.example/".parse().unwrap(),
            rotation: 0,
        };
        let rendered = Rendered::json(r#"{"a":1}"#).unwrap();
        let signed = sign(&[scheme], &keys, &attempt, rendered);
        let headers = signed.headers().iter();
        let mut lines: Vec<_> = headers
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        lines.sort();
        lines
    };
    let stripe = json!({
        "algorithm": "hmac-sha256", "content": "{timestamp}.{body}", "encoding": "hex",
        "headers": {"stripe-signature": "t={timestamp},{signatures}"},
        "prefix": "v1=", "between": ",",
    });
    assert_eq!(lines(&stripe, &keys), expected(Scheme::STRIPE));
    let standard = json!({
        "algorithm": "hmac-sha256", "key": "decoded", "content": "{id}.{timestamp}.{body}",
        "encoding": "base64", "prefix": "v1,", "between": " ",
        "headers": {
            "webhook-id": "{id}", "webhook-timestamp": "{timestamp}",
            "webhook-signature": "{signatures}",
        },
    });
    let mut described = lines(&standard, &keys);
    described.sort();
    assert_eq!(described, expected(Scheme::STANDARD_WEBHOOKS));
    let github = json!({
        "algorithm": "hmac-sha256", "content": "{body}", "encoding": "hex",
        "headers": {"x-hub-signature-256": "sha256={signatures}"},
    });
    assert_eq!(lines(&github, &keys), expected(Scheme::GITHUB));
}

#[test]
fn a_description_takes_private_keys_too() {
    let keys = [SigningKey::fresh(&[1; 32]), SigningKey::ed25519(&[1; 32])];
    let mut described = json!({
        "algorithm": "ed25519", "content": "{body}", "encoding": "base64",
        "headers": {"x-signature": "{signatures}"},
    });
    let signature = |line: &str| line.strip_prefix("x-signature: ").unwrap().len();
    assert_eq!(signature(&lines(&described, &keys)[0]), 88);
    described["algorithm"] = "ecdsa-p256".into();
    let none = lines(&described, &keys);
    assert_eq!(none, ["x-signature: "], "no key of that kind, no signature");
}

#[test]
fn a_description_that_would_not_do_is_refused_with_its_reason() {
    let refused = |changes: Json| {
        let mut described = json!({
            "algorithm": "hmac-sha256", "content": "{body}", "encoding": "hex",
            "headers": {"x-signature": "{signatures}"},
        });
        for (name, value) in changes.as_object().unwrap() {
            described[name] = value.clone();
        }
        Scheme::from_description(&described)
            .unwrap_err()
            .to_string()
    };
    for (changes, reason) in [
        (json!({"algorithm": "md5"}), "unknown variant `md5`"),
        (json!({"salt": "x"}), "unknown field `salt`"),
        (json!({"content": "{timestamp}"}), "must contain `{body}`"),
        (
            json!({"content": "{body}{path}"}),
            "`content` has no placeholder `{path}`",
        ),
        (json!({"content": "{body"}), "an unbalanced brace"),
        (json!({"content": "}{body}"}), "an unbalanced brace"),
        (json!({"headers": {}}), "1 to 8 headers"),
        (json!({"headers": {"x-signature": "none"}}), "once"),
        (
            json!({"headers": {"x-a": "{signatures}{signatures}"}}),
            "once",
        ),
        (
            json!({"headers": {"Host": "{signatures}"}}),
            "`Host` cannot be a signature header",
        ),
        (
            json!({"headers": {"host": "{signatures}"}}),
            "`host` cannot be a signature header",
        ),
        (
            json!({"headers": {"x a": "{signatures}"}}),
            "`x a` cannot be a signature header",
        ),
        (
            json!({"headers": {"x-a": "{signatures}\r\nx-b: 1"}}),
            "`x-a` must be printable",
        ),
        (json!({"prefix": "\u{e9}"}), "`prefix` must be printable"),
        (json!({"between": "\n"}), "`between` must be printable"),
        (
            json!({"content": format!("{{body}}{}", "x".repeat(300))}),
            "`content` must be",
        ),
    ] {
        let error = refused(changes);
        assert!(error.contains(reason), "{error}");
    }
}
