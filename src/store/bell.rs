//! The bell: tells the delivery room what has just committed, in this process and in others.
//!
//! Promises: it only hastens. Whoever misses a ring finds the same by polling. It is rung after the
//! commit, never inside a transaction: a NOTIFY in each insert was measured 6 to 8 times slower.

use std::time::Instant;

use buywire_schemas::ids::OrderId;
use time::OffsetDateTime;
use tokio::sync::mpsc;

use super::events::Emitted;
use super::queue::{QueuedDelivery, Shard};
use super::{Store, StoreError};

/// What has committed.
#[derive(Debug)]
pub enum Ring {
    /// First deliveries of new orders, complete, and when they had committed: they may go straight to
    /// their lanes.
    Fresh(Vec<QueuedDelivery>, Instant),
    /// Something became due in these shards, the first of it at that time; read the table.
    Due(Vec<Shard>, OffsetDateTime),
    /// Ended deliveries of these shards are open again; later events of their orders must wait.
    Reopened(Vec<Shard>),
    /// An endpoint, its keys or its partner changed.
    Endpoints,
    /// The database's clock was set back, perhaps: places up to which something was read mean nothing.
    ClockSetBack,
    /// What is in memory of this order is outdated: its buyer was redacted.
    Redacted(OrderId),
}

/// The rope. Clones ring the same bell.
#[derive(Debug, Clone)]
pub struct Bell(mpsc::UnboundedSender<Ring>);

impl Bell {
    /// A bell and who hears it.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Ring>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Ring for deliveries that were made, if there are any.
    pub(crate) fn ring_due(&self, emitted: &[Emitted]) {
        if let Some(due) = Ring::due(emitted) {
            self.ring(due);
        }
    }

    /// Ring it. Nobody may be listening any more; then nobody needs to.
    pub fn ring(&self, what: Ring) {
        let _ = self.0.send(what);
    }
}

/// What one process tells the others over NOTIFY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// As [`Ring::Due`]; without a time, from where reading has come to.
    Due(Vec<Shard>, Option<OffsetDateTime>),
    /// As [`Ring::Reopened`].
    Reopened(Vec<Shard>),
    /// As [`Ring::Endpoints`].
    Endpoints,
    /// As [`Ring::Redacted`].
    Redacted(OrderId),
}

/// The channel of LISTEN and NOTIFY.
pub const CHANNEL: &str = "buywire";

impl Ring {
    /// These deliveries were made; none, when there are none.
    pub(crate) fn due(emitted: &[Emitted]) -> Option<Self> {
        let since = emitted.iter().map(|delivery| delivery.due_at).min()?;
        let shards = emitted.iter().map(|delivery| delivery.shard).collect();
        Some(Self::Due(shards, since))
    }
}

impl Call {
    /// At most 64 numbers: far below NOTIFY's limit of 8,000 bytes.
    pub fn payload(&self) -> String {
        match self {
            Self::Due(shards, None) => format!("due {}", listed(shards)),
            Self::Due(shards, Some(since)) => {
                format!("due {} {}", listed(shards), since.unix_timestamp_nanos())
            }
            Self::Reopened(shards) => format!("reopened {}", listed(shards)),
            Self::Endpoints => "endpoints".to_owned(),
            Self::Redacted(order) => format!("redacted {order}"),
        }
    }

    /// Read what another process sent; an unknown call is from a newer version and ignored.
    pub fn parse(payload: &str) -> Option<Self> {
        match payload.split_once(' ') {
            None if payload == "endpoints" => Some(Self::Endpoints),
            Some(("due", rest)) => Some(due(rest)),
            Some(("reopened", numbers)) => Some(Self::Reopened(shards(numbers))),
            Some(("redacted", order)) => order.parse().ok().map(Self::Redacted),
            _ => None,
        }
    }
}

fn due(rest: &str) -> Call {
    let (numbers, since) = rest.split_once(' ').unwrap_or((rest, ""));
    let since = since.parse().ok();
    let since = since.and_then(|nanos| OffsetDateTime::from_unix_timestamp_nanos(nanos).ok());
    Call::Due(shards(numbers), since)
}

fn listed(shards: &[Shard]) -> String {
    let numbers: Vec<_> = shards
        .iter()
        .map(|shard| shard.number().to_string())
        .collect();
    numbers.join(",")
}

fn shards(listed: &str) -> Vec<Shard> {
    let shard = |n: &str| n.parse().ok().and_then(Shard::from_number);
    listed.split(',').filter_map(shard).collect()
}

impl Store {
    /// Tell every other gateway on this database.
    pub async fn notify(&self, call: &Call) -> Result<(), StoreError> {
        let sql = include_str!("sql/queue/notify.sql");
        self.general()
            .await?
            .execute(sql, &[&CHANNEL, &call.payload()])
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn calls_survive_the_wire() {
        let shards: Vec<_> = Shard::all().collect();
        for call in [
            Call::Reopened(shards.clone()),
            Call::Due(shards.clone(), None),
            Call::Due(shards, Some(datetime!(2026-11-20 10:00:00.123456 UTC))),
            Call::Endpoints,
            Call::Redacted(OrderId::generate()),
        ] {
            assert_eq!(Call::parse(&call.payload()), Some(call));
        }
        assert_eq!(Call::parse("from tomorrow"), None);
    }
}
