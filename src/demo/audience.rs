//! This process's side of the receiver: who came, in the order in which they came.

use std::process::Command;

use anyhow::{Context, bail};
use tokio::io::AsyncWriteExt;
use tokio::process::ChildStdin;
use tokio::sync::mpsc;

use super::receiver::{Cue, Said, Visit};
use crate::stage::Child;

/// The hidden command that is the receiver.
pub(crate) const COMMAND: &str = "demo-receiver";

/// A running receiver.
pub(super) struct Audience {
    /// Where it listens, on 127.0.0.1.
    pub(super) port: u16,
    told: ChildStdin,
    heard: mpsc::Receiver<()>,
    visits: mpsc::UnboundedReceiver<Visit>,
    _child: Child,
}

impl Audience {
    pub(super) async fn gather() -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let (child, told, mut lines) =
            Child::start(command.arg(COMMAND)).context("start the receiver")?;
        let first = lines.next_line().await?.context("the receiver has ended")?;
        let Said::Listens(port) = serde_json::from_str(&first)? else {
            bail!("the receiver does not listen");
        };
        let (hears, heard) = mpsc::channel(1);
        let (comes, visits) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                // Ends with the receiver, or with whoever listens to it.
                let passed_on = match serde_json::from_str(&line) {
                    Ok(Said::Heard) => hears.send(()).await.is_ok(),
                    Ok(Said::Came(visit)) => comes.send(visit).is_ok(),
                    Ok(Said::Listens(_)) | Err(_) => false,
                };
                if !passed_on {
                    return;
                }
            }
        });
        Ok(Self {
            port,
            told,
            heard,
            visits,
            _child: child,
        })
    }

    /// Tells the receiver something, and returns when it has understood.
    pub(super) async fn cue(&mut self, cue: &Cue) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(cue)?;
        line.push(b'\n');
        self.told.write_all(&line).await.context("the receiver")?;
        self.heard.recv().await.context("the receiver has ended")
    }

    /// The next one who comes.
    pub(super) async fn next(&mut self) -> anyhow::Result<Visit> {
        self.visits.recv().await.context("the receiver has ended")
    }
}
