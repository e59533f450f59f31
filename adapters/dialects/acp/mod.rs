//! The Agentic Commerce Protocol, release 2026-04-17: order events as a merchant sends them to an agent's platform, here
//! sent to the merchant. Must not add a member that the published schema does not have.

mod callback;
mod order;
mod reply;

use serde_json::Value;
use time::OffsetDateTime;

use crate::contract::Adapter;
use crate::contract::callback::Callbacks;
use crate::contract::profile::name_and_profile;
use crate::contract::reply::{Acknowledgement, Reply, Verdict};
use crate::contract::request::{Delivery, RenderError, Rendered};
use crate::signing::{Scheme, Schemes};

const SCHEMES: &[Scheme] = &[Scheme::ACP];

/// The adapter `acp`.
#[derive(Debug)]
pub struct Acp;

impl Adapter for Acp {
    name_and_profile!("acp");

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        let body = order::body(delivery.event, delivery.settings)?;
        Ok(Rendered::json(body)?.with_header("request-id", delivery.id))
    }

    fn signature_schemes(&self, _settings: &Value) -> Schemes {
        Schemes::Borrowed(SCHEMES)
    }

    fn classify(&self, reply: &Reply, now: OffsetDateTime) -> Verdict {
        self::reply::classify(reply, now)
    }

    fn read_acknowledgement(&self, reply: &Reply) -> Option<Acknowledgement> {
        self::reply::read_acknowledgement(reply)
    }

    fn callbacks(&self) -> Option<&dyn Callbacks> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use crate::signing::{Attempt, SigningKey, sign};

    use super::*;

    /// `^t=\d+,v1=[a-fA-F0-9]{64}$`, as the release publishes it.
    fn fits_the_published_pattern(value: &str) -> bool {
        let parts = value
            .strip_prefix("t=")
            .and_then(|rest| rest.split_once(",v1="));
        parts.is_some_and(|(at, mac)| {
            at.bytes().all(|byte| byte.is_ascii_digit())
                && mac.len() == 64
                && mac.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    }

    #[test]
    fn during_a_rotation_the_signature_still_fits_the_published_pattern() {
        let keys = [[7; 32], [8; 32]].map(|seed| SigningKey::fresh(&seed));
        let values = [0, 1].map(|rotation| {
            let attempt = Attempt {
                webhook_id: "dlv_1",
                timestamp_s: 1_795_255_200,
                method: "POST",
                endpoint: &"https://shop.example/hooks".parse().unwrap(),
                rotation,
            };
            let signed = sign(SCHEMES, &keys, &attempt, Rendered::json("{}").unwrap());
            let mut headers = signed.headers().iter();
            headers
                .find_map(|(name, value)| (name == "merchant-signature").then(|| value.clone()))
                .unwrap()
        });
        assert!(
            values.iter().all(|value| fits_the_published_pattern(value)),
            "{values:?}"
        );
        assert_ne!(values[0], values[1], "the keys take turns");
    }
}
