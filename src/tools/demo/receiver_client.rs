//! Starts the receiving process, and reads its requests in order of arrival.

use std::process::Command;

use anyhow::{Context, bail};
use tokio::io::AsyncWriteExt;
use tokio::process::ChildStdin;
use tokio::sync::mpsc;

use crate::tools::demo::receiver::{ReceivedRequest, ReceiverCommand, ReceiverMessage};
use crate::tools::harness::Child;

/// The hidden command that runs the receiver.
pub(crate) const COMMAND: &str = "demo-receiver";

pub(crate) struct ReceiverClient {
    /// Its port on 127.0.0.1.
    pub(crate) port: u16,
    stdin: ChildStdin,
    acknowledgements: mpsc::Receiver<()>,
    requests: mpsc::UnboundedReceiver<ReceivedRequest>,
    _child: Child,
}

impl ReceiverClient {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let (child, stdin, mut lines) =
            Child::start(command.arg(COMMAND)).context("start the receiver")?;
        let first = lines.next_line().await?.context("the receiver has ended")?;
        let ReceiverMessage::Listening(port) = serde_json::from_str(&first)? else {
            bail!("the receiver does not listen");
        };
        let (ack_sender, acknowledgements) = mpsc::channel(1);
        let (request_sender, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                // Ends with the receiver, or with the demo.
                let is_open = match serde_json::from_str(&line) {
                    Ok(ReceiverMessage::Acknowledged) => ack_sender.send(()).await.is_ok(),
                    Ok(ReceiverMessage::Received(request)) => request_sender.send(request).is_ok(),
                    Ok(ReceiverMessage::Listening(_)) | Err(_) => false,
                };
                if !is_open {
                    return;
                }
            }
        });
        Ok(Self {
            port,
            stdin,
            acknowledgements,
            requests,
            _child: child,
        })
    }

    /// Sends a command and waits until it has taken effect.
    pub(crate) async fn send(&mut self, command: &ReceiverCommand) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(command)?;
        line.push(b'\n');
        self.stdin.write_all(&line).await.context("the receiver")?;
        self.acknowledgements
            .recv()
            .await
            .context("the receiver has ended")
    }

    /// Waits for the next request.
    pub(crate) async fn next_request(&mut self) -> anyhow::Result<ReceivedRequest> {
        self.requests.recv().await.context("the receiver has ended")
    }
}
