//! What a benchmark measures: how many orders, at which rate, for whom, and beside which interference.

/// What is measured.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    /// Orders to send.
    pub orders: usize,
    /// Connections of the sender.
    pub concurrency: usize,
    /// Orders per second. `None`: as fast as the answers come.
    pub rate: Option<f64>,
    /// Endpoints of the partner: each order makes one delivery to each.
    pub endpoints: usize,
    /// Partners with one endpoint each, which take the orders in turn. `None`: one partner takes all orders.
    pub spread: Option<usize>,
    /// The partner's dialect.
    pub adapter: String,
    /// The load beside which the measurement is repeated.
    pub interference: Option<Interference>,
}

impl Workload {
    /// How many deliveries this number of orders makes.
    pub(crate) fn deliveries(&self, orders: usize) -> usize {
        match self.spread {
            Some(_) => orders,
            None => orders * self.endpoints,
        }
    }
}

/// Another partner's load, with its number of pending deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interference {
    /// Its endpoint refuses connections. A snapshot stays open during the measurement.
    Dead(usize),
    /// Its endpoint never answers in time.
    Hanging(usize),
}
