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

use crate::db::DatabaseError;
use crate::store::Store;

/// Rows that a page looks at when some of them may not match. About 20 ms.
pub(crate) const SCAN_ROWS_MAX: i64 = 2_000;
/// A row is made within this after its id, and its id within this after its transaction began.
const CLOCK_SLACK: Duration = Duration::hours(1);

/// A delivery, wherever it is. What does not apply is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryView {
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
pub struct AttemptView {
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
pub struct DeliveryFilter {
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

impl DeliveryView {
    /// Where it stands on a page.
    pub fn cursor(&self) -> Behind {
        Behind {
            event: self.event,
            id: self.id,
        }
    }
}

impl DeliveryFilter {
    /// Whether it is wanted, whoever's it is.
    pub fn matches(&self, delivery: &DeliveryView) -> bool {
        self.status.is_none_or(|status| status == delivery.status)
            && self.endpoint.is_none_or(|id| id == delivery.endpoint)
            && self
                .event_type
                .is_none_or(|kind| kind == delivery.event_type)
            && self.since.is_none_or(|since| since <= delivery.created_at)
            && self.until.is_none_or(|until| delivery.created_at < until)
    }

    /// Whether rows that the index gives may still not be wanted.
    fn needs_scan(&self) -> bool {
        self.event_type.is_some() || self.since.is_some() || self.until.is_some()
    }

    fn is_of_endpoints(&self) -> bool {
        self.partner.is_some() || self.endpoint.is_some()
    }

    /// The greatest ids that can be wanted. Ids are made by the clock, so that `until` bounds them.
    fn upper_bound(&self) -> Behind {
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
        filter: &DeliveryFilter,
        cursor: Option<Behind>,
        limit: i64,
    ) -> Result<Page<DeliveryView, Behind>, DatabaseError> {
        // One more than fit, so that the last page knows that it is.
        let scan_rows = if filter.needs_scan() {
            SCAN_ROWS_MAX
        } else {
            limit + 1
        };
        let from = cursor.map_or_else(
            || filter.upper_bound(),
            |cursor| cursor.componentwise_min(filter.upper_bound()),
        );
        let db = self.general().await?;
        let rows = if filter.is_of_endpoints() {
            db.query(
                include_str!("../sql/deliveries/page_of_endpoints.sql"),
                &[
                    &filter.status,
                    &from.event.uuid(),
                    &from.id.uuid(),
                    &filter.event_type,
                    &filter.since,
                    &filter.until,
                    &scan_rows,
                    &filter.partner.map(PartnerId::uuid),
                    &filter.endpoint.map(EndpointId::uuid),
                ],
            )
            .await?
        } else {
            let oldest = filter.since.map_or(Uuid::nil(), first_id_at);
            db.query(
                include_str!("../sql/deliveries/page.sql"),
                &[
                    &filter.status,
                    &oldest,
                    &from.id.uuid(),
                    &filter.event_type,
                    &filter.since,
                    &filter.until,
                    &scan_rows,
                ],
            )
            .await?
        };
        page(&rows, limit, scan_rows, |row| {
            delivery(row).map(|found| {
                let cursor = found.cursor();
                (found, cursor)
            })
        })
    }

    /// One delivery; with a partner, only if it is that partner's.
    pub async fn delivery(
        &self,
        id: DeliveryId,
        owner: Option<PartnerId>,
    ) -> Result<Option<DeliveryView>, DatabaseError> {
        let sql = include_str!("../sql/deliveries/find.sql");
        let row = self
            .general()
            .await?
            .query_opt(sql, &[&id.uuid(), &owner.map(PartnerId::uuid)])
            .await?;
        row.as_ref().map(delivery).transpose()
    }

    /// The deliveries of an order, of all partners or of one, oldest event first.
    pub async fn deliveries_of_order(
        &self,
        order: OrderId,
        owner: Option<PartnerId>,
    ) -> Result<Vec<DeliveryView>, DatabaseError> {
        let sql = include_str!("../sql/deliveries/of_order.sql");
        let rows = self
            .general()
            .await?
            .query(sql, &[&order.uuid(), &owner.map(PartnerId::uuid)])
            .await?;
        rows.iter().map(delivery).collect()
    }

    /// The attempts of these deliveries, in order.
    pub async fn attempts(
        &self,
        deliveries: &[DeliveryId],
    ) -> Result<Vec<(DeliveryId, AttemptView)>, DatabaseError> {
        let ids: Vec<_> = deliveries.iter().map(|id| id.uuid()).collect();
        let sql = include_str!("../sql/deliveries/attempts.sql");
        let rows = self.general().await?.query(sql, &[&ids]).await?;
        rows.iter().map(attempt).collect()
    }

    /// Why an open delivery is not being sent right now.
    pub async fn waiting_for(&self, id: DeliveryId) -> Result<Option<String>, DatabaseError> {
        let sql = include_str!("../sql/deliveries/wait_reason.sql");
        let row = self.general().await?.query_opt(sql, &[&id.uuid()]).await?;
        row.map_or(Ok(None), |row| Ok(row.try_get("waiting_for")?))
    }
}

impl Behind {
    /// The nearer one to the end, in either order of reading.
    fn componentwise_min(self, other: Self) -> Self {
        Self {
            event: self.event.min(other.event),
            id: self.id.min(other.id),
        }
    }
}

/// What ids that are made from that moment on are not less than (UUIDv7).
pub(crate) fn first_id_at(at: OffsetDateTime) -> Uuid {
    let millis = u128::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

/// The ids below which everything was made before that moment, give or take.
pub(crate) fn ids_before(before: Option<OffsetDateTime>) -> Uuid {
    before.map_or(Uuid::max(), |before| {
        first_id_at(before.saturating_add(CLOCK_SLACK))
    })
}

/// The rows that match (`matches`), and where the next page begins: behind the last row that is shown or, when
/// `looks` rows were looked at (`place`), behind the last of these.
pub(crate) fn page<T, C: Copy>(
    rows: &[Row],
    limit: i64,
    scan_rows: i64,
    read: impl Fn(&Row) -> Result<(T, C), DatabaseError>,
) -> Result<Page<T, C>, DatabaseError> {
    let mut data = Vec::new();
    let mut next = None;
    for row in rows {
        let (found, cursor) = read(row)?;
        if i64::try_from(data.len()).is_ok_and(|full| full >= limit) {
            return Ok(Page { data, next });
        }
        if row.try_get("matches")? {
            data.push(found);
            next = Some(cursor);
        }
        if row.try_get::<_, i64>("position")? >= scan_rows {
            return Ok(Page {
                data,
                next: Some(cursor),
            });
        }
    }
    Ok(Page { data, next: None })
}

fn delivery(row: &Row) -> Result<DeliveryView, DatabaseError> {
    Ok(DeliveryView {
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

fn attempt(row: &Row) -> Result<(DeliveryId, AttemptView), DatabaseError> {
    Ok((
        DeliveryId::from_uuid(row.try_get("delivery")?),
        AttemptView {
            at: row.try_get("at")?,
            duration_ms: row.try_get("duration_ms")?,
            status_code: row.try_get("status_code")?,
            error: row.try_get("error")?,
            response_body: row.try_get("response_body")?,
            response_truncated: row.try_get("response_truncated")?,
        },
    ))
}
