//! A run, from an empty folder to its figures.

use anyhow::{Context, ensure};
use buywire_adapters::contract::configured::ConfiguredAdapter;

use crate::tools::bench::backlog;
use crate::tools::bench::baseline::{self, BaselineLoad};
use crate::tools::bench::dialect::{dialect, settings};
use crate::tools::bench::environment::Environment;
use crate::tools::bench::figures::{Backlog, Figures, Isolation, Percentiles};
use crate::tools::bench::measure::Measurement;
use crate::tools::bench::orders::{ORDERS_MAX, SPREAD_MAX};
use crate::tools::bench::store::open_snapshot;
use crate::tools::bench::usage;
use crate::tools::bench::workload::{Interference, Workload};
use crate::tools::harness::Progress;

/// Enough to open every connection, prepare every statement and fill the caches.
const WARM_UP_ORDERS: usize = 512;
/// The dialect that every other one is compared with.
const STANDARD: &str = "standard";

/// Runs a benchmark. If its dialect is not `standard`, measures that one too, for comparison.
///
/// # Errors
/// When a process does not start, or a delivery does not arrive, arrives wrongly or is not recorded.
pub(crate) async fn run(workload: Workload, progress: &Progress) -> anyhow::Result<Figures> {
    let standard = Workload {
        adapter: STANDARD.to_owned(),
        interference: None,
        ..workload.clone()
    };
    let compares = workload.adapter != STANDARD;
    let mut figures = measure(workload, progress).await?;
    if compares {
        progress.step("measuring the standard dialect", 0);
        let standard = measure(standard, progress).await?.delivered_per_second;
        figures.standard_per_second = Some(standard);
        figures.ratio_to_standard = Some(figures.delivered_per_second / standard);
    }
    Ok(figures)
}

async fn measure(workload: Workload, progress: &Progress) -> anyhow::Result<Figures> {
    ensure!(
        (1..ORDERS_MAX).contains(&workload.orders),
        "--orders must be 1 to {}",
        ORDERS_MAX - 1
    );
    ensure!(
        workload
            .spread
            .is_none_or(|partners| (1..=SPREAD_MAX).contains(&partners)),
        "--spread must be 1 to {SPREAD_MAX}"
    );
    let dialect = dialect(&workload.adapter)?;
    progress.step("starting PostgreSQL, the gateway and the receiver", 0);
    let mut environment = Environment::start(workload).await?;
    progress.step("warming up", WARM_UP_ORDERS);
    environment
        .measure(0, WARM_UP_ORDERS, None, progress)
        .await?;
    let orders = environment.workload.orders;
    let rate = environment.workload.rate;
    progress.step("sending orders", orders);
    let alone = environment.measure(1, orders, rate, progress).await?;
    progress.step("measuring the baseline", 0);
    let bare_per_second = environment.measure_baseline(dialect).await?;
    let disturbed = match environment.workload.interference {
        Some(interference) => Some((
            interference,
            environment
                .measure_with_interference(interference, progress)
                .await?,
        )),
        None => None,
    };
    environment
        .figures(&alone, disturbed.as_ref(), bare_per_second)
        .await
}

impl Environment {
    async fn measure_with_interference(
        &mut self,
        interference: Interference,
        progress: &Progress,
    ) -> anyhow::Result<Measurement> {
        backlog::create_backlog(self, interference, progress).await?;
        let mut conn = self.store.general().await?;
        let snapshot_tx = match interference {
            Interference::Dead(_) => Some(open_snapshot(&mut conn).await?),
            Interference::Hanging(_) => None,
        };
        progress.step("sending orders beside the other load", self.workload.orders);
        let measured = self
            .measure(2, self.workload.orders, self.workload.rate, progress)
            .await?;
        if let Some(tx) = snapshot_tx {
            tx.rollback().await?;
        }
        Ok(measured)
    }

    async fn measure_baseline(&mut self, dialect: ConfiguredAdapter) -> anyhow::Result<f64> {
        let key = self
            .secrets
            .first()
            .context("the workload has no endpoint")?
            .clone();
        let per_second = baseline::run(BaselineLoad {
            settings: settings(&self.workload.adapter)?,
            dialect,
            key,
            url: self.url("/bare"),
            deliveries: self.workload.deliveries(self.workload.orders),
            concurrency: self.workload.concurrency,
        });
        let per_second = per_second.await?;
        self.receiver.count().await?.check()?;
        Ok(per_second)
    }

    async fn figures(
        &self,
        alone: &Measurement,
        disturbed: Option<&(Interference, Measurement)>,
        bare_per_second: f64,
    ) -> anyhow::Result<Figures> {
        let workload = &self.workload;
        let deliveries = workload.deliveries(workload.orders);
        let delivered_per_second = alone.delivered_per_second();
        let arrival_ms = Percentiles::from_histogram(&alone.arrival_us);
        let (mut isolation, mut backlog) = (None, None);
        match disturbed {
            Some((Interference::Hanging(waiting), disturbed)) => {
                isolation = Some(Isolation {
                    waiting: *waiting,
                    p95_ms_alone: arrival_ms.p95,
                    p95_ms_beside: Percentiles::from_histogram(&disturbed.arrival_us).p95,
                });
            }
            Some((Interference::Dead(waiting), disturbed)) => {
                backlog = Some(Backlog {
                    waiting: *waiting,
                    per_second_alone: delivered_per_second,
                    per_second_beside: disturbed.delivered_per_second(),
                    ratio: disturbed.delivered_per_second() / delivered_per_second,
                });
            }
            None => {}
        }
        Ok(Figures {
            orders: workload.orders,
            endpoints: workload.endpoints,
            spread: workload.spread,
            concurrency: workload.concurrency,
            rate: workload.rate,
            adapter: workload.adapter.clone(),
            accepted_per_second: alone.accepted_per_second(),
            delivered_per_second,
            bare_per_second,
            ratio: delivered_per_second / bare_per_second,
            accept_ms: Percentiles::from_histogram(&alone.sent.accept_us),
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
