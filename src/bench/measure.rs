//! One measurement: send, wait until all has arrived and is recorded, and read the clocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use hdrhistogram::Histogram;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::sender::{self, Load, Sent};
use super::stand::Stand;
use super::usage::CpuSeconds;
use crate::stage::Progress;

/// A run in which nothing arrives for so long has failed.
const STALLED_AFTER: Duration = Duration::from_secs(60);
/// How far the recorder may lag behind the last arrival.
const RECORDED_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// One measurement.
pub(super) struct Measured {
    pub(super) sent: Sent,
    first_ns: u64,
    last_arrival_ns: u64,
    pub(super) arrival_us: Histogram<u64>,
    pub(super) duplicates: usize,
    pub(super) statements: u64,
    pub(super) cpu: Option<CpuSeconds>,
}

impl Stand {
    /// Sends the orders of a phase and waits until every delivery has arrived and is recorded.
    pub(super) async fn measure(
        &mut self,
        phase: u8,
        orders: usize,
        rate: Option<f64>,
        progress: &Progress,
    ) -> anyhow::Result<Measured> {
        let deliveries = self.plan.deliveries(orders);
        self.watch
            .begin(phase, orders, self.plan.spread.is_some())
            .await?;
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
            spread: self.plan.spread,
        };
        let accepted = Arc::new(AtomicUsize::new(0));
        let sending = tokio::spawn(sender::send(load, Arc::clone(&accepted)));
        let sent = while_sending(sending, &accepted, progress).await?;
        self.arrived(deliveries).await?;
        self.recorded(recorded + deliveries as u64).await?;
        let count = self.watch.count().await?;
        count.check()?;
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
            let count = self.watch.count().await?;
            count.check()?;
            let arrived = count.arrived;
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
}

impl Measured {
    /// From the first request to the last answer.
    pub(super) fn accepted_per_second(&self) -> f64 {
        let orders = self.sent.started_ns.len() as f64;
        orders / seconds(self.first_ns, self.sent.answered_ns)
    }

    /// From the first request to the last arrival.
    pub(super) fn delivered_per_second(&self) -> f64 {
        self.arrival_us.len() as f64 / seconds(self.first_ns, self.last_arrival_ns)
    }
}

async fn while_sending(
    mut sending: JoinHandle<anyhow::Result<Sent>>,
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

fn seconds(from_ns: u64, to_ns: u64) -> f64 {
    to_ns.saturating_sub(from_ns) as f64 / 1e9
}
