//! Shopify's webhooks: an order as an app of a shop knows one, and what shops
//! tell of parcels, refunds and stock. Must not send the newer family of
//! headers (`shopify-…`): its presence makes Shopify's library ignore this one.

mod callback;
mod order;
mod parcels;
mod refund;
mod reply;
mod words;

use std::sync::LazyLock;

use serde_json::Value;

use crate::callback::{Callback, CallbackRefusal, CallbackRequest};
use crate::contract::{Adapter, Profile, Unrenderable};
use crate::reply::{Acknowledgement, Reply};
use crate::request::{Delivery, Rendered};
use crate::share::rfc3339;
use crate::signing::{Scheme, Schemes};

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::parse(include_str!("profile.json")));

const SCHEMES: &[Scheme] = &[Scheme::SHOPIFY];

/// The release whose resources ours are shaped like.
const VERSION: &str = "2026-07";

/// The adapter `shopify`.
#[derive(Debug)]
pub struct Shopify;

impl Adapter for Shopify {
    fn name(&self) -> &'static str {
        "shopify"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, Unrenderable> {
        let event = delivery.event;
        let topic = order::topic(event.kind, delivery.settings)?;
        let shop = shop(delivery).ok_or(Unrenderable::Missing("shop_domain"))?;
        let version = setting(delivery.settings, "api_version").unwrap_or(VERSION);
        let body = order::body(event, delivery.settings, shop)?;
        Ok(Rendered::json(body)?
            .with_header("x-shopify-topic", topic)
            .with_header("x-shopify-shop-domain", shop)
            .with_header("x-shopify-api-version", version)
            .with_header("x-shopify-webhook-id", delivery.id)
            .with_header("x-shopify-event-id", event.id.to_string())
            .with_header("x-shopify-triggered-at", rfc3339(event.occurred_at)?))
    }

    fn signature(&self, _settings: &Value) -> Schemes {
        Schemes::Borrowed(SCHEMES)
    }

    fn acknowledgement(&self, reply: &Reply) -> Option<Acknowledgement> {
        reply::acknowledgement(reply)
    }

    fn callback(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackRefusal> {
        callback::read(request)
    }
}

/// The shop that the partner's software knows itself as.
fn shop<'a>(delivery: &Delivery<'a>) -> Option<&'a str> {
    setting(delivery.settings, "shop_domain").or_else(|| delivery.endpoint.host_str())
}

/// A setting that a header can carry: a domain, a release.
fn setting<'a>(settings: &'a Value, name: &str) -> Option<&'a str> {
    let text = settings.get(name)?.as_str()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (!text.is_empty() && text.bytes().all(plain)).then_some(text)
}
