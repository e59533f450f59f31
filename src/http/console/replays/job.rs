//! One replay, and what can be done about it.

use std::fmt::Write as _;

use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::ReplayId;
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use super::describing::{describe, progress, state as state_of};
use crate::ambient;
use crate::console::Moment;
use crate::console::format::{counted, grouped, span};
use crate::console::frame::Section;
use crate::console::replays::job::{CancelReplayPage, DeathRow, Figure, ReplayPage};
use crate::delivery::replay::{self, ReplayError};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::{BASE, link};
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::{Visitor, flash};
use crate::http::delivery::replays::find_replay;
use crate::http::problem::{ApiError, Kind};
use crate::store::delivery::replays::examining::ReplayDeath;
use crate::store::delivery::replays::{Replay, ReplayTransition};

/// Enough to see what goes wrong; the list of deliveries has all.
const DEATHS_MAX: i64 = 20;

const DONE: [(&str, &str, &str); 6] = [
    ("started", "ok", "The replay has started."),
    (
        "running",
        "warn",
        "Nothing was started: this replay of the same filter is running already.",
    ),
    (
        "paused",
        "ok",
        "The replay is paused. What it has made due is still sent.",
    ),
    ("resumed", "ok", "The replay goes on."),
    (
        "cancelled",
        "ok",
        "The replay is cancelled. What it has made due is still sent.",
    ),
    (
        "changed",
        "warn",
        "Nothing was changed: the replay is no longer in the state that your page showed.",
    ),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct ShowReplayQuery {
    done: Option<String>,
}

/// `GET /console/replays/{id}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
    query: Query<ShowReplayQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let id = parse(&id)?;
    let job = find_replay(&state, &visitor.caller, id).await?;
    let deaths = match job.dead {
        0 => Vec::new(),
        _ => {
            let store = &state.store;
            store.replay_deaths(id, job.created_at, DEATHS_MAX).await?
        }
    };
    // What a replay has made due ends after the replay itself.
    let is_moving = job.status == "running" || open(&job) > 0;
    let mut frame = match is_moving {
        true => visitor.live_frame(&state, Section::Replays),
        false => visitor.frame(&state, Section::Replays),
    };
    frame.flash = flash(query.done.as_deref(), &DONE);
    page(&ReplayPage {
        frame,
        id: id.to_string(),
        state: state_of(&job),
        sentence: sentence(&job),
        subject: describe(&job.filter),
        rate: format!("{} a second", grouped(job.rate_per_second.into())),
        includes_superseded: job.include_superseded,
        created_at: Moment::new(job.created_at, now),
        updated_at: Moment::new(job.updated_at, now),
        progress: progress(&job),
        figures: figures(&job),
        is_cut: i64::try_from(deaths.len()).is_ok_and(|shown| shown >= DEATHS_MAX),
        deaths: deaths.into_iter().map(|death| row(death, now)).collect(),
        dead_href: dead_href(&job),
        reason: job.reason,
        actor: job.actor,
        status: job.status,
    })
}

/// `POST /console/replays/{id}/pause`
pub(in crate::http) async fn pause(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    change(
        &state,
        &visitor,
        &form,
        &id,
        ReplayTransition::Pause,
        "paused",
    )
    .await
}

/// `POST /console/replays/{id}/resume`
pub(in crate::http) async fn resume(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    change(
        &state,
        &visitor,
        &form,
        &id,
        ReplayTransition::Resume,
        "resumed",
    )
    .await
}

/// `POST /console/replays/{id}/cancel`
pub(in crate::http) async fn cancel(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    change(
        &state,
        &visitor,
        &form,
        &id,
        ReplayTransition::Cancel,
        "cancelled",
    )
    .await
}

/// `GET /console/replays/{id}/cancel`: what would happen.
pub(in crate::http) async fn confirm_cancel(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
) -> ConsoleResult {
    let id = parse(&id)?;
    let job = find_replay(&state, &visitor.caller, id).await?;
    if has_ended(&job) {
        return Ok(see_other(&format!("{BASE}/replays/{id}?done=changed")));
    }
    let left = left(&job);
    page(&CancelReplayPage {
        frame: visitor.frame(&state, Section::Replays),
        id: id.to_string(),
        subject: describe(&job.filter),
        effects: vec![
            format!(
                "{} that it has not reached {} as they are.",
                counted(left, "delivery", "deliveries"),
                if left == 1 { "stays" } else { "stay" }
            ),
            format!(
                "{} that it has made due {} still sent.",
                counted(job.enqueued, "delivery", "deliveries"),
                if job.enqueued == 1 { "is" } else { "are" }
            ),
            "A cancelled replay cannot be resumed. Pause it if you only want to wait.".to_owned(),
        ],
        status: job.status,
    })
}

async fn change(
    state: &AppState,
    visitor: &Visitor,
    form: &ConsoleForm,
    id: &str,
    transition: ReplayTransition,
    done: &str,
) -> ConsoleResult {
    let id = parse(id)?;
    let job = find_replay(state, &visitor.caller, id).await?;
    let back = |done| Ok(see_other(&format!("{BASE}/replays/{id}?done={done}")));
    // The page may have been made before somebody else changed the replay.
    if job.status != form.text("status") || has_ended(&job) {
        return back("changed");
    }
    match replay::transition(&state.store, id, transition, visitor.caller.actor()).await {
        Ok(()) => back(done),
        Err(ReplayError::Ended) => back("changed"),
        Err(error) => Err(ApiError::from(error).into()),
    }
}

fn parse(id: &str) -> Result<ReplayId, ApiError> {
    id.parse().map_err(|_| ApiError::new(Kind::NotFound))
}

fn has_ended(job: &Replay) -> bool {
    matches!(job.status.as_str(), "done" | "cancelled")
}

/// How many it has not reached.
fn left(job: &Replay) -> i64 {
    (job.matched - job.enqueued - job.skipped).max(0)
}

/// How many are due, or are being retried.
fn open(job: &Replay) -> i64 {
    (job.enqueued - job.delivered - job.dead).max(0)
}

fn sentence(job: &Replay) -> String {
    let mut came = format!(
        "{} of {} sent again, {} accepted, {} dead again",
        grouped(job.enqueued),
        grouped(job.matched),
        grouped(job.delivered),
        grouped(job.dead)
    );
    if open(job) > 0 {
        let _ = write!(came, ", {} still open", grouped(open(job)));
    }
    let left = left(job);
    match job.status.as_str() {
        "running" if left == 0 => format!("{came}. Nothing is left."),
        "running" => {
            let rate = i64::from(job.rate_per_second.max(1));
            let rest = span(Duration::seconds((left + rate - 1) / rate));
            format!("{came}. {} left: at least {rest}.", grouped(left))
        }
        "paused" => format!("{came}. {} wait until you resume it.", grouped(left)),
        "cancelled" => format!("{came}. {} were not reached.", grouped(left)),
        _ => format!("{came}."),
    }
}

fn figures(job: &Replay) -> Vec<Figure> {
    let figure = |name, value: i64, class, note| Figure {
        name,
        value: grouped(value),
        class,
        note,
    };
    vec![
        figure("Matched", job.matched, "", "when it began"),
        figure("Sent again", job.enqueued, "", "made due"),
        figure("Open", open(job), "", "due or being retried"),
        figure("Accepted", job.delivered, "", "since"),
        figure(
            "Dead again",
            job.dead,
            if job.dead > 0 { "bad" } else { "" },
            "all attempts failed",
        ),
        figure(
            "Skipped",
            job.skipped,
            "",
            "superseded, or no longer in that state",
        ),
    ]
}

fn row(death: ReplayDeath, now: OffsetDateTime) -> DeathRow {
    DeathRow {
        id: death.id.to_string(),
        partner: death.partner,
        event_type: death.event_type,
        order: death.order_id,
        problem: death.last_error.unwrap_or(death.reason),
        died_at: Moment::new(death.died_at, now),
    }
}

/// Everything that is dead now and that the filter could match.
fn dead_href(job: &Replay) -> String {
    let filter = &job.filter;
    let endpoint = filter.endpoint.map(|id| id.to_string()).unwrap_or_default();
    let partner = filter.partner.as_ref().map_or("", |slug| slug.as_str());
    let pairs = [
        ("status", "dead"),
        ("partner", partner),
        ("endpoint", endpoint.as_str()),
        (
            "event_type",
            filter.event_type.map_or("", |kind| kind.as_str()),
        ),
    ];
    link(&format!("{BASE}/deliveries"), pairs.into_iter())
}
