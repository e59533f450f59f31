//! Rooms: opens each one with its share of what they have in common.
//!
//! Promises: what works in the background has connections that callers' reads cannot use up. Must not start anything.

use std::sync::Arc;

use tokio::sync::watch;
use uuid::Uuid;

use crate::ambient;
use crate::callbacks::{Callbacks, RecordClient};
use crate::catalog::images::ImageChecker;
use crate::catalog::{Catalog, FetchLimits, Fetcher, FileFetcher, Sources};
use crate::checkout::{CheckoutParts, Checkouts};
use crate::config::{CheckImages, Settings};
use crate::delivery::EngineParts;
use crate::delivery::endpoints::EndpointLoader;
use crate::delivery::identity::Identity;
use crate::delivery::sender::Sender;
use crate::delivery::shards::{ClusterMode, Shards};
use crate::descriptors;
use crate::egress::{EgressPolicy, SavedBy};
use crate::http::{ConsoleState, GatewayMetrics};
use crate::mail::{MailTimeouts, Mailer};
use crate::notifier::Notifier;
use crate::orders::Orders;
use crate::partners::Partners;
use crate::payments::Processors;
use crate::posts::Posts;
use crate::quotes::Quotes;
use crate::secrets::master_key::MasterKeys;
use crate::sessions::Sessions;
use crate::stats::Stats;
use crate::stock::Stock;
use crate::store::Store;

/// What rooms are opened with.
pub(super) struct RoomParts<'a> {
    pub(super) settings: &'a Settings,
    /// For callers' requests.
    pub(super) store: Store,
    /// For orders, deliveries, feeds and jobs.
    pub(super) work: Store,
    pub(super) notifier: Notifier,
    pub(super) stats: Stats,
    pub(super) master: Arc<MasterKeys>,
    pub(super) policy: EgressPolicy,
    pub(super) public_url: String,
}

impl<'a> RoomParts<'a> {
    pub(super) fn new(
        settings: &'a Settings,
        store: Store,
        notifier: Notifier,
        master: Arc<MasterKeys>,
        policy: EgressPolicy,
        public_url: String,
    ) -> Self {
        Self {
            settings,
            work: store.for_workers(),
            store,
            notifier,
            stats: Stats::default(),
            master,
            policy,
            public_url,
        }
    }

    pub(super) fn engine(
        &self,
        node: Uuid,
        cluster_mode: ClusterMode,
        metrics: &GatewayMetrics,
    ) -> anyhow::Result<EngineParts> {
        let sender = Sender::new(self.policy.clone(), self.settings.timeouts())?;
        Ok(EngineParts {
            store: self.work.clone(),
            shards: Shards::new(node, cluster_mode),
            endpoint_loader: EndpointLoader {
                master: Arc::clone(&self.master),
                policy: self.policy.clone(),
                schedule: self.settings.retry_schedule.clone().unwrap_or_default(),
                clients: sender.clients().clone(),
            },
            identity: Identity::new(self.public_url.clone(), Arc::clone(&self.master)),
            sender,
            in_flight_max: descriptors::raise().deliveries,
            metrics: Arc::clone(&metrics.delivery),
            stats: self.stats.clone(),
            changes: self.notifier.changes(),
        })
    }

    pub(super) async fn open_partners(&self) -> anyhow::Result<Partners> {
        let partners = Partners::new(
            self.store.clone(),
            self.notifier.clone(),
            Arc::clone(&self.master),
            self.policy.clone(),
        );
        partners.ensure_signing_key().await?;
        Ok(partners)
    }

    pub(super) fn open_posts(&self, store: &Store) -> Posts {
        Posts::open(store.clone(), self.notifier.clone(), &self.public_url)
    }

    pub(super) fn open_catalog(&self) -> Catalog {
        let (store, notifier) = (self.work.clone(), self.notifier.clone());
        Catalog::open(store, notifier, ambient::new_uuid(), self.policy.clone())
    }

    pub(super) fn open_sources(&self, catalog: &Catalog) -> anyhow::Result<Sources> {
        let fetcher = Fetcher::new(self.policy.clone(), FetchLimits::default())?;
        Ok(Sources::open(
            catalog.clone(),
            Arc::clone(&self.master),
            fetcher,
            FileFetcher::new(self.policy.clone(), FetchLimits::default())?,
        ))
    }

    pub(super) fn open_callbacks(&self) -> anyhow::Result<Arc<Callbacks>> {
        let timeouts = self.settings.timeouts();
        let records = RecordClient::new(self.policy.clone(), timeouts.connect, timeouts.total)?;
        Ok(Arc::new(Callbacks::new(
            self.work.clone(),
            self.notifier.clone(),
            Arc::clone(&self.master),
            records,
        )))
    }

    /// `None` without a mail server.
    fn open_mailer(&self) -> anyhow::Result<Option<Mailer>> {
        let settings = self.settings.mail.read()?;
        let open = |settings| Mailer::open(settings, MailTimeouts::default());
        Ok(settings.map(open).transpose()?)
    }

    fn open_quotes(&self, metrics: &GatewayMetrics) -> anyhow::Result<Quotes> {
        Ok(Quotes::open(
            self.work.clone(),
            Arc::clone(&self.master),
            self.policy.clone(),
            metrics.quotes.clone(),
        )?)
    }

    pub(super) fn open_checkouts(
        &self,
        stock: &Stock,
        orders: &Orders,
        metrics: &GatewayMetrics,
    ) -> anyhow::Result<Checkouts> {
        let settings = self.settings.payments.read()?;
        Ok(Checkouts::open(CheckoutParts {
            store: self.work.clone(),
            notifier: self.notifier.clone(),
            master: Arc::clone(&self.master),
            stock: stock.clone(),
            orders: orders.clone(),
            quotes: self.open_quotes(metrics)?,
            processors: Processors::open(&settings, self.policy.clone(), &self.work)?,
            mailer: self.open_mailer()?,
            public_url: self.public_url.clone(),
            metrics: metrics.checkouts.clone(),
        }))
    }

    /// The console's pages; their streams end when `stopped` says so.
    pub(super) fn open_console(&self, stopped: watch::Receiver<bool>) -> ConsoleState {
        let sessions = Sessions::open(self.store.clone());
        ConsoleState::new(sessions, self.settings.name.clone(), stopped)
    }

    /// `None` when images are not checked. Their URLs are partners' data, even in a feed that an operator pushed.
    pub(super) fn open_image_checker(&self) -> anyhow::Result<Option<ImageChecker>> {
        let saved_by = match self.settings.check_images {
            CheckImages::On => SavedBy::Partner,
            CheckImages::Private => SavedBy::Operator,
            CheckImages::Off => return Ok(None),
        };
        let (store, notifier) = (self.work.clone(), self.notifier.clone());
        let checker = ImageChecker::new(store, notifier, self.policy.clone(), saved_by)?;
        Ok(Some(checker))
    }
}
