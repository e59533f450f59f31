//! Carries out one request: key, route, parameters, idempotency key, faults, handler, events, record.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use super::call::ApiCall;
use super::error::ApiError;
use super::expand::expand;
use super::idempotency::{Begun, Reply, fingerprint};
use super::routes::{self, Route};
use super::{form, shape};
use crate::clock::new_id;
use crate::faults::{FaultKind, Faults};
use crate::lock::lock;
use crate::recorder::RecordedRequest;
use crate::sandbox::Sandbox;
use crate::store::{Cause, Store};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct ApiRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The query of a GET, else the body.
    pub(crate) encoded_params: String,
    /// The key of `Authorization`, bearer or basic.
    pub(crate) key: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) version: Option<String>,
}

/// What goes back.
#[derive(Debug)]
pub(crate) struct ApiReply {
    pub(crate) request_id: String,
    pub(crate) status: u16,
    pub(crate) document: Value,
    pub(crate) is_replay: bool,
    /// A fault demands that the connection breaks instead.
    pub(crate) is_dropped: bool,
}

/// A request whose route exists and whose parameters are right.
struct Accepted<'a> {
    route: &'static Route,
    ids: Vec<&'a str>,
    params: Value,
}

/// Answers a request.
pub(crate) async fn answer(sandbox: &Sandbox, request: &ApiRequest) -> ApiReply {
    let request_id = new_id("req_");
    let accepted = accept(sandbox, request);
    let route = accepted.as_ref().ok().map(|accepted| accepted.route.path);
    let given = accepted
        .as_ref()
        .ok()
        .map(|accepted| accepted.params.clone());
    let begun = accepted.and_then(|accepted| {
        let begun = begin(sandbox, request, &accepted.params)?;
        Ok((accepted, begun))
    });
    let reply = match begun {
        Err(error) => refused(request_id, &error),
        Ok((_, Begun::Replay(first))) => ApiReply {
            request_id: first.request_id,
            status: first.status,
            document: first.document,
            is_replay: true,
            is_dropped: false,
        },
        Ok((accepted, Begun::First)) => perform(sandbox, request, accepted, request_id).await,
    };
    // Refused parameters may be anything: they are not recorded.
    record(sandbox, request, route, given.unwrap_or_default(), &reply);
    reply
}

fn accept<'a>(sandbox: &Sandbox, request: &'a ApiRequest) -> Result<Accepted<'a>, ApiError> {
    match &request.key {
        None => {
            let message =
                "You did not provide an API key. Send it as Authorization: Bearer sk_test_….";
            return Err(ApiError::unauthorized(message));
        }
        Some(key) if *key != sandbox.key => {
            return Err(ApiError::unauthorized("Invalid API key provided."));
        }
        Some(_) => {}
    }
    let route = routes::find(&request.method, &request.path);
    let (route, ids) = route.ok_or_else(ApiError::no_route)?;
    let params = form::parse(&request.encoded_params)?;
    let params = shape::check(route.fields, params)?;
    Ok(Accepted { route, ids, params })
}

/// Only what changes something has a key.
fn key(request: &ApiRequest) -> Option<&str> {
    let key = request.idempotency_key.as_deref();
    key.filter(|_| request.method == "POST")
}

fn begin(sandbox: &Sandbox, request: &ApiRequest, params: &Value) -> Result<Begun, ApiError> {
    let Some(key) = key(request) else {
        return Ok(Begun::First);
    };
    let fingerprint = fingerprint(&request.path, params);
    lock(&sandbox.idempotency).begin(key, fingerprint, sandbox.clock.now_s())
}

async fn perform(
    sandbox: &Sandbox,
    request: &ApiRequest,
    accepted: Accepted<'_>,
    request_id: String,
) -> ApiReply {
    let faults = lock(&sandbox.faults).take(accepted.route.operation);
    if let Some(ms) = faults.ms_of(FaultKind::Delay) {
        sleep(Duration::from_millis(ms)).await;
    }
    let (result, events) = match faults.has(FaultKind::ErrorBeforeCommit) {
        true => (Err(ApiError::api(500)), Vec::new()),
        false => commit(sandbox, request, accepted, &faults, &request_id),
    };
    let result = match faults.has(FaultKind::ErrorAfterCommit) {
        true => Err(ApiError::api(500)),
        false => result,
    };
    let is_kept = result.as_ref().map_or_else(|error| error.is_kept, |_| true);
    let mut reply = match result {
        Ok(document) => succeeded(request_id, document),
        Err(error) => refused(request_id, &error),
    };
    finish(sandbox, request, &reply, is_kept);
    let is_before = faults.has(FaultKind::WebhookBeforeResponse);
    sandbox.dispatch(&events, is_before).await;
    if let Some(ms) = faults.ms_of(FaultKind::Timeout) {
        sleep(Duration::from_millis(ms)).await;
        reply = refused(reply.request_id, &ApiError::api(504));
    }
    reply.is_dropped = faults.has(FaultKind::Drop);
    reply
}

/// Runs the handler on the store. Gives its result and the events that it caused.
fn commit(
    sandbox: &Sandbox,
    request: &ApiRequest,
    accepted: Accepted<'_>,
    faults: &Faults,
    request_id: &str,
) -> (Result<Value, ApiError>, Vec<String>) {
    let step = sandbox.step(|store, now_s| {
        if request.method == "POST" && store.is_full() {
            return Err(ApiError::full());
        }
        store.cause = Cause {
            request_id: Some(request_id.to_owned()),
            idempotency_key: request.idempotency_key.clone(),
        };
        let call = ApiCall {
            now_s,
            ids: accepted.ids,
            path: &request.path,
            params: accepted.params,
            forced: faults.forced(),
            fingerprint_key: &sandbox.fingerprint_key,
            is_preview: request
                .version
                .as_deref()
                .is_some_and(|version| version.ends_with(".preview")),
        };
        let result = handle(store, accepted.route, &call);
        store.cause = Cause::default();
        result
    });
    (step.result, step.events)
}

fn handle(store: &mut Store, route: &Route, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let mut document = (route.handler)(store, call)?;
    expand(store, &call.params, &mut document)?;
    Ok(document)
}

fn finish(sandbox: &Sandbox, request: &ApiRequest, reply: &ApiReply, is_kept: bool) {
    let Some(key) = key(request) else {
        return;
    };
    let mut keys = lock(&sandbox.idempotency);
    match is_kept {
        false => keys.release(key),
        true => keys.keep(
            key,
            Reply {
                request_id: reply.request_id.clone(),
                status: reply.status,
                document: reply.document.clone(),
            },
        ),
    }
}

fn succeeded(request_id: String, document: Value) -> ApiReply {
    ApiReply {
        request_id,
        status: 200,
        document,
        is_replay: false,
        is_dropped: false,
    }
}

fn refused(request_id: String, error: &ApiError) -> ApiReply {
    ApiReply {
        status: error.status,
        ..succeeded(request_id, error.document())
    }
}

fn record(
    sandbox: &Sandbox,
    request: &ApiRequest,
    route: Option<&'static str>,
    params: Value,
    reply: &ApiReply,
) {
    let recorded = RecordedRequest {
        request_id: reply.request_id.clone(),
        at: sandbox.clock.now_s(),
        method: request.method.clone(),
        path: request.path.clone(),
        route,
        params,
        idempotency_key: request.idempotency_key.clone(),
        status: reply.status,
        reply: reply.document.clone(),
        is_replay: reply.is_replay,
    };
    lock(&sandbox.recorder).record(recorded);
}
