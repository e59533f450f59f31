//! The delivery queue: read what is due, record outcomes, own shards.
//!
//! Promises: reading writes nothing; the shard's epoch fences every record, so that a node that lost a shard cannot
//! overwrite its new owner's work. Must not decide: times and verdicts come from the caller.

mod picking;
mod recording;
mod shards;

use std::sync::Arc;
use std::time::Duration;

use buywire_schemas::event::Event;
use buywire_schemas::ids::{DeliveryId, EndpointId, FailureGroupId, OrderId, PartnerId, ReplayId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::orders::acknowledgements::NewAcknowledgement;
use crate::store::partners::endpoint_keys::SealedKey;

/// The number of shards. Fixed for the life of a database, because each endpoint stores its shard.
pub(crate) const SHARDS: usize = 64;

/// The part of the queue that one node owns at a time. An endpoint never changes its shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(i16);

impl Shard {
    /// The shard of an endpoint: the last byte of its id, which UUIDv7 fills at random.
    pub fn of(endpoint: EndpointId) -> Self {
        let [.., last] = *endpoint.uuid().as_bytes();
        Self(i16::from(last) % SHARDS as i16)
    }

    pub fn all() -> impl Iterator<Item = Self> {
        (0..SHARDS as i16).map(Self)
    }

    /// The number used in tables and notifications.
    pub fn number(self) -> i16 {
        self.0
    }

    pub(crate) fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self(row.try_get("shard")?))
    }

    /// Returns the shard with this number, if there is one.
    pub fn from_number(number: i16) -> Option<Self> {
        (0..SHARDS as i16).contains(&number).then_some(Self(number))
    }
}

/// An open delivery as its owner holds it in memory.
#[derive(Debug, Clone)]
pub struct QueuedDelivery {
    /// The stable id that partners see as `webhook-id`.
    pub id: DeliveryId,
    pub endpoint: EndpointId,
    /// The owner of this shard sends it.
    pub shard: Shard,
    /// The order and the event's sequence in it. Absent for operational events.
    pub order: Option<OrderId>,
    /// All attempts so far.
    pub attempts: i32,
    /// Attempts since it was opened or last replayed.
    pub attempts_in_cycle: i32,
    /// When it may be sent.
    pub due_at: OffsetDateTime,
    /// When it was created or last replayed.
    pub opened_at: OffsetDateTime,
    /// The replay job that reopened it.
    pub replay: Option<ReplayId>,
    /// The event, shared by all its deliveries.
    pub event: Arc<Event>,
}

impl QueuedDelivery {
    /// The approximate size in memory.
    pub fn approx_bytes(&self) -> usize {
        self.event.data.len() + 512
    }

    /// Its position in its endpoint's queue.
    pub fn position(&self) -> QueuePosition {
        QueuePosition {
            due_at: self.due_at,
            id: self.id.uuid(),
        }
    }
}

/// A position in an endpoint's queue, which is ordered by due time, then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueuePosition {
    due_at: OffsetDateTime,
    id: Uuid,
}

impl QueuePosition {
    /// Before the whole queue.
    pub const BEGINNING: Self = Self {
        due_at: OffsetDateTime::UNIX_EPOCH,
        id: Uuid::nil(),
    };

    /// Before everything that is due at that time.
    pub fn just_before(due_at: OffsetDateTime) -> Self {
        Self {
            due_at,
            id: Uuid::nil(),
        }
    }

    /// Moves the position back, to find rows whose transactions began before the queue was read.
    pub fn earlier_by(self, by: Duration) -> Self {
        match self
            .due_at
            .checked_sub(by.try_into().unwrap_or(time::Duration::ZERO))
        {
            Some(due_at) if due_at > OffsetDateTime::UNIX_EPOCH => Self::just_before(due_at),
            _ => Self::BEGINNING,
        }
    }
}

/// A request for due rows of an endpoint that has room.
#[derive(Debug, Clone, Copy)]
pub struct ReadRequest {
    pub endpoint: EndpointId,
    /// Rows up to this position are known.
    pub after: QueuePosition,
    /// The maximum number of rows.
    pub limit: i64,
}

/// The owner of a shard as the table has it.
#[derive(Debug, Clone, Copy)]
pub struct ShardRow {
    pub shard: Shard,
    pub node: Option<Uuid>,
    /// Grows with each change of owner.
    pub epoch: i64,
    /// Whether the owner's lease is valid.
    pub alive: bool,
    /// When the lease expires.
    pub lease_expires_at: Option<OffsetDateTime>,
}

/// The owners of all shards at one time.
#[derive(Debug, Clone)]
pub struct ShardSnapshot {
    pub shards: Vec<ShardRow>,
    /// The number of nodes whose lease is valid.
    pub live_nodes: usize,
    /// The database's time.
    pub at: OffsetDateTime,
}

/// The shards and epochs that a record is fenced by.
#[derive(Debug, Clone)]
pub struct Fence {
    /// The node that records.
    pub node: Uuid,
    /// The shards it records for, each once.
    pub epochs: Vec<(Shard, i64)>,
}

impl Fence {
    fn columns(&self) -> (Vec<i16>, Vec<i64>) {
        self.epochs
            .iter()
            .map(|(shard, epoch)| (shard.number(), *epoch))
            .unzip()
    }
}

/// An attempt that the partner accepted.
#[derive(Debug, Clone)]
pub struct AcceptedRow {
    pub id: DeliveryId,
    pub record: AttemptRecord,
}

/// A failed attempt, and what follows.
#[derive(Debug, Clone)]
pub struct FailedRow {
    pub id: DeliveryId,
    /// The number of attempts before this one. Recording the same one twice changes nothing.
    pub attempts_before: i32,
    pub record: AttemptRecord,
    /// The error's stable name.
    pub error: String,
    pub group: FailureGroupKey,
    /// When it is sent again, or why it is dead.
    pub next: Result<Duration, &'static str>,
}

/// The group of a failed attempt, and what it is made from.
#[derive(Debug, Clone)]
pub struct FailureGroupKey {
    pub id: FailureGroupId,
    pub cause: &'static str,
    pub signature: String,
    /// The beginning of the reply.
    pub sample: Option<String>,
}

/// What is stored of an attempt.
#[derive(Debug, Clone)]
pub struct AttemptRecord {
    pub at: OffsetDateTime,
    pub duration_ms: i32,
    /// The status of the reply, if there was one.
    pub status_code: Option<i16>,
    /// The beginning of the reply's body.
    pub response_body: Option<String>,
    /// Whether the body was longer.
    pub response_truncated: bool,
    /// Of a failed attempt: names and values, as a JSON object.
    pub response_headers: Option<serde_json::Value>,
    pub parts: AttemptParts,
    /// The partner's own id for the order, if an accepting reply contains it.
    pub acknowledgement: Option<Box<NewAcknowledgement>>,
}

/// How long the parts of an attempt took, in milliseconds, and what it sent. `None` for a part that was not reached, or
/// that a connection had behind it already.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttemptParts {
    pub dns_ms: Option<i16>,
    pub connect_ms: Option<i16>,
    pub tls_ms: Option<i16>,
    pub first_byte_ms: Option<i16>,
    /// The first bytes of SHA-256 of the body, if one was sent.
    pub body_hash: Option<[u8; 8]>,
}

/// How attempts changed an endpoint.
#[derive(Debug, Clone)]
pub struct EndpointTransition {
    pub endpoint: EndpointId,
    /// Its shard, and the epoch at which this node owns it.
    pub shard_epoch: (Shard, i64),
    /// `closed`, `open` or `half_open`.
    pub circuit: &'static str,
    /// Since when every attempt has failed.
    pub failing_since: Option<OffsetDateTime>,
    /// Why to disable it, if it is to be disabled.
    pub disable_reason: Option<&'static str>,
    /// The version that was sent to; only this one is disabled.
    pub version: i64,
    /// Whether to inform the partner and the operators that it works again.
    pub recovered: bool,
}

/// The version of an endpoint that may have changed. Most are known already, so only the version is read.
#[derive(Debug, Clone, Copy)]
pub struct EndpointVersion {
    pub id: EndpointId,
    pub shard: Shard,
    /// Grows with every change.
    pub version: i64,
    /// Deleted endpoints are reported to their owner for a while.
    pub deleted: bool,
}

/// An endpoint's row, as its owner reads it.
pub struct EndpointRow {
    pub id: EndpointId,
    pub partner: PartnerId,
    /// The partner's slug.
    pub partner_slug: String,
    /// The partner's adapter.
    pub adapter: String,
    /// The settings of the dialect.
    pub settings: serde_json::Value,
    /// The secrets among the settings, sealed.
    pub sealed_settings: Option<Vec<u8>>,
    pub shard: Shard,
    /// The URL without its secrets.
    pub url: String,
    /// The whole URL, sealed, if it holds a secret.
    pub sealed_url: Option<Vec<u8>>,
    /// Who saved the URL: `operator` or `partner`.
    pub url_saved_by: String,
    /// Sealed extra headers.
    pub headers: Option<Vec<u8>>,
    /// Sealed certificates of its connections.
    pub tls: Option<Vec<u8>>,
    /// The sealed URL of its proxy.
    pub sealed_proxy: Option<Vec<u8>>,
    /// Retry delays in seconds; `None` uses the gateway's.
    pub retry: Option<Vec<i64>>,
    /// Concurrent attempts.
    pub max_in_flight: i32,
    /// Attempts per second.
    pub rate_per_second: Option<f64>,
    /// `enabled` or `disabled`.
    pub status: String,
    /// `closed`, `open` or `half_open`.
    pub circuit: String,
    /// Since when every attempt has failed.
    pub failing_since: Option<OffsetDateTime>,
    /// Grows with every change.
    pub version: i64,
    /// Deleted endpoints are reported to their owner for a while.
    pub deleted: bool,
    /// Sealed secrets with their ids and ends, the current one first.
    pub secrets: Vec<SealedKey>,
}
