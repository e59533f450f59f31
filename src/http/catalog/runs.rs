//! Routes for feeds: upload, item updates, runs and approval.

use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use buywire_feeds::formats;
use buywire_feeds::read::Hints;
use buywire_schemas::ids::RunId;
use serde::Deserialize;
use serde_json::json;

use crate::catalog::{FeedSubmission, Spool, Spooled};
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::partners::parse_slug;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::{Page, PageQuery};
use crate::http::server::body::{BodyReader, ReadLimits};
use crate::store::catalog::Mode;
use crate::store::partners::Partner;

/// A feed may be slow, but it must not stall.
const UPLOAD_LIMITS: ReadLimits = ReadLimits {
    pause_max: Duration::from_secs(30),
    grace: Duration::from_secs(60),
    bytes_per_second_min: 16 * 1024,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PushQuery {
    format: Option<String>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    wait: bool,
    mode: Option<String>,
}

/// `PUT /v1/partners/{slug}/feed`
pub(crate) async fn push(
    state: Data<AppState>,
    caller: Caller,
    name: Path<String>,
    query: Query<PushQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let mode = match query.mode.as_deref() {
        None | Some("full") => Mode::Full,
        Some("upsert") => Mode::Upsert,
        Some("inventory") => Mode::Inventory,
        Some("supplemental") => Mode::Supplemental,
        Some(_) => {
            let detail = "`mode` must be one of `full`, `upsert`, `inventory` and `supplemental`.";
            return Err(ApiError::with_detail(Kind::QueryInvalid, detail));
        }
    };
    let query = query.into_inner();
    accept_feed(
        &state,
        &caller,
        &name,
        query,
        mode,
        hints(&request),
        payload,
    )
    .await
}

/// `PATCH /v1/partners/{slug}/items`
pub(crate) async fn change_items(
    state: Data<AppState>,
    caller: Caller,
    name: Path<String>,
    query: Query<PushQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    if query.mode.is_some() {
        let detail = "`mode` applies to `PUT …/feed` only. Leave it out.";
        return Err(ApiError::with_detail(Kind::QueryInvalid, detail));
    }
    let query = PushQuery {
        wait: true,
        ..query.into_inner()
    };
    let hints = Hints {
        content_type: Some("application/x-ndjson".to_owned()),
        ..hints(&request)
    };
    accept_feed(&state, &caller, &name, query, Mode::Upsert, hints, payload).await
}

/// `GET /v1/partners/{slug}/feed/runs`: newest first.
pub(crate) async fn runs(
    state: Data<AppState>,
    name: Path<String>,
    query: Query<PageQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::<RunId>::parse(query, |text| text.parse().ok())?;
    let partner = find_partner(&state, &name).await?;
    let runs = state
        .store
        .runs(partner.id, page.after, page.fetch_limit())
        .await?;
    let reports = runs.into_iter().map(|run| run.report).collect();
    Ok(page.respond(reports, |report| report.id.to_string()))
}

/// `GET /v1/partners/{slug}/feed/runs/{id}`
pub(crate) async fn run(
    state: Data<AppState>,
    path: Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = find_run(&state, &path).await?;
    let run = state.catalog.run(partner.id, id).await?;
    Ok(HttpResponse::Ok().json(run.report))
}

/// `POST /v1/partners/{slug}/feed/runs/{id}/approve`
pub(crate) async fn approve(
    state: Data<AppState>,
    caller: Caller,
    path: Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = find_run(&state, &path).await?;
    let run = state.catalog.approve(&partner, id, caller.actor()).await?;
    Ok(HttpResponse::Ok().json(run.report))
}

/// `POST /v1/partners/{slug}/feed/runs/{id}/discard`
pub(crate) async fn discard(
    state: Data<AppState>,
    caller: Caller,
    path: Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = find_run(&state, &path).await?;
    let run = state
        .catalog
        .discard(partner.id, id, caller.actor())
        .await?;
    Ok(HttpResponse::Ok().json(run.report))
}

/// The partner and the run that a path names.
pub(crate) async fn find_run(
    state: &AppState,
    path: &(String, String),
) -> Result<(Partner, RunId), ApiError> {
    let id = path.1.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    Ok((find_partner(state, &path.0).await?, id))
}

async fn accept_feed(
    state: &AppState,
    caller: &Caller,
    name: &str,
    query: PushQuery,
    mode: Mode,
    hints: Hints,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    if query
        .format
        .as_deref()
        .is_some_and(|name| formats::by_name(name).is_none())
    {
        let names: Vec<_> = formats::FORMATS
            .iter()
            .map(|format| format.name())
            .collect();
        let detail = format!("`format` must be one of {}.", names.join(", "));
        return Err(ApiError::with_detail(Kind::QueryInvalid, detail));
    }
    let partner = find_partner(state, name).await?;
    let slot = state.catalog.reserve(partner.id)?;
    let upload = FeedSubmission {
        spooled: spool_body(slot.spool()?, payload).await?,
        hints,
        format: query.format,
        mode,
        dry_run: query.dry_run,
        actor: caller.actor().label.clone(),
    };
    let submitted = state.catalog.submit(&partner, upload, slot).await?;
    if !query.wait {
        return Ok(HttpResponse::Accepted().json(json!({"run": submitted.id})));
    }
    let outcome = submitted
        .completion
        .await
        .map_err(|_| ApiError::new(Kind::Busy))?;
    Ok(HttpResponse::Ok().json(outcome.report))
}

/// Spools the whole body to disk. A truncated or stalled body is refused.
async fn spool_body(mut spool: Spool, payload: Payload) -> Result<Spooled, ApiError> {
    let mut reader = BodyReader::new(payload, UPLOAD_LIMITS, || {
        ApiError::with_detail(
            Kind::BodyInvalid,
            "The body is shorter than its Content-Length. Send it again.",
        )
    });
    while let Some(chunk) = reader.next().await? {
        spool.write(&chunk)?;
    }
    Ok(spool.finish()?)
}

/// The partner that a path names.
pub(crate) async fn find_partner(state: &AppState, name: &str) -> Result<Partner, ApiError> {
    let partner = state.store.partner(parse_slug(name)?.as_str()).await?;
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
