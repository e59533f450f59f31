//! Deliveries as people read them: one by one with their attempts, or page by page.
//!
//! Promises: each page is bounded work, whatever the size of the tables: it reads a fixed number of rows from the end
//! of an index and returns where the next page begins. A page may therefore be short, even empty, and still have a
//! next one. Writes nothing.

use buywire_schemas::ids::{DeliveryId, EndpointId, EventId, FailureGroupId, OrderId, PartnerId};
use serde::Serialize;
use time::{Duration, OffsetDateTime};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;

/// Rows scanned for a page if some of them may not match. About 20 ms.
pub(crate) const SCAN_ROWS_MAX: i64 = 2_000;
/// The tolerance between a row's time and that of its id, and between an id and the start of its transaction.
const CLOCK_SLACK: Duration = Duration::hours(1);

/// A delivery from whichever table holds it. Fields that do not apply are null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryView {
    /// The `webhook-id` of all its attempts.
    pub id: DeliveryId,
    /// `pending`, `delivered` or `dead`.
    pub status: String,
    pub event: EventId,
    pub event_type: String,
    /// Our id of the order.
    pub order: Option<OrderId>,
    /// The platform's id of the order.
    pub order_id: Option<String>,
    /// The event's position in its order.
    pub sequence: Option<i32>,
    pub partner: String,
    pub endpoint: EndpointId,
    /// All attempts so far, including those of replays.
    pub attempt_count: i32,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it may be sent, while it is pending.
    #[serde(with = "time::serde::rfc3339::option")]
    pub due_at: Option<OffsetDateTime>,
    /// When the partner accepted it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub delivered_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub died_at: Option<OffsetDateTime>,
    /// Why it is dead.
    pub reason: Option<String>,
    /// The error of the last attempt.
    pub last_error: Option<String>,
    /// The group of the last failed attempt, until the delivery is accepted.
    pub failure_group: Option<FailureGroupId>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttemptView {
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub duration_ms: i32,
    /// Resolving the host's name. This and the next two are null on a connection that was open already.
    pub dns_ms: Option<i16>,
    pub connect_ms: Option<i16>,
    pub tls_ms: Option<i16>,
    /// From the ready connection to the head of the reply.
    pub first_byte_ms: Option<i16>,
    /// The first 8 bytes of SHA-256 of the request's body, in hexadecimal.
    pub body_hash: Option<String>,
    /// The status of the reply, if there was one.
    pub status_code: Option<i16>,
    /// The error's stable name.
    pub error: Option<String>,
    /// Of the reply to a failed attempt, without credentials.
    pub response_headers: Option<serde_json::Value>,
    /// The beginning of the reply's body.
    pub response_body: Option<String>,
    /// Whether the body was longer.
    pub response_truncated: bool,
}

/// Filters for deliveries; every field narrows.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// `pending`, `delivered` or `dead`.
    pub status: Option<&'static str>,
    pub partner: Option<PartnerId>,
    pub endpoint: Option<EndpointId>,
    pub event_type: Option<&'static str>,
    /// The error of the last attempt, or why it is dead.
    pub error: Option<String>,
    /// Created at this time or later.
    pub since: Option<OffsetDateTime>,
    /// Created before this time.
    pub until: Option<OffsetDateTime>,
}

/// A cursor: the page begins after this delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Behind {
    pub event: EventId,
    pub id: DeliveryId,
}

/// A page, and the cursor of the next one, if there is one.
#[derive(Debug)]
pub struct Page<T, C> {
    pub data: Vec<T>,
    /// The cursor after the last row.
    pub next: Option<C>,
}

impl DeliveryView {
    /// Its position in a page.
    pub fn cursor(&self) -> Behind {
        Behind {
            event: self.event,
            id: self.id,
        }
    }
}

impl DeliveryFilter {
    /// Whether a delivery matches, whichever partner it belongs to.
    pub fn matches(&self, delivery: &DeliveryView) -> bool {
        self.status.is_none_or(|status| status == delivery.status)
            && self.endpoint.is_none_or(|id| id == delivery.endpoint)
            && self
                .event_type
                .is_none_or(|kind| kind == delivery.event_type)
            && self.error.as_ref().is_none_or(|error| {
                [&delivery.last_error, &delivery.reason].contains(&&Some(error.clone()))
            })
            && self.since.is_none_or(|since| since <= delivery.created_at)
            && self.until.is_none_or(|until| delivery.created_at < until)
    }

    /// Whether rows from the index may fail to match.
    fn needs_scan(&self) -> bool {
        self.event_type.is_some()
            || self.error.is_some()
            || self.since.is_some()
            || self.until.is_some()
    }

    fn is_of_endpoints(&self) -> bool {
        self.partner.is_some() || self.endpoint.is_some()
    }

    /// The greatest ids that can match. Ids are ordered by time, so `until` bounds them.
    fn upper_bound(&self) -> Behind {
        let top = ids_before(self.until);
        Behind {
            event: EventId::from_uuid(top),
            id: DeliveryId::from_uuid(top),
        }
    }
}

impl Store {
    /// Lists at most `limit` deliveries, newest first.
    pub async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        cursor: Option<Behind>,
        limit: i64,
    ) -> Result<Page<DeliveryView, Behind>, DatabaseError> {
        // Reads one more than fit, so that the last page knows that it is the last.
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
                    &filter.error,
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
                    &filter.error,
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

    /// Reads one delivery. With a partner, only one of that partner.
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

    /// Lists the deliveries of an order, of all partners or of one, oldest event first.
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

    /// Lists the attempts of these deliveries in order.
    pub async fn attempts(
        &self,
        deliveries: &[DeliveryId],
    ) -> Result<Vec<(DeliveryId, AttemptView)>, DatabaseError> {
        let ids: Vec<_> = deliveries.iter().map(|id| id.uuid()).collect();
        let sql = include_str!("../sql/deliveries/attempts.sql");
        let rows = self.general().await?.query(sql, &[&ids]).await?;
        rows.iter().map(attempt).collect()
    }

    /// Explains why an open delivery is not being sent.
    pub async fn waiting_for(&self, id: DeliveryId) -> Result<Option<String>, DatabaseError> {
        let sql = include_str!("../sql/deliveries/wait_reason.sql");
        let row = self.general().await?.query_opt(sql, &[&id.uuid()]).await?;
        row.map_or(Ok(None), |row| Ok(row.try_get("waiting_for")?))
    }
}

impl Behind {
    /// The cursor closer to the end, in either reading order.
    fn componentwise_min(self, other: Self) -> Self {
        Self {
            event: self.event.min(other.event),
            id: self.id.min(other.id),
        }
    }
}

/// The lower bound of the ids (UUIDv7) that are created from that time on.
pub(crate) fn first_id_at(at: OffsetDateTime) -> Uuid {
    let millis = u128::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

/// The upper bound of the ids created before that time, within the tolerance.
pub(crate) fn ids_before(before: Option<OffsetDateTime>) -> Uuid {
    before.map_or(Uuid::max(), |before| {
        first_id_at(before.saturating_add(CLOCK_SLACK))
    })
}

/// Returns the matching rows (`matches`) and the next cursor: after the last row shown or, if `scan_rows` rows were
/// scanned (`position`), after the last of these.
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
        failure_group: row
            .try_get::<_, Option<Uuid>>("failure_group")?
            .map(FailureGroupId::from_uuid),
    })
}

fn attempt(row: &Row) -> Result<(DeliveryId, AttemptView), DatabaseError> {
    let hash: Option<&[u8]> = row.try_get("body_hash")?;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((
        DeliveryId::from_uuid(row.try_get("delivery")?),
        AttemptView {
            at: row.try_get("at")?,
            duration_ms: row.try_get("duration_ms")?,
            dns_ms: row.try_get("dns_ms")?,
            connect_ms: row.try_get("connect_ms")?,
            tls_ms: row.try_get("tls_ms")?,
            first_byte_ms: row.try_get("first_byte_ms")?,
            body_hash: hash.map(hex),
            status_code: row.try_get("status_code")?,
            error: row.try_get("error")?,
            response_headers: row.try_get("response_headers")?,
            response_body: row.try_get("response_body")?,
            response_truncated: row.try_get("response_truncated")?,
        },
    ))
}
