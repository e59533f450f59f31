//! The sender: each order is its own request, over connections that stay open.
//!
//! It has one thread and its own HTTP, for the reason that [`harness`](crate::tools::harness) gives. Promises:
//! with a concurrency, exactly that many requests are outstanding at any time. With a rate, each order has its
//! time: an order that leaves late because the gateway is slow counts from that time.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use hdrhistogram::Histogram;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::sleep;

use crate::tools::bench::orders::{self, OrderTemplate};
use crate::tools::harness::{HttpConnection, json_request, now_ns};

/// The orders of one phase.
#[derive(Clone)]
pub(crate) struct PhaseLoad {
    pub(crate) gateway: SocketAddr,
    pub(crate) key: String,
    pub(crate) phase: u8,
    pub(crate) orders: usize,
    pub(crate) connections: usize,
    /// Orders per second. `None`: as fast as the answers come.
    pub(crate) rate: Option<f64>,
    /// Partners that take the orders in turn.
    pub(crate) spread: Option<usize>,
}

/// The times of what was sent, by `now_ns`.
pub(crate) struct SentOrders {
    /// When each order left, or should have left.
    pub(crate) started_ns: Vec<u64>,
    /// When the last answer came.
    pub(crate) answered_ns: u64,
    /// From the request to its answer, in microseconds.
    pub(crate) accept_us: Histogram<u64>,
    /// Answers of 503.
    pub(crate) busy: u64,
}

/// What the connections share.
struct SenderState {
    load: PhaseLoad,
    begun_ns: u64,
    next: Cell<usize>,
    sent: RefCell<SentOrders>,
    accepted: Arc<AtomicUsize>,
}

/// Sends the orders from a separate thread. `accepted` counts the answers meanwhile.
pub(crate) async fn send(
    load: PhaseLoad,
    accepted: Arc<AtomicUsize>,
) -> anyhow::Result<SentOrders> {
    let (done, sent) = oneshot::channel();
    std::thread::Builder::new()
        .name("sender".to_owned())
        .spawn(move || {
            // After Ctrl-C nobody waits for the result.
            drop(done.send(send_all(load, accepted)));
        })?;
    sent.await.context("the sender ended without a result")?
}

fn send_all(load: PhaseLoad, accepted: Arc<AtomicUsize>) -> anyhow::Result<SentOrders> {
    let bodies = orders::bodies(load.spread)?;
    let templates: Vec<_> = bodies
        .iter()
        .map(|body| {
            let text = json_request("POST", "/v1/orders", load.gateway, &load.key, body);
            OrderTemplate::new(text.into_bytes(), load.spread)
        })
        .collect::<Result<_, _>>()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async move {
        let connections = load.connections.min(load.orders);
        let mut open_connections = Vec::with_capacity(connections);
        for _ in 0..connections {
            open_connections.push(HttpConnection::connect(load.gateway).await?);
        }
        let state = Rc::new(SenderState::new(load, accepted)?);
        let mut all = JoinSet::new();
        for connection in open_connections {
            all.spawn_local(send_over(Rc::clone(&state), connection, templates.clone()));
        }
        while let Some(ended) = all.join_next().await {
            ended??;
        }
        drop(all);
        let state = Rc::into_inner(state).context("a connection of the sender is still open")?;
        Ok(state.sent.into_inner())
    })
}

async fn send_over(
    state: Rc<SenderState>,
    mut connection: HttpConnection,
    mut templates: Vec<OrderTemplate>,
) -> anyhow::Result<()> {
    let template_count = templates.len();
    while let Some((order, started_ns)) = state.next_order().await {
        let Some(template) = templates.get_mut(order % template_count) else {
            bail!("no order to send");
        };
        let bytes = template.fill(state.load.phase, order);
        loop {
            connection.send(bytes).await.context("send an order")?;
            let reply = connection.receive().await.context("send an order")?;
            let reply = reply.context("the gateway closed a connection")?;
            match reply.status() {
                201 => break,
                503 => {
                    let seconds = reply
                        .header("retry-after")
                        .and_then(|text| text.parse().ok());
                    state.sent.borrow_mut().busy += 1;
                    sleep(Duration::from_secs(seconds.unwrap_or(1))).await;
                }
                status => {
                    let body = String::from_utf8_lossy(reply.body);
                    bail!("the gateway answered an order with {status}: {body}");
                }
            }
        }
        state.record_answer(order, started_ns, now_ns())?;
    }
    Ok(())
}

impl SenderState {
    fn new(load: PhaseLoad, accepted: Arc<AtomicUsize>) -> anyhow::Result<Self> {
        let sent = SentOrders {
            started_ns: vec![0; load.orders],
            answered_ns: 0,
            accept_us: Histogram::new(3)?,
            busy: 0,
        };
        Ok(Self {
            load,
            begun_ns: now_ns(),
            next: Cell::new(0),
            sent: RefCell::new(sent),
            accepted,
        })
    }

    /// The next order and the time from which it counts. With a rate, waits for that time.
    async fn next_order(&self) -> Option<(usize, u64)> {
        let order = self.next.get();
        if order >= self.load.orders {
            return None;
        }
        self.next.set(order + 1);
        let now = now_ns();
        let Some(rate) = self.load.rate else {
            return Some((order, now));
        };
        let due = self.begun_ns + (order as f64 / rate * 1e9) as u64;
        if due <= now {
            return Some((order, due));
        }
        sleep(Duration::from_nanos(due - now)).await;
        Some((order, now_ns()))
    }

    fn record_answer(&self, order: usize, started_ns: u64, answered_ns: u64) -> anyhow::Result<()> {
        let mut sent = self.sent.borrow_mut();
        if let Some(started) = sent.started_ns.get_mut(order) {
            *started = started_ns;
        }
        sent.answered_ns = sent.answered_ns.max(answered_ns);
        sent.accept_us
            .record(answered_ns.saturating_sub(started_ns) / 1_000)?;
        self.accepted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
