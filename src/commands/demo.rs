//! `buywire demo`: see it work.

use anyhow::bail;
use clap::Args;

use crate::demo::{self, Story};
use crate::stage::interrupted;

/// What `buywire demo` can be told.
#[derive(Args)]
pub struct Options {
    /// End when every order has arrived, verified, instead of staying up.
    #[arg(long)]
    once: bool,
}

/// Run it.
///
/// # Errors
/// When an order did not arrive, or something does not start.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let mut is_told = false;
    tokio::select! {
        told = tell(options.once, &mut is_told) => told?,
        heard = interrupted() => heard?,
    }
    match is_told {
        true => Ok(()),
        false => bail!("stopped before every order had arrived"),
    }
}

async fn tell(once: bool, is_told: &mut bool) -> anyhow::Result<()> {
    let mut story = Story::begin().await?;
    story.tell().await?;
    *is_told = true;
    if once {
        return Ok(());
    }
    story.stay().await
}

/// The receiving process.
///
/// # Errors
/// When it cannot listen.
pub async fn receive() -> anyhow::Result<()> {
    demo::receive().await
}
