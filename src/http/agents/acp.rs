//! The Agentic Commerce Protocol, release 2026-04-17.
//!
//! Promises: each POST needs an idempotency key and is carried out once for it; errors are flat, as the protocol has them;
//! the key and the request's id come back in every answer.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use buywire_schemas::ids::CheckoutId;
use serde_json::{Value, json};

use super::acp_error::AcpError;
use super::exchange::{Exchange, RequestIdentity, agent, echoed, exchange};
use super::reply::Reply;
use crate::agents::acp::{VERSION, read_complete, read_create, read_update, render};
use crate::agents::{AgentError, AgentSession, Agents, TokenRequest};
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::server::body::{BODY_BYTES_MAX, read};
use crate::store::checkouts::Channel;

const CHANNEL: Channel = Channel::Acp;

/// What a request carries besides its body.
struct Context {
    agent: buywire_schemas::ids::KeyId,
    key: Option<String>,
    request_id: Option<String>,
    locale: Option<String>,
}

impl Context {
    fn of(request: &HttpRequest, caller: &Caller) -> Result<Self, AcpError> {
        let headers = request.headers();
        let version = headers.get("api-version");
        match version.map(|version| version.to_str().unwrap_or_default()) {
            Some(VERSION) => {}
            Some(_) => return Err(AcpError::version("unsupported_api_version")),
            None => return Err(AcpError::version("missing_api_version")),
        }
        Ok(Self {
            agent: agent(caller)?,
            key: echoed(headers, "idempotency-key"),
            request_id: echoed(headers, "request-id"),
            locale: echoed(headers, "accept-language"),
        })
    }

    fn respond(&self, reply: Reply) -> HttpResponse {
        let mut response = builder(reply.status);
        if reply.is_replayed {
            response.insert_header(("idempotent-replayed", "true"));
        }
        self.echo(&mut response);
        response.content_type("application/json").body(reply.body)
    }

    fn refuse(&self, error: &AcpError) -> HttpResponse {
        let mut response = error.response();
        self.echo(&mut response);
        response.json(error.document())
    }

    fn echo(&self, response: &mut HttpResponseBuilder) {
        let echoed = [
            ("idempotency-key", &self.key),
            ("request-id", &self.request_id),
        ];
        for (name, value) in echoed {
            if let Some(value) = value {
                response.insert_header((name, value.as_str()));
            }
        }
    }
}

/// `POST /acp/checkout_sessions`
pub(in crate::http) async fn create(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, AcpError> {
    let context = Context::of(&request, &caller)?;
    let (agents, agent) = (state.agents.clone(), context.agent);
    let locale = context.locale.clone();
    post(
        &state,
        &request,
        context,
        payload,
        move |identity, body| async move {
            let mut details = read_create(&body)?;
            details.locale = details.locale.or(locale);
            let id = CheckoutId::from_uuid(identity.subject);
            let session = agents.open(agent, CHANNEL, id, details).await?;
            Ok((201, render(&session)))
        },
    )
    .await
}

/// `POST /acp/checkout_sessions/{id}`
pub(in crate::http) async fn update(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, AcpError> {
    let context = Context::of(&request, &caller)?;
    let (agents, agent) = (state.agents.clone(), context.agent);
    post(
        &state,
        &request,
        context,
        payload,
        move |_, body| async move {
            let session = own(&agents, agent, &id).await?;
            let details = read_update(&body, &session.details)?;
            Ok((200, render(&agents.change(session, details).await?)))
        },
    )
    .await
}

/// `GET /acp/checkout_sessions/{id}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, AcpError> {
    let context = Context::of(&request, &caller)?;
    match own(&state.agents, context.agent, &id).await {
        Ok(session) => Ok(context.respond(Reply::new(200, &render(&session)))),
        Err(error) => Ok(context.refuse(&error.into())),
    }
}

/// `POST /acp/checkout_sessions/{id}/complete`
pub(in crate::http) async fn complete(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, AcpError> {
    let context = Context::of(&request, &caller)?;
    let (agents, agent) = (state.agents.clone(), context.agent);
    post(
        &state,
        &request,
        context,
        payload,
        move |identity, body| async move {
            let session = own(&agents, agent, &id).await?;
            let session = pay(&agents, session, identity, &body).await?;
            Ok((200, render(&session)))
        },
    )
    .await
}

async fn pay(
    agents: &Agents,
    mut session: AgentSession,
    identity: RequestIdentity,
    body: &Value,
) -> Result<AgentSession, AgentError> {
    let complete = read_complete(body, &session.details)?;
    if complete.details != session.details && session.may_change() {
        session = agents.change(session, complete.details).await?;
    }
    let paying = TokenRequest {
        token: complete.token,
        request: identity.digest,
        has_authentication: complete.has_authentication,
    };
    agents.complete(session, &paying).await
}

/// `POST /acp/checkout_sessions/{id}/cancel`
pub(in crate::http) async fn cancel(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, AcpError> {
    let context = Context::of(&request, &caller)?;
    let (agents, agent) = (state.agents.clone(), context.agent);
    post(
        &state,
        &request,
        context,
        payload,
        move |_, body| async move {
            let session = own(&agents, agent, &id).await?;
            let reason = body.pointer("/intent_trace/reason_code");
            if let Some(reason) = reason.and_then(Value::as_str).and_then(listed_reason) {
                tracing::info!(checkout = %id, reason, "agents.cancel: given up");
            }
            match agents.cancel(session).await {
                Ok(session) => Ok((200, render(&session))),
                Err(error) => Err(error),
            }
        },
    )
    .await
}

/// Why a session is given up, in the protocol's words; any other text stays unsaid.
fn listed_reason(text: &str) -> Option<&'static str> {
    const REASONS: [&str; 10] = [
        "price_sensitivity",
        "shipping_cost",
        "shipping_speed",
        "product_fit",
        "trust_security",
        "returns_policy",
        "payment_options",
        "comparison",
        "timing_deferred",
        "other",
    ];
    REASONS.into_iter().find(|reason| *reason == text)
}

async fn own(
    agents: &Agents,
    agent: buywire_schemas::ids::KeyId,
    id: &str,
) -> Result<AgentSession, AgentError> {
    let id = id.parse().map_err(|_| AgentError::NotFound)?;
    agents.read(agent, CHANNEL, id).await
}

/// Reads the body and carries out the request, once for its key.
async fn post<F, R>(
    state: &Data<AppState>,
    request: &HttpRequest,
    context: Context,
    payload: Payload,
    carry_out: F,
) -> Result<HttpResponse, AcpError>
where
    F: FnOnce(RequestIdentity, Value) -> R + Send + 'static,
    R: Future<Output = Result<(u16, Value), AgentError>> + Send,
{
    let Some(key) = context.key.clone() else {
        return Ok(context.refuse(&AcpError::key_required()));
    };
    let body = match read_json(payload).await {
        Ok(body) => body,
        Err(error) => return Ok(context.refuse(&error)),
    };
    let sent = body.clone();
    let is_cancel = request.path().ends_with("/cancel");
    let run = exchange(
        state,
        request,
        context.agent,
        (Some(&key), &sent),
        move |identity| async move {
            match carry_out(identity, body).await {
                Ok((status, document)) => Reply::new(status, &document),
                Err(error) => AcpError::of(error, is_cancel).reply(),
            }
        },
    );
    Ok(match run.await {
        Ok(Exchange::Replied(reply)) => context.respond(reply),
        Ok(Exchange::InFlight) => context.refuse(&AcpError::in_flight()),
        Ok(Exchange::Conflict) => context.refuse(&AcpError::conflict()),
        Err(error) => context.refuse(&error.into()),
    })
}

/// No body is an empty object: a request to cancel may have none.
async fn read_json(payload: Payload) -> Result<Value, AcpError> {
    let bytes = read(payload, BODY_BYTES_MAX).await?;
    if bytes.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(&bytes).map_err(|_| AcpError::not_json())
}

fn builder(status: u16) -> HttpResponseBuilder {
    let status = actix_web::http::StatusCode::from_u16(status);
    HttpResponse::build(status.unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR))
}
