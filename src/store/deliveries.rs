//! Deliveries as people read them: one by one with their attempts, or page by page.
//!
//! Promises: each page is bounded work, whatever the size of the tables: it reads so many rows from the
//! end of an index and says where the next page begins. A page may therefore be short, even empty, and
//! still have a next one. Writes nothing.

use buywire_schemas::ids::{DeliveryId, EndpointId, EventId, OrderId, PartnerId};
use serde::Serialize;
use time::{Duration, OffsetDateTime};
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Store, StoreError};

/// Rows that a page looks at when some of them may not match. About 20 ms.
pub(super) const LOOKS_MAX: i64 = 2_000;
/// A row is made within this after its id, and its id within this after its transaction began.
const SLACK: Duration = Duration::hours(1);

/// A delivery, wherever it is. What does not apply is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Its id: the `webhook-id` of all its attempts.
    pub id: DeliveryId,
    /// `pending`, `delivered` or `dead`.
    pub status: String,
    /// The event that it tells of.
    pub event: EventId,
    /// What kind of event that is.
    pub event_type: String,
    /// Our id of the order.
    pub order: Option<OrderId>,
    /// The platform's.
    pub order_id: Option<String>,
    /// The event's place in its order.
    pub sequence: Option<i32>,
    /// Who hears of it.
    pub partner: String,
    /// Where.
    pub endpoint: EndpointId,
    /// Attempts so far, of all replays.
    pub attempt_count: i32,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it may be sent, while it is pending.
    #[serde(with = "time::serde::rfc3339::option")]
    pub due_at: Option<OffsetDateTime>,
    /// When the partner accepted it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub delivered_at: Option<OffsetDateTime>,
    /// When it was given up.
    #[serde(with = "time::serde::rfc3339::option")]
    pub died_at: Option<OffsetDateTime>,
    /// Why it was given up.
    pub reason: Option<String>,
    /// How the last attempt failed.
    pub last_error: Option<String>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// How long it took.
    pub duration_ms: i32,
    /// The reply's status, if there was a reply.
    pub status_code: Option<i16>,
    /// The failure's stable name.
    pub error: Option<String>,
    /// The beginning of the reply's body.
    pub response_body: Option<String>,
    /// Whether there was more.
    pub response_truncated: bool,
}

/// Which deliveries are asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// `pending`, `delivered` or `dead`.
    pub status: Option<&'static str>,
    /// Those of one partner.
    pub partner: Option<PartnerId>,
    /// Those to one endpoint.
    pub endpoint: Option<EndpointId>,
    /// Those of one type of event.
    pub event_type: Option<&'static str>,
    /// Made at this time or later.
    pub since: Option<OffsetDateTime>,
    /// Made before this time.
    pub until: Option<OffsetDateTime>,
}

/// Where a page begins: behind this delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Behind {
    /// Its event.
    pub event: EventId,
    /// Its id.
    pub id: DeliveryId,
}

/// A page, and where the next one begins, if there is one.
#[derive(Debug)]
pub struct Page<T, C> {
    /// What is on it.
    pub data: Vec<T>,
    /// The place behind its last row.
    pub next: Option<C>,
}

impl Delivery {
    /// Where it stands on a page.
    pub fn place(&self) -> Behind {
        Behind {
            event: self.event,
            id: self.id,
        }
    }
}

impl Wanted {
    /// Whether it is wanted, whoever's it is.
    pub fn has(&self, delivery: &Delivery) -> bool {
        self.status.is_none_or(|status| status == delivery.status)
            && self.endpoint.is_none_or(|id| id == delivery.endpoint)
            && self
                .event_type
                .is_none_or(|kind| kind == delivery.event_type)
            && self.since.is_none_or(|since| since <= delivery.created_at)
            && self.until.is_none_or(|until| delivery.created_at < until)
    }

    /// Whether rows that the index gives may still not be wanted.
    fn may_miss(&self) -> bool {
        self.event_type.is_some() || self.since.is_some() || self.until.is_some()
    }

    fn is_of_endpoints(&self) -> bool {
        self.partner.is_some() || self.endpoint.is_some()
    }

    /// The greatest ids that can be wanted. Ids are made by the clock, so that `until` bounds them.
    fn top(&self) -> Behind {
        let top = ids_before(self.until);
        Behind {
            event: EventId::from_uuid(top),
            id: DeliveryId::from_uuid(top),
        }
    }
}

impl Store {
    /// A page of at most `limit` deliveries, newest first.
    pub async fn deliveries(
        &self,
        wanted: &Wanted,
        behind: Option<Behind>,
        limit: i64,
    ) -> Result<Page<Delivery, Behind>, StoreError> {
        // One more than fit, so that the last page knows that it is.
        let looks = if wanted.may_miss() {
            LOOKS_MAX
        } else {
            limit + 1
        };
        let from = behind.map_or_else(|| wanted.top(), |behind| behind.lesser(wanted.top()));
        let db = self.general().await?;
        let rows = if wanted.is_of_endpoints() {
            db.query(
                include_str!("sql/deliveries/page_of_endpoints.sql"),
                &[
                    &wanted.status,
                    &from.event.uuid(),
                    &from.id.uuid(),
                    &wanted.event_type,
                    &wanted.since,
                    &wanted.until,
                    &looks,
                    &wanted.partner.map(PartnerId::uuid),
                    &wanted.endpoint.map(EndpointId::uuid),
                ],
            )
            .await?
        } else {
            let oldest = wanted.since.map_or(Uuid::nil(), first_id_of);
            db.query(
                include_str!("sql/deliveries/page.sql"),
                &[
                    &wanted.status,
                    &oldest,
                    &from.id.uuid(),
                    &wanted.event_type,
                    &wanted.since,
                    &wanted.until,
                    &looks,
                ],
            )
            .await?
        };
        page(&rows, limit, looks, |row| {
            delivery(row).map(|found| {
                let place = found.place();
                (found, place)
            })
        })
    }

    /// One delivery; with a partner, only if it is that partner's.
    pub async fn delivery(
        &self,
        id: DeliveryId,
        of: Option<PartnerId>,
    ) -> Result<Option<Delivery>, StoreError> {
        let sql = include_str!("sql/deliveries/find.sql");
        let row = self
            .general()
            .await?
            .query_opt(sql, &[&id.uuid(), &of.map(PartnerId::uuid)])
            .await?;
        row.as_ref().map(delivery).transpose()
    }

    /// The deliveries of an order, of all partners or of one, oldest event first.
    pub async fn deliveries_of_order(
        &self,
        order: OrderId,
        of: Option<PartnerId>,
    ) -> Result<Vec<Delivery>, StoreError> {
        let sql = include_str!("sql/deliveries/of_order.sql");
        let rows = self
            .general()
            .await?
            .query(sql, &[&order.uuid(), &of.map(PartnerId::uuid)])
            .await?;
        rows.iter().map(delivery).collect()
    }

    /// The attempts of these deliveries, in order.
    pub async fn attempts(
        &self,
        deliveries: &[DeliveryId],
    ) -> Result<Vec<(DeliveryId, Attempt)>, StoreError> {
        let ids: Vec<_> = deliveries.iter().map(|id| id.uuid()).collect();
        let sql = include_str!("sql/deliveries/attempts.sql");
        let rows = self.general().await?.query(sql, &[&ids]).await?;
        rows.iter().map(attempt).collect()
    }

    /// Why an open delivery is not being sent right now.
    pub async fn waiting_for(&self, id: DeliveryId) -> Result<Option<String>, StoreError> {
        let sql = include_str!("sql/deliveries/waiting_for.sql");
        let row = self.general().await?.query_opt(sql, &[&id.uuid()]).await?;
        row.map_or(Ok(None), |row| Ok(row.try_get("waiting_for")?))
    }
}

impl Behind {
    /// The nearer one to the end, in either order of reading.
    fn lesser(self, other: Self) -> Self {
        Self {
            event: self.event.min(other.event),
            id: self.id.min(other.id),
        }
    }
}

/// What ids that are made from that moment on are not less than (UUIDv7).
pub(super) fn first_id_of(moment: OffsetDateTime) -> Uuid {
    let millis = u128::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

/// The ids below which everything was made before that moment, give or take.
pub(super) fn ids_before(until: Option<OffsetDateTime>) -> Uuid {
    until.map_or(Uuid::max(), |until| {
        first_id_of(until.saturating_add(SLACK))
    })
}

/// The rows that match (`matches`), and where the next page begins: behind the last row that is shown or, when
/// `looks` rows were looked at (`place`), behind the last of these.
pub(super) fn page<T, C: Copy>(
    rows: &[Row],
    limit: i64,
    looks: i64,
    read: impl Fn(&Row) -> Result<(T, C), StoreError>,
) -> Result<Page<T, C>, StoreError> {
    let mut data = Vec::new();
    let mut next = None;
    for row in rows {
        let (found, place) = read(row)?;
        if i64::try_from(data.len()).is_ok_and(|full| full >= limit) {
            return Ok(Page { data, next });
        }
        if row.try_get("matches")? {
            data.push(found);
            next = Some(place);
        }
        if row.try_get::<_, i64>("place")? >= looks {
            return Ok(Page {
                data,
                next: Some(place),
            });
        }
    }
    Ok(Page { data, next: None })
}

fn delivery(row: &Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: DeliveryId::from_uuid(row.try_get("id")?),
        status: row.try_get("status")?,
        event: EventId::from_uuid(row.try_get("event")?),
        event_type: row.try_get("type")?,
        order: row
            .try_get::<_, Option<Uuid>>("order_id")?
            .map(OrderId::from_uuid),
        order_id: row.try_get("platform_id")?,
        sequence: row.try_get("sequence")?,
        partner: row.try_get("slug")?,
        endpoint: EndpointId::from_uuid(row.try_get("endpoint")?),
        attempt_count: row.try_get("attempts")?,
        created_at: row.try_get("created_at")?,
        due_at: row.try_get("due_at")?,
        delivered_at: row.try_get("delivered_at")?,
        died_at: row.try_get("died_at")?,
        reason: row.try_get("reason")?,
        last_error: row.try_get("last_error")?,
    })
}

fn attempt(row: &Row) -> Result<(DeliveryId, Attempt), StoreError> {
    Ok((
        DeliveryId::from_uuid(row.try_get("delivery")?),
        Attempt {
            at: row.try_get("at")?,
            duration_ms: row.try_get("duration_ms")?,
            status_code: row.try_get("status_code")?,
            error: row.try_get("error")?,
            response_body: row.try_get("response_body")?,
            response_truncated: row.try_get("response_truncated")?,
        },
    ))
}
