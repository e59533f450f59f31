//! The HTTP API: the only room that knows HTTP and its status codes.
//!
//! Promises: one table lists every route with who may use it; every error is a problem document that says what
//! to do. Must not decide anything about orders or deliveries, and holds no SQL.

mod access;
mod agents;
mod catalog;
mod checkouts;
mod console;
mod delivery;
mod openapi;
mod operations;
mod orders;
mod pages;
mod partners;
mod posts;
mod problem;
mod query;
pub(crate) mod routes;
mod server;

use std::sync::Arc;

use ipnet::IpNet;
use prometheus_client::registry::Registry;

use crate::agents::Agents;
use crate::callbacks::Callbacks;
use crate::callbacks::metrics::CallbackMetrics;
use crate::catalog::{Catalog, Sources};
use crate::checkout::Checkouts;
use crate::checkout::metrics::CheckoutMetrics;
use crate::delivery::engine::EngineGauge;
use crate::delivery::metrics::DeliveryMetrics;
use crate::idempotency::Idempotency;
use crate::notifier::Notifier;
use crate::orders::Orders;
use crate::orders::metrics::OrderMetrics;
use crate::partners::Partners;
use crate::posts::Posts;
use crate::quotes::QuoteMetrics;
use crate::stock::{Stock, StockMetrics};
use crate::store::Store;
use crate::telemetry::NodeMetrics;

pub(crate) use access::auth::{Authenticator, EnvironmentKeys};
pub(crate) use access::limits::RequestRate;
pub(crate) use console::state::ConsoleState;
pub(crate) use server::serve;
pub(crate) use server::startup::StartupServer;

/// The metrics of each room. Clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct GatewayMetrics {
    /// Intake.
    pub orders: OrderMetrics,
    /// Callbacks.
    pub callbacks: CallbackMetrics,
    /// Attempts and the queue.
    pub delivery: Arc<DeliveryMetrics>,
    /// This node.
    pub node: NodeMetrics,
    /// Holds.
    pub stock: StockMetrics,
    /// Checkouts and payments.
    pub checkouts: CheckoutMetrics,
    /// Decision hooks.
    pub quotes: QuoteMetrics,
}

impl GatewayMetrics {
    /// Add them to the registry.
    pub(crate) fn register(&self, registry: &mut Registry) {
        self.orders.register(registry);
        self.callbacks.register(registry);
        self.delivery.register(registry);
        self.node.register(registry);
        self.stock.register(registry);
        self.checkouts.register(registry);
        self.quotes.register(registry);
    }
}

/// The state that handlers share.
pub(crate) struct AppState {
    /// Queries, for reads and for what has no room of its own.
    pub store: Store,
    /// What the console's pages share.
    pub console: ConsoleState,
    /// Orders.
    pub orders: Orders,
    /// Callbacks from partners.
    pub callbacks: Arc<Callbacks>,
    /// Feeds and products.
    pub catalog: Catalog,
    /// Posts.
    pub posts: Posts,
    /// Stock and holds.
    pub stock: Stock,
    /// Checkouts and payments.
    pub checkouts: Checkouts,
    /// Sessions of agents.
    pub agents: Agents,
    /// Answers of requests that may be repeated.
    pub idempotency: Idempotency,
    /// Feed sources.
    pub sources: Sources,
    /// Wakes the delivery room.
    pub notifier: Notifier,
    /// API keys.
    pub authenticator: Authenticator,
    /// Partners, their endpoints and keys.
    pub partners: Partners,
    /// The metrics.
    pub metrics: GatewayMetrics,
    /// The registry of the metrics.
    pub registry: Registry,
    /// The state of the delivery engine.
    pub gauge: EngineGauge,
    /// Base URL for absolute links.
    pub public_url: String,
    /// Address ranges that may read the metrics without a key.
    pub metrics_allow: Vec<IpNet>,
}
