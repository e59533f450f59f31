//! The Universal Commerce Protocol, release 2026-04-08: snapshots of the order as a business sends them to a platform, here
//! sent to the business. Must not send a difference: a snapshot holds the whole order.

mod callback;
mod order;
mod reply;

use buywire_schemas::event::OrderData;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::contract::Adapter;
use crate::contract::callback::Callbacks;
use crate::contract::profile::name_and_profile;
use crate::contract::reply::{Acknowledgement, Reply, Verdict};
use crate::contract::request::{Delivery, RenderError, Rendered};
use crate::signing::{Scheme, Schemes};

/// The path of our profile below the gateway's public URL.
pub const PROFILE_PATH: &str = "/.well-known/ucp";

const SCHEMES: &[Scheme] = &[Scheme::UCP];

/// The adapter `ucp`.
#[derive(Debug)]
pub struct Ucp;

/// Our profile, which holds the keys that verify our orders.
///
/// The release calls the list of keys `signing_keys`, the next release `keys`; the profile has both. The order capability
/// has no `webhook_url`, because each partner reports to its own URL.
#[must_use]
pub fn platform_profile(keys: &[Value]) -> Value {
    let version = order::VERSION;
    let site = format!("https://ucp.dev/{version}");
    json!({
        "ucp": {
            "version": version,
            "services": {
                "dev.ucp.shopping": [{
                    "version": version,
                    "spec": format!("{site}/specification/overview"),
                    "transport": "rest",
                    "schema": format!("{site}/services/shopping/rest.openapi.json"),
                }],
            },
            "capabilities": {
                "dev.ucp.shopping.order": [{
                    "version": version,
                    "spec": format!("{site}/specification/order"),
                    "schema": format!("{site}/schemas/shopping/order.json"),
                }],
            },
            "payment_handlers": {},
        },
        "signing_keys": keys,
        "keys": keys,
    })
}

impl Adapter for Ucp {
    name_and_profile!("ucp");

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        let body = order::body(delivery.event, delivery.settings)?;
        let agent = format!("profile=\"{}{PROFILE_PATH}\"", delivery.public_url);
        Ok(Rendered::json(body)?.with_header("ucp-agent", agent))
    }

    fn check_order(&self, order: &OrderData) -> Result<(), RenderError> {
        order::check_amounts(order)
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
