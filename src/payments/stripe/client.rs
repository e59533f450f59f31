//! Sends one request to Stripe's API and reads its answer.
//!
//! Promises: a request is sent once, behind the egress guard, without redirects, and ends within its timeout; at most
//! 1 MiB of the answer is read; every POST has an idempotency key. A failure says whether anything was sent.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use super::errors::classify;
use super::form::encode;
use crate::egress::{Clients, EgressError, EgressPolicy, OutboundRequest, SavedBy, TargetUrl};
use crate::payments::error::{PaymentError, UnknownCause};
use crate::payments::ids::IdempotencyKey;
use crate::payments::settings::{STRIPE_HOST, STRIPE_PAGES_HOST, StripeSettings, is_loopback};

/// The API's version that this client was written for, as Stripe's OpenAPI description names it (`info.version` in
/// spec3.json).
const API_VERSION: &str = "2026-08-26.dahlia";

/// A session with a hundred lines has 200 kB.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Where 3-D Secure begins; the bank's page follows.
const STRIPE_AUTHENTICATION_HOST: &str = "hooks.stripe.com";

/// What takes Shared Payment Tokens, which no other version does.
const PREVIEW_VERSION: &str = "2026-04-22.preview";

const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// How long a request may take.
#[derive(Debug, Clone, Copy)]
pub struct StripeTimeouts {
    /// For DNS, connect and TLS.
    pub connect: Duration,
    /// A whole POST. A bank decides meanwhile, which takes some seconds.
    pub post: Duration,
    /// A whole GET.
    pub get: Duration,
}

impl Default for StripeTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            post: Duration::from_secs(20),
            get: Duration::from_secs(10),
        }
    }
}

pub(super) struct Client {
    clients: Clients,
    policy: EgressPolicy,
    base: Url,
    authorization: HeaderValue,
    timeouts: StripeTimeouts,
}

impl Client {
    /// `None` when the key does not fit a header.
    pub(super) fn new(
        clients: Clients,
        policy: EgressPolicy,
        settings: &StripeSettings,
        timeouts: StripeTimeouts,
    ) -> Option<Self> {
        let value = zeroize::Zeroizing::new(format!("Bearer {}", settings.key.as_str()));
        let mut authorization = HeaderValue::from_str(&value).ok()?;
        authorization.set_sensitive(true);
        Some(Self {
            clients,
            policy,
            base: settings.url.clone(),
            authorization,
            timeouts,
        })
    }

    /// Reads an object, with the objects that `expand` names in place of their ids.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &Value,
    ) -> Result<T, PaymentError> {
        let target = format!("{path}?{}", encode(params));
        let sent = self.send(Method::GET, &target, HeaderMap::new(), Bytes::new());
        within(self.timeouts.get, sent).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &Value,
        key: &IdempotencyKey,
    ) -> Result<T, PaymentError> {
        let headers = post_headers(key)?;
        let sent = self.send(Method::POST, path, headers, encode(params).into());
        within(self.timeouts.post, sent).await
    }

    /// A POST with the preview version, whose refusal is read by the caller: a decline has its payment in the error.
    pub(super) async fn post_preview(
        &self,
        path: &str,
        params: &Value,
        key: &IdempotencyKey,
    ) -> Result<RawReply, PaymentError> {
        let mut headers = post_headers(key)?;
        let preview = HeaderValue::from_static(PREVIEW_VERSION);
        headers.insert(STRIPE_VERSION, preview);
        let sent = self.request(Method::POST, path, headers, encode(params).into());
        within(self.timeouts.post, sent).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        target: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<T, PaymentError> {
        self.request(method, target, headers, body).await?.read()
    }

    async fn request(
        &self,
        method: Method,
        target: &str,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<RawReply, PaymentError> {
        let url = format!("{}{target}", self.base.as_str().trim_end_matches('/'));
        let target = TargetUrl::parse(&url, SavedBy::Operator, &self.policy)
            .map_err(|refusal| PaymentError::Misconfigured(refusal.code()))?;
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers
            .entry(STRIPE_VERSION)
            .or_insert(HeaderValue::from_static(API_VERSION));
        let outbound = OutboundRequest {
            method,
            headers,
            body,
        };
        let response = self.clients.execute(&target, outbound).await;
        let response = response.map_err(|error| failed_request(&error))?;
        Ok(RawReply {
            status: response.status().as_u16(),
            is_replay: response.headers().contains_key(IDEMPOTENT_REPLAYED),
            body: read_body(response).await?,
        })
    }

    /// Whether a buyer may be sent to this page: on Stripe's own host, or on that of another processor's API.
    pub(super) fn is_hosted_page(&self, page: &str) -> bool {
        Url::parse(page).is_ok_and(|page| is_hosted_page(&self.base, &page))
    }
}

/// An answer that was not read yet.
pub(super) struct RawReply {
    pub(super) status: u16,
    is_replay: bool,
    pub(super) body: Vec<u8>,
}

impl RawReply {
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, PaymentError> {
        match self.status {
            200..=299 => serde_json::from_slice(&self.body).map_err(|_| PaymentError::unreadable()),
            status => Err(classify(status, self.is_replay, &self.body)),
        }
    }
}

fn post_headers(key: &IdempotencyKey) -> Result<HeaderMap, PaymentError> {
    let key = HeaderValue::from_str(key.as_str());
    let key = key.map_err(|_| PaymentError::refused("idempotency_key_invalid", None))?;
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    Ok(HeaderMap::from_iter([
        (IDEMPOTENCY_KEY, key),
        (CONTENT_TYPE, form),
    ]))
}

fn is_hosted_page(base: &Url, page: &Url) -> bool {
    let is_open = page.username().is_empty() && page.password().is_none();
    let is_same_port = page.scheme() == base.scheme()
        && page.port_or_known_default() == base.port_or_known_default();
    let is_host = match base.host_str() {
        Some(STRIPE_HOST) => {
            let hosts = [STRIPE_PAGES_HOST, STRIPE_AUTHENTICATION_HOST];
            hosts.iter().any(|host| page.host_str() == Some(*host))
        }
        // This machine has several names.
        other => page.host_str() == other || (is_loopback(base) && is_loopback(page)),
    };
    is_open && is_same_port && is_host
}

async fn within<T>(
    time: Duration,
    sent: impl Future<Output = Result<T, PaymentError>>,
) -> Result<T, PaymentError> {
    let ended = timeout(time, sent).await;
    ended.unwrap_or(Err(PaymentError::Unknown(UnknownCause::Timeout)))
}

/// Without a connection nothing was sent.
fn failed_request(error: &EgressError) -> PaymentError {
    match error {
        EgressError::Blocked(_) => PaymentError::Misconfigured("blocked_address"),
        EgressError::Unresolved(_) => PaymentError::NotSent("the name is not resolved"),
        EgressError::Proxy(_) => PaymentError::NotSent("the proxy does not connect"),
        EgressError::ProxyCredentials(_) => PaymentError::Misconfigured("proxy_credentials"),
        EgressError::Http(cause)
        | EgressError::CertificateRequired(cause)
        | EgressError::CertificateOffered(cause)
        | EgressError::OnReusedConnection(cause) => match cause.is_connect() {
            true => PaymentError::NotSent("no connection"),
            false => PaymentError::Unknown(UnknownCause::ConnectionLost),
        },
    }
}

async fn read_body(mut response: Response) -> Result<Vec<u8>, PaymentError> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= BODY_BYTES_MAX => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err(PaymentError::unreadable()),
            Ok(None) => return Ok(body),
            Err(_) => return Err(PaymentError::Unknown(UnknownCause::ConnectionLost)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buyers_are_sent_to_the_processors_own_pages_only() {
        for (base, page, expected) in [
            (
                "https://api.stripe.com/",
                "https://checkout.stripe.com/c/pay/cs_1#x",
                true,
            ),
            (
                "https://api.stripe.com/",
                "https://api.stripe.com/c/pay/cs_1",
                false,
            ),
            (
                "https://api.stripe.com/",
                "http://checkout.stripe.com/c",
                false,
            ),
            (
                "https://api.stripe.com/",
                "https://checkout.stripe.com:444/c",
                false,
            ),
            (
                "https://api.stripe.com/",
                "https://checkout.stripe.com.evil.example/c",
                false,
            ),
            (
                "https://api.stripe.com/",
                "https://a@checkout.stripe.com/c",
                false,
            ),
            ("https://api.stripe.com/", "javascript:alert(1)", false),
            ("https://pay.example/", "https://pay.example/c", true),
            (
                "https://pay.example/",
                "https://checkout.stripe.com/c",
                false,
            ),
            ("http://localhost:1/", "http://127.0.0.1:1/c", true),
            ("http://127.0.0.1:1/", "http://127.0.0.1:2/c", false),
            ("http://127.0.0.1:1/", "http://10.0.0.1:1/c", false),
        ] {
            let (base, page) = (Url::parse(base).unwrap(), Url::parse(page).unwrap());
            assert_eq!(is_hosted_page(&base, &page), expected, "{base} {page}");
        }
    }
}
