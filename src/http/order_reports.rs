//! What partners reported about an order, and everything that they sent.

use buywire_schemas::event::Report;
use buywire_schemas::ids::{CallbackId, OrderId};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::Desk;
use super::problem::{ApiError, Kind};
use crate::store::callbacks::TimelineCallback;
use crate::store::reports::StoredReport;

/// Far more than any real order has; the rest is in the report all the same.
const CALLBACKS_MAX: i64 = 500;

/// How things stand by one partner's words.
#[derive(Serialize)]
pub(super) struct Reported {
    partner: String,
    #[serde(with = "time::serde::rfc3339")]
    changed_at: OffsetDateTime,
    #[serde(flatten)]
    report: Report,
    callbacks: Vec<Sent>,
}

/// One message.
#[derive(Serialize)]
struct Sent {
    id: CallbackId,
    state: String,
    detail: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    received_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    settled_at: Option<OffsetDateTime>,
    /// In canonical words: the key, the time by the partner's clock, how much it tells, the updates.
    said: Value,
}

/// The reports about an order, each with the messages that it was made of.
pub(super) async fn reports(desk: &Desk, order: OrderId) -> Result<Vec<Reported>, ApiError> {
    let reports = desk.store.reports_of_order(order).await?;
    if reports.is_empty() {
        return Ok(Vec::new());
    }
    let sent = desk.store.callbacks_of_order(order, CALLBACKS_MAX).await?;
    let reports = reports.into_iter();
    reports.map(|report| reported(report, &sent)).collect()
}

fn reported(report: StoredReport, sent: &[TimelineCallback]) -> Result<Reported, ApiError> {
    let own = sent.iter().filter(|one| one.partner == report.slug);
    Ok(Reported {
        changed_at: report.changed_at,
        callbacks: own.map(told).collect(),
        partner: report.slug,
        report: serde_json::from_str(&report.report).map_err(|_| ApiError::new(Kind::Internal))?,
    })
}

fn told(one: &TimelineCallback) -> Sent {
    Sent {
        id: one.id,
        state: one.state.clone(),
        detail: one.detail.clone(),
        received_at: one.received_at,
        settled_at: one.settled_at,
        said: serde_json::from_str(&one.content).unwrap_or_default(),
    }
}
