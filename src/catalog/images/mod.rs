//! Checks the images of products, independently of feed runs.
//!
//! ```text
//!   a catalog changed ──► walk ──► images ──► check ──► verdict ──► settle ──► products
//! ```
//!
//! Only a product's main image, its first, is checked; the others are shown as they are. Promises: a URL is checked
//! once for all products that use it; one node at a time asks a host, within the host limiter's bounds, and a host
//! that does not answer costs one request at a time; only two definite answers in a row take products off sale; no
//! price waits for an image. A killed process loses nothing: a check that was not recorded stays due. Must not decode
//! an image.

mod checking;
mod fetch;
mod header;
mod rate_limit;
mod report;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use url::Url;

use self::fetch::ImageFetcher;
use self::rate_limit::{CONCURRENT_PER_NODE, HostLimiter};
pub(super) use self::report::add_image_findings;
use crate::ambient;
use crate::db::DatabaseError;
use crate::egress::{
    Clients, ClientsError, EgressPolicy, SavedBy, SharedLookup, SystemLookup, system_roots,
};
use crate::jobs::{Job, NextStep};
use crate::notifier::Notifier;
use crate::store::Store;
use crate::store::events::EmittedDelivery;
use crate::store::images::{ImageAddress, ImageHash, ImageStatus};

/// How often hosts that are due, catalogs that have changed and verdicts are looked for.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Pause between two slices of a walk, so that other work goes first.
const WALK_PAUSE: Duration = Duration::from_millis(50);
/// Covers name resolution, connection and TLS.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The image checker; see the module. Clones share their state.
#[derive(Clone)]
pub(crate) struct ImageChecker(Arc<ImagesInner>);

struct ImagesInner {
    store: Store,
    notifier: Notifier,
    fetcher: ImageFetcher,
    check_slots: Arc<Semaphore>,
    check_ended: Arc<Notify>,
    checked: Family<CheckLabels, Counter>,
}

/// Labels of the counter of image checks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CheckLabels {
    outcome: &'static str,
}

impl ImageChecker {
    /// Creates a checker with this machine's resolver and CA certificates. Image URLs have the egress rights of
    /// `saved_by`.
    ///
    /// # Errors
    /// When TLS or the HTTP client cannot be set up.
    pub(crate) fn new(
        store: Store,
        notifier: Notifier,
        policy: EgressPolicy,
        saved_by: SavedBy,
    ) -> Result<Self, ClientsError> {
        let lookup = Arc::new(SharedLookup::new(SystemLookup));
        // Whoever hosts a picture has no business with the gateway's certificate.
        let anonymous = policy.without_client_certificate();
        let fetcher = ImageFetcher {
            clients: Clients::new(anonymous, lookup, system_roots(), CONNECT_TIMEOUT)?,
            policy,
            saved_by,
            limiter: HostLimiter::new(),
        };
        Ok(Self(Arc::new(ImagesInner {
            store,
            notifier,
            fetcher,
            check_slots: Arc::new(Semaphore::new(CONCURRENT_PER_NODE)),
            check_ended: Arc::default(),
            checked: Family::default(),
        })))
    }

    /// Adds the counter of image checks to the registry.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Checks of main images, by result";
        registry.register("images_checked", help, self.0.checked.clone());
    }

    /// Walks, checks and settles for as long as the gateway runs.
    pub(crate) fn jobs(&self) -> [Job; 3] {
        [self.walk_job(), self.settle_job(), self.check_job()]
    }

    /// Walks one slice of one changed catalog; returns false when no catalog has changed.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn walk(&self) -> Result<bool, DatabaseError> {
        self.0.store.walk_images(address).await
    }

    /// Applies the verdicts to products once.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn settle(&self) -> Result<(), DatabaseError> {
        let notify = |emitted: Vec<EmittedDelivery>| self.0.notifier.notify_due(&emitted);
        let now = ambient::now();
        self.0.store.settle_images(now, notify).await
    }

    fn walk_job(&self) -> Job {
        let checker = self.clone();
        Job::new("catalog.images.walk", POLL_INTERVAL, move || {
            let checker = checker.clone();
            async move {
                let has_more = checker.walk().await?;
                Ok::<_, DatabaseError>(match has_more {
                    true => NextStep::After(WALK_PAUSE),
                    false => NextStep::Poll,
                })
            }
        })
    }

    fn settle_job(&self) -> Job {
        let checker = self.clone();
        Job::new("catalog.images.settle", POLL_INTERVAL, move || {
            let checker = checker.clone();
            async move { checker.settle().await }
        })
    }

    /// Checks run beside the steps, so that a slow host delays no other; one that ends makes room at once.
    fn check_job(&self) -> Job {
        let checker = self.clone();
        let checks = Arc::new(tokio::sync::Mutex::new(JoinSet::new()));
        let ended = Arc::clone(&self.0.check_ended);
        let step = move || {
            let (checker, checks) = (checker.clone(), Arc::clone(&checks));
            async move {
                let mut checks = checks.lock().await;
                while checks.try_join_next().is_some() {}
                checker.start_checks(&mut checks).await.map(drop)
            }
        };
        Job::new("catalog.images.check", POLL_INTERVAL, step).woken_by(ended)
    }

    /// Claims as many due hosts as may be checked now; returns their number.
    async fn start_checks(&self, checks: &mut JoinSet<()>) -> Result<usize, DatabaseError> {
        let free = self.0.check_slots.available_permits();
        if free == 0 {
            return Ok(0);
        }
        let limit = i64::try_from(free).unwrap_or(i64::MAX);
        let store = &self.0.store;
        let hosts = store
            .claim_image_hosts(checking::LEASE_SECONDS, limit)
            .await?;
        let started = hosts.len();
        for host in hosts {
            let inner = Arc::clone(&self.0);
            let slot = Arc::clone(&inner.check_slots).try_acquire_owned();
            checks.spawn(async move {
                checking::check_host(&inner, host).await;
                drop(slot);
                inner.check_ended.notify_one();
            });
        }
        Ok(started)
    }
}

impl ImagesInner {
    fn count(&self, status: ImageStatus) {
        let outcome = status.as_str();
        self.checked.get_or_create(&CheckLabels { outcome }).inc();
    }
}

/// The host and hash of an image's URL, or `None` when the URL is malformed.
fn address(url: &str) -> Option<ImageAddress> {
    let host = Url::parse(url).ok()?.host_str()?.to_owned();
    let digest = Sha256::digest(url.as_bytes());
    let hash: ImageHash = *digest.first_chunk()?;
    Some(ImageAddress { hash, host })
}
