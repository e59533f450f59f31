//! The queue as the delivery room uses it: read what is due, record what became of it, hold shards.
//!
//! Promises: reading writes nothing; every record is fenced by the shard's epoch, so that a node that
//! lost a shard cannot record over its new owner. Must not decide: times and verdicts come in.

use std::sync::Arc;
use std::time::Duration;

use buywire_schemas::event::Event;
use buywire_schemas::ids::{DeliveryId, EndpointId, EventId, OrderId, PartnerId, ReplayId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Store, StoreError};

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

    pub(super) fn of_row(row: &Row) -> Result<Self, StoreError> {
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
    pub tries: i32,
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
    pub fn bytes(&self) -> usize {
        self.event.data.len() + 512
    }

    /// Where it stands in its endpoint's queue.
    pub fn place(&self) -> Place {
        Place {
            due_at: self.due_at,
            id: self.id.uuid(),
        }
    }
}

/// A place in an endpoint's queue, which is ordered by due time, then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    due_at: OffsetDateTime,
    id: Uuid,
}

impl Place {
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
    pub fn back(self, by: Duration) -> Self {
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
pub struct Want {
    /// Whose queue.
    pub endpoint: EndpointId,
    /// Rows up to here are known.
    pub place: Place,
    /// How many at most.
    pub room: i64,
}

/// Who holds a shard, by the table.
#[derive(Debug, Clone, Copy)]
pub struct Holder {
    /// Which shard.
    pub shard: Shard,
    /// Its node, if any.
    pub node: Option<Uuid>,
    /// Grows at every handover.
    pub epoch: i64,
    /// Whether that node's lease has not run out.
    pub alive: bool,
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
    pub seen: Seen,
}

/// An attempt that was not accepted, and what follows.
#[derive(Debug, Clone)]
pub struct FailedRow {
    /// Which delivery.
    pub id: DeliveryId,
    /// Attempts before this one: recording the same one twice changes nothing.
    pub attempts_before: i32,
    /// What was seen of the attempt.
    pub seen: Seen,
    /// The failure's stable name.
    pub error: String,
    /// When it is sent again, or why never.
    pub next: Result<Duration, &'static str>,
}

/// What is kept of an attempt.
#[derive(Debug, Clone)]
pub struct Seen {
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
}

/// What an endpoint has become.
#[derive(Debug, Clone)]
pub struct EndpointTurn {
    /// Which endpoint.
    pub endpoint: EndpointId,
    /// Its shard, and the epoch under which it is held.
    pub held: (Shard, i64),
    /// `closed`, `open` or `half_open`.
    pub circuit: &'static str,
    /// Since when every attempt has failed.
    pub failing_since: Option<OffsetDateTime>,
    /// Why it is disabled, if that is what happened.
    pub disabled: Option<&'static str>,
    /// Whether the partner and the operators are told that it works again.
    pub recovered: bool,
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
    /// Its shard.
    pub shard: Shard,
    /// Where it listens.
    pub url: String,
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
    pub secrets: Vec<(Uuid, Vec<u8>, Option<OffsetDateTime>)>,
}

impl Store {
    /// What is due where there is room. The flag says that an earlier event of its order is open there.
    pub async fn due(&self, wants: &[Want]) -> Result<Vec<(QueuedDelivery, bool)>, StoreError> {
        let endpoints: Vec<_> = wants.iter().map(|w| w.endpoint.uuid()).collect();
        let due: Vec<_> = wants.iter().map(|w| w.place.due_at).collect();
        let ids: Vec<_> = wants.iter().map(|w| w.place.id).collect();
        let rooms: Vec<_> = wants.iter().map(|w| w.room).collect();
        let rows = self
            .record()
            .await?
            .query(
                include_str!("sql/queue/due.sql"),
                &[&endpoints, &due, &ids, &rooms],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    queued(row)?,
                    row.try_get::<_, Option<bool>>("blocked")?.unwrap_or(false),
                ))
            })
            .collect()
    }

    /// The next due event of orders whose earlier one has ended at that endpoint.
    pub async fn unblocked(
        &self,
        freed: &[(EndpointId, OrderId)],
    ) -> Result<Vec<QueuedDelivery>, StoreError> {
        let (endpoints, orders): (Vec<_>, Vec<_>) =
            freed.iter().map(|(e, o)| (e.uuid(), o.uuid())).unzip();
        let rows = self
            .record()
            .await?
            .query(
                include_str!("sql/queue/unblocked.sql"),
                &[&endpoints, &orders],
            )
            .await?;
        rows.iter().map(queued).collect()
    }

    /// Record accepted attempts. Returns the shards that the fence let pass.
    pub async fn record_accepted(
        &self,
        fence: &Fence,
        rows: &[AcceptedRow],
    ) -> Result<Vec<Shard>, StoreError> {
        let (shards, epochs) = fence.columns();
        let ids: Vec<_> = rows.iter().map(|r| r.id.uuid()).collect();
        let at: Vec<_> = rows.iter().map(|r| r.seen.at).collect();
        let durations: Vec<_> = rows.iter().map(|r| r.seen.duration_ms).collect();
        let statuses: Vec<_> = rows.iter().map(|r| r.seen.status_code).collect();
        let bodies: Vec<_> = rows
            .iter()
            .map(|r| r.seen.response_body.as_deref())
            .collect();
        let truncated: Vec<_> = rows.iter().map(|r| r.seen.response_truncated).collect();
        let passed = self
            .record()
            .await?
            .query(
                include_str!("sql/queue/record_accepted.sql"),
                &[
                    &fence.node,
                    &shards,
                    &epochs,
                    &ids,
                    &at,
                    &durations,
                    &statuses,
                    &bodies,
                    &truncated,
                ],
            )
            .await?;
        shards_of(&passed)
    }

    /// Record attempts that were not accepted. Returns the shards that the fence let pass.
    pub async fn record_failed(
        &self,
        fence: &Fence,
        rows: &[FailedRow],
    ) -> Result<Vec<Shard>, StoreError> {
        let (shards, epochs) = fence.columns();
        let ids: Vec<_> = rows.iter().map(|r| r.id.uuid()).collect();
        let before: Vec<_> = rows.iter().map(|r| r.attempts_before).collect();
        let at: Vec<_> = rows.iter().map(|r| r.seen.at).collect();
        let durations: Vec<_> = rows.iter().map(|r| r.seen.duration_ms).collect();
        let statuses: Vec<_> = rows.iter().map(|r| r.seen.status_code).collect();
        let errors: Vec<_> = rows.iter().map(|r| r.error.as_str()).collect();
        let bodies: Vec<_> = rows
            .iter()
            .map(|r| r.seen.response_body.as_deref())
            .collect();
        let truncated: Vec<_> = rows.iter().map(|r| r.seen.response_truncated).collect();
        let delays: Vec<_> = rows
            .iter()
            .map(|r| r.next.ok().map(|delay| delay.as_secs_f64()))
            .collect();
        let reasons: Vec<_> = rows.iter().map(|r| r.next.err()).collect();
        let passed = self
            .record()
            .await?
            .query(
                include_str!("sql/queue/record_failed.sql"),
                &[
                    &fence.node,
                    &shards,
                    &epochs,
                    &ids,
                    &before,
                    &at,
                    &durations,
                    &statuses,
                    &errors,
                    &bodies,
                    &truncated,
                    &delays,
                    &reasons,
                ],
            )
            .await?;
        shards_of(&passed)
    }

    /// Say that this node lives, for `lease` from now by the database's clock.
    pub async fn beat(&self, node: Uuid, lease: Duration) -> Result<(), StoreError> {
        let db = self.general().await?;
        db.execute(
            include_str!("sql/queue/beat.sql"),
            &[&node, &lease.as_secs_f64()],
        )
        .await?;
        db.execute(include_str!("sql/queue/bury_nodes.sql"), &[])
            .await?;
        Ok(())
    }

    /// Who holds which shard, and how many nodes live.
    pub async fn holders(&self) -> Result<(Vec<Holder>, usize), StoreError> {
        let rows = self
            .general()
            .await?
            .query(include_str!("sql/queue/shards.sql"), &[])
            .await?;
        let live: i64 = rows
            .first()
            .map_or(Ok(1), |row| row.try_get("live_nodes"))?;
        let holders = rows.iter().map(holder).collect::<Result<_, _>>()?;
        Ok((holders, usize::try_from(live).unwrap_or(1)))
    }

    /// Take shards that nobody living holds.
    pub async fn claim(
        &self,
        node: Uuid,
        shards: &[Shard],
    ) -> Result<Vec<(Shard, i64)>, StoreError> {
        let numbers: Vec<_> = shards.iter().map(|s| s.number()).collect();
        let rows = self
            .general()
            .await?
            .query(include_str!("sql/queue/claim.sql"), &[&node, &numbers])
            .await?;
        rows.iter().map(epoch).collect()
    }

    /// Take every shard, whoever held it. Only where a lock proves that nobody else lives.
    pub async fn seize(&self, node: Uuid) -> Result<Vec<(Shard, i64)>, StoreError> {
        let rows = self
            .general()
            .await?
            .query(include_str!("sql/queue/seize.sql"), &[&node])
            .await?;
        rows.iter().map(epoch).collect()
    }

    /// Let go of shards whose attempts have all been recorded.
    pub async fn release(&self, node: Uuid, shards: &[Shard]) -> Result<(), StoreError> {
        let numbers: Vec<_> = shards.iter().map(|s| s.number()).collect();
        self.general()
            .await?
            .execute(include_str!("sql/queue/release.sql"), &[&node, &numbers])
            .await?;
        Ok(())
    }

    /// Let go of everything.
    pub async fn leave(&self, node: Uuid) -> Result<(), StoreError> {
        self.general()
            .await?
            .execute(include_str!("sql/queue/leave.sql"), &[&node])
            .await?;
        Ok(())
    }

    /// The endpoints of these shards; with `since`, only those changed after it.
    pub async fn endpoints_of(
        &self,
        shards: &[Shard],
        since: Option<OffsetDateTime>,
    ) -> Result<Vec<EndpointRow>, StoreError> {
        let numbers: Vec<_> = shards.iter().map(|s| s.number()).collect();
        let rows = self
            .general()
            .await?
            .query(include_str!("sql/queue/endpoints.sql"), &[&numbers, &since])
            .await?;
        rows.iter().map(endpoint).collect()
    }
}

fn epoch(row: &Row) -> Result<(Shard, i64), StoreError> {
    Ok((Shard::of_row(row)?, row.try_get("epoch")?))
}

fn shards_of(rows: &[Row]) -> Result<Vec<Shard>, StoreError> {
    rows.iter().map(Shard::of_row).collect()
}

fn holder(row: &Row) -> Result<Holder, StoreError> {
    Ok(Holder {
        shard: Shard::of_row(row)?,
        node: row.try_get("node")?,
        epoch: row.try_get("epoch")?,
        alive: row.try_get("alive")?,
    })
}

fn queued(row: &Row) -> Result<QueuedDelivery, StoreError> {
    let kind: &str = row.try_get("type")?;
    let event = Event {
        id: EventId::from_uuid(row.try_get("event")?),
        kind: kind
            .parse()
            .map_err(|_| StoreError::Misuse("events.type".into()))?,
        occurred_at: row.try_get("occurred_at")?,
        data: Arc::from(row.try_get::<_, &str>("data")?),
    };
    Ok(QueuedDelivery {
        id: DeliveryId::from_uuid(row.try_get("id")?),
        endpoint: EndpointId::from_uuid(row.try_get("endpoint")?),
        shard: Shard::of_row(row)?,
        order: row
            .try_get::<_, Option<Uuid>>("order_id")?
            .map(OrderId::from_uuid),
        attempts: row.try_get("attempts")?,
        tries: row.try_get("tries")?,
        due_at: row.try_get("due_at")?,
        opened_at: row.try_get("opened_at")?,
        replay: row
            .try_get::<_, Option<Uuid>>("replay")?
            .map(ReplayId::from_uuid),
        event: Arc::new(event),
    })
}

fn endpoint(row: &Row) -> Result<EndpointRow, StoreError> {
    let ids: Vec<Uuid> = row.try_get("key_ids")?;
    let secrets: Vec<Vec<u8>> = row.try_get("secrets")?;
    let untils: Vec<Option<OffsetDateTime>> = row.try_get("key_untils")?;
    Ok(EndpointRow {
        id: EndpointId::from_uuid(row.try_get("id")?),
        partner: PartnerId::from_uuid(row.try_get("partner")?),
        partner_slug: row.try_get("slug")?,
        adapter: row.try_get("adapter")?,
        settings: row.try_get("settings")?,
        shard: Shard::of_row(row)?,
        url: row.try_get("url")?,
        url_saved_by: row.try_get("url_saved_by")?,
        headers: row.try_get("headers")?,
        retry: row.try_get("retry")?,
        max_in_flight: row.try_get("max_in_flight")?,
        rate_per_second: row.try_get("rate_per_second")?,
        status: row.try_get("status")?,
        circuit: row.try_get("circuit")?,
        failing_since: row.try_get("failing_since")?,
        version: row.try_get("version")?,
        deleted: row.try_get("deleted")?,
        secrets: ids
            .into_iter()
            .zip(secrets)
            .zip(untils)
            .map(|((id, s), until)| (id, s, until))
            .collect(),
    })
}
