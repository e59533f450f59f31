//! The server during the start: answers 503 until the gateway is ready.
//!
//! Promises: no request waits for the database. Must not use any room.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::KeepAlive;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};

use crate::http::operations;
use crate::http::problem::{ApiError, Kind};
use crate::http::server::request_id;

/// How long a stop waits for open connections, in seconds.
const SHUTDOWN_TIMEOUT_S: u64 = 1;
/// Connections are not kept open during the start.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(1);

/// Answers on a bound listener until it is stopped or dropped.
pub(crate) struct StartupServer(ServerHandle);

impl StartupServer {
    /// Start answering.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub(crate) fn start(listener: TcpListener) -> std::io::Result<Self> {
        let app = || {
            App::new()
                .route("/healthz", web::get().to(operations::live))
                .route("/healthz", web::head().to(operations::live))
                .default_service(web::to(refuse_until_ready))
                .wrap(from_fn(request_id::identify))
        };
        let server = HttpServer::new(app)
            .workers(1)
            .keep_alive(KeepAlive::Disabled)
            .client_request_timeout(FIRST_BYTE_TIMEOUT)
            .shutdown_timeout(SHUTDOWN_TIMEOUT_S)
            .disable_signals()
            .listen(listener)?
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self(handle))
    }

    /// Stop, after open requests are answered.
    pub(crate) async fn stop(self) {
        self.0.stop(true).await;
    }
}

impl Drop for StartupServer {
    fn drop(&mut self) {
        // The stop command is sent right away; after a failed start nobody awaits it.
        drop(self.0.stop(false));
    }
}

async fn refuse_until_ready() -> Result<HttpResponse, ApiError> {
    Err(ApiError::with_detail(
        Kind::Busy,
        "The gateway is starting. Retry after `Retry-After`.",
    ))
}
