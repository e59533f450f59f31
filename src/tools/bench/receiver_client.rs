//! Starts the receiving process and talks to it.

use std::process::Command;

use anyhow::Context;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncWriteExt, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout};

use crate::tools::bench::receiver::{ArrivalCounts, ReceiverCommand};
use crate::tools::harness::Child;

/// The hidden command that runs the receiver.
pub(crate) const COMMAND: &str = "bench-receiver";

pub(crate) struct ReceiverClient {
    /// Its port on 127.0.0.1.
    pub(crate) port: u16,
    child: Child,
    stdin: ChildStdin,
    replies: Lines<BufReader<ChildStdout>>,
}

#[derive(Deserialize)]
struct ReceiverAddress {
    port: u16,
}

impl ReceiverClient {
    pub(crate) async fn start(adapter: &str, secrets: Vec<String>) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let (child, stdin, replies) =
            Child::start(command.arg(COMMAND)).context("start the receiver")?;
        let mut client = Self {
            port: 0,
            child,
            stdin,
            replies,
        };
        let adapter = adapter.to_owned();
        let address: ReceiverAddress = client
            .request(&ReceiverCommand::Expect { adapter, secrets })
            .await?;
        client.port = address.port;
        Ok(client)
    }

    pub(crate) async fn begin(
        &mut self,
        phase: u8,
        orders: usize,
        in_turn: bool,
    ) -> anyhow::Result<ArrivalCounts> {
        let begin = ReceiverCommand::Begin {
            phase,
            orders,
            round_robin: in_turn,
        };
        self.request(&begin).await
    }

    pub(crate) async fn count(&mut self) -> anyhow::Result<ArrivalCounts> {
        self.request(&ReceiverCommand::Count).await
    }

    /// First arrivals by endpoint, then by order; 0 if there was none.
    pub(crate) async fn report(&mut self) -> anyhow::Result<Vec<u64>> {
        self.request(&ReceiverCommand::Report).await
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    async fn request<T: DeserializeOwned>(
        &mut self,
        command: &ReceiverCommand,
    ) -> anyhow::Result<T> {
        let mut line = serde_json::to_vec(command)?;
        line.push(b'\n');
        self.stdin.write_all(&line).await.context("the receiver")?;
        let answer = self.replies.next_line().await?;
        let answer = answer.context("the receiver has ended")?;
        Ok(serde_json::from_str(&answer)?)
    }
}
