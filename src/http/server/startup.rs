//! Before the gateway can answer: everybody is told at once to come back.
//!
//! Promises: no connection waits for a database that is not there yet. Must not know more than that.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::KeepAlive;
use actix_web::{App, HttpResponse, HttpServer, web};

use crate::http::operations;
use crate::http::problem::{ApiError, Kind};

/// How long its end waits for those who called and have said nothing yet, in seconds.
const SHUTDOWN_TIMEOUT_S: u64 = 1;
/// Nobody keeps a connection of the gateway that is not there yet.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(1);

/// Answers on a bound listener that the gateway is starting, until it is ended or dropped.
pub struct StartupServer(ServerHandle);

impl StartupServer {
    /// Begin.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub fn start(listener: TcpListener) -> std::io::Result<Self> {
        let app = || {
            App::new()
                .route("/healthz", web::get().to(operations::live))
                .route("/healthz", web::head().to(operations::live))
                .default_service(web::to(refuse_until_ready))
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

    /// End, when those who have called are answered.
    pub async fn stop(self) {
        self.0.stop(true).await;
    }
}

impl Drop for StartupServer {
    fn drop(&mut self) {
        // The command is sent at once; of a start that failed nobody waits for what it says.
        drop(self.0.stop(false));
    }
}

async fn refuse_until_ready() -> Result<HttpResponse, ApiError> {
    Err(ApiError::with_detail(
        Kind::Busy,
        "The gateway is starting. Retry after `Retry-After`.",
    ))
}
