//! Services: everything that runs on the database, started and stopped in order.
//!
//! Promises: a stop takes no new requests, lets running steps and attempts end, and releases every lease of this node.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::{Server, ServerHandle};
use prometheus_client::registry::Registry;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::database::BootContext;
use super::rooms::RoomParts;
use super::{clock, compatibility};
use crate::agents::{AgentParts, Agents};
use crate::ambient;
use crate::callbacks::Callbacks;
use crate::catalog::images::ImageChecker;
use crate::catalog::{self, Catalog, Sources};
use crate::checkout::Checkouts;
use crate::config::Settings;
use crate::delivery::{Engine, RunningEngine, replay};
use crate::egress::EgressPolicy;
use crate::http::{self, AppState, Authenticator, EnvironmentKeys, GatewayMetrics, RequestRate};
use crate::idempotency::Idempotency;
use crate::jobs::{Job, Jobs};
use crate::notifier::Notifier;
use crate::orders::{self, Orders};
use crate::partners::KeyUsage;
use crate::secrets::api_key::ApiKey;
use crate::stock::Stock;
use crate::store::Store;
use crate::{descriptors, posts, retention, stock};

/// Requests are parsed on these; delivery has threads of its own.
const HTTP_WORKERS_MAX: usize = 4;
/// How long a stop waits for requests in flight.
const HTTP_STOP_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a stop waits for the running steps of jobs. Most take milliseconds; a slow download is released to another
/// node. Jobs stop while attempts in flight end, which may take longer.
const JOBS_STOP_TIMEOUT: Duration = Duration::from_secs(3);

pub(super) struct Services {
    engine: RunningEngine,
    jobs: Jobs,
    catalog: Catalog,
    sources: Sources,
    key_usage: Arc<KeyUsage>,
    /// Tells the console's streams to end.
    stopping: watch::Sender<bool>,
    server: ServerHandle,
    server_task: JoinHandle<std::io::Result<()>>,
}

impl Services {
    pub(super) async fn start(
        settings: &Settings,
        context: &BootContext,
        listener: TcpListener,
        policy: EgressPolicy,
    ) -> anyhow::Result<Self> {
        let store = context.open_store().await?;
        let (node, master) = (ambient::new_uuid(), Arc::clone(&context.master));
        compatibility::join(&store, node, context.cluster_mode, settings, &master).await?;
        let metrics = GatewayMetrics::default();
        let (notifier, notifications) = Notifier::new();
        let public_url = public_url(settings, &listener)?;
        let parts = RoomParts::new(settings, store, notifier, master, policy, public_url);
        let partners = parts.open_partners().await?;
        let engine_parts = parts.engine(node, context.cluster_mode, &metrics)?;
        let engine = Engine::start(engine_parts, notifications);
        let catalog = parts.open_catalog();
        let sources = parts.open_sources(&catalog)?;
        let callbacks = parts.open_callbacks()?;
        let images = parts.open_image_checker()?;
        let buying = BuyingRooms::open(&parts, &metrics)?;
        let key_usage = Arc::new(KeyUsage::new(parts.work.clone()));
        let jobs = jobs(&parts, &metrics, &catalog, &sources, &callbacks, &images);
        let more = buying.jobs().into_iter().chain([key_usage.job()]);
        let jobs = Jobs::start(jobs.into_iter().chain(more));
        let (stopping, stopped) = watch::channel(false);
        let state = AppState {
            console: parts.open_console(stopped),
            callbacks,
            orders: buying.orders,
            agents: buying.agents,
            idempotency: buying.idempotency,
            checkouts: buying.checkouts,
            authenticator: authenticator(&parts, context, &key_usage),
            partners,
            catalog: catalog.clone(),
            sources: sources.clone(),
            stock: buying.stock,
            posts: parts.open_posts(&parts.store),
            public_url: parts.public_url,
            store: parts.store,
            notifier: parts.notifier,
            registry: registry(&metrics, &images),
            metrics,
            gauge: engine.gauge(),
            metrics_allow: settings.metrics_allow.clone(),
        };
        warn_if_read_only(&state.store).await;
        let server = serve(listener, state)?;
        Ok(Self {
            engine,
            jobs,
            catalog,
            sources,
            key_usage,
            stopping,
            server: server.handle(),
            server_task: tokio::spawn(server),
        })
    }

    pub(super) async fn stop(self) {
        let _ = self.stopping.send(true);
        let _ = tokio::time::timeout(HTTP_STOP_TIMEOUT, self.server.stop(true)).await;
        self.server_task.abort();
        let stop_jobs = async {
            self.jobs.stop(JOBS_STOP_TIMEOUT).await;
            release_leases(&self.catalog, &self.sources).await;
            save_key_uses(&self.key_usage).await;
        };
        tokio::join!(self.engine.stop(), stop_jobs);
    }
}

/// What orders and purchases go through.
struct BuyingRooms {
    stock: Stock,
    orders: Orders,
    checkouts: Checkouts,
    idempotency: Idempotency,
    agents: Agents,
}

impl BuyingRooms {
    fn open(parts: &RoomParts<'_>, metrics: &GatewayMetrics) -> anyhow::Result<Self> {
        let stock = Stock::start(
            parts.store.clone(),
            parts.notifier.clone(),
            metrics.stock.clone(),
        );
        let (work, notifier) = (parts.work.clone(), parts.notifier.clone());
        let orders = Orders::start(work, notifier, parts.stats.clone());
        let checkouts = parts.open_checkouts(&stock, &orders, metrics)?;
        Ok(Self {
            idempotency: Idempotency::open(parts.work.clone(), Arc::clone(&parts.master)),
            agents: Agents::open_room(AgentParts {
                store: parts.store.clone(),
                checkouts: checkouts.clone(),
            }),
            stock,
            orders,
            checkouts,
        })
    }
}

impl BuyingRooms {
    fn jobs(&self) -> Vec<Job> {
        let mut jobs = self.checkouts.jobs();
        jobs.push(self.idempotency.job());
        jobs
    }
}

/// Every job that runs on the database.
fn jobs(
    parts: &RoomParts<'_>,
    metrics: &GatewayMetrics,
    catalog: &Catalog,
    sources: &Sources,
    callbacks: &Arc<Callbacks>,
    images: &Option<ImageChecker>,
) -> Vec<Job> {
    let with_work =
        |job: fn(Store, Notifier) -> Job| job(parts.work.clone(), parts.notifier.clone());
    let mut jobs = vec![
        clock::job(parts.work.clone(), metrics.node.clone()),
        parts.stats.job(parts.work.clone()),
        catalog::lease_job(catalog),
        with_work(replay::job),
        with_work(orders::write_check_job),
        with_work(posts::scheduler::job),
        with_work(stock::expiry_job),
        parts.open_posts(&parts.work).rules_job(),
    ];
    jobs.extend(sources.jobs());
    jobs.extend(callbacks.jobs());
    jobs.extend(retention::jobs(&parts.work));
    jobs.extend(images.iter().flat_map(ImageChecker::jobs));
    jobs
}

async fn warn_if_read_only(store: &Store) {
    if let Err(error) = store.check_write().await {
        tracing::warn!(error = %error, "boot: the database is not writable yet, this node is not ready");
    }
}

/// Release what this node is reading or pulling, so that no other node waits for the lease to expire.
async fn release_leases(catalog: &Catalog, sources: &Sources) {
    let runs = catalog.stop().await;
    let pulls = sources.release_claims().await;
    if let Err(error) = runs.and(pulls) {
        tracing::warn!(error = %error, "boot.stop: releasing feeds failed, other nodes wait for the lease to expire");
    }
}

/// Write what the last minute has left.
async fn save_key_uses(usage: &KeyUsage) {
    if let Err(error) = usage.flush(Instant::now(), Duration::ZERO).await {
        tracing::warn!(error = %error, "boot.stop: recording the last uses of keys failed");
    }
}

/// The base of every absolute URL of this gateway.
fn public_url(settings: &Settings, listener: &TcpListener) -> std::io::Result<String> {
    match &settings.public_url {
        Some(url) => Ok(url.clone()),
        None => Ok(format!("http://{}", listener.local_addr()?)),
    }
}

fn authenticator(
    parts: &RoomParts<'_>,
    context: &BootContext,
    usage: &Arc<KeyUsage>,
) -> Authenticator {
    let settings = parts.settings;
    let default_rate = RequestRate::new(settings.key_rate, settings.key_burst);
    let (store, usage) = (parts.store.clone(), Arc::clone(usage));
    Authenticator::new(store, environment_keys(context), usage, default_rate)
}

fn environment_keys(context: &BootContext) -> EnvironmentKeys {
    EnvironmentKeys {
        operator: context.operator.as_ref().map(ApiKey::hash),
        platform: context.platform.as_ref().map(ApiKey::hash),
    }
}

fn registry(metrics: &GatewayMetrics, images: &Option<ImageChecker>) -> Registry {
    let mut registry = Registry::with_prefix("buywire");
    metrics.register(&mut registry);
    if let Some(images) = images {
        images.register(&mut registry);
    }
    registry
}

fn serve(listener: TcpListener, state: AppState) -> std::io::Result<Server> {
    let connections = descriptors::raise().connections;
    http::serve(listener, state, http_workers(), connections)
}

fn http_workers() -> usize {
    std::thread::available_parallelism()
        .map_or(1, |cores| (cores.get() / 2).clamp(1, HTTP_WORKERS_MAX))
}
