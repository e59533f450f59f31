//! The front desk: the only room that knows HTTP and its status codes.
//!
//! Promises: every route stands in one table with who may use it; every refusal is a problem document
//! that says what to do. Must not decide anything about orders or deliveries, and holds no SQL.

mod audit;
mod auth;
mod body;
mod callbacks;
mod catalog;
mod client_stream;
mod concurrency;
mod connections;
mod deliveries;
mod endpoints;
mod feed_issues;
mod feed_sources;
mod images;
mod keys;
mod openapi;
mod operations;
mod order_list;
mod order_reports;
mod order_timeline;
mod orders;
mod page;
mod pages;
mod partners;
mod post_rules;
mod posts;
mod problem;
mod products;
mod query;
mod reader_slots;
mod reconciliation;
mod redactions;
mod replays;
pub mod routes;
mod shops;
mod startup;
mod ucp;

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
use ipnet::IpNet;
use prometheus_client::registry::Registry;

use self::client_stream::ClientStream;
use self::connections::Connections;
use crate::callbacks::Callbacks;
use crate::callbacks::metrics::CallbackMetrics;
use crate::catalog::{Catalog, Sources};
use crate::delivery::engine::EngineGauge;
use crate::delivery::metrics::DeliveryMetrics;
use crate::notifier::Notifier;
use crate::orders::Orders;
use crate::orders::metrics::OrderMetrics;
use crate::partners::Partners;
use crate::posts::Posts;
use crate::store::Store;
use crate::telemetry::NodeMetrics;

pub use auth::{Authenticator, EnvironmentKeys};
pub use startup::StartupServer;

/// Longer than any client keeps a connection open for nothing.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// From the first byte of a connection to the end of its first request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a refused body is still taken in, so that its sender reads the refusal and not a broken connection.
const LINGER_TIMEOUT: Duration = Duration::from_secs(1);

/// The metrics of each room. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct GatewayMetrics {
    /// Intake.
    pub orders: OrderMetrics,
    /// Callbacks.
    pub callbacks: CallbackMetrics,
    /// Attempts and the queue.
    pub delivery: Arc<DeliveryMetrics>,
    /// This node.
    pub node: NodeMetrics,
}

impl GatewayMetrics {
    /// Add them to the registry.
    pub fn register(&self, registry: &mut Registry) {
        self.orders.register(registry);
        self.callbacks.register(registry);
        self.delivery.register(registry);
        self.node.register(registry);
    }
}

/// What the handlers share.
pub struct AppState {
    /// The database, for reading and for what has no room of its own.
    pub store: Store,
    /// Where orders come in.
    pub orders: Orders,
    /// Where partners report back.
    pub callbacks: Arc<Callbacks>,
    /// Where feeds come in.
    pub catalog: Catalog,
    /// Where buyable tweets are made.
    pub posts: Posts,
    /// Where they are pulled from.
    pub sources: Sources,
    /// Tells the delivery room of changes.
    pub notifier: Notifier,
    /// Who may come in.
    pub authenticator: Authenticator,
    /// Where partners, their endpoints and keys are administered.
    pub partners: Partners,
    /// What is counted.
    pub metrics: GatewayMetrics,
    /// The names of what is counted.
    pub registry: Registry,
    /// What the engine is doing.
    pub gauge: EngineGauge,
    /// How everybody outside calls this gateway.
    pub public_url: String,
    /// Who may read the metrics without a key.
    pub metrics_allow: Vec<IpNet>,
}

/// Serve on a bound listener until the server is stopped, on at most so many connections.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(
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
            .default_service(web::to(problem::route_not_found))
            .wrap(from_fn(move |request, next| {
                connections::track(Arc::clone(&tracked), request, next)
            }))
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

/// A connection and who is behind it; one too many is closed at once.
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
