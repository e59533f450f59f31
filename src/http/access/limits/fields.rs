//! The fields `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), by which clients slow down before
//! they are refused.
//!
//! The policy is named `key`: `q` requests may be sent within `w` seconds, the time in which an empty bucket refills.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::bucket::Quota;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

impl Quota {
    /// Say what is left.
    pub(crate) fn write_to(self, headers: &mut HeaderMap) {
        let window_s = self.rate.burst.div_ceil(self.rate.per_second);
        let policy = format!("\"key\";q={};w={window_s}", self.rate.burst);
        let more = self.more_in_s.map(|seconds| format!(";t={seconds}"));
        let limit = format!("\"key\";r={}{}", self.left, more.unwrap_or_default());
        for (name, value) in [(POLICY, policy), (LIMIT, limit)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
}
