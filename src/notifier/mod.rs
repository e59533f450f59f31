//! The notifier: tells delivery what has just committed, in this process and in others.
//!
//! Promises: it only saves time, because polling finds whatever a notification missed. It notifies after the
//! commit, never inside a transaction: a NOTIFY in each insert was measured 6 to 8 times slower. Changes of
//! endpoints take their own path ([`ChangeTracker`]), so that they cannot delay new orders.

pub(crate) mod changes;

use std::sync::Arc;
use std::time::Instant;

use buywire_schemas::ids::{EndpointId, OrderId};
use time::OffsetDateTime;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::notifier::changes::{ChangeSet, ChangeTracker, ConfigChange};
use crate::store::Store;
use crate::store::delivery::queue::{QueuedDelivery, Shard};
use crate::store::events::EmittedDelivery;

/// What has committed.
#[derive(Debug)]
pub enum Notification {
    /// The first deliveries of new orders, complete, and when they committed: they may go straight to their lanes.
    NewDeliveries(Vec<QueuedDelivery>, Instant),
    /// Something became due in these shards, the first of it at this time: read the table.
    Due(Vec<Shard>, OffsetDateTime),
    /// Ended deliveries of these shards are open again, and later events of their orders must wait.
    Reopened(Vec<Shard>),
    /// The database's clock may have been set back: the positions up to which lanes have read mean nothing.
    ClockSetBack,
    /// The buyer of this order was redacted: what is in memory of it is outdated.
    Redacted(OrderId),
}

/// Clones notify the same receiver.
#[derive(Debug, Clone)]
pub struct Notifier {
    sender: mpsc::UnboundedSender<Notification>,
    changes: Arc<ChangeTracker>,
}

impl Notifier {
    /// A notifier and the receiver of its notifications.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Notification>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let changes = Arc::default();
        (Self { sender, changes }, receiver)
    }

    /// Notify of emitted deliveries, if there are any.
    pub(crate) fn notify_due(&self, emitted: &[EmittedDelivery]) {
        if let Some(due) = Notification::due(emitted) {
            self.notify(due);
        }
    }

    /// Notify. Without a receiver, delivery has stopped, and nothing is lost.
    pub fn notify(&self, notification: Notification) {
        let _ = self.sender.send(notification);
    }

    /// An endpoint, its keys or its partner changed.
    pub fn notify_change(&self, change: ConfigChange) {
        self.changes.record(change);
    }

    /// Changes of endpoints, for delivery.
    #[must_use]
    pub fn changes(&self) -> Arc<ChangeTracker> {
        Arc::clone(&self.changes)
    }
}

/// What one process sends to the others by NOTIFY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broadcast {
    /// As [`Notification::Due`]; without a time, read from each lane's position.
    Due(Vec<Shard>, Option<OffsetDateTime>),
    /// As [`Notification::Reopened`].
    Reopened(Vec<Shard>),
    /// Endpoints changed: these, or any that changed lately.
    Endpoints(ChangeSet),
    /// As [`Notification::Redacted`].
    Redacted(OrderId),
}

/// The channel of LISTEN and NOTIFY.
pub(crate) const CHANNEL: &str = "buywire";

impl Notification {
    /// `None` without deliveries.
    pub(crate) fn due(emitted: &[EmittedDelivery]) -> Option<Self> {
        let since = emitted.iter().map(|delivery| delivery.due_at).min()?;
        let shards = emitted.iter().map(|delivery| delivery.shard).collect();
        Some(Self::Due(shards, since))
    }
}

impl Broadcast {
    /// Send it to every node of this database.
    pub(crate) async fn send(&self, store: &Store) -> Result<(), DatabaseError> {
        store.notify(CHANNEL, &self.payload()).await
    }

    /// At most 64 numbers or 200 ids, which is below NOTIFY's limit of 8,000 bytes.
    pub(crate) fn payload(&self) -> String {
        match self {
            Self::Due(shards, None) => format!("due {}", join_numbers(shards)),
            Self::Due(shards, Some(since)) => {
                format!(
                    "due {} {}",
                    join_numbers(shards),
                    since.unix_timestamp_nanos()
                )
            }
            Self::Reopened(shards) => format!("reopened {}", join_numbers(shards)),
            Self::Endpoints(changes) => endpoints_payload(changes),
            Self::Redacted(order) => format!("redacted {order}"),
        }
    }

    /// Parses another process's message. An unknown one is from a newer version and ignored.
    pub(crate) fn parse(payload: &str) -> Option<Self> {
        match payload.split_once(' ') {
            None if payload == "endpoints" => Some(Self::Endpoints(all_changes())),
            Some(("endpoints", ids)) => Some(Self::Endpoints(endpoint_changes(ids))),
            Some(("due", rest)) => Some(parse_due(rest)),
            Some(("reopened", numbers)) => Some(Self::Reopened(parse_shards(numbers))),
            Some(("redacted", order)) => order.parse().ok().map(Self::Redacted),
            _ => None,
        }
    }
}

fn parse_due(rest: &str) -> Broadcast {
    let (numbers, since) = rest.split_once(' ').unwrap_or((rest, ""));
    let since = since.parse().ok();
    let since = since.and_then(|nanos| OffsetDateTime::from_unix_timestamp_nanos(nanos).ok());
    Broadcast::Due(parse_shards(numbers), since)
}

/// A partner's change is polled for, because it may have many endpoints.
fn endpoints_payload(changes: &ChangeSet) -> String {
    let needs_poll = changes.overflowed || changes.signing_keys || !changes.partners.is_empty();
    if needs_poll {
        return "endpoints".to_owned();
    }
    let ids = changes.endpoints.iter();
    let ids: Vec<_> = ids.map(|id| id.uuid().simple().to_string()).collect();
    format!("endpoints {}", ids.join(","))
}

fn all_changes() -> ChangeSet {
    ChangeSet {
        overflowed: true,
        ..ChangeSet::default()
    }
}

fn endpoint_changes(ids: &str) -> ChangeSet {
    let id = |text: &str| Uuid::parse_str(text).ok().map(EndpointId::from_uuid);
    ChangeSet {
        endpoints: ids.split(',').filter_map(id).collect(),
        ..ChangeSet::default()
    }
}

fn join_numbers(shards: &[Shard]) -> String {
    let numbers: Vec<_> = shards
        .iter()
        .map(|shard| shard.number().to_string())
        .collect();
    numbers.join(",")
}

fn parse_shards(numbers: &str) -> Vec<Shard> {
    let shard = |n: &str| n.parse().ok().and_then(Shard::from_number);
    numbers.split(',').filter_map(shard).collect()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn calls_survive_the_wire() {
        let shards: Vec<_> = Shard::all().collect();
        let some = ChangeSet {
            endpoints: (0..200).map(|_| EndpointId::generate()).collect(),
            ..ChangeSet::default()
        };
        for message in [
            Broadcast::Reopened(shards.clone()),
            Broadcast::Due(shards.clone(), None),
            Broadcast::Due(shards, Some(datetime!(2026-11-20 10:00:00.123456 UTC))),
            Broadcast::Endpoints(all_changes()),
            Broadcast::Endpoints(some.clone()),
            Broadcast::Redacted(OrderId::generate()),
        ] {
            assert!(message.payload().len() < 8_000);
            assert_eq!(Broadcast::parse(&message.payload()), Some(message));
        }
        assert_eq!(Broadcast::parse("from tomorrow"), None);
    }
}
