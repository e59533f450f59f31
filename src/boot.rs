//! Boot: from settings to a running gateway, and back.
//!
//! Promises: ready only when migrated; a start that cannot succeed ends with one clear sentence; a stop
//! takes 15 seconds at most and loses nothing. The only room that knows all others.

pub(crate) mod clock;
pub(crate) mod compatibility;
mod database;
mod start;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use anyhow::Context;
use prometheus_client::registry::Registry;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub use self::database::Database;
use self::database::{BootContext, PrivatePostgres};
pub(crate) use self::start::listen;
use crate::callbacks::{Callbacks, RecordClient};
use crate::catalog::images::ImageChecker;
use crate::catalog::{self, Catalog, FetchLimits, Fetcher, Sources};
use crate::config::{CheckImages, Settings};
use crate::delivery::endpoints::EndpointLoader;
use crate::delivery::identity::Identity;
use crate::delivery::sender::Sender;
use crate::delivery::shards::Shards;
use crate::delivery::{Engine, EngineParts, RunningEngine, replay};
use crate::descriptors;
use crate::egress::{EgressPolicy, SavedBy};
use crate::http::{self, AppState, Authenticator, EnvironmentKeys, GatewayMetrics};
use crate::notifier::Notifier;
use crate::orders::{self, Orders};
use crate::partners::Partners;
use crate::posts::{self, Posts};
use crate::retention;
use crate::secrets::api_key::ApiKey;
use crate::secrets::master_key::MasterKeys;
use crate::store::Store;

/// Requests are parsed on these; delivery has threads of its own.
const HTTP_WORKERS_MAX: usize = 4;
/// How long a stop waits for requests in flight.
const HTTP_STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// A running gateway.
pub struct Gateway {
    /// Where it listens.
    pub address: SocketAddr,
    /// The data folder that this start has made, with a new database and new keys, in private mode.
    pub created_data_dir: Option<PathBuf>,
    /// Where the operators' generated key is kept, in private mode.
    pub operator_key_file: Option<PathBuf>,
    /// Where the platform's generated key is kept, in private mode.
    pub platform_key_file: Option<PathBuf>,
    services: Services,
    private: Option<PrivatePostgres>,
}

/// What runs on the database.
struct Services {
    engine: RunningEngine,
    background_tasks: Vec<JoinHandle<()>>,
    catalog: Catalog,
    sources: Sources,
    server: ServerHandle,
    server_task: JoinHandle<std::io::Result<()>>,
}

impl Gateway {
    /// Start everything.
    ///
    /// # Errors
    /// When a setting cannot be used, the address is taken, or the database refuses for good.
    pub async fn start(settings: &Settings) -> anyhow::Result<Self> {
        let started = start::start(settings, std::future::pending()).await?;
        started.context("nobody told it to stop")
    }

    /// Start everything, unless told to stop before it is done: then nothing goes on, and there is none.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_unless_stopped(
        settings: &Settings,
        stop_requested: impl Future<Output = ()>,
    ) -> anyhow::Result<Option<Self>> {
        start::start(settings, stop_requested).await
    }

    /// Stop in good order: no new requests, then no new attempts, then the private PostgreSQL.
    pub async fn stop(self) {
        let services = self.services;
        let _ = tokio::time::timeout(HTTP_STOP_TIMEOUT, services.server.stop(true)).await;
        services.server_task.abort();
        services.background_tasks.iter().for_each(JoinHandle::abort);
        tokio::join!(
            services.engine.stop(),
            release_leases(&services.catalog, &services.sources)
        );
        if let Some(private) = self.private {
            private.stop().await;
        }
        tracing::info!("boot: stopped");
    }
}

/// Start what runs on the database.
async fn start_services(
    settings: &Settings,
    context: &BootContext,
    listener: TcpListener,
    policy: EgressPolicy,
) -> anyhow::Result<Services> {
    let store = context.open_store().await?;
    let (node, master) = (Uuid::now_v7(), Arc::clone(&context.master));
    compatibility::join(&store, node, context.cluster_mode, settings, &master).await?;
    let metrics = GatewayMetrics::default();
    let (notifier, notifications) = Notifier::new();
    let partners = open_partners(&store, &notifier, &master, &policy).await?;
    let url = public_url(settings, listener.local_addr()?);
    // Reads of callers never hold up what orders, deliveries and feeds need.
    let work = store.for_workers();
    let parts = EngineParts {
        store: work.clone(),
        shards: Shards::new(node, context.cluster_mode),
        endpoint_loader: endpoint_loader(settings, &master, &policy),
        identity: Identity::new(url.clone(), Arc::clone(&master)),
        sender: Sender::new(policy.clone(), settings.timeouts())?,
        in_flight_max: descriptors::raise().deliveries,
        metrics: Arc::clone(&metrics.delivery),
        changes: notifier.changes(),
    };
    let engine = Engine::start(parts, notifications);
    let (catalog, sources) = open_catalog(&work, &notifier, &master, &policy)?;
    let callbacks = open_callbacks(settings, &work, &notifier, &master, &policy)?;
    let mut background_tasks =
        spawn_background_tasks(&work, &notifier, &catalog, &sources, &callbacks, &url);
    let images = image_checker(settings, &work, &notifier, policy)?;
    let registry = registry(&metrics, images.as_ref());
    background_tasks.extend(images.map(|images| tokio::spawn(images.run())));
    background_tasks.push(tokio::spawn(clock::watch(
        work.clone(),
        metrics.node.clone(),
    )));
    let state = AppState {
        callbacks,
        orders: Orders::start(work, notifier.clone()),
        authenticator: Authenticator::new(store.clone(), environment_keys(context)),
        partners,
        catalog: catalog.clone(),
        sources: sources.clone(),
        posts: Posts::open(store.clone(), notifier.clone(), &url),
        public_url: url,
        store,
        notifier,
        metrics,
        registry,
        gauge: engine.gauge(),
        metrics_allow: settings.metrics_allow.clone(),
    };
    warn_if_read_only(&state.store).await;
    let connections = descriptors::raise().connections;
    let server = http::serve(listener, state, http_workers(), connections)?;
    Ok(Services {
        engine,
        background_tasks,
        catalog,
        sources,
        server: server.handle(),
        server_task: tokio::spawn(server),
    })
}

async fn open_partners(
    store: &Store,
    notifier: &Notifier,
    master: &Arc<MasterKeys>,
    policy: &EgressPolicy,
) -> anyhow::Result<Partners> {
    let (store, master) = (store.clone(), Arc::clone(master));
    let partners = Partners::new(store, notifier.clone(), master, policy.clone());
    partners.ensure_signing_key().await?;
    Ok(partners)
}

async fn warn_if_read_only(store: &Store) {
    if let Err(error) = store.check_write().await {
        tracing::warn!(error = %error, "boot: nothing can be written yet");
    }
}

/// What goes on beside requests and deliveries.
fn spawn_background_tasks(
    store: &Store,
    notifier: &Notifier,
    catalog: &Catalog,
    sources: &Sources,
    callbacks: &Arc<Callbacks>,
    url: &str,
) -> Vec<JoinHandle<()>> {
    let rules = Posts::open(store.clone(), notifier.clone(), url);
    vec![
        tokio::spawn(catalog::maintain_leases(catalog.clone())),
        tokio::spawn(sources.clone().run()),
        tokio::spawn(Arc::clone(callbacks).run()),
        tokio::spawn(replay::run(store.clone(), notifier.clone())),
        tokio::spawn(retention::run(store.clone())),
        tokio::spawn(orders::run_write_checks(store.clone(), notifier.clone())),
        tokio::spawn(posts::scheduler::run(store.clone(), notifier.clone())),
        tokio::spawn(rules.apply_rules()),
    ]
}

fn endpoint_loader(
    settings: &Settings,
    master: &Arc<MasterKeys>,
    policy: &EgressPolicy,
) -> EndpointLoader {
    EndpointLoader {
        master: Arc::clone(master),
        policy: policy.clone(),
        schedule: settings.retry_schedule.clone().unwrap_or_default(),
    }
}

/// Where feeds come in, and where they are pulled from.
fn open_catalog(
    store: &Store,
    notifier: &Notifier,
    master: &Arc<MasterKeys>,
    policy: &EgressPolicy,
) -> anyhow::Result<(Catalog, Sources)> {
    let catalog = Catalog::open(
        store.clone(),
        notifier.clone(),
        Uuid::now_v7(),
        policy.clone(),
    );
    let fetcher = Fetcher::new(policy.clone(), FetchLimits::default())?;
    let sources = Sources::open(catalog.clone(), Arc::clone(master), fetcher);
    Ok((catalog, sources))
}

fn open_callbacks(
    settings: &Settings,
    store: &Store,
    notifier: &Notifier,
    master: &Arc<MasterKeys>,
    policy: &EgressPolicy,
) -> anyhow::Result<Arc<Callbacks>> {
    let timeouts = settings.timeouts();
    let records = RecordClient::new(policy.clone(), timeouts.connect, timeouts.total)?;
    let (store, notifier, master) = (store.clone(), notifier.clone(), Arc::clone(master));
    Ok(Arc::new(Callbacks::new(store, notifier, master, records)))
}

/// Whoever looks at pictures; none when nobody does. Their addresses are partners' data, whoever pushed the feed.
fn image_checker(
    settings: &Settings,
    store: &Store,
    notifier: &Notifier,
    policy: EgressPolicy,
) -> anyhow::Result<Option<ImageChecker>> {
    let saved_by = match settings.check_images {
        CheckImages::On => SavedBy::Partner,
        CheckImages::Private => SavedBy::Operator,
        CheckImages::Off => return Ok(None),
    };
    Ok(Some(ImageChecker::new(
        store.clone(),
        notifier.clone(),
        policy,
        saved_by,
    )?))
}

/// Feeds that are read or pulled here go back at once: nobody waits for this node's lease to end.
async fn release_leases(catalog: &Catalog, sources: &Sources) {
    let runs = catalog.stop().await;
    let pulls = sources.release_claims().await;
    if let Err(error) = runs.and(pulls) {
        tracing::warn!(error = %error, "boot.stop: feeds were not handed back, others wait for the lease");
    }
}

/// What begins every address of this gateway.
fn public_url(settings: &Settings, address: SocketAddr) -> String {
    let given = settings.public_url.clone();
    given.unwrap_or_else(|| format!("http://{address}"))
}

fn environment_keys(context: &BootContext) -> EnvironmentKeys {
    EnvironmentKeys {
        operator: context.operator.as_ref().map(ApiKey::hash),
        platform: context.platform.as_ref().map(ApiKey::hash),
    }
}

/// Everything that is counted, by its name.
fn registry(metrics: &GatewayMetrics, images: Option<&ImageChecker>) -> Registry {
    let mut registry = Registry::with_prefix("buywire");
    metrics.register(&mut registry);
    if let Some(images) = images {
        images.register(&mut registry);
    }
    registry
}

fn http_workers() -> usize {
    std::thread::available_parallelism()
        .map_or(1, |cores| (cores.get() / 2).clamp(1, HTTP_WORKERS_MAX))
}
