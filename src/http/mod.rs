//! The front desk: the only room that knows HTTP and its status codes.
//!
//! Promises: every route stands in one table with who may use it; every refusal is a problem document
//! that says what to do. Must not decide anything about orders or deliveries, and holds no SQL.

mod access;
mod catalog;
mod delivery;
mod openapi;
mod operations;
mod orders;
mod page;
mod pages;
mod partners;
mod posts;
mod problem;
mod query;
pub mod routes;
mod server;

use std::sync::Arc;

use ipnet::IpNet;
use prometheus_client::registry::Registry;

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

pub use access::auth::{Authenticator, EnvironmentKeys};
pub use server::serve;
pub use server::startup::StartupServer;

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
