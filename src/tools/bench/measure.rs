//! One measurement: send orders, wait until every delivery has arrived and is recorded, read the clocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use hdrhistogram::Histogram;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::tools::bench::environment::Environment;
use crate::tools::bench::sender::{self, PhaseLoad, SentOrders};
use crate::tools::bench::usage::CpuSeconds;
use crate::tools::harness::Progress;

/// A measurement fails if nothing arrives for this long.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the recorder may lag behind the last arrival.
const RECORDER_TIMEOUT: Duration = Duration::from_secs(10);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

pub(crate) struct Measurement {
    pub(crate) sent: SentOrders,
    first_ns: u64,
    last_arrival_ns: u64,
    pub(crate) arrival_us: Histogram<u64>,
    pub(crate) duplicates: usize,
    pub(crate) statements: u64,
    pub(crate) cpu: Option<CpuSeconds>,
}

impl Environment {
    /// Sends the orders of a phase and waits until every delivery has arrived and is recorded.
    pub(crate) async fn measure(
        &mut self,
        phase: u8,
        orders: usize,
        rate: Option<f64>,
        progress: &Progress,
    ) -> anyhow::Result<Measurement> {
        let deliveries = self.workload.deliveries(orders);
        self.receiver
            .begin(phase, orders, self.workload.spread.is_some())
            .await?;
        let recorded = self.store.count_delivered().await?;
        let statements = self.statement_count().await?;
        let cpu = self.cpu();
        let load = PhaseLoad {
            gateway: self.gateway.address,
            key: self.gateway.key("platform")?,
            phase,
            orders,
            connections: self.workload.concurrency,
            rate,
            spread: self.workload.spread,
        };
        let accepted = Arc::new(AtomicUsize::new(0));
        let sending = tokio::spawn(sender::send(load, Arc::clone(&accepted)));
        let sent = wait_for_sender(sending, &accepted, progress).await?;
        self.wait_for_arrivals(deliveries).await?;
        self.wait_for_records(recorded + deliveries as u64).await?;
        let count = self.receiver.count().await?;
        count.check()?;
        let arrivals = self.receiver.report().await?;
        let mut arrival_us = Histogram::new(3)?;
        for endpoint_arrivals in arrivals.chunks(orders) {
            for (arrived, started) in endpoint_arrivals.iter().zip(&sent.started_ns) {
                arrival_us.record(arrived.saturating_sub(*started) / 1_000)?;
            }
        }
        Ok(Measurement {
            first_ns: sent.started_ns.iter().copied().min().unwrap_or_default(),
            last_arrival_ns: arrivals.iter().copied().max().unwrap_or_default(),
            arrival_us,
            duplicates: count.duplicates,
            statements: self.statement_count().await? - statements,
            cpu: self.cpu().zip(cpu).map(|(now, then)| now.since(then)),
            sent,
        })
    }

    async fn wait_for_arrivals(&mut self, deliveries: usize) -> anyhow::Result<()> {
        let mut last = (0, Instant::now());
        loop {
            let count = self.receiver.count().await?;
            count.check()?;
            let arrived = count.arrived;
            if arrived == deliveries {
                return Ok(());
            }
            if arrived > last.0 {
                last = (arrived, Instant::now());
            }
            if last.1.elapsed() > STALL_TIMEOUT {
                bail!("only {arrived} of {deliveries} deliveries have arrived");
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    async fn wait_for_records(&self, expected: u64) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let recorded = self.store.count_delivered().await?;
            if recorded == expected {
                return Ok(());
            }
            if recorded > expected || begun.elapsed() > RECORDER_TIMEOUT {
                bail!(
                    "the database has {recorded} deliveries as delivered, but {expected} have arrived"
                );
            }
            sleep(POLL_INTERVAL).await;
        }
    }
}

impl Measurement {
    /// From the first request to the last answer.
    pub(crate) fn accepted_per_second(&self) -> f64 {
        let orders = self.sent.started_ns.len() as f64;
        orders / seconds(self.first_ns, self.sent.answered_ns)
    }

    /// From the first request to the last arrival.
    pub(crate) fn delivered_per_second(&self) -> f64 {
        self.arrival_us.len() as f64 / seconds(self.first_ns, self.last_arrival_ns)
    }
}

async fn wait_for_sender(
    mut sending: JoinHandle<anyhow::Result<SentOrders>>,
    accepted: &AtomicUsize,
    progress: &Progress,
) -> anyhow::Result<SentOrders> {
    loop {
        tokio::select! {
            sent = &mut sending => return sent?,
            () = sleep(Duration::from_millis(100)) => progress.advance_to(accepted.load(Ordering::Relaxed)),
        }
    }
}

fn seconds(from_ns: u64, to_ns: u64) -> f64 {
    to_ns.saturating_sub(from_ns) as f64 / 1e9
}
