//! Feed sources: listed, and pulled now.

use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use time::OffsetDateTime;

use super::parts::{CatalogTab, ROWS, tabs};
use super::words::kind;
use crate::ambient;
use crate::console::Moment;
use crate::console::catalog::sources::{SourceRow, SourcesPage};
use crate::console::format::{counted, span};
use crate::console::frame::Section;
use crate::console::state::State;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::{BASE, masked};
use crate::http::console::lists::{ListUrl, cut};
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::{Visitor, flash};
use crate::http::partners::parse_slug;
use crate::store::catalog::sources::{Source, SourceOfPartner};

const PATH: &str = "/console/catalog/sources";
const DONE: [(&str, &str, &str); 1] = [(
    "pulled",
    "ok",
    "The feed is pulled now. Its run appears among the runs.",
)];

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct SourcesQuery {
    #[serde(default)]
    cursor: String,
    done: Option<String>,
}

/// `GET /console/catalog/sources`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<SourcesQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let own = visitor.caller.partner().map(|(id, _)| id);
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let found = state.store.sources(own, &query.cursor, limit).await?;
    let (rows, next) = cut(found, ROWS, |source| source.partner.clone());
    let mut frame = visitor.live_frame(&state, Section::Catalog);
    frame.flash = flash(query.done.as_deref(), &DONE);
    page(&SourcesPage {
        frame,
        tabs: tabs(&visitor, CatalogTab::Sources),
        pager: ListUrl::new(PATH, Vec::new()).pager(
            rows.len(),
            ("source", "sources"),
            &query.cursor,
            next.as_deref(),
        ),
        rows: rows.into_iter().map(|source| row(source, now)).collect(),
    })
}

/// `POST /console/catalog/sources/{slug}/pull`
pub(in crate::http) async fn pull(
    state: Data<AppState>,
    _: Visitor,
    _: ConsoleForm,
    partner: Path<String>,
) -> ConsoleResult {
    state.sources.pull_now(&parse_slug(&partner)?).await?;
    Ok(see_other(&format!("{BASE}/catalog/sources?done=pulled")))
}

fn row(SourceOfPartner { partner, source }: SourceOfPartner, now: OffsetDateTime) -> SourceRow {
    let (host, path) = masked(&source.url);
    let every = span(time::Duration::minutes(source.every_minutes.into()));
    SourceRow {
        partner,
        state: pull_state(&source),
        url: format!("{host}{path}"),
        schedule: format!("{}, every {every}", kind(source.mode, false)),
        last_at: Moment::optional(source.last_at, now),
        next_at: Moment::new(source.next_at, now),
        is_pulling: source.pulling,
        run: source.last.map(|(run, status, reason)| {
            let outcome = reason.or(status).unwrap_or_else(|| "run".to_owned());
            (run.to_string(), outcome.replace('_', " "))
        }),
    }
    .with_failures(source.failures)
}

fn pull_state(source: &Source) -> State {
    let status = source
        .last
        .as_ref()
        .and_then(|(_, status, _)| status.as_deref());
    match (source.pulling, source.failures, status) {
        (true, ..) => State::waiting("Pulling"),
        (_, 1.., _) => State::bad("Failing"),
        (_, _, Some("held")) => State::warn("Held"),
        (_, _, Some("failed")) => State::bad("Failed"),
        (_, _, None) => State::waiting("Not yet"),
        _ => State::ok("Pulled"),
    }
}

impl SourceRow {
    /// Says how many pulls in a row have failed.
    fn with_failures(mut self, failures: i32) -> Self {
        if failures > 1 {
            let failed = counted(failures.into(), "failure", "failures in a row");
            self.schedule = format!("{}; {failed}", self.schedule);
        }
        self
    }
}
