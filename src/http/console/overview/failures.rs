//! Failures in groups.

use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::FailureGroupId;
use serde::Deserialize;
use time::OffsetDateTime;

use crate::ambient;
use crate::console::format::grouped;
use crate::console::frame::Section;
use crate::console::lists::Chip;
use crate::console::overview::advice;
use crate::console::overview::failures::{FailurePage, FailureRow, FailuresPage};
use crate::console::{Moment, chart};
use crate::delivery::failures::Cause;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::hours::{hour, last_hours};
use crate::http::console::links::{BASE, link, since};
use crate::http::console::lists::{ListUrl, matching};
use crate::http::console::request::visitor::Visitor;
use crate::http::delivery::failures::{ListFailuresQuery, count_matches, find_page};
use crate::http::problem::{ApiError, Kind};
use crate::store::delivery::counting::MatchCount;
use crate::store::delivery::failures::FailureGroup;
use crate::store::delivery::stats::StatsPoint;

/// Characters of a sample in the list.
const SAMPLE_CHARS_MAX: usize = 90;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct FailuresQuery {
    #[serde(default)]
    partner: String,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    cursor: String,
}

impl FailuresQuery {
    /// This list as a URL.
    fn url(&self) -> ListUrl<'_> {
        let pairs = vec![
            ("partner", self.partner.as_str()),
            ("cause", &self.cause),
            ("since", &self.since),
        ];
        ListUrl::new(&format!("{BASE}/failures"), pairs)
    }

    fn parse(&self, now: OffsetDateTime) -> Result<ListFailuresQuery, &'static str> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let cause =
            given(&self.cause).map(|cause| Cause::parse(&cause).ok_or("There is no such cause."));
        Ok(ListFailuresQuery {
            partner: given(&self.partner),
            endpoint: None,
            cause: cause.transpose()?,
            since: since(&self.since, now)?,
            limit: None,
            cursor: given(&self.cursor),
        })
    }
}

/// `GET /console/failures`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<FailuresQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let (mut groups, mut next, mut error) = (Vec::new(), None, None);
    let mut count = MatchCount::default();
    match query.parse(now) {
        Err(fault) => error = Some(fault.to_owned()),
        Ok(parsed) => match find_page(&state, &visitor.caller, &parsed).await {
            Ok(found) => {
                groups = found.data;
                count = count_matches(&state, &visitor.caller, &parsed).await?;
                next = found.next_cursor;
            }
            Err(refused) if actix_web::ResponseError::status_code(&refused) == 404 => {
                error = Some("There is no such partner.".to_owned());
            }
            Err(failed) => return Err(failed.into()),
        },
    }
    let mut frame = visitor.frame(&state, Section::Failures);
    if query.cursor.is_empty() {
        frame.live = Some(visitor.url.clone());
    }
    page(&FailuresPage {
        frame,
        chips: chips(&query),
        partner: query.partner.clone(),
        since: query.since.clone(),
        error,
        pager: query.url().pager_saying(
            matching(count, ("group", "groups")),
            &query.cursor,
            next.as_deref(),
        ),
        is_filtered: query.url().is_filtered(),
        groups: groups.into_iter().map(|group| row(group, now)).collect(),
    })
}

/// The causes that people meet most.
fn chips(query: &FailuresQuery) -> Vec<Chip> {
    let causes = [
        "",
        "server_error",
        "unavailable",
        "timeout",
        "client_error",
        "unauthorized",
        "connect",
    ];
    let chip = |cause: &&str| Chip {
        text: match *cause {
            "" => "All".to_owned(),
            cause => advice::of(cause).title.to_owned(),
        },
        href: query.url().with(&[("cause", cause)]),
        is_current: query.cause == *cause,
    };
    causes.iter().map(chip).collect()
}

fn row(group: FailureGroup, now: OffsetDateTime) -> FailureRow {
    FailureRow {
        id: group.id.to_string(),
        title: advice::of(&group.cause).title,
        sample: group
            .sample
            .as_deref()
            .map(beginning)
            .filter(|text| !text.is_empty()),
        partner: group.partner,
        waiting: grouped(group.waiting),
        dead: grouped(group.dead),
        has_dead: group.dead > 0,
        attempts: grouped(group.attempts),
        first_seen_at: Moment::new(group.first_seen_at, now),
        last_seen_at: Moment::new(group.last_seen_at, now),
    }
}

fn beginning(sample: &str) -> String {
    let line = sample.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SAMPLE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// `GET /console/failures/{id}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
) -> ConsoleResult {
    let now = ambient::now();
    let id: FailureGroupId = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let owner = visitor.caller.partner().map(|(id, _)| id);
    let group = state.store.failure_group(id, owner).await?;
    let group = group.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let hours = last_hours(&state, group.endpoint, now).await?;
    let advice = advice::of(&group.cause);
    let (slug, endpoint) = (&group.partner, group.endpoint.to_string());
    let replays = format!("{BASE}/replays/new");
    let group_id = id.to_string();
    let replay = |status| {
        let pairs = [("status", status), ("failure_group", group_id.as_str())];
        link(&replays, pairs.into_iter())
    };
    let list = [("status", "dead"), ("endpoint", endpoint.as_str())];
    page(&FailurePage {
        frame: visitor.live_frame(&state, Section::Failures),
        id: id.to_string(),
        title: advice.title,
        meaning: advice.meaning,
        help: advice.help,
        waiting: group.waiting,
        waiting_text: match group.waiting {
            0 => "none waiting".to_owned(),
            waiting => format!("{} waiting", grouped(waiting)),
        },
        dead: group.dead,
        dead_text: format!("{} dead", grouped(group.dead)),
        attempts: grouped(group.attempts),
        first_seen_at: Moment::new(group.first_seen_at, now),
        last_seen_at: Moment::new(group.last_seen_at, now),
        chart: chart::line(
            &hours
                .iter()
                .map(|hour| failed(hour) as f64)
                .collect::<Vec<_>>(),
        ),
        hours: hours
            .iter()
            .map(|point| (hour(point.at), grouped(failed(point))))
            .collect(),
        replay: replay("dead"),
        replay_waiting: replay("pending"),
        dead_list: link(&format!("{BASE}/deliveries"), list.into_iter()),
        pause: visitor
            .page_href("/partners/{slug}/endpoints/{id}/confirm", slug, &endpoint)
            .map(|page| format!("{page}?act=disable")),
        endpoint_page: format!("{BASE}/partners/{slug}/endpoints/{endpoint}"),
        endpoint: endpoint.clone(),
        partner: group.partner.clone(),
        cause: group.cause,
        signature: group.signature,
        sample: group.sample,
    })
}

fn failed(hour: &StatsPoint) -> i64 {
    hour.failed + hour.dead
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_one_line_in_the_list() {
        assert_eq!(beginning("up\n  stream\ttimeout"), "up stream timeout");
        assert_eq!(beginning(&"é".repeat(91)).chars().count(), 91);
    }
}
