//! Tries common mistakes until one explains a signature that does not fit.
//!
//! Promises: names a mistake only if repeating it reproduces the signature, so that a diagnosis is a proof. Must not
//! guess.

use super::{BodyChange, VerifyError};
use crate::signing::keys::{HmacSha256, SECRET_PREFIX, hmac_with_key};
use crate::signing::signer::Signer;
use crate::signing::subject::Subject;
use crate::toolkit::json::minify_json;

pub(super) fn explain(
    secret: &str,
    decoded: &HmacSha256,
    subject: &Subject<'_>,
    presented: &[Option<&str>],
) -> VerifyError {
    let fits = |signer: Signer, mac: HmacSha256, body: &[u8]| {
        let signature = signer.encoded_mac(mac, &Subject { body, ..*subject });
        presented.contains(&Some(signature.as_str()))
    };
    let standard = |mac: HmacSha256, body: &[u8]| fits(Signer::V1, mac, body);
    let undecoded = secret.trim_start_matches(SECRET_PREFIX).as_bytes();
    let decoded = || decoded.clone();

    if standard(hmac_with_key(secret.as_bytes()), subject.body) {
        return VerifyError::SecretUsedAsText;
    }
    if standard(hmac_with_key(undecoded), subject.body) {
        return VerifyError::SecretNotDecoded;
    }
    // Shopify signs the body alone, in the same encoding.
    if fits(Signer::BODY_BASE64, decoded(), subject.body) {
        return VerifyError::BodyAlone;
    }
    for (change, original) in originals(subject.body) {
        if standard(decoded(), &original) {
            return VerifyError::BodyChanged(change);
        }
    }
    if subject.body.is_empty() {
        return VerifyError::BodyEmpty;
    }
    VerifyError::NoSignatureFits
}

/// What the body may have been before each change.
fn originals(body: &[u8]) -> Vec<(BodyChange, Vec<u8>)> {
    let mut originals = vec![
        (BodyChange::LineEndCut, [body, b"\n"].concat()),
        (BodyChange::CrLf, without_cr(body)),
        (BodyChange::Respaced, minify_json(body)),
    ];
    let without_line_end = body
        .strip_suffix(b"\r\n")
        .or_else(|| body.strip_suffix(b"\n"));
    originals.extend(without_line_end.map(|rest| (BodyChange::LineEndAdded, rest.to_vec())));
    let without_bom = body.strip_prefix("\u{feff}".as_bytes());
    originals.extend(without_bom.map(|rest| (BodyChange::ByteOrderMark, rest.to_vec())));
    // The specific explanation goes before the general one that includes it.
    originals.sort_by_key(|(change, _)| *change == BodyChange::Respaced);
    originals
}

fn without_cr(body: &[u8]) -> Vec<u8> {
    let next = body.iter().skip(1).chain([&0]);
    body.iter()
        .zip(next)
        .filter(|pair| *pair != (&b'\r', &b'\n'))
        .map(|(byte, _)| *byte)
        .collect()
}
