//! Partners' reports about an order, and their callbacks.

use buywire_schemas::event::OrderReport;
use buywire_schemas::ids::{CallbackId, OrderId};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::http::AppState;
use crate::http::problem::{ApiError, Kind};
use crate::store::callbacks::TimelineCallback;
use crate::store::callbacks::reports::StoredReport;

/// Far more than real orders have; further callbacks still count in the report.
const CALLBACKS_MAX: i64 = 500;

/// The state that one partner reported.
#[derive(Serialize)]
pub(crate) struct PartnerReport {
    pub(in crate::http) partner: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(in crate::http) updated_at: OffsetDateTime,
    #[serde(flatten)]
    pub(in crate::http) report: OrderReport,
    pub(in crate::http) callbacks: Vec<CallbackEntry>,
}

/// A callback.
#[derive(Serialize)]
pub(crate) struct CallbackEntry {
    pub(in crate::http) id: CallbackId,
    pub(in crate::http) state: String,
    pub(in crate::http) detail: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub(in crate::http) received_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(in crate::http) settled_at: Option<OffsetDateTime>,
    /// In canonical form: the key, the partner's time, the kind, the updates.
    pub(in crate::http) content: Value,
}

/// The reports about an order, each with its callbacks.
pub(crate) async fn reports(
    state: &AppState,
    order: OrderId,
) -> Result<Vec<PartnerReport>, ApiError> {
    let reports = state.store.reports_of_order(order).await?;
    if reports.is_empty() {
        return Ok(Vec::new());
    }
    let callbacks = state.store.callbacks_of_order(order, CALLBACKS_MAX).await?;
    let reports = reports.into_iter();
    reports
        .map(|report| partner_report(report, &callbacks))
        .collect()
}

fn partner_report(
    report: StoredReport,
    callbacks: &[TimelineCallback],
) -> Result<PartnerReport, ApiError> {
    let own = callbacks.iter().filter(|one| one.partner == report.slug);
    Ok(PartnerReport {
        updated_at: report.updated_at,
        callbacks: own.map(callback_entry).collect(),
        partner: report.slug,
        report: serde_json::from_str(&report.report).map_err(|_| ApiError::new(Kind::Internal))?,
    })
}

fn callback_entry(callback: &TimelineCallback) -> CallbackEntry {
    CallbackEntry {
        id: callback.id,
        state: callback.state.clone(),
        detail: callback.detail.clone(),
        received_at: callback.received_at,
        settled_at: callback.settled_at,
        content: serde_json::from_str(&callback.content).unwrap_or_default(),
    }
}
