//! This process's side of the receiver.

use std::process::Command;

use anyhow::Context;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncWriteExt, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout};

use super::receiver::{Count, Word};
use crate::stage::Child;

/// The hidden command that is the receiver.
pub(crate) const COMMAND: &str = "bench-receiver";

/// A running receiver.
pub(super) struct Watch {
    /// Where it listens, on 127.0.0.1.
    pub(super) port: u16,
    child: Child,
    told: ChildStdin,
    says: Lines<BufReader<ChildStdout>>,
}

#[derive(Deserialize)]
struct Listens {
    port: u16,
}

impl Watch {
    pub(super) async fn start(adapter: &str, secrets: Vec<String>) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let (child, told, says) =
            Child::start(command.arg(COMMAND)).context("start the receiver")?;
        let mut watch = Self {
            port: 0,
            child,
            told,
            says,
        };
        let adapter = adapter.to_owned();
        let listens: Listens = watch.ask(&Word::Expect { adapter, secrets }).await?;
        watch.port = listens.port;
        Ok(watch)
    }

    pub(super) async fn begin(
        &mut self,
        phase: u8,
        orders: usize,
        in_turn: bool,
    ) -> anyhow::Result<Count> {
        let begin = Word::Begin {
            phase,
            orders,
            in_turn,
        };
        self.ask(&begin).await
    }

    pub(super) async fn count(&mut self) -> anyhow::Result<Count> {
        self.ask(&Word::Count).await
    }

    /// First arrivals by endpoint, then order; 0 for what never came.
    pub(super) async fn report(&mut self) -> anyhow::Result<Vec<u64>> {
        self.ask(&Word::Report).await
    }

    pub(super) fn process_id(&self) -> u32 {
        self.child.id()
    }

    async fn ask<T: DeserializeOwned>(&mut self, word: &Word) -> anyhow::Result<T> {
        let mut line = serde_json::to_vec(word)?;
        line.push(b'\n');
        self.told.write_all(&line).await.context("the receiver")?;
        let answer = self.says.next_line().await?;
        let answer = answer.context("the receiver has ended")?;
        Ok(serde_json::from_str(&answer)?)
    }
}
