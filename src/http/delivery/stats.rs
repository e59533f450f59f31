//! The route for statistics. A partner sees its own.

use actix_web::web::{Data, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::EndpointId;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::ambient;
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::delivery::failures::{check_endpoint, visible_partner};
use crate::http::problem::{ApiError, Kind};
use crate::store::delivery::stats::{LATENCY_BOUNDS_MS, StatsPoint, StatsStep, StatsSubject};

/// Points in one answer: a day by the minute, two months by the hour.
const POINTS_MAX: i64 = 1_500;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListStatsQuery {
    partner: Option<String>,
    endpoint: Option<EndpointId>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    since: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    until: Option<OffsetDateTime>,
    #[serde(default)]
    step: Step,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    #[default]
    Minute,
    Hour,
}

impl Step {
    const fn stored(self) -> StatsStep {
        match self {
            Self::Minute => StatsStep::Minute,
            Self::Hour => StatsStep::Hour,
        }
    }

    const fn length(self) -> Duration {
        match self {
            Self::Minute => Duration::MINUTE,
            Self::Hour => Duration::HOUR,
        }
    }

    /// The time before `until` that is read if none is given.
    const fn default_range(self) -> Duration {
        match self {
            Self::Minute => Duration::HOUR,
            Self::Hour => Duration::DAY,
        }
    }
}

#[derive(Serialize)]
struct StatsResponse {
    step: Step,
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    until: OffsetDateTime,
    latency_bounds_ms: [i32; LATENCY_BOUNDS_MS.len()],
    data: Vec<StatsPoint>,
}

/// `GET /v1/stats`: oldest first, without the minutes or hours in which nothing happened.
pub(crate) async fn list(
    state: Data<AppState>,
    caller: Caller,
    query: Query<ListStatsQuery>,
) -> Result<impl Responder, ApiError> {
    let (since, until) = range(&query, ambient::now())?;
    let partner = visible_partner(&state, &caller, query.partner.as_deref()).await?;
    check_endpoint(&state, &caller, query.endpoint).await?;
    let subject = match (query.endpoint, partner) {
        (Some(endpoint), _) => StatsSubject::Endpoint(endpoint),
        (None, Some(partner)) => StatsSubject::Partner(partner),
        (None, None) => StatsSubject::Gateway,
    };
    let step = query.step.stored();
    let points = state
        .store
        .stats(subject, step, (since, until), POINTS_MAX)
        .await?;
    Ok(HttpResponse::Ok().json(StatsResponse {
        step: query.step,
        since,
        until,
        latency_bounds_ms: LATENCY_BOUNDS_MS,
        data: points,
    }))
}

/// From when to when points begin.
fn range(
    query: &ListStatsQuery,
    now: OffsetDateTime,
) -> Result<(OffsetDateTime, OffsetDateTime), ApiError> {
    let until = query.until.unwrap_or(now);
    let default = until.saturating_sub(query.step.default_range());
    let since = query.since.unwrap_or(default);
    let refused = |detail: String| Err(ApiError::with_detail(Kind::QueryInvalid, detail));
    if since >= until {
        return refused("`since` must be before `until`.".to_owned());
    }
    let length = query.step.length();
    if until - since > length * i32::try_from(POINTS_MAX).unwrap_or(i32::MAX) {
        return refused(format!(
            "`since` and `until` may be at most {POINTS_MAX} steps apart. Use a longer `step`, or several requests."
        ));
    }
    Ok((since, until))
}
