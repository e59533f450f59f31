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
mod manners;
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

use self::fetch::Fetcher;
pub use self::header::{Header, read as read_header};
use self::manners::{Manners, PER_NODE};
pub(super) use self::report::note_refused;
use crate::egress::{
    Clients, ClientsError, EgressPolicy, SavedBy, SharedLookup, SystemLookup, client_config,
};
use crate::store::bell::Bell;
use crate::store::events::Emitted;
use crate::store::images::{Address, Hash, Status};
use crate::store::{Store, StoreError};

/// How often hosts that are due, catalogs that have changed and verdicts are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Between two slices of walks: other work goes first.
const BREATH: Duration = Duration::from_millis(50);
/// Seconds for a name, a connection and TLS.
const CONNECT: Duration = Duration::from_secs(5);

/// See the module. Clones are the same.
#[derive(Clone)]
pub struct Images(Arc<Room>);

struct Room {
    store: Store,
    bell: Bell,
    fetcher: Fetcher,
    checked: Family<Outcome, Counter>,
}

/// What looks are counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

impl Images {
    /// With this machine's resolver and CA certificates. `saved_by`: whose URLs those of pictures count as.
    ///
    /// # Errors
    /// When TLS or the HTTP client cannot be set up.
    pub fn new(
        store: Store,
        bell: Bell,
        policy: EgressPolicy,
        saved_by: SavedBy,
    ) -> Result<Self, ClientsError> {
        let lookup = Arc::new(SharedLookup::over(SystemLookup));
        let fetcher = Fetcher {
            clients: Clients::new(policy.clone(), lookup, client_config()?, CONNECT)?,
            policy,
            saved_by,
            manners: Manners::new(),
        };
        Ok(Self(Arc::new(Room {
            store,
            bell,
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
    pub async fn walk(&self) -> Result<bool, StoreError> {
        self.0.store.walk_images(address).await
    }

    /// Exactly one round of telling products.
    ///
    /// # Errors
    /// The database.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let ring = |emitted: Vec<Emitted>| self.0.bell.ring_due(&emitted);
        let now = OffsetDateTime::now_utc();
        self.0.store.settle_images(now, ring).await
    }

    /// Exactly one round of looks: at each host that is due, at most `checking::BATCH` pictures. How many hosts.
    ///
    /// # Errors
    /// The database.
    pub async fn check(&self) -> Result<usize, StoreError> {
        let mut looks = JoinSet::new();
        let taken = self.start(&mut looks).await?;
        looks.join_all().await;
        Ok(taken)
    }

    async fn walk_all(&self) {
        loop {
            let pause = match self.walk().await {
                Ok(true) => BREATH,
                Ok(false) => LOOK_EVERY,
                Err(error) => unable("walk", &error),
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn settle_all(&self) {
        loop {
            let pause = match self.settle().await {
                Ok(()) => LOOK_EVERY,
                Err(error) => unable("settle", &error),
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// A host that is slow holds up no other.
    async fn check_all(&self) {
        let mut looks = JoinSet::new();
        loop {
            let pause = match self.start(&mut looks).await {
                Ok(_) => LOOK_EVERY,
                Err(error) => unable("look", &error),
            };
            tokio::select! {
                Some(_) = looks.join_next() => {}
                () = tokio::time::sleep(pause) => {}
            }
            while looks.try_join_next().is_some() {}
        }
    }

    /// Takes as many hosts that are due as there is room for; how many.
    async fn start(&self, looks: &mut JoinSet<()>) -> Result<usize, StoreError> {
        let room = PER_NODE.saturating_sub(looks.len());
        if room == 0 {
            return Ok(0);
        }
        let most = i64::try_from(room).unwrap_or(i64::MAX);
        let store = &self.0.store;
        let hosts = store
            .take_image_hosts(checking::LEASE_SECONDS, most)
            .await?;
        let taken = hosts.len();
        for host in hosts {
            let room = Arc::clone(&self.0);
            looks.spawn(async move { checking::visit(&room, host).await });
        }
        Ok(taken)
    }
}

impl Room {
    fn count(&self, status: Status) {
        let outcome = status.as_str();
        self.checked.get_or_create(&Outcome { outcome }).inc();
    }
}

/// Where a picture lies; none when its URL cannot be read.
fn address(url: &str) -> Option<Address> {
    let host = Url::parse(url).ok()?.host_str()?.to_owned();
    let digest = Sha256::digest(url.as_bytes());
    let hash: Hash = *digest.first_chunk()?;
    Some(Address { hash, host })
}

fn unable(what: &'static str, error: &StoreError) -> Duration {
    tracing::warn!(error = %error, what, "catalog.images: not done, trying again");
    Duration::from_secs(1)
}
