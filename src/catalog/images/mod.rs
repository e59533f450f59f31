//! Whoever looks at pictures, aside from the feeds.
//!
//! ```text
//!   a catalog changed ──► walk ──► images ──► look ──► verdict ──► settle ──► products
//! ```
//!
//! Only a product's main picture, its first, is looked at; the others are shown as they are. Promises: an address is
//! looked at once for all products that have it; a host is asked politely, by one node at a time, and one that does
//! not answer costs one request at a time; only a definite answer, twice, takes products off sale; no price waits for
//! a picture. Killing it loses nothing: what was not recorded is due. Must not decode a picture.

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
use time::OffsetDateTime;
use tokio::task::JoinSet;
use url::Url;

use self::fetch::ImageFetcher;
pub use self::header::{ImageHeader, read as read_header};
use self::rate_limit::{CONCURRENT_PER_NODE, HostLimiter};
pub(super) use self::report::add_image_findings;
use crate::db::DatabaseError;
use crate::egress::{
    Clients, ClientsError, EgressPolicy, SavedBy, SharedLookup, SystemLookup, client_config,
};
use crate::notifier::Notifier;
use crate::store::Store;
use crate::store::events::EmittedDelivery;
use crate::store::images::{ImageAddress, ImageHash, ImageStatus};

/// How often hosts that are due, catalogs that have changed and verdicts are looked for.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Between two slices of walks: other work goes first.
const WALK_PAUSE: Duration = Duration::from_millis(50);
/// Seconds for a name, a connection and TLS.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// See the module. Clones are the same.
#[derive(Clone)]
pub struct ImageChecker(Arc<ImagesInner>);

struct ImagesInner {
    store: Store,
    notifier: Notifier,
    fetcher: ImageFetcher,
    checked: Family<CheckLabels, Counter>,
}

/// What looks are counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CheckLabels {
    outcome: &'static str,
}

impl ImageChecker {
    /// With this machine's resolver and CA certificates. `saved_by`: whose URLs those of pictures count as.
    ///
    /// # Errors
    /// When TLS or the HTTP client cannot be set up.
    pub fn new(
        store: Store,
        notifier: Notifier,
        policy: EgressPolicy,
        saved_by: SavedBy,
    ) -> Result<Self, ClientsError> {
        let lookup = Arc::new(SharedLookup::new(SystemLookup));
        let fetcher = ImageFetcher {
            clients: Clients::new(policy.clone(), lookup, client_config()?, CONNECT_TIMEOUT)?,
            policy,
            saved_by,
            limiter: HostLimiter::new(),
        };
        Ok(Self(Arc::new(ImagesInner {
            store,
            notifier,
            fetcher,
            checked: Family::default(),
        })))
    }

    /// Name what is counted for the registry.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Looks at main images, by what they told";
        registry.register("images_checked", help, self.0.checked.clone());
    }

    /// Work for as long as the gateway runs.
    pub async fn run(self) {
        tokio::join!(self.walk_all(), self.settle_all(), self.check_all());
    }

    /// Exactly one slice of one catalog that has changed; false when none has.
    ///
    /// # Errors
    /// The database.
    pub async fn walk(&self) -> Result<bool, DatabaseError> {
        self.0.store.walk_images(address).await
    }

    /// Exactly one round of telling products.
    ///
    /// # Errors
    /// The database.
    pub async fn settle(&self) -> Result<(), DatabaseError> {
        let notify = |emitted: Vec<EmittedDelivery>| self.0.notifier.notify_due(&emitted);
        let now = OffsetDateTime::now_utc();
        self.0.store.settle_images(now, notify).await
    }

    /// Exactly one round of looks: at each host that is due, at most `checking::BATCH` pictures. How many hosts.
    ///
    /// # Errors
    /// The database.
    pub async fn check(&self) -> Result<usize, DatabaseError> {
        let mut checks = JoinSet::new();
        let started = self.start_checks(&mut checks).await?;
        checks.join_all().await;
        Ok(started)
    }

    async fn walk_all(&self) {
        loop {
            let pause = match self.walk().await {
                Ok(true) => WALK_PAUSE,
                Ok(false) => POLL_INTERVAL,
                Err(error) => pause_after_failure("walk", &error),
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn settle_all(&self) {
        loop {
            let pause = match self.settle().await {
                Ok(()) => POLL_INTERVAL,
                Err(error) => pause_after_failure("settle", &error),
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// A host that is slow holds up no other.
    async fn check_all(&self) {
        let mut checks = JoinSet::new();
        loop {
            let pause = match self.start_checks(&mut checks).await {
                Ok(_) => POLL_INTERVAL,
                Err(error) => pause_after_failure("look", &error),
            };
            tokio::select! {
                Some(_) = checks.join_next() => {}
                () = tokio::time::sleep(pause) => {}
            }
            while checks.try_join_next().is_some() {}
        }
    }

    /// Takes as many hosts that are due as there is room for; how many.
    async fn start_checks(&self, checks: &mut JoinSet<()>) -> Result<usize, DatabaseError> {
        let free = CONCURRENT_PER_NODE.saturating_sub(checks.len());
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
            checks.spawn(async move { checking::check_host(&inner, host).await });
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

/// Where a picture lies; none when its URL cannot be read.
fn address(url: &str) -> Option<ImageAddress> {
    let host = Url::parse(url).ok()?.host_str()?.to_owned();
    let digest = Sha256::digest(url.as_bytes());
    let hash: ImageHash = *digest.first_chunk()?;
    Some(ImageAddress { hash, host })
}

fn pause_after_failure(what: &'static str, error: &DatabaseError) -> Duration {
    tracing::warn!(error = %error, what, "catalog.images: not done, trying again");
    Duration::from_secs(1)
}
