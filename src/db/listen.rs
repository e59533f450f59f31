//! Receives NOTIFY messages, by which nodes wake each other.
//!
//! A notification only saves time; polling finds what it missed. So the promises are few: while the connection lasts,
//! notifications arrive; after it broke, one `Reconnected` says that some may have been missed; a listener that falls
//! behind loses payloads rather than memory, also reported as one `Reconnected`.

use std::time::Duration;

use futures_util::{StreamExt, stream::poll_fn};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::task::JoinSet;
use tokio_postgres::AsyncMessage;

use crate::db::connect::{DatabaseTarget, RawConnection};
use crate::db::error::{DatabaseError, TxPhase};
use crate::db::retry;

/// Far more than arrive in the 50 ms between two notifications of one node.
const EVENTS_BUFFERED_MAX: usize = 1_024;
/// A connection may die silently. Pinged this often, it is noticed within one lease.
const PING_INTERVAL: Duration = Duration::from_secs(5);

/// What a listener receives.
#[derive(Debug, PartialEq, Eq)]
pub enum ListenEvent {
    /// A payload sent to the channel.
    Payload(String),
    /// The channel is open from now on. Earlier payloads may be lost, so poll.
    Reconnected,
}

/// Listens to one channel until it is dropped, reconnecting as often as needed.
#[derive(Debug)]
pub struct Listener {
    events: mpsc::Receiver<ListenEvent>,
}

impl Listener {
    /// Starts to listen. The first event is `Reconnected`: subscribe, then poll.
    pub(crate) fn start(target: DatabaseTarget, channel: &'static str) -> Self {
        let (sender, events) = mpsc::channel(EVENTS_BUFFERED_MAX);
        tokio::spawn(async move {
            while !sender.is_closed() {
                let subscribe = || subscribe(&target, channel);
                // Retries as long as the failure may pass. A permanent failure is reported by every other connection,
                // and polling continues without the listener.
                let Ok(subscription) = retry::retry_with_backoff(
                    "listen to the database",
                    DatabaseError::is_transient,
                    subscribe,
                )
                .await
                else {
                    return;
                };
                forward(subscription, &sender).await;
            }
        });
        Self { events }
    }

    /// Waits for the next event. `None` means that the database rejects us permanently.
    pub async fn next(&mut self) -> Option<ListenEvent> {
        self.events.recv().await
    }
}

/// A listening connection and the payloads it received.
struct Subscription {
    client: tokio_postgres::Client,
    payloads: mpsc::Receiver<String>,
    /// Dropped with the subscription: the driver of a hung connection never ends by itself.
    _driver: JoinSet<()>,
}

async fn subscribe(target: &DatabaseTarget, channel: &str) -> Result<Subscription, DatabaseError> {
    let RawConnection {
        client,
        mut connection,
    } = target.dial().await?;
    let (sender, payloads) = mpsc::channel(EVENTS_BUFFERED_MAX);
    let mut driver = JoinSet::new();
    driver.spawn(async move {
        let mut messages = poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(notification) = message
                && let Err(TrySendError::Full(_)) =
                    sender.try_send(notification.payload().to_owned())
            {
                // Ends the subscription. The next one begins with `Reconnected`.
                return;
            }
        }
    });
    let listen = format!("LISTEN {channel}");
    tokio::time::timeout(PING_INTERVAL, client.batch_execute(&listen))
        .await
        .map_err(|_| DatabaseError::timeout(TxPhase::Uncommitted, PING_INTERVAL))?
        .map_err(|error| DatabaseError::from_postgres(TxPhase::Uncommitted, &error))?;
    Ok(Subscription {
        client,
        payloads,
        _driver: driver,
    })
}

/// Forwards payloads until the connection or the listener ends.
async fn forward(mut subscription: Subscription, sender: &mpsc::Sender<ListenEvent>) {
    if sender.send(ListenEvent::Reconnected).await.is_err() {
        return;
    }
    loop {
        let arrived = tokio::select! {
            () = sender.closed() => return,
            arrived = tokio::time::timeout(PING_INTERVAL, subscription.payloads.recv()) => arrived,
        };
        match arrived {
            Ok(Some(payload)) => {
                if sender.try_send(ListenEvent::Payload(payload)).is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(_quiet) => {
                let ping =
                    tokio::time::timeout(PING_INTERVAL, subscription.client.batch_execute(""));
                if !ping.await.is_ok_and(|answer| answer.is_ok()) {
                    return;
                }
            }
        }
    }
}
