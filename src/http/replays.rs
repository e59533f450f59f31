//! Replay jobs: made, watched, paused, resumed and cancelled by operators, and by partners for their own.

use std::collections::BTreeSet;

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::{PartnerId, ReplayId};
use buywire_schemas::problem::{FieldError, Flaw, Refused};
use buywire_schemas::read::{Reader, choice, flag, instant, integer, prose, string, text};
use buywire_schemas::text::Slug;
use serde_json::json;

use super::Desk;
use super::auth::Caller;
use super::body::{BODY_BYTES_MAX, read};
use super::deliveries::REASON_CHARS_MAX;
use super::page::{Asked, Page};
use super::problem::{ApiError, Kind};
use crate::delivery::replay;
use crate::store::replays::{Filter, NewReplay, Replay, Source, Turn};

/// Deliveries a second, when nobody says how many.
const RATE: i64 = 50;
/// More than a gateway delivers.
const RATE_MAX: i64 = 10_000;
/// Characters of an error's stable name.
const ERROR_CHARS_MAX: usize = 64;

/// `POST /v1/replays`
pub async fn make(
    desk: Data<Desk>,
    caller: Caller,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let refused = |refused| ApiError::refused(Kind::BodyInvalid, refused);
    let (new, dry_run) = asked(&body, &caller).map_err(refused)?;
    let partner = partner(&desk, &caller, &new).await?;
    if dry_run {
        let matched = replay::matches(&desk.store, &new, partner).await?;
        let partners: BTreeSet<_> = matched.iter().map(|one| one.partner.as_str()).collect();
        let total: i64 = matched.iter().map(|one| one.matched).sum();
        return Ok(HttpResponse::Ok().json(json!({
            "id": null, "matched": total, "partners": partners, "endpoints": matched,
        })));
    }
    let (id, matched) = replay::make(&desk.store, &new, partner).await?;
    Ok(HttpResponse::Accepted().json(json!({"id": id, "matched": matched})))
}

/// `GET /v1/replays`: newest first.
pub async fn list(
    desk: Data<Desk>,
    caller: Caller,
    asked: Query<Asked>,
) -> Result<impl Responder, ApiError> {
    let page = Page::parse(asked, |text| text.parse().ok())?;
    let jobs = desk
        .store
        .replays(own(&caller), page.after, page.fetch())
        .await?;
    Ok(page.answer(jobs, |job| job.id.to_string()))
}

/// `GET /v1/replays/{id}`
pub async fn one(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let job = found(&desk, &caller, parsed(&id)?).await?;
    Ok(HttpResponse::Ok().json(job))
}

/// `POST /v1/replays/{id}/pause`
pub async fn pause(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    turn(&desk, &caller, &id, Turn::Pause).await
}

/// `POST /v1/replays/{id}/resume`
pub async fn resume(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    turn(&desk, &caller, &id, Turn::Resume).await
}

/// `POST /v1/replays/{id}/cancel`
pub async fn cancel(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    turn(&desk, &caller, &id, Turn::Cancel).await
}

async fn turn(
    desk: &Desk,
    caller: &Caller,
    id: &str,
    turn: Turn,
) -> Result<HttpResponse, ApiError> {
    let id = parsed(id)?;
    found(desk, caller, id).await?;
    replay::turn(&desk.store, id, turn, caller.author()).await?;
    let job = found(desk, caller, id).await?;
    Ok(HttpResponse::Ok().json(job))
}

async fn found(desk: &Desk, caller: &Caller, id: ReplayId) -> Result<Replay, ApiError> {
    let job = desk.store.replay(id, own(caller)).await?;
    job.ok_or_else(|| ApiError::new(Kind::NotFound))
}

fn own(caller: &Caller) -> Option<PartnerId> {
    caller.partner().map(|(id, _)| id)
}

fn parsed(id: &str) -> Result<ReplayId, ApiError> {
    id.parse().map_err(|_| ApiError::new(Kind::NotFound))
}

/// Whose deliveries: a partner's own, and for operators those of the partner that the filter names.
/// Nobody of that name is an error, not an empty match.
async fn partner(
    desk: &Desk,
    caller: &Caller,
    new: &NewReplay,
) -> Result<Option<PartnerId>, ApiError> {
    let known = match (caller.partner(), &new.filter.partner) {
        (Some((id, own)), named) => named
            .as_ref()
            .is_none_or(|named| named == own)
            .then_some(id),
        (None, None) => return Ok(None),
        (None, Some(named)) => desk.store.partner_named(named).await?,
    };
    known.map(Some).ok_or_else(|| {
        let flaw = Flaw::new("partner_unknown", "is not a partner here");
        let place = FieldError::at("/filter/partner", flaw);
        ApiError::refused(Kind::BodyInvalid, Refused::Invalid(vec![place]))
    })
}

fn asked(body: &[u8], caller: &Caller) -> Result<(NewReplay, bool), Refused> {
    let mut body = Reader::object(body)?;
    let filter = body.nested("filter", filter);
    let rate = body.optional("rate_per_second", integer(1..=RATE_MAX));
    let include_superseded = body.optional("include_superseded", flag).unwrap_or(false);
    let dry_run = body.optional("dry_run", flag).unwrap_or(false);
    // What changes nothing needs no reason.
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
            rate_per_second: i32::try_from(rate.unwrap_or(RATE)).ok()?,
            include_superseded,
            reason: reason?,
            who: caller.author().clone(),
            owner: own(caller),
        };
        Some((new, dry_run))
    })
}

fn filter(body: &mut Reader<'_>) -> Option<Filter> {
    let sources = &[("dead", Source::Dead), ("missing", Source::Missing)];
    let status = body.required("status", choice(sources));
    let id = |text: &str| {
        text.parse()
            .map_err(|_| Flaw::new("id_malformed", "must be an id"))
    };
    let filter = Filter {
        status: status.unwrap_or(Source::Dead),
        partner: body.optional("partner", string(Slug::parse)),
        endpoint: body.optional("endpoint", string(id)),
        event_type: body.optional("event_type", string(str::parse)),
        error: body.optional("error", text(1..=ERROR_CHARS_MAX)),
        since: body.optional("since", instant),
        until: body.optional("until", instant),
    };
    if status == Some(Source::Missing) && filter.error.is_some() {
        let flaw = Flaw::new(
            "not_applicable",
            "what is missing has not failed: leave it out",
        );
        body.refuse("/error", flaw);
    }
    status.map(|_| filter)
}
