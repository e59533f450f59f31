//! One attempt: render, sign, check the lease, send, classify the reply.
//!
//! Promises: nothing is sent unsigned, or in the last seconds of a lease. One request is sent, with one exception:
//! during a rotation, under a scheme with room for one signature, a 401 or 403 is answered with the same request,
//! signed with the next key. No transaction is open meanwhile. Must not record: it returns what to record.

use std::time::{Duration, Instant};

use buywire_adapters::contract::reply::{Reply, RetryAfter, Verdict};
use buywire_adapters::contract::request::Delivery;
use buywire_adapters::signing::{self, KeyKind, Scheme, SigningKey};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::endpoints::ActiveEndpoint;
use super::failures::Failure;
use super::lanes::PickedDelivery;
use super::schedule::{self, NextAttempt};
use super::sending::identity::Identity;
use super::sending::request::WebhookRequest;
use super::sending::scrub::Secrets;
use super::sending::sender::{Exchange, SendFailure, Sender};
use super::shards::Shards;
use crate::ambient;
use crate::egress::RequestTimings;
use crate::store::delivery::queue::{AttemptParts, AttemptRecord};
use crate::store::orders::acknowledgements::{NewAcknowledgement, PartnerOrderRef};

/// Enough of a reply to see what went wrong.
const STORED_BODY_BYTES_MAX: usize = 16 * 1024;

/// Of a partner's name for an order. The longest of them are URLs of pages.
const NAME_CHARS_MAX: usize = 500;

/// How an attempt ended.
pub(crate) enum AttemptOutcome {
    /// It was not made, because the lease had run out. The delivery stays as it is.
    NotMade,
    /// Nothing was sent, because this node had no file descriptor or port left. The delivery stays as it is and is
    /// retried soon. This does not count as an attempt and says nothing about the endpoint.
    NoSocket,
    Accepted(AttemptRecord),
    Failed {
        record: AttemptRecord,
        /// The failure's stable code.
        error: String,
        /// Which group of failures it belongs to.
        failure: Box<Failure>,
        /// The delay until the next attempt, or why there is none (`dead_deliveries.reason`).
        next: Result<Duration, &'static str>,
        /// The endpoint replied that it is gone.
        gone: bool,
        /// Whether the failure counts against the endpoint. A failure to render does not.
        endpoint_at_fault: bool,
    },
}

impl AttemptOutcome {
    /// An attempt that failed because of a bug of ours: retried by the schedule, not counted against the endpoint.
    pub(crate) fn internal_error(picked: &PickedDelivery) -> Self {
        Self::local_failure(picked, "internal")
    }

    /// Not sent, for a reason that does not count against the endpoint.
    fn local_failure(picked: &PickedDelivery, error: &str) -> Self {
        let mut outcome = failed_unsent(picked, ambient::now(), error);
        if let Self::Failed {
            endpoint_at_fault, ..
        } = &mut outcome
        {
            *endpoint_at_fault = false;
        }
        outcome
    }
}

pub(crate) async fn attempt(
    picked: &PickedDelivery,
    sender: &Sender,
    shards: &Shards,
    identity: &Identity,
) -> AttemptOutcome {
    let delivery = &picked.delivery;
    let endpoint = &picked.endpoint;
    let now = ambient::now();
    if schedule::is_expired(delivery.opened_at, now) {
        let expired = schedule::DeadReason::Expired.as_str();
        return dead_unsent(picked, now, expired.to_owned(), expired);
    }
    let target = match &endpoint.target {
        Ok(target) => target,
        Err(code) => return failed_unsent(picked, now, code),
    };
    let id = delivery.id.to_string();
    let rendered = match endpoint.adapter.render(&Delivery {
        id: &id,
        event: &delivery.event,
        settings: &endpoint.settings,
        endpoint: target.target_url().url(),
        public_url: &identity.public_url,
    }) {
        Ok(rendered) => rendered,
        Err(error) => {
            let error = format!("unrenderable: {error}");
            return dead_unsent(picked, now, error, "unrenderable");
        }
    };
    let schemes = endpoint.adapter.signature_schemes(&endpoint.settings);
    let request = WebhookRequest {
        id,
        keys: keys(endpoint, &schemes, identity, now),
        schemes,
        rendered,
        target,
    };
    // The delivery waits for a key, and its attempts say why.
    if !signing::can_sign(&request.schemes, &request.keys) {
        return AttemptOutcome::local_failure(picked, "no_signing_key");
    }
    let may_start = || shards.may_start(delivery.shard, picked.epoch, Instant::now());
    let first_key = usize::try_from(delivery.attempts_in_cycle).unwrap_or_default();
    let started = Instant::now();
    let Some(sent) = request.send(sender, first_key, may_start).await else {
        return AttemptOutcome::NotMade;
    };
    outcome(picked, &request, &sent, (now, started.elapsed()))
}

/// What an exchange means, and what to record of it.
fn outcome(
    picked: &PickedDelivery,
    request: &WebhookRequest<'_>,
    sent: &Exchange,
    (at, elapsed): (OffsetDateTime, Duration),
) -> AttemptOutcome {
    let parts = attempt_parts(&sent.timings, request.rendered.body());
    match &sent.outcome {
        Ok(reply) => {
            let secrets = secrets_in(reply, &picked.endpoint, request);
            let record = attempt_record(at, elapsed, Some((reply, &secrets)));
            let mut outcome = classify(picked, AttemptRecord { parts, ..record }, reply);
            if let AttemptOutcome::Failed { record, .. } = &mut outcome {
                let secrets = self::secrets(&picked.endpoint, request);
                record.response_headers = sent.kept_headers(&secrets);
            }
            outcome
        }
        Err(SendFailure::NoSocket) => AttemptOutcome::NoSocket,
        Err(failure) => {
            let record = attempt_record(at, elapsed, None);
            let error = failure.code().to_owned();
            failed(picked, AttemptRecord { parts, ..record }, error, None)
        }
    }
}

/// How long the parts took, and the hash of the body that was sent.
fn attempt_parts(timings: &RequestTimings, body: &[u8]) -> AttemptParts {
    let ms = |part: Option<Duration>| {
        part.map(|part| i16::try_from(part.as_millis()).unwrap_or(i16::MAX))
    };
    let digest = Sha256::digest(body);
    AttemptParts {
        dns_ms: ms(timings.dns),
        connect_ms: ms(timings.connect),
        tls_ms: ms(timings.tls),
        first_byte_ms: ms(timings.first_byte),
        body_hash: digest.first_chunk().copied(),
    }
}

/// An attempt that failed before anything was sent.
fn failed_unsent(picked: &PickedDelivery, now: OffsetDateTime, error: &str) -> AttemptOutcome {
    let record = attempt_record(now, Duration::ZERO, None);
    failed(picked, record, error.to_owned(), None)
}

/// The secrets that a reply may contain. Skips the work for an empty reply.
fn secrets_in(reply: &Reply, endpoint: &ActiveEndpoint, request: &WebhookRequest<'_>) -> Secrets {
    match reply.body.is_empty() {
        true => Secrets::default(),
        false => secrets(endpoint, request),
    }
}

/// The secrets that the receiver was sent.
fn secrets(endpoint: &ActiveEndpoint, request: &WebhookRequest<'_>) -> Secrets {
    let rendered = request.rendered.headers().iter();
    let of_settings = rendered.filter(|_| endpoint.has_secret_settings);
    let of_endpoint = request.target.secret_headers();
    let values = of_endpoint.chain(of_settings.map(|(_, value)| value.as_str()));
    Secrets::from_request(values, request.target.target_url().url())
}

/// The endpoint's own keys, and the gateway's P-256 keys for schemes whose receivers find the key in our profile.
fn keys(
    endpoint: &ActiveEndpoint,
    schemes: &[Scheme],
    identity: &Identity,
    now: OffsetDateTime,
) -> Vec<SigningKey> {
    let mut keys = endpoint.keys(now);
    let mut kinds = schemes.iter().flat_map(Scheme::key_kinds);
    if kinds.any(|kind| kind == KeyKind::P256) {
        keys.extend(identity.keys(now));
    }
    keys
}

fn classify(picked: &PickedDelivery, record: AttemptRecord, reply: &Reply) -> AttemptOutcome {
    match picked.endpoint.adapter.classify(reply, ambient::now()) {
        Verdict::Accepted => AttemptOutcome::Accepted(AttemptRecord {
            acknowledgement: acknowledgement(picked, &record, reply).map(Box::new),
            ..record
        }),
        Verdict::Retry { after, reason } => failed(picked, record, reason.code().to_owned(), after),
        // The endpoint is disabled at once. The delivery stays due until it is enabled again.
        Verdict::Gone => {
            let mut outcome = failed(picked, record, "gone".to_owned(), None);
            if let AttemptOutcome::Failed { next, gone, .. } = &mut outcome {
                (*next, *gone) = (Ok(Duration::ZERO), true);
            }
            outcome
        }
    }
}

/// The partner's own id for the order, from its reply.
fn acknowledgement(
    picked: &PickedDelivery,
    record: &AttemptRecord,
    reply: &Reply,
) -> Option<NewAcknowledgement> {
    let delivery = &picked.delivery;
    let order = delivery.order?;
    let named = picked.endpoint.adapter.read_acknowledgement(reply)?;
    Some(NewAcknowledgement {
        order,
        partner: picked.endpoint.partner,
        delivery: delivery.id,
        at: record.at,
        order_ref: PartnerOrderRef {
            order_id: named.order_id.as_deref().map(truncated_name),
            number: named.number.as_deref().map(truncated_name),
            permalink: named.permalink.as_deref().map(truncated_name),
        },
    })
}

fn truncated_name(text: &str) -> String {
    let chars = text.chars().take(NAME_CHARS_MAX);
    chars
        .map(|c| if c == '\0' { '\u{fffd}' } else { c })
        .collect()
}

fn failed(
    picked: &PickedDelivery,
    record: AttemptRecord,
    error: String,
    after: Option<RetryAfter>,
) -> AttemptOutcome {
    let now = ambient::now();
    let attempt_number = u32::try_from(picked.delivery.attempts_in_cycle)
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    let next = picked.endpoint.schedule.next(
        attempt_number,
        after,
        picked.delivery.opened_at,
        now,
        ambient::random(),
    );
    let next = match next {
        NextAttempt::At(at) => Ok((at - now).try_into().unwrap_or(Duration::ZERO)),
        NextAttempt::Dead(reason) => Err(reason.as_str()),
    };
    AttemptOutcome::Failed {
        failure: failure(picked, &record, &error),
        record,
        error,
        next,
        gone: false,
        endpoint_at_fault: true,
    }
}

fn dead_unsent(
    picked: &PickedDelivery,
    now: OffsetDateTime,
    error: String,
    reason: &'static str,
) -> AttemptOutcome {
    let record = attempt_record(now, Duration::ZERO, None);
    AttemptOutcome::Failed {
        failure: failure(picked, &record, &error),
        record,
        error,
        next: Err(reason),
        gone: false,
        endpoint_at_fault: false,
    }
}

fn failure(picked: &PickedDelivery, record: &AttemptRecord, error: &str) -> Box<Failure> {
    let reply = record.response_body.as_deref();
    let endpoint = picked.delivery.endpoint;
    Box::new(Failure::new(endpoint, error, record.status_code, reply))
}

fn attempt_record(
    at: OffsetDateTime,
    elapsed: Duration,
    answered: Option<(&Reply, &Secrets)>,
) -> AttemptRecord {
    let reply = answered.map(|(reply, _)| reply);
    AttemptRecord {
        at,
        duration_ms: i32::try_from(elapsed.as_millis()).unwrap_or(i32::MAX),
        status_code: reply.and_then(|reply| i16::try_from(reply.status).ok()),
        response_body: answered
            .filter(|(reply, _)| !reply.body.is_empty())
            .map(|(reply, secrets)| body_text(reply, secrets)),
        response_truncated: reply
            .is_some_and(|reply| reply.truncated || reply.body.len() > STORED_BODY_BYTES_MAX),
        response_headers: None,
        parts: AttemptParts::default(),
        acknowledgement: None,
    }
}

/// PostgreSQL's text is UTF-8 without U+0000; a reply may contain any bytes.
fn body_text(reply: &Reply, secrets: &Secrets) -> String {
    let stored = reply
        .body
        .get(..STORED_BODY_BYTES_MAX)
        .unwrap_or(&reply.body);
    let was_cut = reply.truncated || stored.len() < reply.body.len();
    let text = String::from_utf8_lossy(stored).replace('\0', "\u{fffd}");
    secrets.scrub(text, was_cut)
}
