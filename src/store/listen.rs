//! LISTEN and NOTIFY: what one gateway tells the others. It hastens; nobody depends on it.

use std::future::poll_fn;

use tokio::sync::mpsc;
use tokio_postgres::AsyncMessage;

use super::bell::{CHANNEL, Call};
use super::patience;
use super::{Store, StoreError};

impl Store {
    /// Tell every other gateway on this database.
    pub async fn notify(&self, call: &Call) -> Result<(), StoreError> {
        let sql = "SELECT pg_notify($1, $2)";
        self.general().await?.execute(sql, &[&CHANNEL, &call.payload()]).await?;
        Ok(())
    }

    /// Hear what other gateways tell, over a connection of its own, until nobody wants to hear it.
    pub async fn listen(self, calls: mpsc::UnboundedSender<Call>) {
        let worth_waiting = |_: &StoreError| !calls.is_closed();
        let hear = || async {
            self.hear(&calls).await?;
            Err(StoreError::Unreachable { reason: "the connection ended".into() })
        };
        let _: Result<(), _> = patience::keep_trying("listen for other gateways", worth_waiting, hear).await;
    }

    async fn hear(&self, calls: &mpsc::UnboundedSender<Call>) -> Result<(), StoreError> {
        let (client, mut connection) = self.target.connect_raw().await?;
        let (messages, mut heard) = mpsc::unbounded_channel();
        let driving = tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                if messages.send(message).is_err() {
                    return;
                }
            }
        });
        client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
        // Whatever was told before we listened is found by polling.
        while let Some(message) = heard.recv().await {
            if let AsyncMessage::Notification(told) = message
                && let Some(call) = Call::parse(told.payload())
                && calls.send(call).is_err()
            {
                break;
            }
        }
        driving.abort();
        Ok(())
    }
}
