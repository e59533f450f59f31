//! The list of replays.

use actix_web::web::{Data, Query};
use buywire_schemas::ids::ReplayId;
use serde::Deserialize;
use time::OffsetDateTime;

use super::describing::{progress, state, title};
use crate::ambient;
use crate::console::Moment;
use crate::console::format::counted;
use crate::console::frame::Section;
use crate::console::lists::Pager;
use crate::console::replays::list::{ReplayRow, ReplaysPage};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::BASE;
use crate::http::console::request::visitor::Visitor;
use crate::http::delivery::replays::owner;
use crate::http::query::page::Page;
use crate::store::delivery::replays::Replay;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct ReplaysQuery {
    cursor: Option<String>,
}

/// `GET /console/replays`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<ReplaysQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let cursor = query.cursor.as_deref().filter(|text| !text.is_empty());
    let requested = Page::<ReplayId>::new(None, cursor, |text| text.parse().ok())?;
    let owner = owner(&visitor.caller);
    let found = state
        .store
        .replays(owner, requested.after, requested.fetch_limit())
        .await?;
    let found = requested.page_of(found, |replay| replay.id.to_string());
    let frame = match cursor {
        None => visitor.live_frame(&state, Section::Replays),
        Some(_) => visitor.frame(&state, Section::Replays),
    };
    let count = i64::try_from(found.data.len()).unwrap_or(i64::MAX);
    page(&ReplaysPage {
        frame,
        pager: Pager {
            text: format!("{} on this page", counted(count, "replay", "replays")),
            first: cursor.map(|_| format!("{BASE}/replays")),
            next: found
                .next_cursor
                .map(|cursor| format!("{BASE}/replays?cursor={cursor}")),
        },
        rows: found.data.into_iter().map(|one| row(one, now)).collect(),
    })
}

fn row(replay: Replay, now: OffsetDateTime) -> ReplayRow {
    ReplayRow {
        id: replay.id.to_string(),
        state: state(&replay),
        subject: title(&replay.filter),
        progress: progress(&replay),
        dead: replay.dead,
        created_at: Moment::new(replay.created_at, now),
        reason: replay.reason,
        actor: replay.actor,
    }
}
