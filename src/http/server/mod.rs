//! The HTTP server: connections, slow senders, bodies.
//!
//! Promises: at most `connections_max` connections are open; a caller that does not send its head in time loses
//! its connection; every answer has a request id. Must not know any route.

pub(super) mod body;
mod client_stream;
mod connections;
pub(super) mod reader_slots;
mod request_id;
pub(super) mod startup;

use std::future::ready;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_http::HttpService;
use actix_http::error::DispatchError;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::{AppConfig, Extensions, Server};
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};

use self::client_stream::ClientStream;
use self::connections::Connections;
use super::{AppState, pages, routes};

/// Longer than clients keep an idle connection open.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// From a connection's first byte to the end of its first request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a refused body is still read, so that its sender gets the answer and not a broken connection.
const LINGER_TIMEOUT: Duration = Duration::from_secs(1);

/// Serve on a bound listener until the server is stopped, with at most `connections_max` connections.
///
/// # Errors
/// When the listener cannot be used.
pub(crate) fn serve(
    listener: TcpListener,
    state: AppState,
    workers: usize,
    connections_max: usize,
) -> std::io::Result<Server> {
    let state = web::Data::new(state);
    let connections = Arc::new(Connections::new(connections_max));
    let factory = move || {
        let tracked = Arc::clone(&connections);
        let app = App::new()
            .app_data(state.clone())
            .configure(routes::register)
            .default_service(web::to(pages::elsewhere))
            .wrap(from_fn(move |request, next| {
                connections::track(Arc::clone(&tracked), request, next)
            }))
            .wrap(from_fn(request_id::identify))
            .into_factory()
            .map_err(|error: actix_web::Error| error.error_response());
        let http = HttpService::build()
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_TIMEOUT)
            .client_disconnect_timeout(LINGER_TIMEOUT)
            .on_connect_ext(|stream: &ClientStream, data: &mut Extensions| {
                data.insert(stream.connection());
            })
            .h1(map_config(app, |()| AppConfig::default()));
        let connections = Arc::clone(&connections);
        fn_service(move |io: TcpStream| ready(accept_connection(&connections, io))).and_then(http)
    };
    let server = Server::build()
        .workers(workers)
        .shutdown_timeout(5)
        .disable_signals()
        .listen("http", listener, factory)?;
    Ok(server.run())
}

/// Admit a connection, or close it if there are too many.
fn accept_connection(
    connections: &Arc<Connections>,
    io: TcpStream,
) -> Result<(ClientStream, Option<SocketAddr>), DispatchError> {
    let peer = io.peer_addr()?;
    let slot = connections.admit(peer.ip(), Instant::now());
    let refused = || std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    let held = slot.ok_or_else(refused)?;
    Ok((ClientStream::new(io, held), Some(peer)))
}
