//! Partners, those in trouble first.

use std::collections::HashMap;

use buywire_schemas::ids::PartnerId;
use time::{Duration, OffsetDateTime};

use super::figures::share;
use crate::console::chart::{self, percentile};
use crate::console::format::{grouped, millis};
use crate::console::overview::now::PartnerRow;
use crate::console::state::State;
use crate::http::AppState;
use crate::http::console::hours::histogram;
use crate::http::problem::ApiError;
use crate::store::delivery::overview::ActivePartner;
use crate::store::delivery::stats::{LATENCY_BOUNDS_MS, StatsPoint};
use crate::store::operations::PartnerBacklog;

const PARTNERS_MAX: i64 = 20;

pub(super) async fn partners(
    state: &AppState,
    own: Option<PartnerId>,
    backlogs: &[PartnerBacklog],
    now: OffsetDateTime,
) -> Result<Vec<PartnerRow>, ApiError> {
    if own.is_some() {
        return Ok(Vec::new());
    }
    let active = state.store.active_partners(PARTNERS_MAX).await?;
    let ids: Vec<_> = active.iter().map(|partner| partner.id).collect();
    let since = now - Duration::HOUR;
    let minutes = state.store.minutes_of_partners(&ids, since).await?;
    let rows = active.into_iter().map(|partner| {
        let own: Vec<_> = minutes
            .iter()
            .filter(|(id, _)| *id == partner.id)
            .map(|(_, point)| point)
            .collect();
        let backlog = backlogs.iter().find(|one| one.partner == partner.slug);
        partner_row(partner, &own, backlog, now)
    });
    Ok(rows.collect())
}

fn partner_row(
    partner: ActivePartner,
    minutes: &[&StatsPoint],
    backlog: Option<&PartnerBacklog>,
    now: OffsetDateTime,
) -> PartnerRow {
    let delivered: i64 = minutes.iter().map(|point| point.delivered).sum();
    let failed: i64 = minutes.iter().map(|point| point.failed + point.dead).sum();
    let histogram = histogram(minutes.iter().copied());
    let within = |share| {
        let found = percentile(&histogram, &LATENCY_BOUNDS_MS, share);
        found.map_or_else(|| "–".to_owned(), |found| found.to_string())
    };
    let last = now.unix_timestamp() / 60;
    let by_minute: HashMap<_, _> = minutes
        .iter()
        .map(|point| (point.at.unix_timestamp() / 60, *point))
        .collect();
    let shares: Vec<_> = (last - 59..=last)
        .map(|minute| match by_minute.get(&minute) {
            Some(point) if point.delivered + point.failed + point.dead > 0 => {
                point.delivered as f64 / (point.delivered + point.failed + point.dead) as f64
            }
            _ => 1.0,
        })
        .collect();
    PartnerRow {
        slug: partner.slug,
        state: match (failed, delivered) {
            (0, _) => State::ok("Fine"),
            (failed, delivered) if failed * 100 <= delivered => State::ok("Fine"),
            (failed, delivered) if failed >= delivered => State::bad("Failing"),
            _ => State::warn("Some fail"),
        },
        waiting: grouped(backlog.map_or(0, |backlog| backlog.deliveries)),
        past_due: backlog.map_or_else(
            || "–".to_owned(),
            |backlog| millis((backlog.oldest_seconds * 1_000.0) as i64),
        ),
        half: within(0.5),
        most: within(0.99),
        accepted: match share(delivered, delivered + failed) {
            text if text == "–" => text,
            text => format!("{text} %"),
        },
        has_failures: failed > 0,
        chart: chart::share_line(&shares),
    }
}
