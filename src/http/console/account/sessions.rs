//! One's own sessions: listed, and ended.

use actix_web::web::{Data, Path};
use buywire_schemas::ids::SessionId;

use crate::ambient;
use crate::console::Moment;
use crate::console::account::sessions::{SessionRow, SessionsPage};
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::BASE;
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};

/// `GET /console/sessions`
pub(in crate::http) async fn list(state: Data<AppState>, visitor: Visitor) -> ConsoleResult {
    let now = ambient::now();
    let sessions = state
        .console
        .sessions
        .list(&visitor.session.key_hash)
        .await?;
    let rows = sessions.into_iter().map(|session| SessionRow {
        id: session.id.to_string(),
        is_current: session.id == visitor.session.id,
        user_agent: session.user_agent,
        created_at: Moment::new(session.created_at, now),
        last_used_at: Moment::new(session.last_used_at, now),
        expires_at: Moment::new(session.expires_at, now),
    });
    page(&SessionsPage {
        frame: visitor.frame(&state, Section::Other),
        role: visitor.caller.actor().role,
        sessions: rows.collect(),
    })
}

/// `POST /console/sessions/{id}/end`
pub(in crate::http) async fn end(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
) -> ConsoleResult {
    let id: SessionId = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let sessions = &state.console.sessions;
    match sessions.close(id, &visitor.session.key_hash).await? {
        true => Ok(see_other(&format!("{BASE}/sessions"))),
        false => Err(ApiError::new(Kind::NotFound).into()),
    }
}
