//! The list of runs, those that wait for approval first.

use actix_web::web::{Data, Query};
use buywire_schemas::catalog::report::{ItemCounts, RunStatus};
use buywire_schemas::ids::RunId;
use serde::Deserialize;
use time::OffsetDateTime;

use super::parts::{CatalogTab, ROWS, tabs};
use super::words::{gate_reasons, kind, reason, run_state, would};
use crate::ambient;
use crate::console::Moment;
use crate::console::catalog::number;
use crate::console::catalog::runs::{HeldRun, RunRow, RunsPage};
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::catalog::runs::find_partner;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::BASE;
use crate::http::console::lists::{ListUrl, PartnerScope, cut, partner_field, partner_scope};
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};
use crate::store::catalog::{RunFilter, RunSummary};

/// Held runs above the list. More than these are in the list.
const HELD_MAX: i64 = 10;
const PATH: &str = "/console/catalog";
const STATES: [(&str, &str); 7] = [
    ("", "All"),
    ("held", "Held"),
    ("failed", "Failed"),
    ("running", "Running"),
    ("applied", "Applied"),
    ("discarded", "Discarded"),
    ("dry_run", "Dry runs"),
];

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct RunsQuery {
    #[serde(default)]
    status: String,
    #[serde(default)]
    partner: String,
    #[serde(default)]
    cursor: String,
}

/// `GET /console/catalog`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<RunsQuery>,
) -> ConsoleResult {
    // The platform reads products, and nothing of feeds.
    if visitor.caller.is_platform() {
        return Ok(see_other(&format!("{BASE}/catalog/products")));
    }
    let now = ambient::now();
    let url = ListUrl::new(
        PATH,
        vec![("status", &query.status), ("partner", &query.partner)],
    );
    let is_first = query.cursor.is_empty();
    let (mut rows, mut next, mut held, mut error) = (Vec::new(), None, Vec::new(), None);
    match filter(&state, &visitor, &query).await? {
        Ok(filter) => {
            let found = state.store.all_runs(filter).await?;
            (rows, next) = cut(found, ROWS, |run| run.id.to_string());
            if is_first {
                held = held_runs(&state, filter, now).await?;
            }
        }
        Err(fault) => error = Some(fault.to_owned()),
    }
    let frame = match is_first {
        true => visitor.live_frame(&state, Section::Catalog),
        false => visitor.frame(&state, Section::Catalog),
    };
    page(&RunsPage {
        frame,
        tabs: tabs(&visitor, CatalogTab::Runs),
        held,
        chips: url.chips("status", &STATES),
        status: query.status.clone(),
        partner: partner_field(&visitor, &query.partner),
        error,
        pager: url.pager(rows.len(), ("run", "runs"), &query.cursor, next.as_deref()),
        rows: rows.into_iter().map(|run| row(run, now)).collect(),
        is_filtered: url.is_filtered(),
    })
}

async fn filter(
    state: &AppState,
    visitor: &Visitor,
    query: &RunsQuery,
) -> Result<Result<RunFilter, &'static str>, ApiError> {
    let status = match query.status.as_str() {
        "" => None,
        text => match RunStatus::ALL.into_iter().find(|one| one.as_str() == text) {
            Some(status) => Some(status),
            None => return Ok(Err("There is no such state of a run. Choose one above.")),
        },
    };
    let before: Option<RunId> = match query.cursor.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| ApiError::new(Kind::NotFound))?),
    };
    let scope = partner_scope(state, visitor, &query.partner).await?;
    Ok(scope.map(|scope| RunFilter {
        partner: scope.id(),
        before,
        status,
        limit: i64::try_from(ROWS + 1).unwrap_or(i64::MAX),
    }))
}

/// The runs that wait for somebody, with why.
async fn held_runs(
    state: &AppState,
    filter: RunFilter,
    now: OffsetDateTime,
) -> Result<Vec<HeldRun>, ApiError> {
    let mut held = Vec::new();
    if filter
        .status
        .is_some_and(|status| status != RunStatus::Held)
    {
        return Ok(held);
    }
    let scope = filter.partner.map_or(PartnerScope::All, PartnerScope::One);
    for run in state.store.held_runs(scope.id(), HELD_MAX).await? {
        let partner = find_partner(state, &run.partner).await?;
        let found = state.catalog.run(partner.id, run.id).await?;
        held.push(HeldRun {
            id: run.id.to_string(),
            partner: run.partner,
            held_at: Moment::new(run.finished_at.unwrap_or(run.created_at), now),
            effect: would(&found.report.items),
            reasons: gate_reasons(&found.report),
        });
    }
    Ok(held)
}

fn row(run: RunSummary, now: OffsetDateTime) -> RunRow {
    RunRow {
        id: run.id.to_string(),
        state: run_state(run.status),
        partner: run.partner,
        kind: kind(run.mode, run.dry_run).to_owned(),
        reason: run.reason.as_deref().map(reason),
        counts: run.items.as_ref().map(counts).unwrap_or_default(),
        actor: run.actor,
        created_at: Moment::new(run.created_at, now),
    }
}

fn counts(items: &ItemCounts) -> Vec<(&'static str, String)> {
    let columns = [
        ("Read", items.read),
        ("Added", items.inserted),
        ("Changed", items.updated),
        ("Missing", items.removed),
        ("With errors", items.invalid),
    ];
    columns.map(|(name, count)| (name, number(count))).to_vec()
}
