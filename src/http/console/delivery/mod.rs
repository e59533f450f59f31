//! One delivery, and its replay.

mod list;
mod panel;
mod sentence;
mod timing;

pub(in crate::http) use self::list::list;
use self::panel::panel;
use self::sentence::sentence;
use self::timing::timing;
use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::DeliveryId;
use serde::Deserialize;
use time::OffsetDateTime;

use crate::ambient;
use crate::console::Moment;
use crate::console::delivery::show::{AttemptRow, DeliveryPage};
use crate::console::format::{millis, span};
use crate::console::frame::Section;
use crate::console::lists::Tab;
use crate::console::state::State;
use crate::delivery::replay::{self, DeliveryReplay, ReplayError};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::BASE;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::{Visitor, flash};
use crate::http::delivery::deliveries::{REASON_CHARS_MAX, owner};
use crate::http::problem::{ApiError, Kind};
use crate::idempotency::AnswerSlot;
use crate::store::delivery::list::{AttemptView, DeliveryView};

/// Attempts on a page, the latest: replays add to them without end.
const ATTEMPTS_MAX: usize = 30;

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
        unlisted: attempts.len().saturating_sub(ATTEMPTS_MAX),
        tabs: tabs(id, choice),
        panel,
        may_replay: true,
        is_superseded: query.done.as_deref() == Some("superseded"),
        event_type: found.event_type,
        order_href: found
            .order
            .and_then(|id| visitor.page_href("/orders/{id}", "", &id.to_string())),
        failure_group_href: found
            .failure_group
            .and_then(|id| visitor.page_href("/failures/{id}", "", &id.to_string())),
        endpoint_href: visitor.page_href(
            "/partners/{slug}/endpoints/{id}",
            &found.partner,
            &found.endpoint.to_string(),
        ),
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

fn rows(
    id: DeliveryId,
    attempts: &[AttemptView],
    choice: Choice,
    now: OffsetDateTime,
) -> Vec<AttemptRow> {
    let longest = attempts.iter().map(|attempt| attempt.duration_ms).max();
    let mut rows: Vec<_> = attempts
        .iter()
        .enumerate()
        .skip(attempts.len().saturating_sub(ATTEMPTS_MAX))
        .map(|(at, attempt)| AttemptRow {
            number: at + 1,
            result: result(attempt),
            is_success: attempt.error.is_none()
                && attempt
                    .status_code
                    .is_some_and(|status| (200..300).contains(&status)),
            at: Moment::new(attempt.at, now),
            duration: millis(attempt.duration_ms.into()),
            timing: timing(attempt, longest.unwrap_or(0)),
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
