//! A new replay: what it would do, then its start.
//!
//! Promises: a replay acts on everything that its filter matches, and the page says how many that are; a replay is not
//! started when far more or fewer match than its page has shown.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use buywire_schemas::ids::ReplayId;
use time::{Duration, OffsetDateTime};

use super::describing::describe;
use super::filter::FilterFields;
use crate::ambient;
use crate::console::Moment;
use crate::console::format::{counted, grouped, span};
use crate::console::frame::Section;
use crate::console::replays::new::{NewReplayPage, PartnerMatches, Plan, RateChoice};
use crate::delivery::replay::{self, DryRun, ReplayError};
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page_with, see_other};
use crate::http::console::links::BASE;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::Visitor;
use crate::http::delivery::deliveries::REASON_CHARS_MAX;
use crate::http::delivery::replays::{narrow, owner};
use crate::http::problem::ApiError;
use crate::idempotency::AnswerSlot;
use crate::store::delivery::replays::{NewReplay, ReplayFilter, ReplaySource};

/// The rates to choose from, in deliveries per second.
const RATES: [i64; 5] = [10, 50, 200, 1_000, 5_000];

/// Running replays that are compared with a new one, newest first.
const RUNNING_MAX: usize = 20;

/// What the second form holds beside the filter.
#[derive(Debug, Default)]
struct Typed {
    reason: String,
    include_superseded: bool,
    /// Why the form was not accepted.
    refused: Option<String>,
}

/// `GET /console/replays/new`
pub(in crate::http) async fn form(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<FilterFields>,
) -> ConsoleResult {
    show(&state, &visitor, StatusCode::OK, &query, Typed::default()).await
}

/// `POST /console/replays`
pub(in crate::http) async fn create(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
) -> ConsoleResult {
    let fields = FilterFields::of_form(&form);
    let mut typed = Typed {
        reason: form.text("reason").to_owned(),
        include_superseded: form.is_checked("include_superseded"),
        refused: None,
    };
    let now = ambient::now();
    let (Ok(mut filter), Ok(rate)) = (fields.parse(now), fields.rate()) else {
        return show(&state, &visitor, StatusCode::BAD_REQUEST, &fields, typed).await;
    };
    if typed.reason.is_empty() || typed.reason.chars().count() > REASON_CHARS_MAX {
        typed.refused = Some("Give a reason of at most 500 characters.".to_owned());
        return show(&state, &visitor, StatusCode::BAD_REQUEST, &fields, typed).await;
    }
    let Ok(partner) = narrow(&state, &visitor.caller, &mut filter).await else {
        return show(&state, &visitor, StatusCode::BAD_REQUEST, &fields, typed).await;
    };
    if let Some(id) = running(&state, &visitor, &filter).await? {
        return Ok(see_other(&format!("{BASE}/replays/{id}?done=running")));
    }
    let new = NewReplay {
        filter,
        rate_per_second: i32::try_from(rate).unwrap_or(i32::MAX),
        include_superseded: typed.include_superseded,
        reason: typed.reason.clone(),
        actor: visitor.caller.actor().clone(),
        owner: owner(&visitor.caller),
    };
    let shown: i64 = form.text("matched").parse().unwrap_or_default();
    let slot = AnswerSlot::default();
    match replay::create(&state.store, &new, partner, Some(shown), &slot).await {
        Ok(created) => {
            let id = created.id();
            Ok(see_other(&format!("{BASE}/replays/{id}?done=started")))
        }
        Err(ReplayError::MatchesChanged) => {
            typed.refused = Some(format!(
                "Nothing was started: the page showed {} deliveries, and that has changed. This is what matches now.",
                grouped(shown)
            ));
            show(&state, &visitor, StatusCode::CONFLICT, &fields, typed).await
        }
        Err(error) => Err(ApiError::from(error).into()),
    }
}

/// A replay of the same filter that is running: a form that is sent twice starts one.
async fn running(
    state: &AppState,
    visitor: &Visitor,
    filter: &ReplayFilter,
) -> Result<Option<ReplayId>, ApiError> {
    let running = state.store.running_replays().await?;
    for id in running.into_iter().rev().take(RUNNING_MAX) {
        let found = state.store.replay(id, owner(&visitor.caller)).await?;
        if found.is_some_and(|found| found.filter == *filter) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The page: the filter and, if it can be used, what a replay would do.
async fn show(
    state: &AppState,
    visitor: &Visitor,
    status: StatusCode,
    fields: &FilterFields,
    typed: Typed,
) -> ConsoleResult {
    let now = ambient::now();
    let (mut error, mut plan) = (None, None);
    match fields
        .parse(now)
        .and_then(|filter| Ok((filter, fields.rate()?)))
    {
        Err(fault) => error = Some(fault.to_owned()),
        Ok((mut filter, rate)) => match narrow(state, &visitor.caller, &mut filter).await {
            Err(fault) if actix_web::ResponseError::status_code(&fault).is_server_error() => {
                return Err(fault.into());
            }
            Err(_) if filter.failure_group.is_some() => {
                error = Some("There is no such failure group or partner.".to_owned());
            }
            Err(_) => error = Some("There is no such partner.".to_owned()),
            Ok(partner) => {
                let found = replay::dry_run(&state.store, &filter, partner).await?;
                let hidden = fields.frozen(&filter);
                plan = Some(plan_of(&found, &filter, rate, hidden, typed, now));
            }
        },
    }
    let has_partner = visitor.caller.partner().is_none();
    let page = NewReplayPage {
        frame: visitor.frame(state, Section::Replays),
        fields: fields.shown(has_partner),
        error,
        plan,
    };
    page_with(status, &page)
}

fn plan_of(
    found: &DryRun,
    filter: &ReplayFilter,
    rate: i64,
    mut hidden: Vec<(&'static str, String)>,
    typed: Typed,
    now: OffsetDateTime,
) -> Plan {
    let endpoints = &found.endpoints;
    let matched: i64 = endpoints.iter().map(|one| one.matched).sum();
    hidden.push(("matched", matched.to_string()));
    let partners = partners(found);
    let oldest = endpoints.iter().map(|one| one.oldest).min();
    let newest = endpoints.iter().map(|one| one.newest).max();
    let (time_label, effect) = match filter.status {
        ReplaySource::Dead => (
            "Died",
            "Each delivery keeps its id and is due again. What an endpoint has accepted already is not sent again.",
        ),
        ReplaySource::Pending => (
            "Created",
            "Each waiting delivery is due now and begins its schedule again. What is due already is left alone.",
        ),
        ReplaySource::Missing => (
            "Emitted",
            "Each event gets a delivery at every endpoint that subscribes to it and never had one.",
        ),
    };
    Plan {
        sentence: sentence(filter, matched, partners.len(), endpoints.len()),
        button: match filter.status {
            ReplaySource::Missing => format!("Deliver {}", counted(matched, "event", "events")),
            ReplaySource::Pending => {
                format!("Send {} now", counted(matched, "delivery", "deliveries"))
            }
            ReplaySource::Dead => {
                format!("Replay {}", counted(matched, "delivery", "deliveries"))
            }
        },
        matched,
        partners,
        oldest: Moment::optional(oldest, now),
        newest: Moment::optional(newest, now),
        time_label,
        superseded: superseded(found, matched),
        include_superseded: typed.include_superseded,
        rates: rates(matched, rate),
        reason: typed.reason,
        refused: typed.refused,
        hidden,
        effect,
    }
}

fn partners(found: &DryRun) -> Vec<PartnerMatches> {
    let mut by_partner: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    for one in &found.endpoints {
        let (endpoints, matched) = by_partner.entry(&one.partner).or_default();
        *endpoints += 1;
        *matched += one.matched;
    }
    let rows = by_partner.into_iter();
    rows.map(|(partner, (endpoints, matched))| PartnerMatches {
        partner: partner.to_owned(),
        endpoints,
        matched,
    })
    .collect()
}

fn sentence(filter: &ReplayFilter, matched: i64, partners: usize, endpoints: usize) -> String {
    let subject = describe(filter);
    if matched == 0 {
        return format!("No {subject} match");
    }
    let counted = |count: usize, one, many| counted(i64::try_from(count).unwrap_or(0), one, many);
    format!(
        "{} match: {subject}, of {} at {}.",
        grouped(matched),
        counted(partners, "partner", "partners"),
        counted(endpoints, "endpoint", "endpoints")
    )
}

/// What a replay leaves out by default. Of very many, only the first are looked up.
fn superseded(found: &DryRun, matched: i64) -> Option<String> {
    let (examined, count) = (found.superseded.examined, found.superseded.superseded);
    match count {
        0 => None,
        _ if examined >= matched => Some(format!("{} are left out", grouped(count))),
        _ => Some(format!(
            "{} of the {} looked up are left out",
            grouped(count),
            grouped(examined)
        )),
    }
}

fn rates(matched: i64, chosen: i64) -> Vec<RateChoice> {
    let mut rates = RATES.to_vec();
    if !rates.contains(&chosen) {
        rates.push(chosen);
        rates.sort_unstable();
    }
    let choice = |rate| RateChoice {
        rate,
        text: format!(
            "{} a second: at least {}",
            grouped(rate),
            span(Duration::seconds((matched + rate - 1) / rate.max(1)))
        ),
        is_current: rate == chosen,
    };
    rates.into_iter().map(choice).collect()
}
