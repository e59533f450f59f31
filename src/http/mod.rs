//! The front desk: the only room that knows HTTP and its status codes.
//!
//! Promises: every route stands in one table with who may use it; every refusal is a problem document
//! that says what to do. Must not decide anything about orders or deliveries, and holds no SQL.

mod audit;
mod auth;
mod body;
mod callbacks;
mod catalog;
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
mod reconciliation;
mod redactions;
mod replays;
pub mod routes;
mod shops;
mod starting;
mod ucp;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};
use ipnet::IpNet;
use prometheus_client::registry::Registry;

use crate::callbacks::Callbacks;
use crate::catalog::{Catalog, Sources};
use crate::delivery::engine::Gauge;
use crate::orders::Orders;
use crate::partners::Partners;
use crate::posts::Posts;
use crate::store::Store;
use crate::store::bell::Bell;
use crate::telemetry::Metrics;

pub use auth::{EnvironmentKeys, KeyRing};
pub use starting::Starting;

/// Longer than any client keeps a connection open for nothing.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What the handlers share.
pub struct Desk {
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
    pub bell: Bell,
    /// Who may come in.
    pub keys: KeyRing,
    /// Where partners, their endpoints and keys are administered.
    pub partners: Partners,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The names of what is counted.
    pub registry: Registry,
    /// What the engine is doing.
    pub gauge: Gauge,
    /// How everybody outside calls this gateway.
    pub public_url: String,
    /// Who may read the metrics without a key.
    pub metrics_from: Vec<IpNet>,
}

/// Serve on a bound listener until the server is stopped.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(listener: TcpListener, desk: Desk, workers: usize) -> std::io::Result<Server> {
    let desk = web::Data::new(desk);
    let app = move || {
        App::new()
            .app_data(desk.clone())
            .configure(routes::register)
            .default_service(web::to(problem::no_such_route))
    };
    let server = HttpServer::new(app)
        .workers(workers)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(5)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}
