//! The Universal Commerce Protocol, release 2026-04-08.
//!
//! Promises: errors are UCP envelopes with messages; a request with an idempotency key is carried out once for it.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use buywire_schemas::ids::{CheckoutId, KeyId};
use serde_json::{Value, json};

use super::exchange::{Exchange, RequestIdentity, agent, echoed, exchange};
use super::reply::Reply;
use super::ucp_error::UcpError;
use crate::agents::ucp::{VERSION, read_checkout, read_complete, render, render_order};
use crate::agents::{AgentError, AgentSession, Agents, TokenRequest};
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::server::body::{BODY_BYTES_MAX, read};
use crate::store::checkouts::Channel;

const CHANNEL: Channel = Channel::Ucp;

struct Context {
    agent: KeyId,
    key: Option<String>,
    request_id: Option<String>,
    locale: Option<String>,
}

impl Context {
    fn of(request: &HttpRequest, caller: &Caller) -> Result<Self, UcpError> {
        let headers = request.headers();
        check_profile(headers)?;
        Ok(Self {
            agent: agent(caller)?,
            key: echoed(headers, "idempotency-key"),
            request_id: echoed(headers, "request-id"),
            locale: echoed(headers, "accept-language"),
        })
    }

    fn respond(&self, reply: Reply) -> HttpResponse {
        let status = StatusCode::from_u16(reply.status);
        let mut response = HttpResponse::build(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        if reply.is_replayed {
            response.insert_header(("idempotent-replayed", "true"));
        }
        self.echo(&mut response);
        response.content_type("application/json").body(reply.body)
    }

    fn refuse(&self, error: &UcpError) -> HttpResponse {
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

/// `UCP-Agent: profile="https://…"; version="2026-04-08"`: who asks, and by which release.
fn check_profile(headers: &HeaderMap) -> Result<(), UcpError> {
    let header = headers
        .get("ucp-agent")
        .and_then(|value| value.to_str().ok());
    let profile = header.and_then(|header| parameter(header, "profile"));
    let url = profile.and_then(|profile| url::Url::parse(profile).ok());
    let is_url = url.is_some_and(|url| url.scheme() == "https" && url.has_host());
    if !is_url {
        return Err(UcpError::profile());
    }
    match header.and_then(|header| parameter(header, "version")) {
        Some(version) if version != VERSION => Err(UcpError::version()),
        _ => Ok(()),
    }
}

/// A quoted value of a dictionary header.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut parts = header.split([';', ',']).map(str::trim);
    let value = parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))?;
    value.strip_prefix('"')?.strip_suffix('"')
}

/// `POST /ucp/checkout-sessions`
pub(in crate::http) async fn create(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, UcpError> {
    let context = Context::of(&request, &caller)?;
    let (agents, agent) = (state.agents.clone(), context.agent);
    let locale = context.locale.clone();
    carry_out(
        &state,
        &request,
        context,
        payload,
        move |identity, body| async move {
            let details = read_checkout(&body, locale)?;
            let id = CheckoutId::from_uuid(identity.subject);
            let session = agents.open(agent, CHANNEL, id, details).await?;
            // Without a line there is no checkout: that is an outcome, not a creation.
            let status = if session.has_lines() { 201 } else { 200 };
            Ok((status, render(&session)))
        },
    )
    .await
}

/// `PUT /ucp/checkout-sessions/{id}`
pub(in crate::http) async fn update(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, UcpError> {
    let context = Context::of(&request, &caller)?;
    let (agents, agent) = (state.agents.clone(), context.agent);
    carry_out(
        &state,
        &request,
        context,
        payload,
        move |_, body| async move {
            let session = own(&agents, agent, &id).await?;
            let locale = session.details.locale.clone();
            let details = read_checkout(&body, locale)?;
            Ok((200, render(&agents.change(session, details).await?)))
        },
    )
    .await
}

/// `GET /ucp/checkout-sessions/{id}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, UcpError> {
    let context = Context::of(&request, &caller)?;
    match own(&state.agents, context.agent, &id).await {
        Ok(session) => Ok(context.respond(Reply::new(200, &render(&session)))),
        Err(error) => Ok(context.refuse(&error.into())),
    }
}

/// `GET /ucp/orders/{id}`
pub(in crate::http) async fn show_order(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, UcpError> {
    let context = Context::of(&request, &caller)?;
    let found = match id.parse() {
        Ok(order) => state.agents.of_order(context.agent, CHANNEL, order).await,
        Err(_) => Err(AgentError::NotFound),
    };
    let document = found.and_then(|session| render_order(&session).ok_or(AgentError::NotFound));
    Ok(match document {
        Ok(document) => context.respond(Reply::new(200, &document)),
        Err(error) => context.refuse(&error.into()),
    })
}

/// `POST /ucp/checkout-sessions/{id}/complete`
pub(in crate::http) async fn complete(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, UcpError> {
    let context = Context::of(&request, &caller)?;
    let (agents, agent) = (state.agents.clone(), context.agent);
    carry_out(
        &state,
        &request,
        context,
        payload,
        move |identity, body| async move {
            let session = own(&agents, agent, &id).await?;
            if session.is_completed() {
                return Err(AgentError::Ended);
            }
            let paying = TokenRequest {
                token: read_complete(&body)?,
                request: identity.digest,
                has_authentication: true,
            };
            Ok((200, render(&agents.complete(session, &paying).await?)))
        },
    )
    .await
}

/// `POST /ucp/checkout-sessions/{id}/cancel`
pub(in crate::http) async fn cancel(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, UcpError> {
    let context = Context::of(&request, &caller)?;
    let (agents, agent) = (state.agents.clone(), context.agent);
    carry_out(&state, &request, context, payload, move |_, _| async move {
        let session = own(&agents, agent, &id).await?;
        Ok((200, render(&agents.cancel(session).await?)))
    })
    .await
}

async fn own(agents: &Agents, agent: KeyId, id: &str) -> Result<AgentSession, AgentError> {
    let id = id.parse().map_err(|_| AgentError::NotFound)?;
    agents.read(agent, CHANNEL, id).await
}

async fn carry_out<F, R>(
    state: &Data<AppState>,
    request: &HttpRequest,
    context: Context,
    payload: Payload,
    operation: F,
) -> Result<HttpResponse, UcpError>
where
    F: FnOnce(RequestIdentity, Value) -> R + Send + 'static,
    R: Future<Output = Result<(u16, Value), AgentError>> + Send,
{
    let body = match read_json(payload).await {
        Ok(body) => body,
        Err(error) => return Ok(context.refuse(&error)),
    };
    let sent = body.clone();
    let key = context.key.clone();
    let keyed = (key.as_deref(), &sent);
    let run = exchange(
        state,
        request,
        context.agent,
        keyed,
        move |identity| async move {
            match operation(identity, body).await {
                Ok((status, document)) => Reply::new(status, &document),
                Err(error) => UcpError::from(error).reply(),
            }
        },
    );
    Ok(match run.await {
        Ok(Exchange::Replied(reply)) => context.respond(reply),
        Ok(Exchange::InFlight) => context.refuse(&UcpError::in_flight()),
        Ok(Exchange::Conflict) => context.refuse(&UcpError::conflict()),
        Err(error) => context.refuse(&error.into()),
    })
}

async fn read_json(payload: Payload) -> Result<Value, UcpError> {
    let bytes = read(payload, BODY_BYTES_MAX).await?;
    if bytes.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(&bytes).map_err(|_| UcpError::not_json())
}
