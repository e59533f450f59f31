//! Routes for replays. A partner manages its own.

use std::collections::BTreeSet;
use std::str::FromStr;

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::{PartnerId, ReplayId};
use buywire_schemas::problem::{BodyError, FieldError, Violation};
use buywire_schemas::read::{Reader, choice, flag, integer, prose, string, text, timestamp};
use buywire_schemas::text::Slug;
use serde_json::json;

use crate::delivery::replay;
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::delivery::deliveries::REASON_CHARS_MAX;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::{Page, PageQuery};
use crate::http::server::body::{BODY_BYTES_MAX, read};
use crate::idempotency::AnswerSlot;
use crate::store::delivery::replays::{
    NewReplay, Replay, ReplayFilter, ReplaySource, ReplayTransition,
};

/// The default rate, in deliveries per second.
pub(in crate::http) const RATE_DEFAULT: i64 = 50;
/// More than a gateway can deliver.
pub(in crate::http) const RATE_MAX: i64 = 10_000;
/// Characters of an error code.
pub(in crate::http) const ERROR_CHARS_MAX: usize = 64;

/// `POST /v1/replays`
pub(crate) async fn create(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let refused = |refused| ApiError::refused(Kind::BodyInvalid, refused);
    let (mut new, dry_run) = parse_request(&body, &caller).map_err(refused)?;
    let partner = narrow(&state, &caller, &mut new.filter).await?;
    if dry_run {
        let matched = replay::count_matches(&state.store, &new, partner).await?;
        let partners: BTreeSet<_> = matched.iter().map(|one| one.partner.as_str()).collect();
        let total: i64 = matched.iter().map(|one| one.matched).sum();
        return Ok(HttpResponse::Ok().json(json!({
            "id": null, "matched": total, "partners": partners, "endpoints": matched,
        })));
    }
    let created = replay::create(&state.store, &new, partner, None, &slot).await?;
    Ok(HttpResponse::Accepted().json(created))
}

/// `GET /v1/replays`: newest first.
pub(crate) async fn list(
    state: Data<AppState>,
    caller: Caller,
    query: Query<PageQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::parse(query, |text| text.parse().ok())?;
    let jobs = state
        .store
        .replays(owner(&caller), page.after, page.fetch_limit())
        .await?;
    Ok(page.respond(jobs, |job| job.id.to_string()))
}

/// `GET /v1/replays/{id}`
pub(crate) async fn show(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let job = find_replay(&state, &caller, parse_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(job))
}

/// `POST /v1/replays/{id}/pause`
pub(crate) async fn pause(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    transition_replay(&state, &caller, &id, ReplayTransition::Pause).await
}

/// `POST /v1/replays/{id}/resume`
pub(crate) async fn resume(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    transition_replay(&state, &caller, &id, ReplayTransition::Resume).await
}

/// `POST /v1/replays/{id}/cancel`
pub(crate) async fn cancel(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    transition_replay(&state, &caller, &id, ReplayTransition::Cancel).await
}

async fn transition_replay(
    state: &AppState,
    caller: &Caller,
    id: &str,
    transition: ReplayTransition,
) -> Result<HttpResponse, ApiError> {
    let id = parse_id(id)?;
    find_replay(state, caller, id).await?;
    replay::transition(&state.store, id, transition, caller.actor()).await?;
    let job = find_replay(state, caller, id).await?;
    Ok(HttpResponse::Ok().json(job))
}

/// One replay, if the caller may see it.
pub(in crate::http) async fn find_replay(
    state: &AppState,
    caller: &Caller,
    id: ReplayId,
) -> Result<Replay, ApiError> {
    let job = state.store.replay(id, owner(caller)).await?;
    job.ok_or_else(|| ApiError::new(Kind::NotFound))
}

/// The partner whose replays the caller has. `None`: an operator has all.
pub(in crate::http) fn owner(caller: &Caller) -> Option<PartnerId> {
    caller.partner().map(|(id, _)| id)
}

fn parse_id(id: &str) -> Result<ReplayId, ApiError> {
    id.parse().map_err(|_| ApiError::new(Kind::NotFound))
}

/// What a caller's filter may reach: the partner to filter by, and of a failure group only its endpoint.
pub(in crate::http) async fn narrow(
    state: &AppState,
    caller: &Caller,
    filter: &mut ReplayFilter,
) -> Result<Option<PartnerId>, ApiError> {
    narrow_to_group(state, caller, filter).await?;
    partner_filter(state, caller, filter.partner.as_ref()).await
}

/// The partner to filter by: a partner's own, or for operators the one in the filter. An unknown partner is
/// an error, not an empty match.
async fn partner_filter(
    state: &AppState,
    caller: &Caller,
    named: Option<&Slug>,
) -> Result<Option<PartnerId>, ApiError> {
    let partner = match (caller.partner(), named) {
        (Some((id, own_slug)), named) => named.is_none_or(|named| named == own_slug).then_some(id),
        (None, None) => return Ok(None),
        (None, Some(named)) => state.store.partner_id(named).await?,
    };
    partner.map(Some).ok_or_else(|| {
        let flaw = Violation::new("partner_unknown", "is not a partner here");
        let error = FieldError::at("/filter/partner", flaw);
        ApiError::refused(Kind::BodyInvalid, BodyError::Invalid(vec![error]))
    })
}

/// A failure group belongs to one endpoint, and nothing elsewhere needs to be read. Another partner's group is unknown.
async fn narrow_to_group(
    state: &AppState,
    caller: &Caller,
    filter: &mut ReplayFilter,
) -> Result<(), ApiError> {
    let Some(id) = filter.failure_group else {
        return Ok(());
    };
    let group = state.store.failure_group(id, owner(caller)).await?;
    let group = group.ok_or_else(|| {
        let flaw = Violation::new("failure_group_unknown", "is not a failure group here");
        let error = FieldError::at("/filter/failure_group", flaw);
        ApiError::refused(Kind::BodyInvalid, BodyError::Invalid(vec![error]))
    })?;
    filter.endpoint.get_or_insert(group.endpoint);
    Ok(())
}

fn parse_request(body: &[u8], caller: &Caller) -> Result<(NewReplay, bool), BodyError> {
    let mut body = Reader::object(body)?;
    let status = body.optional("status", choice(SOURCES));
    let parse_filter = |body: &mut Reader<'_>| parse_filter(body, status);
    // Without a filter, the status alone is one.
    let filter = match status {
        Some(_) if !body.has("filter") => Some(parse_none(status)),
        _ => body.nested("filter", parse_filter),
    };
    let rate = body.optional("rate_per_second", integer(1..=RATE_MAX));
    let include_superseded = body.optional("include_superseded", flag).unwrap_or(false);
    let dry_run = body.optional("dry_run", flag).unwrap_or(false);
    // A dry run changes nothing and needs no reason.
    let reason = match dry_run {
        true => Some(
            body.optional("reason", prose(1..=REASON_CHARS_MAX))
                .unwrap_or_default(),
        ),
        false => body.required("reason", prose(1..=REASON_CHARS_MAX)),
    };
    body.finish(|| {
        let new = NewReplay {
            filter: filter?,
            rate_per_second: i32::try_from(rate.unwrap_or(RATE_DEFAULT)).ok()?,
            include_superseded,
            reason: reason?,
            actor: caller.actor().clone(),
            owner: owner(caller),
        };
        Some((new, dry_run))
    })
}

const SOURCES: &[(&str, ReplaySource)] = &[
    ("dead", ReplaySource::Dead),
    ("missing", ReplaySource::Missing),
    ("pending", ReplaySource::Pending),
];

/// The filter that a status beside it makes.
fn parse_none(status: Option<ReplaySource>) -> ReplayFilter {
    ReplayFilter {
        status: status.unwrap_or(ReplaySource::Dead),
        partner: None,
        endpoint: None,
        event_type: None,
        error: None,
        failure_group: None,
        since: None,
        until: None,
    }
}

/// `beside` is the status beside the filter, which may name it instead.
fn parse_filter(body: &mut Reader<'_>, beside: Option<ReplaySource>) -> Option<ReplayFilter> {
    let status = match beside {
        Some(_) if !body.has("status") => beside,
        _ => body.required("status", choice(SOURCES)),
    };
    if beside.is_some_and(|beside| status.is_some_and(|status| status != beside)) {
        let flaw = Violation::new(
            "not_applicable",
            "differs from the `status` beside the filter",
        );
        body.refuse("/status", flaw);
    }
    let filter = ReplayFilter {
        status: status.unwrap_or(ReplaySource::Dead),
        partner: body.optional("partner", string(Slug::parse)),
        endpoint: body.optional("endpoint", string(id)),
        event_type: body.optional("event_type", string(str::parse)),
        error: body.optional("error", text(1..=ERROR_CHARS_MAX)),
        failure_group: body.optional("failure_group", string(id)),
        since: body.optional("since", timestamp),
        until: body.optional("until", timestamp),
    };
    let of_failures = [
        ("/error", filter.error.is_some()),
        ("/failure_group", filter.failure_group.is_some()),
    ];
    for (pointer, is_given) in of_failures {
        if is_given && status == Some(ReplaySource::Missing) {
            let problem = "what is missing has not failed: leave it out";
            body.refuse(pointer, Violation::new("not_applicable", problem));
        }
    }
    status.map(|_| filter)
}

fn id<T: FromStr>(text: &str) -> Result<T, Violation> {
    text.parse()
        .map_err(|_| Violation::new("id_malformed", "must be an id"))
}
