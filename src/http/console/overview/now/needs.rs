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
use crate::store::delivery::failures::FailureFilter;

/// Groups that are looked through for dead deliveries, the last seen first.
const GROUPS_MAX: i64 = 200;
/// Lines of one kind under "Needs somebody".
const NEEDS_MAX: usize = 5;

pub(super) async fn needs(
    state: &AppState,
    own: Option<PartnerId>,
    now: OffsetDateTime,
) -> Result<Vec<Need>, ApiError> {
    let filter = FailureFilter {
        partner: own,
        ..FailureFilter::default()
    };
    let mut groups = state
        .store
        .failure_groups(&filter, None, GROUPS_MAX)
        .await?
        .data;
    groups.retain(|group| group.dead > 0);
    groups.sort_by_key(|group| std::cmp::Reverse(group.dead));
    let mut needs: Vec<_> = groups
        .iter()
        .take(NEEDS_MAX)
        .map(|group| Need {
            state: State::bad("Dead"),
            title: format!("{}: {} dead", group.partner, grouped(group.dead)),
            text: format!(
                "{}, last seen {} ago",
                advice::of(&group.cause).title,
                span(now - group.last_seen_at)
            ),
            action: format!("Replay {}…", grouped(group.dead)),
            href: format!("{BASE}/replays/new?status=dead&failure_group={}", group.id),
        })
        .collect();
    for endpoint in state.store.endpoints_in_trouble(own).await? {
        let is_disabled = endpoint.status == "disabled";
        needs.push(Need {
            state: if is_disabled {
                State::bad("Disabled")
            } else {
                State::warn("Failing")
            },
            title: match is_disabled {
                true => format!("{}: endpoint disabled", endpoint.partner),
                false => format!("{}: circuit open", endpoint.partner),
            },
            text: match (endpoint.failing_since, endpoint.reason) {
                (_, Some(reason)) if is_disabled => {
                    format!("because it was {}", reason.replace('_', " "))
                }
                (Some(since), _) => format!("failing for {}", span(now - since)),
                _ => "one probe at a time is sent".to_owned(),
            },
            action: "Open endpoint".to_owned(),
            href: format!(
                "{BASE}/partners/{}/endpoints/{}",
                endpoint.partner, endpoint.id
            ),
        });
    }
    Ok(needs)
}
