//! Hearing NOTIFY: the wake-up calls between nodes.
//!
//! A notification only hastens; polling guarantees. So this promises little and keeps it simply:
//! while the connection stands, what is notified arrives; when it broke, one `Reconnected` tells
//! that anything may have been missed; and a listener that does not keep up loses payloads rather
//! than memory, also told by one `Reconnected`.

use std::time::Duration;

use futures_util::{StreamExt, stream::poll_fn};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::task::JoinSet;
use tokio_postgres::AsyncMessage;

use super::{
    connect::{Connected, Target},
    error::{Stage, StoreError},
    patience,
};

/// Far more than arrive in the 50 ms between two notifications of one node.
const UNHEARD: usize = 1_024;
/// A line may be dead without a word; asked this often, it is noticed within one lease.
const STILL_THERE: Duration = Duration::from_secs(5);

/// What a listener hears.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A payload of the channel.
    Payload(String),
    /// The channel is heard from here on; what came before may have been missed: look yourself.
    Reconnected,
}

/// Listens to one channel until it is dropped, reconnecting as often as needed.
#[derive(Debug)]
pub struct Listener {
    heard: mpsc::Receiver<Heard>,
}

impl Listener {
    /// Starts to listen. The first thing heard is `Reconnected`: subscribe, then look.
    pub(super) fn start(target: Target, channel: &'static str) -> Self {
        let (speaker, heard) = mpsc::channel(UNHEARD);
        tokio::spawn(async move {
            while !speaker.is_closed() {
                let subscribe = || subscribe(&target, channel);
                // Without end while it may help; a database that refuses us for good is reported
                // by every other connection, and polling does without us.
                let Ok(subscribed) = patience::keep_trying(
                    "listen to the database",
                    StoreError::is_transient,
                    subscribe,
                )
                .await
                else {
                    return;
                };
                forward(subscribed, &speaker).await;
            }
        });
        Self { heard }
    }

    /// The next thing heard; `None` when the database refuses us for good.
    pub async fn next(&mut self) -> Option<Heard> {
        self.heard.recv().await
    }
}

/// A connection that listens, and what arrives on it.
struct Subscribed {
    client: tokio_postgres::Client,
    payloads: mpsc::Receiver<String>,
    /// Ends with this: a line whose other end hangs would never end by itself.
    _driver: JoinSet<()>,
}

async fn subscribe(target: &Target, channel: &str) -> Result<Subscribed, StoreError> {
    let Connected {
        client,
        mut connection,
    } = target.dial().await?;
    let (speaker, payloads) = mpsc::channel(UNHEARD);
    let mut driver = JoinSet::new();
    driver.spawn(async move {
        let mut messages = poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(notification) = message
                && let Err(TrySendError::Full(_)) =
                    speaker.try_send(notification.payload().to_owned())
            {
                // Ends the subscription; the next one begins with `Reconnected`.
                return;
            }
        }
    });
    let listen = format!("LISTEN {channel}");
    tokio::time::timeout(STILL_THERE, client.batch_execute(&listen))
        .await
        .map_err(|_| StoreError::silent(Stage::Uncommitted, STILL_THERE))?
        .map_err(|error| StoreError::at(Stage::Uncommitted, &error))?;
    Ok(Subscribed {
        client,
        payloads,
        _driver: driver,
    })
}

/// Passes on what arrives until the connection or the listener ends.
async fn forward(mut subscribed: Subscribed, speaker: &mpsc::Sender<Heard>) {
    if speaker.send(Heard::Reconnected).await.is_err() {
        return;
    }
    loop {
        let arrived = tokio::select! {
            () = speaker.closed() => return,
            arrived = tokio::time::timeout(STILL_THERE, subscribed.payloads.recv()) => arrived,
        };
        match arrived {
            Ok(Some(payload)) => {
                if speaker.try_send(Heard::Payload(payload)).is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(_quiet) => {
                let asked = tokio::time::timeout(STILL_THERE, subscribed.client.batch_execute(""));
                if !asked.await.is_ok_and(|answer| answer.is_ok()) {
                    return;
                }
            }
        }
    }
}
