//! Approving and discarding a held run.

use actix_web::web::{Data, Path, Query};
use buywire_schemas::catalog::report::RunStatus;
use serde::Deserialize;

use super::run::find;
use super::words::{gate_reasons, would};
use crate::catalog::CatalogError;
use crate::console::confirmation::{ConfirmationPage, Fact};
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::BASE;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::ApiError;

#[derive(Debug, Deserialize)]
pub(in crate::http) struct ConfirmQuery {
    /// `approve` or `discard`.
    #[serde(default, rename = "do")]
    action: String,
}

/// `GET /console/catalog/runs/{id}/confirm`
pub(in crate::http) async fn confirm(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
    query: Query<ConfirmQuery>,
) -> ConsoleResult {
    let (partner, _, run) = find(&state, &visitor, &id).await?;
    let (report, run_path) = (run.report, format!("{BASE}/catalog/runs/{id}"));
    if report.status != RunStatus::Held {
        return Ok(see_other(&format!("{run_path}?done=stale")));
    }
    let is_approval = query.action != "discard";
    let mut effects = match is_approval {
        true => vec![
            format!("The run {}", would(&report.items)),
            "Posts, pages and agents show the new data at once. There is no way back but another feed.".to_owned(),
        ],
        false => vec![
            "The catalog stays as it is, and what this run has read is deleted.".to_owned(),
            "The partner has to send the feed again.".to_owned(),
        ],
    };
    effects.extend(gate_reasons(&report).into_iter().filter(|_| is_approval));
    let name = &partner.slug;
    page(&ConfirmationPage {
        frame: visitor.frame(&state, Section::Catalog),
        title: match is_approval {
            true => format!("Approve this run of {name}?"),
            false => format!("Discard this run of {name}?"),
        },
        effects,
        facts: vec![
            Fact::text("Partner", &*partner.name),
            Fact::id("Run", report.id),
        ],
        error: None,
        action: match is_approval {
            true => format!("{run_path}/approve"),
            false => format!("{run_path}/discard"),
        },
        hidden: Vec::new(),
        choices: Vec::new(),
        reason: None,
        button: match is_approval {
            true => "Approve and apply".to_owned(),
            false => "Discard".to_owned(),
        },
        is_danger: !is_approval,
        back: run_path,
    })
}

/// `POST /console/catalog/runs/{id}/approve`
pub(in crate::http) async fn approve(
    state: Data<AppState>,
    visitor: Visitor,
    _: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let (partner, _, run) = find(&state, &visitor, &id).await?;
    let approved = state
        .catalog
        .approve(&partner, run.report.id, visitor.caller.actor())
        .await;
    let done = match approved {
        Ok(run) if run.report.status == RunStatus::Superseded => "superseded",
        Ok(_) => "approved",
        Err(error) => not_decided(&state, &visitor, &id, error).await?,
    };
    Ok(see_other(&format!("{BASE}/catalog/runs/{id}?done={done}")))
}

/// `POST /console/catalog/runs/{id}/discard`
pub(in crate::http) async fn discard(
    state: Data<AppState>,
    visitor: Visitor,
    _: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let (partner, _, run) = find(&state, &visitor, &id).await?;
    let discarded = state
        .catalog
        .discard(partner.id, run.report.id, visitor.caller.actor())
        .await;
    let done = match discarded {
        Ok(_) => "discarded",
        Err(error) => not_decided(&state, &visitor, &id, error).await?,
    };
    Ok(see_other(&format!("{BASE}/catalog/runs/{id}?done={done}")))
}

/// Why nothing was done: a run that is held still is kept back by another one of its feed.
async fn not_decided(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    error: CatalogError,
) -> Result<&'static str, ApiError> {
    if !matches!(error, CatalogError::InvalidState(_)) {
        return Err(error.into());
    }
    let (_, _, run) = find(state, visitor, id).await?;
    match run.report.status {
        RunStatus::Held => Ok("busy"),
        _ => Ok("stale"),
    }
}
