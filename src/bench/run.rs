//! A run, from an empty folder to its figures.

use anyhow::{Context, ensure};
use buywire_adapters::dialect::Dialect;

use super::backlog;
use super::bare::{self, Bare};
use super::dialect::{dialect, settings};
use super::figures::{Backlog, Figures, Isolation, Percentiles};
use super::measure::Measured;
use super::orders::{ORDERS_MAX, SPREAD_MAX};
use super::stand::Stand;
use super::usage;
use crate::stage::Progress;
use crate::store::bench::snapshot;

/// Enough to open every connection, to prepare every statement and to fill the caches.
const WARM_UP_ORDERS: usize = 512;
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
    /// Partners with an endpoint each, to whom the orders go in turn; none: all go to the one partner.
    pub spread: Option<usize>,
    /// The partner's dialect.
    pub adapter: String,
    /// What a second measurement has beside it.
    pub beside: Option<Beside>,
}

impl Plan {
    /// How many deliveries so many orders make.
    pub(super) fn deliveries(&self, orders: usize) -> usize {
        match self.spread {
            Some(_) => orders,
            None => orders * self.endpoints,
        }
    }
}

/// Another partner's trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Nobody listens at its endpoint, and so many deliveries wait for it; a snapshot is open all the time.
    Dead(usize),
    /// Its endpoint never answers in time, and so many deliveries wait for it.
    Hanging(usize),
}

/// What every other dialect is compared with.
const STANDARD: &str = "standard";

/// Run it. Another dialect than the standard one is compared with that, measured in the same way.
///
/// # Errors
/// When something does not start, does not arrive, arrives wrongly, or is not recorded.
pub async fn run(plan: Plan, progress: &Progress) -> anyhow::Result<Figures> {
    let standard = Plan {
        adapter: STANDARD.to_owned(),
        beside: None,
        ..plan.clone()
    };
    let compares = plan.adapter != STANDARD;
    let mut figures = measure(plan, progress).await?;
    if compares {
        progress.step("the standard dialect", 0);
        let standard = measure(standard, progress).await?.delivered_per_second;
        figures.standard_per_second = Some(standard);
        figures.ratio_to_standard = Some(figures.delivered_per_second / standard);
    }
    Ok(figures)
}

async fn measure(plan: Plan, progress: &Progress) -> anyhow::Result<Figures> {
    ensure!(
        (1..ORDERS_MAX).contains(&plan.orders),
        "--orders: 1 to {}",
        ORDERS_MAX - 1
    );
    ensure!(
        plan.spread
            .is_none_or(|partners| (1..=SPREAD_MAX).contains(&partners)),
        "--spread: 1 to {SPREAD_MAX}"
    );
    let dialect = dialect(&plan.adapter)?;
    progress.step("starting PostgreSQL, the gateway and the receiver", 0);
    let mut stand = Stand::build(plan).await?;
    progress.step("warming up", WARM_UP_ORDERS);
    stand.measure(0, WARM_UP_ORDERS, None, progress).await?;
    let orders = stand.plan.orders;
    let rate = stand.plan.rate;
    progress.step("orders", orders);
    let alone = stand.measure(1, orders, rate, progress).await?;
    progress.step("the bare loop", 0);
    let bare_per_second = stand.bare(dialect).await?;
    let beside = match stand.plan.beside {
        Some(beside) => Some((beside, stand.measure_beside(beside, progress).await?)),
        None => None,
    };
    stand
        .figures(&alone, beside.as_ref(), bare_per_second)
        .await
}

impl Stand {
    async fn measure_beside(
        &mut self,
        beside: Beside,
        progress: &Progress,
    ) -> anyhow::Result<Measured> {
        backlog::pile_up(self, beside, progress).await?;
        let mut conn = self.store.general().await?;
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

    async fn bare(&mut self, dialect: Dialect) -> anyhow::Result<f64> {
        let key = self.secrets.first().context("no endpoint")?.clone();
        let per_second = bare::run(Bare {
            settings: settings(&self.plan.adapter)?,
            dialect,
            key,
            url: self.url("/bare"),
            deliveries: self.plan.deliveries(self.plan.orders),
            concurrency: self.plan.concurrency,
        });
        let per_second = per_second.await?;
        self.watch.count().await?.check()?;
        Ok(per_second)
    }

    async fn figures(
        &self,
        alone: &Measured,
        beside: Option<&(Beside, Measured)>,
        bare_per_second: f64,
    ) -> anyhow::Result<Figures> {
        let plan = &self.plan;
        let deliveries = plan.deliveries(plan.orders);
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
            spread: plan.spread,
            concurrency: plan.concurrency,
            rate: plan.rate,
            adapter: plan.adapter.clone(),
            accepted_per_second: alone.accepted_per_second(),
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
            standard_per_second: None,
            ratio_to_standard: None,
            isolation,
            backlog,
        })
    }
}
