//! One attempt: render, sign, check the lease, send, classify the reply.
//!
//! Promises: nothing is sent unsigned, or in the last seconds of a lease. One request is sent, with one exception:
//! during a rotation, under a scheme with room for one signature, a 401 or 403 is answered with the same request,
//! signed with the next key. No transaction is open meanwhile. Must not record: it returns what to record.

use std::time::{Duration, Instant};

use buywire_adapters::contract::reply::{Reply, RetryAfter, Verdict};
use buywire_adapters::contract::request::Delivery;
use buywire_adapters::signing::{self, KeyKind, Scheme, SigningKey};
use time::OffsetDateTime;

use super::endpoints::ActiveEndpoint;
use super::lanes::PickedDelivery;
use super::schedule::{self, NextAttempt};
use super::sending::identity::Identity;
use super::sending::request::WebhookRequest;
use super::sending::scrub::Secrets;
use super::sending::sender::{SendFailure, Sender};
use super::shards::Shards;
use crate::ambient;
use crate::store::delivery::queue::AttemptRecord;
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
        let now = ambient::now();
        match failed_unsent(picked, now, error) {
            Self::Failed {
                record: recorded,
                error,
                next,
                gone,
                ..
            } => Self::Failed {
                record: recorded,
                error,
                next,
                gone,
                endpoint_at_fault: false,
            },
            other => other,
        }
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
        return dead_unsent(now, expired.to_owned(), expired);
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
        Err(error) => return dead_unsent(now, format!("unrenderable: {error}"), "unrenderable"),
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
    let elapsed = started.elapsed();
    match sent {
        Ok(reply) => {
            let secrets = secrets_in(&reply, endpoint, &request);
            let record = attempt_record(now, elapsed, Some((&reply, &secrets)));
            classify(picked, record, &reply)
        }
        Err(SendFailure::NoSocket) => AttemptOutcome::NoSocket,
        Err(failure) => failed(
            picked,
            attempt_record(now, elapsed, None),
            failure.code().to_owned(),
            None,
        ),
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
        Verdict::Gone => match failed(picked, record, "gone".to_owned(), None) {
            // The endpoint is disabled at once. The delivery stays due until it is enabled again.
            AttemptOutcome::Failed { record, error, .. } => AttemptOutcome::Failed {
                record,
                error,
                next: Ok(Duration::ZERO),
                gone: true,
                endpoint_at_fault: true,
            },
            other => other,
        },
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
        record,
        error,
        next,
        gone: false,
        endpoint_at_fault: true,
    }
}

fn dead_unsent(now: OffsetDateTime, error: String, reason: &'static str) -> AttemptOutcome {
    AttemptOutcome::Failed {
        record: attempt_record(now, Duration::ZERO, None),
        error,
        next: Err(reason),
        gone: false,
        endpoint_at_fault: false,
    }
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
