//! The queue as the delivery room uses it: read what is due, record what became of it, hold shards.
//!
//! Promises: reading writes nothing; every record is fenced by the shard's epoch, so that a node that
//! lost a shard cannot record over its new owner. Must not decide: times and verdicts come in.

mod picking;
mod recording;
mod shards;

use std::sync::Arc;
use std::time::Duration;

use buywire_schemas::event::Event;
use buywire_schemas::ids::{DeliveryId, EndpointId, OrderId, PartnerId, ReplayId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::orders::acknowledgements::NewAcknowledgement;
use crate::store::partners::endpoint_keys::SealedKey;

/// How many shards there are. Fixed for the life of a database: it is stored with every endpoint.
pub const SHARDS: usize = 64;

/// The part of the queue that one node owns at a time. An endpoint never changes its shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(i16);

impl Shard {
    /// The shard of an endpoint: its id's last byte, which UUIDv7 fills at random.
    pub fn of(endpoint: EndpointId) -> Self {
        let [.., last] = *endpoint.uuid().as_bytes();
        Self(i16::from(last) % SHARDS as i16)
    }

    /// Every shard.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..SHARDS as i16).map(Self)
    }

    /// As the tables and notifications name it.
    pub fn number(self) -> i16 {
        self.0
    }

    pub(crate) fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self(row.try_get("shard")?))
    }

    /// The shard of that number, if there is one.
    pub fn from_number(number: i16) -> Option<Self> {
        (0..SHARDS as i16).contains(&number).then_some(Self(number))
    }
}

/// An open delivery as its owner holds it in memory.
#[derive(Debug, Clone)]
pub struct QueuedDelivery {
    /// The stable id that the partner sees as `webhook-id`.
    pub id: DeliveryId,
    /// Where it goes.
    pub endpoint: EndpointId,
    /// Whose owner sends it.
    pub shard: Shard,
    /// The order it tells of; operational events have none.
    pub order: Option<OrderId>,
    /// Attempts made so far, ever.
    pub attempts: i32,
    /// Attempts made since it was opened or last replayed.
    pub attempts_in_cycle: i32,
    /// When it may be sent.
    pub due_at: OffsetDateTime,
    /// When it was created or last replayed.
    pub opened_at: OffsetDateTime,
    /// The replay job that reopened it.
    pub replay: Option<ReplayId>,
    /// What it tells. Shared by all deliveries of one event.
    pub event: Arc<Event>,
}

impl QueuedDelivery {
    /// About what it takes in memory.
    pub fn approx_bytes(&self) -> usize {
        self.event.data.len() + 512
    }

    /// Where it stands in its endpoint's queue.
    pub fn position(&self) -> QueuePosition {
        QueuePosition {
            due_at: self.due_at,
            id: self.id.uuid(),
        }
    }
}

/// A place in an endpoint's queue, which is ordered by due time, then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueuePosition {
    due_at: OffsetDateTime,
    id: Uuid,
}

impl QueuePosition {
    /// Before everything.
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

    /// So much earlier: where rows may still appear whose transactions began before this place was read.
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

/// An endpoint that has room for rows behind a place.
#[derive(Debug, Clone, Copy)]
pub struct ReadRequest {
    /// Whose queue.
    pub endpoint: EndpointId,
    /// Rows up to here are known.
    pub after: QueuePosition,
    /// How many at most.
    pub limit: i64,
}

/// Who holds a shard, by the table.
#[derive(Debug, Clone, Copy)]
pub struct ShardRow {
    /// Which shard.
    pub shard: Shard,
    /// Its node, if any.
    pub node: Option<Uuid>,
    /// Grows at every handover.
    pub epoch: i64,
    /// Whether that node's lease has not run out.
    pub alive: bool,
    /// When it runs out.
    pub lease_expires_at: Option<OffsetDateTime>,
}

/// Who holds which shard at one time.
#[derive(Debug, Clone)]
pub struct ShardSnapshot {
    /// All shards.
    pub shards: Vec<ShardRow>,
    /// Nodes whose lease has not run out.
    pub live_nodes: usize,
    /// The database's time.
    pub at: OffsetDateTime,
}

/// Under which epochs a node acts.
#[derive(Debug, Clone)]
pub struct Fence {
    /// The node that acts.
    pub node: Uuid,
    /// The shards it acts on, each once.
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
    /// Which delivery.
    pub id: DeliveryId,
    /// What was seen of the attempt.
    pub record: AttemptRecord,
}

/// An attempt that was not accepted, and what follows.
#[derive(Debug, Clone)]
pub struct FailedRow {
    /// Which delivery.
    pub id: DeliveryId,
    /// Attempts before this one: recording the same one twice changes nothing.
    pub attempts_before: i32,
    /// What was seen of the attempt.
    pub record: AttemptRecord,
    /// The failure's stable name.
    pub error: String,
    /// When it is sent again, or why never.
    pub next: Result<Duration, &'static str>,
}

/// What is kept of an attempt.
#[derive(Debug, Clone)]
pub struct AttemptRecord {
    /// When it started.
    pub at: OffsetDateTime,
    /// How long it took.
    pub duration_ms: i32,
    /// The reply's status, if there was a reply.
    pub status_code: Option<i16>,
    /// The beginning of the reply's body.
    pub response_body: Option<String>,
    /// Whether there was more.
    pub response_truncated: bool,
    /// What the partner calls the order, if an accepting reply said so.
    pub acknowledgement: Option<Box<NewAcknowledgement>>,
}

/// What an endpoint has become.
#[derive(Debug, Clone)]
pub struct EndpointTransition {
    /// Which endpoint.
    pub endpoint: EndpointId,
    /// Its shard, and the epoch under which it is held.
    pub shard_epoch: (Shard, i64),
    /// `closed`, `open` or `half_open`.
    pub circuit: &'static str,
    /// Since when every attempt has failed.
    pub failing_since: Option<OffsetDateTime>,
    /// Why it is to be disabled, if that is what happened …
    pub disable_reason: Option<&'static str>,
    /// … and the version of it that was sent to.
    pub version: i64,
    /// Whether the partner and the operators are told that it works again.
    pub recovered: bool,
}

/// That an endpoint changed, and no more: most such rows are known already.
#[derive(Debug, Clone, Copy)]
pub struct EndpointVersion {
    /// Its id.
    pub id: EndpointId,
    /// Its shard.
    pub shard: Shard,
    /// Grows with every change.
    pub version: i64,
    /// Deleted endpoints are told to their owner for a while.
    pub deleted: bool,
}

/// An endpoint's row, as its owner reads it.
pub struct EndpointRow {
    /// Its id.
    pub id: EndpointId,
    /// Whose it is.
    pub partner: PartnerId,
    /// The partner's public name.
    pub partner_slug: String,
    /// The partner's dialect.
    pub adapter: String,
    /// The dialect's settings.
    pub settings: serde_json::Value,
    /// The secrets among them, sealed.
    pub sealed_settings: Option<Vec<u8>>,
    /// Its shard.
    pub shard: Shard,
    /// Where it listens, without what is secret in it.
    pub url: String,
    /// All of it, sealed, where it holds a secret.
    pub sealed_url: Option<Vec<u8>>,
    /// `operator` or `partner`.
    pub url_saved_by: String,
    /// Sealed extra headers.
    pub headers: Option<Vec<u8>>,
    /// Retry delays in seconds; none means the gateway's.
    pub retry: Option<Vec<i64>>,
    /// Attempts at one time.
    pub max_in_flight: i32,
    /// Attempts a second.
    pub rate_per_second: Option<f64>,
    /// `enabled` or `disabled`.
    pub status: String,
    /// `closed`, `open` or `half_open`.
    pub circuit: String,
    /// Since when every attempt has failed.
    pub failing_since: Option<OffsetDateTime>,
    /// Grows with every change.
    pub version: i64,
    /// Deleted endpoints are told to their owner for a while.
    pub deleted: bool,
    /// Sealed secrets with their ids and ends, the current one first.
    pub secrets: Vec<SealedKey>,
}
