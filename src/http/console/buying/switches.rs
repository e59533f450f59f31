//! Kill switches: listed, those that are off first.

use actix_web::web::{Data, Query};
use buywire_checkout::switches::SwitchScope;
use serde::Deserialize;
use time::OffsetDateTime;

use super::parts::{StockTab, tabs};
use super::scope::{switch_link, title};
use crate::ambient;
use crate::console::Moment;
use crate::console::buying::switches::{SwitchRow, SwitchesPage};
use crate::console::format::counted;
use crate::console::frame::Section;
use crate::console::state::State;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::request::visitor::{Visitor, flash};
use crate::store::switches::StoredSwitch;

/// What the form offers: the kinds of scopes.
pub(super) const KINDS: [(&str, &str); 6] = [
    ("post", "a post"),
    ("item", "an item"),
    ("partner", "a partner"),
    ("processor", "a processor's payments"),
    ("channel", "a channel"),
    ("all", "everything"),
];
const DONE: [(&str, &str, &str); 3] = [
    ("stopped", "ok", "The sale is stopped."),
    ("resumed", "ok", "The sale goes on."),
    (
        "stale",
        "warn",
        "Nothing was changed: somebody else has set this switch meanwhile. Look at it again.",
    ),
];

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct SwitchesQuery {
    done: Option<String>,
}

/// `GET /console/stock/switches`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<SwitchesQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let may_set = visitor.caller.is_operator();
    let mut switches = state.store.switches().await?;
    switches.sort_by_key(|switch| (switch.enabled, std::cmp::Reverse(switch.updated_at)));
    let off = switches.iter().filter(|switch| !switch.enabled).count();
    let is_all_off = switches
        .iter()
        .any(|switch| switch.scope == "all" && !switch.enabled);
    let mut rows: Vec<_> = switches
        .into_iter()
        .filter_map(|switch| row(switch, may_set, now))
        .collect();
    // What is rarely needed must be found at once then.
    if !rows.iter().any(|row| row.scope == "all") {
        rows.extend(never_set(may_set));
    }
    let mut frame = visitor.frame(&state, Section::Stock);
    frame.flash = flash(query.done.as_deref(), &DONE);
    let (state, sentence) = overall(off, is_all_off);
    page(&SwitchesPage {
        frame,
        tabs: tabs(&visitor, StockTab::Switches),
        state,
        sentence,
        may_set,
        kinds: KINDS.to_vec(),
        rows,
    })
}

fn overall(off: usize, is_all_off: bool) -> (State, String) {
    let off = i64::try_from(off).unwrap_or(i64::MAX);
    match (is_all_off, off) {
        (true, _) => (State::bad("Stopped"), "nothing is sold.".to_owned()),
        (_, 0) => (State::ok("Selling"), "no switch is off.".to_owned()),
        (_, off) => (
            State::warn("Selling in part"),
            format!("{} off.", counted(off, "switch is", "switches are")),
        ),
    }
}

fn row(switch: StoredSwitch, may_set: bool, now: OffsetDateTime) -> Option<SwitchRow> {
    let scope: SwitchScope = switch.scope.parse().ok()?;
    let title = title(&scope);
    Some(SwitchRow {
        state: match switch.enabled {
            true => State::ok("Selling"),
            false => State::bad("Stopped"),
        },
        reason: switch.reason,
        updated_at: Some(Moment::new(switch.updated_at, now)),
        switch: may_set.then(|| switch_link(&scope, switch.enabled, &title)),
        scope: switch.scope,
        title,
    })
}

fn never_set(may_set: bool) -> Option<SwitchRow> {
    let scope = SwitchScope::All;
    Some(SwitchRow {
        state: State::ok("Selling"),
        title: title(&scope),
        scope: scope.to_string(),
        reason: String::new(),
        updated_at: None,
        switch: may_set.then(|| switch_link(&scope, true, "everything")),
    })
}
