//! What needs somebody, each with the one action that helps.

use buywire_schemas::ids::PartnerId;
use time::OffsetDateTime;

use crate::console::format::{grouped, span};
use crate::console::overview::advice;
use crate::console::overview::now::Need;
use crate::console::state::State;
use crate::http::AppState;
use crate::http::console::links::BASE;
use crate::http::problem::ApiError;
use crate::store::catalog::RunSummary;
use crate::store::delivery::failures::{FailureFilter, FailureGroup};
use crate::store::delivery::overview::EndpointInTrouble;

/// Groups that are looked through for dead deliveries, the last seen first.
const GROUPS_MAX: i64 = 200;
/// Lines of one kind under "Needs somebody".
const NEEDS_MAX: usize = 5;
const HELD_MAX: i64 = 5;

pub(super) async fn needs(
    state: &AppState,
    own: Option<PartnerId>,
    now: OffsetDateTime,
) -> Result<Vec<Need>, ApiError> {
    let mut needs = dead_groups(state, own, now).await?;
    let endpoints = state.store.endpoints_in_trouble(own).await?;
    needs.extend(
        endpoints
            .into_iter()
            .map(|endpoint| in_trouble(endpoint, now)),
    );
    let held = state.store.held_runs(own, HELD_MAX).await?;
    needs.extend(held.into_iter().map(held_run));
    Ok(needs)
}

async fn dead_groups(
    state: &AppState,
    own: Option<PartnerId>,
    now: OffsetDateTime,
) -> Result<Vec<Need>, ApiError> {
    let filter = FailureFilter {
        partner: own,
        ..FailureFilter::default()
    };
    let found = state
        .store
        .failure_groups(&filter, None, GROUPS_MAX)
        .await?;
    let mut groups = found.data;
    groups.retain(|group| group.dead > 0);
    groups.sort_by_key(|group| std::cmp::Reverse(group.dead));
    let need = |group: FailureGroup| Need {
        state: State::bad("Dead"),
        title: format!("{}: {} dead", group.partner, grouped(group.dead)),
        text: format!(
            "{}, last seen {} ago",
            advice::of(&group.cause).title,
            span(now - group.last_seen_at)
        ),
        action: format!("Replay {}…", grouped(group.dead)),
        href: format!("{BASE}/replays/new?status=dead&failure_group={}", group.id),
    };
    Ok(groups.into_iter().take(NEEDS_MAX).map(need).collect())
}

fn in_trouble(endpoint: EndpointInTrouble, now: OffsetDateTime) -> Need {
    let partner = &endpoint.partner;
    let href = format!("{BASE}/partners/{partner}/endpoints/{}", endpoint.id);
    let action = "Open endpoint".to_owned();
    if endpoint.status == "disabled" {
        return Need {
            state: State::bad("Disabled"),
            title: format!("{partner}: endpoint disabled"),
            text: match &endpoint.reason {
                Some(reason) => format!("because it was {}", reason.replace('_', " ")),
                None => "nothing is sent to it".to_owned(),
            },
            action,
            href,
        };
    }
    Need {
        state: State::warn("Failing"),
        title: format!("{partner}: circuit open"),
        text: match endpoint.failing_since {
            Some(since) => format!("failing for {}", span(now - since)),
            None => "one probe at a time is sent".to_owned(),
        },
        action,
        href,
    }
}

fn held_run(run: RunSummary) -> Need {
    Need {
        state: State::warn("Held"),
        title: format!("{}: feed held", run.partner),
        text: "The live catalog stays as it is until somebody approves or discards the run"
            .to_owned(),
        action: "Review run".to_owned(),
        href: format!("{BASE}/catalog/runs/{}", run.id),
    }
}
