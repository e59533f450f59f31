//! Sends one question to a hook and reads the reply.
//!
//! Promises: signed as Standard Webhooks with every valid secret; behind the egress guard, without redirects; over after
//! four seconds; at most 64 KiB of the reply are read. Must not log what was asked or answered.

use std::sync::Arc;
use std::time::Duration;

use buywire_adapters::contract::request::Rendered;
use buywire_adapters::signing::{Attempt, Scheme, Signed, SigningKey, sign};
use buywire_checkout::digest::InputDigest;
use buywire_checkout::hook::{HookReply, HookRequest};
use buywire_schemas::ids::PartnerId;
use buywire_schemas::problem::BodyError;
use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};
use time::OffsetDateTime;
use tokio::time::timeout;

use super::failure::HookFailure;
use crate::egress::{
    Clients, ClientsError, EgressError, EgressPolicy, OutboundRequest, SavedBy, SharedLookup,
    SystemLookup, TargetUrl, system_roots,
};
use crate::secrets::master_key::{MasterKeys, SealError};
use crate::secrets::sealed_key::KeyTable;
use crate::secrets::sealed_url;
use crate::store::partners::decision_hooks::DecisionHook;

/// A buyer waits: DNS, connection, TLS, reply.
const TIMEOUT: Duration = Duration::from_secs(4);
/// Twenty options and two hundred lines have less.
const REPLY_BYTES_MAX: usize = 64 * 1024;
/// Idle connections that may prove closed, one after another, before a new one is made.
const REUSED_MAX: usize = 3;

#[derive(Clone)]
pub(super) struct HookClient {
    clients: Clients,
    policy: EgressPolicy,
    master: Arc<MasterKeys>,
}

/// A hook that can be asked.
pub(super) struct OpenedHook {
    pub(super) target: TargetUrl,
    /// The current secret first.
    keys: Vec<SigningKey>,
}

impl HookClient {
    /// With this machine's resolver and CA certificates.
    pub(super) fn new(policy: EgressPolicy, master: Arc<MasterKeys>) -> Result<Self, ClientsError> {
        let lookup = Arc::new(SharedLookup::new(SystemLookup));
        Ok(Self {
            clients: Clients::new(policy.clone(), lookup, system_roots(), TIMEOUT)?,
            policy,
            master,
        })
    }

    /// Opens the URL and the secrets that are valid at a time.
    pub(super) fn open(
        &self,
        partner: PartnerId,
        hook: &DecisionHook,
        now: OffsetDateTime,
    ) -> Result<OpenedHook, HookFailure> {
        let url = self.url(partner, hook).map_err(HookFailure::Sealed)?;
        let saved_by = match hook.url_saved_by.as_str() {
            "operator" => SavedBy::Operator,
            _ => SavedBy::Partner,
        };
        let target = TargetUrl::parse(&url, saved_by, &self.policy);
        Ok(OpenedHook {
            target: target.map_err(|refusal| HookFailure::Url(refusal.code()))?,
            keys: self.keys(partner, hook, now).map_err(HookFailure::Sealed)?,
        })
    }

    fn url(&self, partner: PartnerId, hook: &DecisionHook) -> Result<String, SealError> {
        let row = partner.uuid().to_string();
        let sealed = hook.sealed_url.as_deref();
        sealed_url::open(&self.master, "decision_hooks", &row, &hook.url, sealed)
    }

    fn keys(
        &self,
        partner: PartnerId,
        hook: &DecisionHook,
        now: OffsetDateTime,
    ) -> Result<Vec<SigningKey>, SealError> {
        let row = partner.uuid();
        let mut keys = vec![KeyTable::DecisionHooks.open(&self.master, row, &hook.secret)?];
        if let Some((previous, valid_until)) = &hook.previous
            && now < *valid_until
        {
            keys.push(KeyTable::PreviousDecisionHooks.open(&self.master, row, previous)?);
        }
        Ok(keys)
    }

    /// Asks. `now` is the time that the signature carries.
    pub(super) async fn send(
        &self,
        hook: &OpenedHook,
        request: &HookRequest,
        now: OffsetDateTime,
    ) -> Result<HookReply, HookFailure> {
        let outbound = outbound(hook, request, now).ok_or(HookFailure::Unsendable)?;
        let exchange = async {
            let response = self.execute(&hook.target, outbound).await?;
            read_body(response).await
        };
        let body = timeout(TIMEOUT, exchange).await;
        let body = body.unwrap_or(Err(HookFailure::Timeout))?;
        HookReply::parse(&body, REPLY_BYTES_MAX, request).map_err(|error| unreadable(&error))
    }

    /// A question changes nothing at the partner, so it is sent again if an idle connection proves closed.
    async fn execute(
        &self,
        target: &TargetUrl,
        outbound: OutboundRequest,
    ) -> Result<Response, HookFailure> {
        for _ in 0..REUSED_MAX {
            match self.clients.execute(target, outbound.clone()).await {
                Err(EgressError::OnReusedConnection(_)) => {}
                other => return other.map_err(|error| failed(&error)),
            }
        }
        let last = self.clients.execute(target, outbound).await;
        last.map_err(|error| failed(&error))
    }
}

fn outbound(
    hook: &OpenedHook,
    request: &HookRequest,
    now: OffsetDateTime,
) -> Option<OutboundRequest> {
    let body = request.to_json().ok()?;
    let id = question_id(&body, now);
    let attempt = Attempt {
        webhook_id: &id,
        timestamp_s: now.unix_timestamp(),
        method: "POST",
        endpoint: hook.target.url(),
        rotation: 0,
    };
    let rendered = Rendered::json(body).ok()?;
    let signed = sign(
        Scheme::STANDARD_WEBHOOKS_ONLY,
        &hook.keys,
        &attempt,
        rendered,
    );
    to_request(signed)
}

/// The name of one question. The same question at another time has another, so that no receiver takes it for a repetition.
fn question_id(body: &[u8], now: OffsetDateTime) -> String {
    let now = now.unix_timestamp_nanos().to_be_bytes();
    let digest = InputDigest::of(&[now.as_slice(), body].concat()).to_string();
    format!("que_{}", digest.get(..32).unwrap_or_default())
}

fn to_request(signed: Signed) -> Option<OutboundRequest> {
    let (content_type, signed_headers, body) = signed.into_parts();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(&content_type).ok()?);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    for (name, value) in &signed_headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.insert(name, HeaderValue::from_str(value).ok()?);
    }
    Some(OutboundRequest {
        method: Method::POST,
        headers,
        body: Bytes::from(body),
    })
}

fn failed(error: &EgressError) -> HookFailure {
    match error {
        EgressError::Blocked(_) => HookFailure::Url("blocked_address"),
        _ => HookFailure::Unreachable,
    }
}

async fn read_body(mut response: Response) -> Result<Vec<u8>, HookFailure> {
    let status = response.status().as_u16();
    if !(200..=299).contains(&status) {
        return Err(HookFailure::Status(status));
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= REPLY_BYTES_MAX => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err(HookFailure::TooLarge),
            Ok(None) => return Ok(body),
            Err(_) => return Err(HookFailure::Unreachable),
        }
    }
}

/// The first problem's pointer and code. Its detail may hold an amount.
fn unreadable(error: &BodyError) -> HookFailure {
    let first = match error {
        BodyError::NotJson(_) => None,
        BodyError::Invalid(problems) => problems.first(),
    };
    HookFailure::Malformed {
        pointer: first
            .map(|problem| problem.pointer.clone())
            .unwrap_or_default(),
        code: first.map_or("not_json", |problem| problem.code),
    }
}

#[cfg(test)]
mod tests {
    use buywire_checkout::hook::HookLine;
    use buywire_schemas::money::Currency;

    use super::*;

    #[test]
    fn what_is_logged_of_a_wrong_reply_is_its_pointer_and_no_value() {
        let request = HookRequest {
            currency: Currency::parse("EUR").unwrap(),
            tax_included: true,
            lines: vec![HookLine {
                item_id: "CUP-1".to_owned(),
                quantity: 1,
                unit_price: 1_000,
                discount: 0,
            }],
            ship_to: None,
        };
        let logged = |reply: &str| {
            let refused = HookReply::parse(reply.as_bytes(), REPLY_BYTES_MAX, &request);
            unreadable(&refused.unwrap_err()).to_string()
        };
        let reply = r#"{"currency": "EUR", "options": [], "lines": [{"item_id": "CUP-1", "tax": 7731}], "tax": 7731}"#;
        assert_eq!(
            logged(reply),
            "its reply is refused: tax_exceeds_price at `/lines/0/tax`"
        );
        let wrong_sum = reply.replace("\"tax\": 7731}]", "\"tax\": 770}]");
        for text in [logged(&wrong_sum), logged("7731"), logged("{\"secret 7731")] {
            assert!(!text.contains("77"), "{text}");
        }
    }
}
