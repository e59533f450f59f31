//! The counter for feeds: a partner brings its catalog, and reads what became of it.

use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use buywire_adapters::feed::formats;
use buywire_adapters::read::Hints;
use buywire_schemas::ids::RunId;
use serde::Deserialize;
use serde_json::json;

use super::Desk;
use super::auth::Caller;
use super::body::{Incoming, Pace};
use super::page::{Asked, Page};
use super::partners::slug;
use super::problem::{ApiError, Kind};
use crate::catalog::{Brought, Spool, Spooled};
use crate::store::catalog::Mode;
use crate::store::partners::Partner;

/// A feed may come over a slow line, but it must come.
const UPLOAD: Pace = Pace {
    pause: Duration::from_secs(30),
    grace: Duration::from_secs(60),
    bytes_per_second: 16 * 1024,
};

/// What can be asked of a push.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Push {
    format: Option<String>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    wait: bool,
    mode: Option<String>,
}

/// `PUT /v1/partners/{slug}/feed`
pub async fn push(
    desk: Data<Desk>,
    caller: Caller,
    name: Path<String>,
    asked: Query<Push>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let mode = match asked.mode.as_deref() {
        None | Some("full") => Mode::Full,
        Some("upsert") => Mode::Upsert,
        Some("inventory") => Mode::Inventory,
        Some("supplemental") => Mode::Supplemental,
        Some(_) => {
            let detail = "Give as `mode` one of `full`, `upsert`, `inventory` and `supplemental`.";
            return Err(ApiError::detailed(Kind::QueryInvalid, detail));
        }
    };
    let asked = asked.into_inner();
    take(&desk, &caller, &name, asked, mode, hints(&request), payload).await
}

/// `PATCH /v1/partners/{slug}/items`
pub async fn change_items(
    desk: Data<Desk>,
    caller: Caller,
    name: Path<String>,
    asked: Query<Push>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    if asked.mode.is_some() {
        let detail = "`mode` belongs to a whole feed: leave it out.";
        return Err(ApiError::detailed(Kind::QueryInvalid, detail));
    }
    let asked = Push {
        wait: true,
        ..asked.into_inner()
    };
    let hints = Hints {
        content_type: Some("application/x-ndjson".to_owned()),
        ..hints(&request)
    };
    take(&desk, &caller, &name, asked, Mode::Upsert, hints, payload).await
}

/// `GET /v1/partners/{slug}/feed/runs`: newest first.
pub async fn runs(
    desk: Data<Desk>,
    name: Path<String>,
    asked: Query<Asked>,
) -> Result<impl Responder, ApiError> {
    let page = Page::<RunId>::parse(asked, |text| text.parse().ok())?;
    let partner = partner(&desk, &name).await?;
    let runs = desk
        .store
        .runs(partner.id, page.after, page.fetch())
        .await?;
    let reports = runs.into_iter().map(|run| run.report).collect();
    Ok(page.answer(reports, |report| report.id.to_string()))
}

/// `GET /v1/partners/{slug}/feed/runs/{id}`
pub async fn run(
    desk: Data<Desk>,
    path: Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = of_path(&desk, &path).await?;
    let run = desk.catalog.run(partner.id, id).await?;
    Ok(HttpResponse::Ok().json(run.report))
}

/// `POST /v1/partners/{slug}/feed/runs/{id}/approve`
pub async fn approve(
    desk: Data<Desk>,
    caller: Caller,
    path: Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = of_path(&desk, &path).await?;
    let run = desk.catalog.approve(&partner, id, caller.author()).await?;
    Ok(HttpResponse::Ok().json(run.report))
}

/// `POST /v1/partners/{slug}/feed/runs/{id}/discard`
pub async fn discard(
    desk: Data<Desk>,
    caller: Caller,
    path: Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = of_path(&desk, &path).await?;
    let run = desk
        .catalog
        .discard(partner.id, id, caller.author())
        .await?;
    Ok(HttpResponse::Ok().json(run.report))
}

/// The partner and the run that a path names.
pub async fn of_path(desk: &Desk, path: &(String, String)) -> Result<(Partner, RunId), ApiError> {
    let id = path.1.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    Ok((partner(desk, &path.0).await?, id))
}

async fn take(
    desk: &Desk,
    caller: &Caller,
    name: &str,
    asked: Push,
    mode: Mode,
    hints: Hints,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    if asked
        .format
        .as_deref()
        .is_some_and(|name| formats::by_name(name).is_none())
    {
        let known: Vec<_> = formats::FORMATS
            .iter()
            .map(|format| format.name())
            .collect();
        let detail = format!("Give as `format` one of {}.", known.join(", "));
        return Err(ApiError::detailed(Kind::QueryInvalid, detail));
    }
    let partner = partner(desk, name).await?;
    let place = desk.catalog.reserve(partner.id)?;
    let brought = Brought {
        spooled: spooled(place.spool()?, payload).await?,
        hints,
        format: asked.format,
        mode,
        dry_run: asked.dry_run,
        who: caller.author().label.clone(),
    };
    let submitted = desk.catalog.submit(&partner, brought, place).await?;
    if !asked.wait {
        return Ok(HttpResponse::Accepted().json(json!({"run": submitted.id})));
    }
    let ended = submitted
        .ended
        .await
        .map_err(|_| ApiError::new(Kind::Busy))?;
    Ok(HttpResponse::Ok().json(ended.report))
}

/// The body on the disk, whole; one that ends early is no feed, and one that pauses or crawls holds no place.
async fn spooled(mut spool: Spool, payload: Payload) -> Result<Spooled, ApiError> {
    let mut incoming = Incoming::new(payload, UPLOAD, || {
        ApiError::detailed(
            Kind::BodyInvalid,
            "The body ended before its length: send it again.",
        )
    });
    while let Some(chunk) = incoming.next().await? {
        spool.write(&chunk)?;
    }
    Ok(spool.finish()?)
}

/// The partner that a path names.
pub async fn partner(desk: &Desk, name: &str) -> Result<Partner, ApiError> {
    let partner = desk.store.partner(slug(name)?.as_str()).await?;
    partner.ok_or_else(|| ApiError::new(Kind::NotFound))
}

fn hints(request: &HttpRequest) -> Hints {
    let header = |name: HeaderName| {
        let value = request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    Hints {
        content_type: header(CONTENT_TYPE),
        content_encoding: header(CONTENT_ENCODING),
        ..Hints::default()
    }
}
