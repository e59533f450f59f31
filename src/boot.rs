//! Boot: from settings to a running gateway, and back.
//!
//! Promises: ready only when migrated; a start that cannot succeed ends with one clear sentence; a stop
//! takes 15 seconds at most and loses nothing. The only room that knows all others.

pub(crate) mod agreement;
pub(crate) mod clock;
mod ground;
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

pub use self::ground::Database;
use self::ground::{Ground, Private};
pub(crate) use self::start::listen;
use crate::callbacks::{Callbacks, Records};
use crate::catalog::images::Images;
use crate::catalog::{self, Catalog, Fetcher, Patience, Sources};
use crate::config::{CheckImages, Settings};
use crate::delivery::endpoints::ViewMaker;
use crate::delivery::identity::Identity;
use crate::delivery::sender::Sender;
use crate::delivery::shards::Shards;
use crate::delivery::{Engine, Parts, Running, replay};
use crate::descriptors;
use crate::egress::{EgressPolicy, SavedBy};
use crate::http::{self, Desk, EnvironmentKeys, KeyRing};
use crate::orders::{self, Orders};
use crate::partners::Partners;
use crate::posts::{self, Posts};
use crate::retention;
use crate::signing::api_key::ApiKey;
use crate::signing::seal::MasterKeys;
use crate::store::Store;
use crate::store::bell::Bell;
use crate::telemetry::Metrics;

/// Requests are parsed on these; delivery has threads of its own.
const HTTP_WORKERS_MAX: usize = 4;
/// How long a stop waits for requests in flight.
const HTTP_STOP_WAITS: Duration = Duration::from_secs(2);

/// A running gateway.
pub struct Gateway {
    /// Where it listens.
    pub address: SocketAddr,
    /// The data folder that this start has made, with a new database and new keys, in private mode.
    pub made: Option<PathBuf>,
    /// Where the operators' generated key is kept, in private mode.
    pub operator_key_file: Option<PathBuf>,
    /// Where the platform's generated key is kept, in private mode.
    pub platform_key_file: Option<PathBuf>,
    served: Served,
    private: Option<Private>,
}

/// What runs on the database.
struct Served {
    engine: Running,
    keepers: Vec<JoinHandle<()>>,
    catalog: Catalog,
    sources: Sources,
    server: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
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
    pub async fn start_unless(
        settings: &Settings,
        told_to_stop: impl Future<Output = ()>,
    ) -> anyhow::Result<Option<Self>> {
        start::start(settings, told_to_stop).await
    }

    /// Stop in good order: no new requests, then no new attempts, then the private PostgreSQL.
    pub async fn stop(self) {
        let served = self.served;
        let _ = tokio::time::timeout(HTTP_STOP_WAITS, served.server.stop(true)).await;
        served.serving.abort();
        served.keepers.iter().for_each(JoinHandle::abort);
        tokio::join!(
            served.engine.stop(),
            hand_back(&served.catalog, &served.sources)
        );
        if let Some(private) = self.private {
            private.stop().await;
        }
        tracing::info!("boot: stopped");
    }
}

/// Start what runs on the database.
async fn serve(
    settings: &Settings,
    ground: &Ground,
    listener: TcpListener,
    policy: EgressPolicy,
) -> anyhow::Result<Served> {
    let store = ground.open().await?;
    let (node, master) = (Uuid::now_v7(), Arc::clone(&ground.master));
    agreement::join(&store, node, ground.tenancy, settings, &master).await?;
    let metrics = Arc::new(Metrics::default());
    let (bell, rings) = Bell::new();
    let (kept, sealed_by) = (store.clone(), Arc::clone(&master));
    let partners = Partners::new(kept, bell.clone(), sealed_by, policy.clone());
    partners.ensure_signing_key().await?;
    let url = public_url(settings, listener.local_addr()?);
    // Reads of callers never hold up what orders, deliveries and feeds need.
    let work = store.for_workers();
    let parts = Parts {
        store: work.clone(),
        shards: Shards::new(node, ground.tenancy),
        views: views(settings, &master, &policy),
        identity: Identity::new(url.clone(), Arc::clone(&master)),
        sender: Sender::new(policy.clone(), settings.timeouts())?,
        in_flight_max: descriptors::raise().deliveries,
        metrics: Arc::clone(&metrics),
        changes: bell.changes(),
    };
    let engine = Engine::start(parts, rings);
    let (catalog, sources) = catalogs(&work, &bell, &master, &policy)?;
    let callbacks = callbacks(settings, &work, &bell, &master, &policy)?;
    let mut keepers = keepers(&work, &bell, &catalog, &sources, &callbacks, &url);
    let images = images(settings, &work, &bell, policy)?;
    let registry = registry(&metrics, images.as_ref());
    keepers.extend(images.map(|images| tokio::spawn(images.run())));
    keepers.push(tokio::spawn(clock::watch(
        work.clone(),
        Arc::clone(&metrics),
    )));
    let desk = Desk {
        callbacks,
        orders: Orders::open(work, bell.clone()),
        keys: KeyRing::new(store.clone(), environment(ground)),
        partners,
        catalog: catalog.clone(),
        sources: sources.clone(),
        posts: Posts::open(store.clone(), bell.clone(), &url),
        public_url: url,
        store,
        bell,
        metrics,
        registry,
        gauge: engine.gauge(),
        metrics_from: settings.metrics_allow.clone(),
    };
    warn_if_read_only(&desk.store).await;
    let connections = descriptors::raise().connections;
    let server = http::serve(listener, desk, http_workers(), connections)?;
    Ok(Served {
        engine,
        keepers,
        catalog,
        sources,
        server: server.handle(),
        serving: tokio::spawn(server),
    })
}

async fn warn_if_read_only(store: &Store) {
    if let Err(error) = store.check_writing().await {
        tracing::warn!(error = %error, "boot: nothing can be written yet");
    }
}

/// What goes on beside requests and deliveries.
fn keepers(
    store: &Store,
    bell: &Bell,
    catalog: &Catalog,
    sources: &Sources,
    callbacks: &Arc<Callbacks>,
    url: &str,
) -> Vec<JoinHandle<()>> {
    let rules = Posts::open(store.clone(), bell.clone(), url);
    vec![
        tokio::spawn(catalog::keep(catalog.clone())),
        tokio::spawn(sources.clone().run()),
        tokio::spawn(Arc::clone(callbacks).run()),
        tokio::spawn(replay::run(store.clone(), bell.clone())),
        tokio::spawn(retention::run(store.clone())),
        tokio::spawn(orders::keep_checking(store.clone(), bell.clone())),
        tokio::spawn(posts::clock::run(store.clone(), bell.clone())),
        tokio::spawn(rules.follow_rules()),
    ]
}

fn views(settings: &Settings, master: &Arc<MasterKeys>, policy: &EgressPolicy) -> ViewMaker {
    ViewMaker {
        master: Arc::clone(master),
        policy: policy.clone(),
        schedule: settings.retry_schedule.clone().unwrap_or_default(),
    }
}

/// Where feeds come in, and where they are pulled from.
fn catalogs(
    store: &Store,
    bell: &Bell,
    master: &Arc<MasterKeys>,
    policy: &EgressPolicy,
) -> anyhow::Result<(Catalog, Sources)> {
    let catalog = Catalog::open(store.clone(), bell.clone(), Uuid::now_v7(), policy.clone());
    let fetcher = Fetcher::new(policy.clone(), Patience::default())?;
    let sources = Sources::open(catalog.clone(), Arc::clone(master), fetcher);
    Ok((catalog, sources))
}

fn callbacks(
    settings: &Settings,
    store: &Store,
    bell: &Bell,
    master: &Arc<MasterKeys>,
    policy: &EgressPolicy,
) -> anyhow::Result<Arc<Callbacks>> {
    let timeouts = settings.timeouts();
    let records = Records::new(policy.clone(), timeouts.connect, timeouts.total)?;
    let (store, bell, master) = (store.clone(), bell.clone(), Arc::clone(master));
    Ok(Arc::new(Callbacks::new(store, bell, master, records)))
}

/// Whoever looks at pictures; none when nobody does. Their addresses are partners' data, whoever pushed the feed.
fn images(
    settings: &Settings,
    store: &Store,
    bell: &Bell,
    policy: EgressPolicy,
) -> anyhow::Result<Option<Images>> {
    let saved_by = match settings.check_images {
        CheckImages::On => SavedBy::Partner,
        CheckImages::Private => SavedBy::Operator,
        CheckImages::Off => return Ok(None),
    };
    Ok(Some(Images::new(
        store.clone(),
        bell.clone(),
        policy,
        saved_by,
    )?))
}

/// Feeds that are read or pulled here go back at once: nobody waits for this node's lease to end.
async fn hand_back(catalog: &Catalog, sources: &Sources) {
    let runs = catalog.stop().await;
    let pulls = sources.hand_back().await;
    if let Err(error) = runs.and(pulls) {
        tracing::warn!(error = %error, "boot.stop: feeds were not handed back, others wait for the lease");
    }
}

/// What begins every address of this gateway.
fn public_url(settings: &Settings, address: SocketAddr) -> String {
    let given = settings.public_url.clone();
    given.unwrap_or_else(|| format!("http://{address}"))
}

fn environment(ground: &Ground) -> EnvironmentKeys {
    EnvironmentKeys {
        operator: ground.operator.as_ref().map(ApiKey::hash),
        platform: ground.platform.as_ref().map(ApiKey::hash),
    }
}

/// Everything that is counted, by its name.
fn registry(metrics: &Metrics, images: Option<&Images>) -> Registry {
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
