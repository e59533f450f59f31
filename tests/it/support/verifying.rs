//! Verifies requests with public keys, independently of the gateway's code.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature as Ed25519Signature, VerifyingKey as Ed25519Key};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature as P256Signature, VerifyingKey as P256Key};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::receiver::Received;

/// Whether this `whpk_…` key made one of the `v1a` signatures of Standard Webhooks.
pub(crate) fn v1a_verifies(request: &Received, public: &str) -> bool {
    let key = STANDARD.decode(public.strip_prefix("whpk_").unwrap());
    let key = Ed25519Key::from_bytes(&key.unwrap().try_into().unwrap()).unwrap();
    let mut signed = format!("{}.{}.", request.id(), request.header("webhook-timestamp"));
    signed.push_str(std::str::from_utf8(&request.body).unwrap());
    let signatures = request.header("webhook-signature").split(' ');
    signatures
        .filter_map(|one| one.strip_prefix("v1a,"))
        .any(|one| {
            let bytes = STANDARD.decode(one).unwrap();
            let signature = Ed25519Signature::from_slice(&bytes).unwrap();
            key.verify_strict(signed.as_bytes(), &signature).is_ok()
        })
}

/// The key id in a request's RFC 9421 signature.
pub(crate) fn key_id(request: &Received) -> &str {
    let (_, rest) = request
        .header("signature-input")
        .split_once("keyid=\"")
        .unwrap();
    rest.split_once('"').unwrap().0
}

/// The components that a request's RFC 9421 signature covers, in order.
pub(crate) fn covered_components(request: &Received) -> Vec<&str> {
    let input = request.header("signature-input");
    let (_, list) = input.split_once('(').unwrap();
    let (list, _) = list.split_once(')').unwrap();
    list.split(' ').map(|name| name.trim_matches('"')).collect()
}

/// Whether a key of this profile signed the request, including its body.
pub(crate) fn profile_verifies(request: &Received, profile: &Value) -> bool {
    let keys = profile["signing_keys"].as_array().unwrap();
    let named = keys.iter().find(|key| key["kid"] == key_id(request));
    named.is_some_and(|key| ucp_verifies(request, key))
}

fn ucp_verifies(request: &Received, jwk: &Value) -> bool {
    let digest = STANDARD.encode(Sha256::digest(&request.body));
    if request.header("content-digest") != format!("sha-256=:{digest}:") {
        return false;
    }
    let half = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let key = P256Key::from_sec1_bytes(&[vec![4], half("x"), half("y")].concat()).unwrap();
    let signature = request.header("signature").strip_prefix("sig1=:").unwrap();
    let signature = STANDARD
        .decode(signature.strip_suffix(':').unwrap())
        .unwrap();
    let signature = P256Signature::from_slice(&signature).unwrap();
    key.verify(signature_base(request).as_bytes(), &signature)
        .is_ok()
}

/// The signature base of RFC 9421, section 2.5.
fn signature_base(request: &Received) -> String {
    let parameters = request
        .header("signature-input")
        .strip_prefix("sig1=")
        .unwrap();
    let mut base = String::new();
    for name in covered_components(request) {
        let value = match name {
            "@method" => "POST",
            "@authority" => request.header("host"),
            "@path" => request.target.split('?').next().unwrap(),
            header => request.header(header),
        };
        base.push_str(&format!("\"{name}\": {value}\n"));
    }
    base + "\"@signature-params\": " + parameters
}
