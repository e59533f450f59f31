//! A run, from an empty folder to its figures.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use buywire_adapters::contract::{self, Adapter};
use buywire_adapters::signing::SigningKey;
use hdrhistogram::Histogram;
use serde_json::json;
use tokio::time::sleep;

use super::backlog;
use super::bare::{self, Bare};
use super::figures::{Backlog, Figures, Isolation, Percentiles};
use super::orders::{ORDERS_MAX, PARTNER};
use super::sender::{self, Load, Sent};
use super::usage::{self, CpuSeconds};
use super::watch::Watch;
use crate::signing::secret;
use crate::stage::{Api, Gateway, Progress, Throwaway};
use crate::store::{Store, Target, bench::snapshot, embedded};

/// Enough to open every connection, to prepare every statement and to fill the caches.
const WARM_UP_ORDERS: usize = 512;
/// A run in which nothing arrives for so long has failed.
const STALLED_AFTER: Duration = Duration::from_secs(60);
/// How far the recorder may lag behind the last arrival.
const RECORDED_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Orders to send.
    pub orders: usize,
    /// Connections of the sender.
    pub concurrency: usize,
    /// Orders a second; none: as fast as the answers come.
    pub rate: Option<f64>,
    /// Endpoints of the partner: each order makes a delivery to each.
    pub endpoints: usize,
    /// The partner's dialect.
    pub adapter: String,
    /// What a second measurement has beside it.
    pub beside: Option<Beside>,
}

/// Another partner's trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Nobody listens at its endpoint, and so many deliveries wait for it; a snapshot is open all the time.
    Dead(usize),
    /// Its endpoint never answers in time, and so many deliveries wait for it.
    Hanging(usize),
}

/// Everything that runs. Dropped in this order: the processes, then their folder.
pub(super) struct Stand {
    pub(super) gateway: Gateway,
    pub(super) watch: Watch,
    pub(super) operator: Api,
    pub(super) store: Store,
    plan: Plan,
    secrets: Vec<SigningKey>,
    fsync_us: f64,
    _folder: Throwaway,
}

/// One measurement.
struct Measured {
    sent: Sent,
    first_ns: u64,
    last_arrival_ns: u64,
    arrival_us: Histogram<u64>,
    duplicates: usize,
    statements: u64,
    cpu: Option<CpuSeconds>,
}

/// Run it.
///
/// # Errors
/// When something does not start, does not arrive, arrives wrongly, or is not recorded.
pub async fn run(plan: Plan, progress: &Progress) -> anyhow::Result<Figures> {
    ensure!(
        (1..ORDERS_MAX).contains(&plan.orders),
        "--orders: 1 to {}",
        ORDERS_MAX - 1
    );
    let adapter = contract::by_name(&plan.adapter)
        .with_context(|| format!("there is no adapter `{}`", plan.adapter))?;
    progress.step("starting PostgreSQL, the gateway and the receiver", 0);
    let mut stand = Stand::build(plan).await?;
    progress.step("warming up", WARM_UP_ORDERS);
    stand.measure(0, WARM_UP_ORDERS, None, progress).await?;
    let orders = stand.plan.orders;
    let rate = stand.plan.rate;
    progress.step("orders", orders);
    let alone = stand.measure(1, orders, rate, progress).await?;
    let beside = match stand.plan.beside {
        Some(beside) => Some((beside, stand.measure_beside(beside, progress).await?)),
        None => None,
    };
    progress.step("the bare loop", 0);
    let bare_per_second = stand.bare(adapter).await?;
    stand
        .figures(&alone, beside.as_ref(), bare_per_second)
        .await
}

impl Stand {
    async fn build(plan: Plan) -> anyhow::Result<Self> {
        let folder = Throwaway::create("bench")?;
        let fsync_us = usage::fsync_us(folder.path())?;
        let secrets: Vec<_> = (0..plan.endpoints).map(|_| secret::generate()).collect();
        let exposed = secrets.iter().map(|key| key.expose().to_owned()).collect();
        let watch = Watch::start(&plan.adapter, exposed).await?;
        let gateway = Gateway::start(&folder).await?;
        let config = embedded::config_of(gateway.data()).context("where PostgreSQL is")?;
        let stand = Self {
            operator: gateway.operator()?,
            store: Store::open(&Target::from_config(config)?).await?,
            gateway,
            watch,
            plan,
            secrets,
            fsync_us,
            _folder: folder,
        };
        stand.partner(PARTNER, &stand.plan.adapter).await?;
        for (number, key) in stand.secrets.iter().enumerate() {
            stand
                .endpoint(PARTNER, &stand.url(&format!("/e/{number}")), key)
                .await?;
        }
        Ok(stand)
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.watch.port)
    }

    pub(super) async fn partner(&self, slug: &str, adapter: &str) -> anyhow::Result<()> {
        let partner = json!({"slug": slug, "name": slug, "adapter": adapter, "settings": {}});
        self.operator.post("/v1/partners", &partner).await.map(drop)
    }

    /// The new endpoint's id.
    pub(super) async fn endpoint(
        &self,
        partner: &str,
        url: &str,
        key: &SigningKey,
    ) -> anyhow::Result<String> {
        let endpoint = json!({"url": url, "event_types": ["order.*"], "secret": key.expose()});
        let path = format!("/v1/partners/{partner}/endpoints");
        let made = self.operator.post(&path, &endpoint).await?;
        let id = made.get("id").and_then(|id| id.as_str());
        Ok(id.context("the new endpoint's id")?.to_owned())
    }

    async fn measure_beside(
        &mut self,
        beside: Beside,
        progress: &Progress,
    ) -> anyhow::Result<Measured> {
        backlog::pile_up(self, beside, progress).await?;
        // A pool of its own, which lives as long as the snapshot.
        let store = self.store.clone();
        let mut conn = store.general().await?;
        let open = match beside {
            Beside::Dead(_) => Some(snapshot(&mut conn).await?),
            Beside::Hanging(_) => None,
        };
        progress.step("orders beside it", self.plan.orders);
        let measured = self
            .measure(2, self.plan.orders, self.plan.rate, progress)
            .await?;
        if let Some(tx) = open {
            tx.rollback().await?;
        }
        Ok(measured)
    }

    /// Sends the orders of a phase and waits until every delivery has arrived and is recorded.
    async fn measure(
        &mut self,
        phase: u8,
        orders: usize,
        rate: Option<f64>,
        progress: &Progress,
    ) -> anyhow::Result<Measured> {
        let deliveries = orders * self.plan.endpoints;
        self.watch.begin(phase, orders).await?;
        let recorded = self.store.count_delivered().await?;
        let statements = self.statements().await?;
        let cpu = self.cpu();
        let load = Load {
            gateway: self.gateway.address,
            key: self.gateway.key("platform")?,
            phase,
            orders,
            connections: self.plan.concurrency,
            rate,
        };
        let accepted = Arc::new(AtomicUsize::new(0));
        let sending = tokio::spawn(sender::send(load, Arc::clone(&accepted)));
        let sent = while_sending(sending, &accepted, progress).await?;
        self.arrived(deliveries).await?;
        self.recorded(recorded + deliveries as u64).await?;
        let count = self.watch.count().await?;
        ensure!(
            count.forged == 0,
            "{} requests were not signed by their endpoint's key",
            count.forged
        );
        ensure!(
            count.renamed == 0,
            "{} deliveries came under two ids",
            count.renamed
        );
        let arrivals = self.watch.report().await?;
        let mut arrival_us = Histogram::new(3)?;
        for of_endpoint in arrivals.chunks(orders) {
            for (arrived, started) in of_endpoint.iter().zip(&sent.started_ns) {
                arrival_us.record(arrived.saturating_sub(*started) / 1_000)?;
            }
        }
        Ok(Measured {
            first_ns: sent.started_ns.iter().copied().min().unwrap_or_default(),
            last_arrival_ns: arrivals.iter().copied().max().unwrap_or_default(),
            arrival_us,
            duplicates: count.duplicates,
            statements: self.statements().await? - statements,
            cpu: self.cpu().zip(cpu).map(|(now, then)| now.since(then)),
            sent,
        })
    }

    async fn arrived(&mut self, deliveries: usize) -> anyhow::Result<()> {
        let mut last = (0, Instant::now());
        loop {
            let arrived = self.watch.count().await?.arrived;
            if arrived == deliveries {
                return Ok(());
            }
            if arrived > last.0 {
                last = (arrived, Instant::now());
            }
            if last.1.elapsed() > STALLED_AFTER {
                bail!("only {arrived} of {deliveries} deliveries have arrived");
            }
            sleep(LOOK_EVERY).await;
        }
    }

    async fn recorded(&self, expected: u64) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let recorded = self.store.count_delivered().await?;
            if recorded == expected {
                return Ok(());
            }
            if recorded > expected || begun.elapsed() > RECORDED_WITHIN {
                bail!("the database counts {recorded} delivered, and {expected} have arrived");
            }
            sleep(LOOK_EVERY).await;
        }
    }

    fn cpu(&self) -> Option<CpuSeconds> {
        usage::cpu(self.gateway.process_id(), self.watch.process_id())
    }

    /// The gateway's own count.
    async fn statements(&self) -> anyhow::Result<u64> {
        let metrics = self.operator.text("/metrics").await?;
        let value = metrics
            .lines()
            .find_map(|line| line.strip_prefix("buywire_sql_statements "));
        value
            .and_then(|value| value.trim().parse().ok())
            .context("the gateway does not count its statements")
    }

    async fn bare(&mut self, adapter: &'static dyn Adapter) -> anyhow::Result<f64> {
        let key = self.secrets.first().context("no endpoint")?.clone();
        let per_second = bare::run(Bare {
            adapter,
            key,
            url: self.url("/bare"),
            deliveries: self.plan.orders * self.plan.endpoints,
            concurrency: self.plan.concurrency,
        });
        let per_second = per_second.await?;
        let count = self.watch.count().await?;
        ensure!(
            count.forged == 0,
            "{} requests of the bare loop were not signed",
            count.forged
        );
        Ok(per_second)
    }

    async fn figures(
        &self,
        alone: &Measured,
        beside: Option<&(Beside, Measured)>,
        bare_per_second: f64,
    ) -> anyhow::Result<Figures> {
        let plan = &self.plan;
        let deliveries = plan.orders * plan.endpoints;
        let delivered_per_second = alone.delivered_per_second();
        let arrival_ms = Percentiles::of(&alone.arrival_us);
        let (mut isolation, mut backlog) = (None, None);
        match beside {
            Some((Beside::Hanging(waiting), beside)) => {
                isolation = Some(Isolation {
                    waiting: *waiting,
                    p95_ms_alone: arrival_ms.p95,
                    p95_ms_beside: Percentiles::of(&beside.arrival_us).p95,
                });
            }
            Some((Beside::Dead(waiting), beside)) => {
                backlog = Some(Backlog {
                    waiting: *waiting,
                    per_second_alone: delivered_per_second,
                    per_second_beside: beside.delivered_per_second(),
                    ratio: beside.delivered_per_second() / delivered_per_second,
                });
            }
            None => {}
        }
        Ok(Figures {
            orders: plan.orders,
            endpoints: plan.endpoints,
            concurrency: plan.concurrency,
            rate: plan.rate,
            adapter: plan.adapter.clone(),
            accepted_per_second: plan.orders as f64
                / seconds(alone.first_ns, alone.sent.answered_ns),
            delivered_per_second,
            bare_per_second,
            ratio: delivered_per_second / bare_per_second,
            accept_ms: Percentiles::of(&alone.sent.accept_us),
            arrival_ms,
            statements_per_delivery: alone.statements as f64 / deliveries as f64,
            cpu_seconds: alone.cpu,
            peak_rss_mb: usage::peak_rss_mb(self.gateway.process_id()),
            fsync_us: self.fsync_us,
            synchronous_commit: self.store.synchronous_commit().await?,
            duplicates: alone.duplicates,
            busy: alone.sent.busy,
            isolation,
            backlog,
        })
    }
}

impl Measured {
    fn delivered_per_second(&self) -> f64 {
        self.arrival_us.len() as f64 / seconds(self.first_ns, self.last_arrival_ns)
    }
}

fn seconds(from_ns: u64, to_ns: u64) -> f64 {
    to_ns.saturating_sub(from_ns) as f64 / 1e9
}

async fn while_sending(
    mut sending: tokio::task::JoinHandle<anyhow::Result<Sent>>,
    accepted: &AtomicUsize,
    progress: &Progress,
) -> anyhow::Result<Sent> {
    loop {
        tokio::select! {
            sent = &mut sending => return sent?,
            () = sleep(Duration::from_millis(100)) => progress.at(accepted.load(Ordering::Relaxed)),
        }
    }
}
