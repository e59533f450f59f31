//! The command line: what can be said, and which command hears it. `--help` is the manual.

use clap::{Parser, Subcommand};

use crate::commands;
use crate::config::Settings;

/// Merchant integration webhook gateway: orders out, catalogs in, buyable tweets between.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gateway until it is told to stop (Ctrl-C or SIGTERM).
    Serve(Box<Settings>),
    /// Bring the database to the schema of this executable, and stop.
    Migrate(Box<Settings>),
    /// Check settings and database as `serve` would use them, change nothing, and say what is wrong.
    Check(Box<commands::check::Options>),
    /// See it work: orders, retries, a dead letter and its replay, all on this machine.
    Demo(commands::demo::Options),
    /// Issue, list and revoke keys of the API.
    #[command(subcommand)]
    Key(commands::key::Key),
    /// Create, show and change partners.
    #[command(subcommand)]
    Partner(commands::partner::Partner),
    /// Create, change, test and delete the endpoints of a partner.
    #[command(subcommand)]
    Endpoint(Box<commands::endpoint::Endpoint>),
    /// Send, show, cancel, refund and redact orders.
    #[command(subcommand)]
    Order(commands::order::Order),
    /// List, show and replay deliveries.
    #[command(subcommand)]
    Delivery(Box<commands::delivery::Delivery>),
    /// Push feeds of products, and see what became of them.
    #[command(subcommand)]
    Feed(commands::feed::Feed),
    /// Make buyable tweets of products, publish them, take them back.
    #[command(subcommand)]
    Post(commands::post::Post),
    /// Make and watch replays of many deliveries.
    #[command(subcommand)]
    Replay(commands::replay::Replay),
    /// List and show dialects, hold one to the contract, begin another.
    #[command(subcommand)]
    Adapter(commands::adapter::Adapter),
    /// Check a captured request against a secret, and say exactly what is wrong with it.
    Verify(commands::verify::Options),
    /// Measure orders, deliveries and latencies on this machine.
    Bench(commands::bench::Options),
    /// The receiving process of `demo`.
    #[command(hide = true)]
    DemoReceiver,
    /// The receiving process of `bench`.
    #[command(hide = true)]
    BenchReceiver,
}

/// Run what was asked.
///
/// # Errors
/// What the command could not do, as sentences for people.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Serve(settings) => commands::serve::run(&settings).await,
        Command::Migrate(settings) => commands::migrate::run(&settings).await,
        Command::Check(options) => commands::check::run(&options).await,
        Command::Demo(options) => commands::demo::run(options).await,
        Command::Key(command) => commands::key::run(command).await,
        Command::Partner(command) => commands::partner::run(command).await,
        Command::Endpoint(command) => commands::endpoint::run(*command).await,
        Command::Order(command) => commands::order::run(command).await,
        Command::Delivery(command) => commands::delivery::run(*command).await,
        Command::Feed(command) => commands::feed::run(command).await,
        Command::Post(command) => commands::post::run(command).await,
        Command::Replay(command) => commands::replay::run(command).await,
        Command::Adapter(command) => commands::adapter::run(command),
        Command::Verify(options) => commands::verify::run(&options),
        Command::Bench(options) => commands::bench::run(options).await,
        Command::DemoReceiver => commands::demo::receive().await,
        Command::BenchReceiver => commands::bench::receive().await,
    }
}

/// An error and its causes in one line. Many an error says its cause itself: nothing is said twice.
#[must_use]
pub fn error_chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::Context;

    use super::error_chain;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot open the file: {0}")]
    struct IncludesCause(#[from] io::Error);

    #[test]
    fn a_cause_is_said_once() {
        let cause = || io::Error::other("permission denied");
        let error = anyhow::Error::new(IncludesCause(cause())).context("--config");
        assert_eq!(
            error_chain(&error),
            "--config: cannot open the file: permission denied"
        );
        let error = Err::<(), _>(cause()).context("--config").unwrap_err();
        assert_eq!(error_chain(&error), "--config: permission denied");
    }
}
