//! One delivery, and its replay.

use std::fmt::Write as _;

use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::DeliveryId;
use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;

use super::BASE;
use super::answer::{ConsoleResult, page, see_other};
use super::form::ConsoleForm;
use super::visitor::{Visitor, flash};
use crate::ambient;
use crate::console::Moment;
use crate::console::delivery::{AttemptRow, DeliveryPage, Panel, Tab};
use crate::console::format::{counted, millis, span};
use crate::console::frame::Section;
use crate::console::state::State;
use crate::delivery::replay::{self, DeliveryReplay, ReplayError};
use crate::http::AppState;
use crate::http::delivery::deliveries::{REASON_CHARS_MAX, owner};
use crate::http::problem::{ApiError, Kind};
use crate::idempotency::AnswerSlot;
use crate::partners::{Preview, PreviewedDelivery};
use crate::store::delivery::list::{AttemptView, DeliveryView};

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct ShowDeliveryQuery {
    /// `request`, `reply`, `event` or `verify`.
    show: Option<String>,
    /// Which attempt's reply; the last by default.
    attempt: Option<usize>,
    done: Option<String>,
}

const DONE: [(&str, &str, &str); 4] = [
    (
        "replayed",
        "ok",
        "The delivery is due now. It keeps its id.",
    ),
    (
        "superseded",
        "warn",
        "The endpoint has accepted a later event of this order. Check the box to send this one anyway.",
    ),
    (
        "deleted",
        "bad",
        "The endpoint has been deleted: nothing can be sent to it.",
    ),
    ("reason", "bad", "Give a reason of at most 500 characters."),
];

/// `GET /console/deliveries/{id}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
    query: Query<ShowDeliveryQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let id: DeliveryId = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let owner = owner(&state, &visitor.caller).await?.map(|(id, _)| id);
    let found = state.store.delivery(id, owner).await?;
    let found = found.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let attempts = state.store.attempts(&[id]).await?;
    let attempts: Vec<_> = attempts.into_iter().map(|(_, attempt)| attempt).collect();
    let waiting_for = state.store.waiting_for(id).await?;
    let choice = Choice::of(&query, &found, attempts.len());
    let panel = panel(&state, &found, &attempts, choice).await?;
    let mut frame = match choice {
        // What somebody is reading does not change under their eyes.
        Choice::Reply(_) if found.status == "pending" => {
            visitor.live_frame(&state, Section::Deliveries)
        }
        _ => visitor.frame(&state, Section::Deliveries),
    };
    frame.flash = flash(query.done.as_deref(), &DONE);
    page(&DeliveryPage {
        frame,
        id: id.to_string(),
        state: State::of_delivery(&found.status),
        sentence: sentence(&found, &attempts, waiting_for.as_deref(), now),
        event: found.event.to_string(),
        sequence: found.sequence,
        acknowledged: acknowledged(&state, &found).await?,
        endpoint: found.endpoint.to_string(),
        created_at: Moment::new(found.created_at, now),
        due_at: Moment::optional(found.due_at.filter(|_| found.status == "pending"), now),
        attempts: rows(id, &attempts, choice, now),
        tabs: tabs(id, choice),
        panel,
        may_replay: true,
        is_superseded: query.done.as_deref() == Some("superseded"),
        event_type: found.event_type,
        order: found.order_id,
        partner: found.partner,
    })
}

/// `POST /console/deliveries/{id}/replay`
pub(in crate::http) async fn replay(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let id: DeliveryId = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let back = |done| Ok(see_other(&format!("{BASE}/deliveries/{id}?done={done}")));
    let reason = form.text("reason");
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return back("reason");
    }
    let request = DeliveryReplay {
        id,
        owner: owner(&state, &visitor.caller).await?.map(|(id, _)| id),
        reason,
        actor: visitor.caller.actor(),
        include_superseded: form.is_checked("include_superseded"),
    };
    let slot = AnswerSlot::default();
    match replay::replay_one(&state.store, &state.notifier, &request, &slot).await {
        Ok(_) => back("replayed"),
        Err(ReplayError::Superseded) => back("superseded"),
        Err(ReplayError::EndpointDeleted) => back("deleted"),
        Err(error) => Err(ApiError::from(error).into()),
    }
}

/// What the right side shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Request,
    /// Of this attempt, counted from one; zero if there is none.
    Reply(usize),
    Event,
    Verify,
}

impl Choice {
    fn of(query: &ShowDeliveryQuery, found: &DeliveryView, attempts: usize) -> Self {
        match query.show.as_deref() {
            Some("request") => Self::Request,
            Some("event") => Self::Event,
            Some("verify") => Self::Verify,
            None if attempts == 0 && found.status != "pending" => Self::Event,
            _ => Self::Reply(query.attempt.unwrap_or(attempts).min(attempts)),
        }
    }
}

fn tabs(id: DeliveryId, choice: Choice) -> Vec<Tab> {
    let tab = |text: String, show, is_current| Tab {
        text,
        href: format!("{BASE}/deliveries/{id}?show={show}"),
        is_current,
    };
    let reply = match choice {
        Choice::Reply(number @ 1..) => format!("Reply of attempt {number}"),
        _ => "Reply".to_owned(),
    };
    vec![
        tab(reply, "reply", matches!(choice, Choice::Reply(_))),
        tab("Request".to_owned(), "request", choice == Choice::Request),
        tab("Event".to_owned(), "event", choice == Choice::Event),
        tab("Verify".to_owned(), "verify", choice == Choice::Verify),
    ]
}

async fn acknowledged(state: &AppState, found: &DeliveryView) -> Result<Option<String>, ApiError> {
    let Some(order) = found.order else {
        return Ok(None);
    };
    let all = state.store.acknowledgements(order).await?;
    let own = all.into_iter().find(|named| named.partner == found.partner);
    Ok(own.and_then(|named| named.number.or(named.order_id)))
}

async fn panel(
    state: &AppState,
    found: &DeliveryView,
    attempts: &[AttemptView],
    choice: Choice,
) -> Result<Panel, ApiError> {
    match choice {
        Choice::Verify => Ok(Panel::Verify {
            webhook_id: found.id.to_string(),
        }),
        Choice::Reply(number) => Ok(reply(attempts, number)),
        Choice::Event => event(state, found).await,
        Choice::Request => request(state, found).await,
    }
}

fn reply(attempts: &[AttemptView], number: usize) -> Panel {
    let attempt = number.checked_sub(1).and_then(|at| attempts.get(at));
    let Some(attempt) = attempt else {
        return Panel::Nothing("There is no reply yet.".to_owned());
    };
    let summary = match (attempt.status_code, &attempt.error) {
        (Some(status), _) => format!(
            "Answered {status} after {}.",
            millis(attempt.duration_ms.into())
        ),
        (None, Some(error)) => format!(
            "No answer: {error}, after {}.",
            millis(attempt.duration_ms.into())
        ),
        (None, None) => "No answer.".to_owned(),
    };
    Panel::Reply {
        summary,
        body: attempt
            .response_body
            .clone()
            .filter(|body| !body.is_empty()),
        is_cut: attempt.response_truncated,
    }
}

async fn event(state: &AppState, found: &DeliveryView) -> Result<Panel, ApiError> {
    let gone = || Panel::Nothing("The event is no longer kept.".to_owned());
    let Some(partner) = state.store.partner(&found.partner).await? else {
        return Ok(gone());
    };
    let stored = state.store.partner_event(partner.id, found.event).await?;
    let Some(stored) = stored else {
        return Ok(gone());
    };
    let text = serde_json::from_str::<serde_json::Value>(&stored.data)
        .and_then(|data| serde_json::to_string_pretty(&data));
    Ok(text.map_or_else(|_| gone(), Panel::Event))
}

async fn request(state: &AppState, found: &DeliveryView) -> Result<Panel, ApiError> {
    let delivery = PreviewedDelivery {
        id: found.id,
        event: found.event,
        endpoint: found.endpoint,
    };
    let rendered = state
        .partners
        .preview_delivery(&found.partner, delivery, &state.public_url)
        .await;
    match rendered {
        Ok(preview) => Ok(written(preview)),
        Err(error) => {
            let error = ApiError::from(error);
            if actix_web::ResponseError::status_code(&error).is_server_error() {
                return Err(error);
            }
            let problem = error.problem();
            let faults = problem.errors.iter().map(|fault| fault.detail.as_str());
            let why: Vec<_> = faults.collect();
            Ok(Panel::Nothing(format!(
                "The request cannot be rendered now: {}.",
                match why.is_empty() {
                    true => "the endpoint or the event is no longer kept".to_owned(),
                    false => why.join("; "),
                }
            )))
        }
    }
}

fn written(preview: Preview) -> Panel {
    let request = preview.request;
    let (host, path) = masked(&request.url);
    let mut text = format!("{} {path} HTTP/1.1\nhost: {host}\n", request.method);
    let mut curl = format!("curl -X {} \"$WEBHOOK_URL\"", request.method);
    for (name, value) in &request.headers {
        let _ = writeln!(text, "{name}: {value}");
        let _ = write!(curl, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
    }
    let _ = write!(text, "\n{}", request.body);
    let _ = write!(curl, " \\\n  --data-binary {}", quoted(&request.body));
    Panel::Request {
        text,
        curl,
        notes: preview.notes,
    }
}

/// A URL's host, and its path without what may be a secret.
fn masked(url: &str) -> (String, String) {
    let Ok(url) = Url::parse(url) else {
        return (String::new(), "/".to_owned());
    };
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let mut parts = url.path_segments().into_iter().flatten();
    let first = parts.next().unwrap_or_default();
    let path = match parts.next().is_some() || url.query().is_some() {
        true => format!("/{first}/•••"),
        false => format!("/{first}"),
    };
    (host, path)
}

/// A word for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn rows(
    id: DeliveryId,
    attempts: &[AttemptView],
    choice: Choice,
    now: OffsetDateTime,
) -> Vec<AttemptRow> {
    let mut rows: Vec<_> = attempts
        .iter()
        .enumerate()
        .map(|(at, attempt)| AttemptRow {
            number: at + 1,
            result: result(attempt),
            is_success: attempt.error.is_none()
                && attempt
                    .status_code
                    .is_some_and(|status| (200..300).contains(&status)),
            at: Moment::new(attempt.at, now),
            duration: millis(attempt.duration_ms.into()),
            wait: at
                .checked_sub(1)
                .and_then(|before| attempts.get(before))
                .map(|before| span(attempt.at - before.at)),
            href: format!("{BASE}/deliveries/{id}?show=reply&attempt={}", at + 1),
            is_current: choice == Choice::Reply(at + 1),
        })
        .collect();
    rows.reverse();
    rows
}

fn result(attempt: &AttemptView) -> String {
    match (attempt.status_code, &attempt.error) {
        (Some(status), _) => status.to_string(),
        (None, Some(error)) => error.replace('_', " "),
        (None, None) => "unfinished".to_owned(),
    }
}

/// What happened, in one sentence.
fn sentence(
    found: &DeliveryView,
    attempts: &[AttemptView],
    waiting_for: Option<&str>,
    now: OffsetDateTime,
) -> String {
    let made = counted(found.attempt_count.into(), "attempt", "attempts");
    let last = attempts.last().map(last_result);
    match found.status.as_str() {
        "delivered" => match found.attempt_count {
            ..=1 => "accepted at the first attempt".to_owned(),
            _ => format!(
                "accepted after {made} in {}",
                span(found.delivered_at.unwrap_or(now) - found.created_at)
            ),
        },
        "dead" => {
            let since = found
                .died_at
                .map_or_else(String::new, |at| format!("for {}", span(now - at)));
            let why = found.reason.as_deref().map_or_else(String::new, |reason| {
                format!(", because {}", dead_reason(reason))
            });
            let last = last.map_or_else(String::new, |last| format!(". The last {last}"));
            format!("{since}{why} ({made}){last}")
        }
        _ => {
            let why = waiting_for.map_or("for its turn", wait_reason);
            let last = last.map_or_else(String::new, |last| format!(". The last of {made} {last}"));
            format!("{why}{last}")
        }
    }
}

fn last_result(attempt: &AttemptView) -> String {
    match (attempt.status_code, &attempt.error) {
        (Some(status), _) => format!("answered {status}"),
        (None, Some(error)) => format!("failed: {}", error.replace('_', " ")),
        (None, None) => "did not end".to_owned(),
    }
}

fn dead_reason(reason: &str) -> String {
    match reason {
        "exhausted" => "all attempts of its schedule failed".to_owned(),
        "expired" => "it was open for 30 days".to_owned(),
        "endpoint_deleted" => "its endpoint was deleted".to_owned(),
        other => other.replace('_', " "),
    }
}

fn wait_reason(reason: &str) -> &'static str {
    match reason {
        "suspended" => "until its partner is no longer suspended",
        "disabled" => "until its endpoint is enabled",
        "earlier_event" => "until an earlier event of its order has ended",
        "circuit" => "until its endpoint accepts a probe",
        "time" => "for its next attempt",
        "rate" => "for its endpoint's rate limit",
        _ => "for its turn",
    }
}
