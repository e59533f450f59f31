//! `buywire demo`: a gateway at work on this machine.

use anyhow::bail;
use clap::Args;

use crate::tools::demo::{self, Demo};
use crate::tools::harness::wait_for_interrupt;

/// The options of `buywire demo`.
#[derive(Args)]
pub(crate) struct Options {
    /// Exit when every order has arrived and is verified, instead of staying up.
    #[arg(long)]
    once: bool,
}

/// Run it.
///
/// # Errors
/// When an order did not arrive, or something does not start.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let mut is_complete = false;
    tokio::select! {
        played = play(options.once, &mut is_complete) => played?,
        interrupt = wait_for_interrupt() => interrupt?,
    }
    match is_complete {
        true => Ok(()),
        false => bail!("stopped before every order arrived"),
    }
}

async fn play(once: bool, is_complete: &mut bool) -> anyhow::Result<()> {
    let mut script = Demo::start().await?;
    script.run().await?;
    *is_complete = true;
    if once {
        return Ok(());
    }
    script.follow().await
}

/// The receiving process.
///
/// # Errors
/// When it cannot listen.
pub(crate) async fn receive() -> anyhow::Result<()> {
    demo::receive().await
}
