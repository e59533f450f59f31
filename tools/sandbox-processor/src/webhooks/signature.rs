//! `Stripe-Signature`: HMAC-SHA256 over the time, a dot and the exact body.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header's value.
pub(crate) fn sign(secret: &str, timestamp_s: i64, body: &[u8]) -> String {
    // A key of any length is a key of HMAC.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{timestamp_s}.").as_bytes());
    mac.update(body);
    let bytes = mac.finalize().into_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={timestamp_s},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with OpenSSL.
    #[test]
    fn a_signature_is_the_one_that_others_compute() {
        let expected =
            "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925";
        assert_eq!(
            sign("whsec_test", 1_700_000_000, b"{\"id\":\"evt_1\"}"),
            expected
        );
    }
}
