//! One attempt: render, sign, check the lease, send, judge.
//!
//! Promises: nothing is sent that was not signed, nor in a lease's last stretch. One request leaves;
//! only while a secret is rotated under a scheme with room for one signature does a 401 or 403 bring
//! the same request again, signed with the next key. No transaction is open while it runs. Must not
//! record: it says what should be recorded.

use std::time::{Duration, Instant};

use buywire_adapters::reply::{Reply, RetryAfter, Verdict};
use buywire_adapters::request::Delivery;
use buywire_adapters::signing::{self, KeyKind, Scheme, SigningKey};
use time::OffsetDateTime;

use super::endpoints::EndpointView;
use super::identity::Identity;
use super::lanes::Picked;
use super::request::Request;
use super::schedule::{self, Next};
use super::scrub::Secrets;
use super::sender::{SendFailure, Sender};
use super::shards::Shards;
use crate::store::acknowledgements::{Names, NewAcknowledgement};
use crate::store::queue::Seen;

/// Enough of a reply for people to see what went wrong.
const KEPT_BYTES_MAX: usize = 16 * 1024;

/// Characters of what a partner calls an order: a page's address is the longest of them.
const NAME_CHARS_MAX: usize = 500;

/// How an attempt ended.
pub enum Ending {
    /// It was not made: the lease had run out. The delivery stays as it is.
    NotMade,
    /// Nothing was sent, because this node had no file descriptor or port left. The delivery stays as it is, and is
    /// tried again soon: it is no attempt, and says nothing about the endpoint.
    NoSocket,
    /// The partner has it.
    Accepted(Seen),
    /// It has not; when it is tried again, or why never.
    Failed {
        /// What was seen.
        seen: Seen,
        /// The failure's stable name.
        error: String,
        /// The delay until the next attempt, or why there is none (`dead_deliveries.reason`).
        next: Result<Duration, &'static str>,
        /// The endpoint said that it is gone.
        gone: bool,
        /// Whether the endpoint is to blame: our own refusal to render says nothing about it.
        counts: bool,
    },
}

impl Ending {
    /// An attempt that ended in a mistake of ours: tried again by the schedule, and no word about the
    /// endpoint.
    pub fn broken(picked: &Picked) -> Self {
        Self::ours(picked, "internal")
    }

    /// Not sent for a reason of ours.
    fn ours(picked: &Picked, error: &str) -> Self {
        let now = OffsetDateTime::now_utc();
        match not_sent(picked, now, error) {
            Self::Failed {
                seen,
                error,
                next,
                gone,
                ..
            } => Self::Failed {
                seen,
                error,
                next,
                gone,
                counts: false,
            },
            other => other,
        }
    }
}

/// Make the attempt.
pub async fn attempt(
    picked: &Picked,
    sender: &Sender,
    shards: &Shards,
    identity: &Identity,
) -> Ending {
    let delivery = &picked.delivery;
    let endpoint = &picked.endpoint;
    let now = OffsetDateTime::now_utc();
    if schedule::is_expired(delivery.opened_at, now) {
        let expired = schedule::DeadReason::Expired.as_str();
        return unsent(now, expired.to_owned(), expired);
    }
    let target = match &endpoint.target {
        Ok(target) => target,
        Err(code) => return not_sent(picked, now, code),
    };
    let id = delivery.id.to_string();
    let rendered = match endpoint.adapter.render(&Delivery {
        id: &id,
        event: &delivery.event,
        settings: &endpoint.settings,
        endpoint: target.target().url(),
        public_url: &identity.public_url,
    }) {
        Ok(rendered) => rendered,
        Err(refusal) => return unsent(now, format!("unrenderable: {refusal}"), "unrenderable"),
    };
    let schemes = endpoint.adapter.signature(&endpoint.settings);
    let request = Request {
        id,
        keys: keys(endpoint, &schemes, identity, now),
        schemes,
        rendered,
        target,
    };
    // Nothing leaves unsigned: it waits for a key, and the attempts say so.
    if !signing::can_sign(&request.schemes, &request.keys) {
        return Ending::ours(picked, "no_signing_key");
    }
    let may_start = || shards.may_start(delivery.shard, picked.epoch, Instant::now());
    let tries = usize::try_from(delivery.tries).unwrap_or_default();
    let started = Instant::now();
    let Some(sent) = request.send(sender, tries, may_start).await else {
        return Ending::NotMade;
    };
    let took = started.elapsed();
    match sent {
        Ok(reply) => {
            let secrets = secrets_in(&reply, endpoint, &request);
            judged(picked, seen(now, took, Some((&reply, &secrets))), &reply)
        }
        Err(SendFailure::NoSocket) => Ending::NoSocket,
        Err(failure) => failed(
            picked,
            seen(now, took, None),
            failure.code().to_owned(),
            None,
        ),
    }
}

/// A failed attempt of which nothing left.
fn not_sent(picked: &Picked, now: OffsetDateTime, error: &str) -> Ending {
    let seen = seen(now, Duration::ZERO, None);
    failed(picked, seen, error.to_owned(), None)
}

/// What may stand in a reply and must not be kept; nothing stands in an empty one.
fn secrets_in(reply: &Reply, endpoint: &EndpointView, request: &Request<'_>) -> Secrets {
    match reply.body.is_empty() {
        true => Secrets::default(),
        false => secrets(endpoint, request),
    }
}

/// What the receiver was sent and nobody else may read.
fn secrets(endpoint: &EndpointView, request: &Request<'_>) -> Secrets {
    let rendered = request.rendered.headers().iter();
    let of_settings = rendered.filter(|_| endpoint.has_secret_settings);
    let of_endpoint = request.target.secret_headers();
    let values = of_endpoint.chain(of_settings.map(|(_, value)| value.as_str()));
    Secrets::of(values, request.target.target().url())
}

/// The endpoint's own keys, and the gateway's where receivers find the key by our profile: P-256.
fn keys(
    endpoint: &EndpointView,
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

fn judged(picked: &Picked, seen: Seen, reply: &Reply) -> Ending {
    match picked
        .endpoint
        .adapter
        .judge(reply, OffsetDateTime::now_utc())
    {
        Verdict::Accepted => Ending::Accepted(Seen {
            acknowledgement: acknowledgement(picked, &seen, reply).map(Box::new),
            ..seen
        }),
        Verdict::Retry { after, reason } => failed(picked, seen, reason.code().to_owned(), after),
        Verdict::Gone => match failed(picked, seen, "gone".to_owned(), None) {
            // Disabled at once; the delivery stays, due, for the day the endpoint is enabled again.
            Ending::Failed { seen, error, .. } => Ending::Failed {
                seen,
                error,
                next: Ok(Duration::ZERO),
                gone: true,
                counts: true,
            },
            other => other,
        },
    }
}

/// What the partner calls the order now.
fn acknowledgement(picked: &Picked, seen: &Seen, reply: &Reply) -> Option<NewAcknowledgement> {
    let delivery = &picked.delivery;
    let order = delivery.order?;
    let named = picked.endpoint.adapter.acknowledgement(reply)?;
    Some(NewAcknowledgement {
        order,
        partner: picked.endpoint.partner,
        delivery: delivery.id,
        at: seen.at,
        names: Names {
            order_id: named.order_id.as_deref().map(name),
            number: named.number.as_deref().map(name),
            permalink: named.permalink.as_deref().map(name),
        },
    })
}

/// As much of a name as is kept.
fn name(text: &str) -> String {
    let kept = text.chars().take(NAME_CHARS_MAX);
    kept.map(|c| if c == '\0' { '\u{fffd}' } else { c })
        .collect()
}

fn failed(picked: &Picked, seen: Seen, error: String, after: Option<RetryAfter>) -> Ending {
    let now = OffsetDateTime::now_utc();
    let tries = u32::try_from(picked.delivery.tries)
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    let next =
        picked
            .endpoint
            .schedule
            .next(tries, after, picked.delivery.opened_at, now, rand::random());
    let next = match next {
        Next::At(at) => Ok((at - now).try_into().unwrap_or(Duration::ZERO)),
        Next::Dead(reason) => Err(reason.as_str()),
    };
    Ending::Failed {
        seen,
        error,
        next,
        gone: false,
        counts: true,
    }
}

fn unsent(now: OffsetDateTime, error: String, reason: &'static str) -> Ending {
    Ending::Failed {
        seen: seen(now, Duration::ZERO, None),
        error,
        next: Err(reason),
        gone: false,
        counts: false,
    }
}

fn seen(at: OffsetDateTime, took: Duration, answered: Option<(&Reply, &Secrets)>) -> Seen {
    let reply = answered.map(|(reply, _)| reply);
    Seen {
        at,
        duration_ms: i32::try_from(took.as_millis()).unwrap_or(i32::MAX),
        status_code: reply.and_then(|reply| i16::try_from(reply.status).ok()),
        response_body: answered
            .filter(|(reply, _)| !reply.body.is_empty())
            .map(|(reply, secrets)| readable(reply, secrets)),
        response_truncated: reply
            .is_some_and(|reply| reply.truncated || reply.body.len() > KEPT_BYTES_MAX),
        acknowledgement: None,
    }
}

/// PostgreSQL's text holds UTF-8 without U+0000; a partner's reply may be anything.
fn readable(reply: &Reply, secrets: &Secrets) -> String {
    let kept = reply.body.get(..KEPT_BYTES_MAX).unwrap_or(&reply.body);
    let was_cut = reply.truncated || kept.len() < reply.body.len();
    let text = String::from_utf8_lossy(kept).replace('\0', "\u{fffd}");
    secrets.scrubbed(text, was_cut)
}
