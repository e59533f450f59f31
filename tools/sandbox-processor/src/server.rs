//! The sandbox's HTTP: the only file that knows actix.
//!
//! Promises: bodies are bounded; control answers only this machine; a request that has begun is carried out even if its
//! client goes away; nothing that a client sends stops the server.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt};
use thiserror::Error;
use tokio::task::JoinHandle;

use crate::api::{self, ApiReply, ApiRequest};
use crate::clock::new_id;
use crate::control;
use crate::options::{SandboxOptions, WebhookOptions};
use crate::page::{self, PageReply, PageRequest};
use crate::sandbox::Sandbox;
use crate::store::{Store, WebhookEndpoint};
use crate::webhooks::Target;

/// A hundred lines with long texts.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// How late what happens by itself may be.
const TICK: Duration = Duration::from_millis(200);

/// Why a sandbox does not start or ends.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// The address cannot be used.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// What was requested.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// It is not `http` on this machine.
    #[error("the webhook URL must be http on this machine, such as http://127.0.0.1:8080/hook")]
    WebhookUrl,
    /// The server ended by an error.
    #[error("the server failed: {0}")]
    Server(#[from] io::Error),
}

/// A running sandbox. It stops when this is dropped.
#[derive(Debug)]
pub struct SandboxHandle {
    address: SocketAddr,
    server: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
    ticking: JoinHandle<()>,
}

impl SandboxHandle {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the server ends, as it does by an error only.
    ///
    /// # Errors
    /// When it ended by an error.
    pub async fn wait(mut self) -> Result<(), SandboxError> {
        match (&mut self.serving).await {
            Ok(served) => Ok(served?),
            Err(_) => Ok(()),
        }
    }
}

impl Drop for SandboxHandle {
    fn drop(&mut self) {
        self.ticking.abort();
        // The order is given by the call; there is nothing to wait for.
        drop(self.server.stop(false));
    }
}

/// Starts a sandbox and waits until it ends.
///
/// # Errors
/// When it cannot listen, or the server fails.
pub async fn run(options: SandboxOptions) -> Result<(), SandboxError> {
    start(options)?.wait().await
}

/// Starts a sandbox on the current runtime.
///
/// # Errors
/// When it cannot listen.
pub fn start(options: SandboxOptions) -> Result<SandboxHandle, SandboxError> {
    let listen = |source| SandboxError::Listen {
        address: options.listen,
        source,
    };
    let listener = std::net::TcpListener::bind(options.listen).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let sandbox = Sandbox::new(
        options.key,
        options.webhook_delay,
        options.webhook_retry_gaps,
    );
    let webhook = options.webhook.map(configured_endpoint).transpose()?;
    sandbox.run(|store, now_s| prepare(store, address, webhook, now_s));
    let sandbox = Data::from(Arc::new(sandbox));
    let ticking = tokio::spawn(tick(Data::clone(&sandbox)));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::clone(&sandbox))
            .app_data(web::PayloadConfig::new(BODY_BYTES_MAX))
            .route("/_control/{tail:.*}", web::to(serve_control))
            .route("/c/{tail:.*}", web::to(serve_page))
            .default_service(web::to(serve_api))
    });
    let server = server
        .workers(1)
        // Who starts a sandbox stops it.
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?
        .run();
    Ok(SandboxHandle {
        address,
        server: server.handle(),
        serving: tokio::spawn(server),
        ticking,
    })
}

fn configured_endpoint(options: WebhookOptions) -> Result<WebhookEndpoint, SandboxError> {
    Target::parse(&options.url).ok_or(SandboxError::WebhookUrl)?;
    Ok(WebhookEndpoint {
        id: new_id("we_"),
        created: 0,
        url: options.url,
        secret: options.secret,
        enabled_events: vec!["*".to_owned()],
        params: serde_json::Value::Null,
        is_deleted: false,
    })
}

fn prepare(store: &mut Store, address: SocketAddr, webhook: Option<WebhookEndpoint>, now_s: i64) {
    store.public_url = format!("http://{address}");
    if let Some(webhook) = webhook {
        let webhook = WebhookEndpoint {
            created: now_s,
            ..webhook
        };
        store.endpoints.insert(&webhook.id.clone(), webhook);
    }
}

/// Lets happen what happens by itself, though nobody asks.
async fn tick(sandbox: Data<Sandbox>) {
    let mut interval = tokio::time::interval(TICK);
    loop {
        interval.tick().await;
        sandbox.run(|_, _| ());
    }
}

async fn serve_api(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let header = |name: &str| {
        let value = request.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let is_read = request.method() == actix_web::http::Method::GET;
    let request = ApiRequest {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        encoded_params: match is_read {
            true => request.query_string().to_owned(),
            false => String::from_utf8_lossy(&body).into_owned(),
        },
        key: header("authorization").and_then(|value| bearer_or_basic(&value)),
        idempotency_key: header("idempotency-key"),
        version: header("stripe-version"),
    };
    let version = request.version.clone();
    // A task of its own: it goes on when the client goes away.
    let answer = rt::spawn(async move { api::answer(&sandbox, &request).await });
    match answer.await {
        Ok(reply) => api_response(reply, version),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// The key of a bearer token, or the user name of basic authentication, as Stripe takes both.
fn bearer_or_basic(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(rest.trim().to_owned()),
        "basic" => basic_user(rest.trim()),
        _ => None,
    }
}

fn basic_user(encoded: &str) -> Option<String> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for c in encoded.trim_end_matches('=').chars() {
        let digit = u32::try_from(DIGITS.find(c)?).ok()?;
        bits = ((bits << 6) | digit) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    text.split(':').next().map(str::to_owned)
}

fn api_response(reply: ApiReply, version: Option<String>) -> HttpResponse {
    if reply.is_dropped {
        return broken();
    }
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header(("request-id", reply.request_id));
    response.insert_header(("cache-control", "no-store"));
    if let Some(version) = version {
        response.insert_header(("stripe-version", version));
    }
    if reply.is_replay {
        response.insert_header(("idempotent-replayed", "true"));
    }
    response.json(reply.document)
}

async fn serve_control(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let is_local = request
        .peer_addr()
        .is_some_and(|peer| peer.ip().is_loopback());
    if !is_local {
        return HttpResponse::Forbidden().finish();
    }
    let (status, document) =
        control::answer(&sandbox, request.method().as_str(), request.path(), &body);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).json(document)
}

async fn serve_page(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let page_request = PageRequest {
        is_post: request.method() == actix_web::http::Method::POST,
        path: request.path().to_owned(),
        form: String::from_utf8_lossy(&body).into_owned(),
    };
    let reply = rt::spawn(async move { page::answer(&sandbox, &page_request).await });
    match reply.await {
        Ok(PageReply::Dropped) => broken(),
        Ok(reply) => page_response(reply),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn page_response(reply: PageReply) -> HttpResponse {
    let mut response = HttpResponse::build(match &reply {
        PageReply::SeeOther(_) => StatusCode::SEE_OTHER,
        PageReply::Html { status, .. } => {
            StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }
        PageReply::Style(_) | PageReply::Dropped => StatusCode::OK,
    });
    response.insert_header(("cache-control", "no-store"));
    response.insert_header(("referrer-policy", "no-referrer"));
    response.insert_header(("x-content-type-options", "nosniff"));
    match reply {
        PageReply::SeeOther(url) => response.insert_header(("location", url)).finish(),
        PageReply::Style(css) => response.content_type("text/css; charset=utf-8").body(css),
        PageReply::Html {
            html, form_action, ..
        } => {
            let policy = format!(
                "default-src 'none'; style-src 'self'; form-action 'self'{form_action}; base-uri 'none'; \
                 frame-ancestors 'none'"
            );
            response.insert_header(("content-security-policy", policy));
            response.content_type("text/html; charset=utf-8").body(html)
        }
        PageReply::Dropped => response.finish(),
    }
}

/// A reply whose connection breaks before its body is complete.
fn broken() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(BoxBody::new(BrokenBody))
}

struct BrokenBody;

impl MessageBody for BrokenBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(1_000)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
    }
}
