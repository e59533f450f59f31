//! The command line: its commands and their dispatch. `--help` is the manual.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands;
use crate::config::Settings;
use crate::output;

/// Merchant integration webhook gateway: delivers orders to partners, reads their product feeds and publishes buyable
/// tweets.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gateway until Ctrl-C or SIGTERM.
    Serve(Box<Settings>),
    /// Migrate the database to this version's schema, then exit.
    Migrate(Box<Settings>),
    /// Check the settings and the database that `serve` would use, without changing anything.
    Check(Box<commands::check::Options>),
    /// Show a gateway at work on this machine: orders, a retry, a dead letter and its replay, and a feed that becomes
    /// buyable tweets.
    Demo(commands::demo::Options),
    /// Create, list and revoke API keys; rotate the gateway's signing keys.
    #[command(subcommand)]
    Key(commands::key::Key),
    /// Create, list, show and update partners; preview their requests.
    #[command(subcommand)]
    Partner(commands::partner::Partner),
    /// Create, list, update, enable, disable, test and delete partners' endpoints; rotate their secrets.
    #[command(subcommand)]
    Endpoint(Box<commands::endpoint::Endpoint>),
    /// Send, show, cancel, refund and redact orders.
    #[command(subcommand)]
    Order(commands::order::Order),
    /// List and show deliveries, or send one again.
    #[command(subcommand)]
    Delivery(Box<commands::delivery::Delivery>),
    /// Check and push product feeds, and read their reports.
    #[command(subcommand)]
    Feed(commands::feed::Feed),
    /// Set, show and list how many units of an item are for sale.
    #[command(subcommand)]
    Stock(commands::buying::stock::Stock),
    /// List and show checkouts: what buyers are buying, and what came of it.
    #[command(subcommand)]
    Checkout(commands::buying::checkout::Checkout),
    /// List, show, refund and reconcile payments.
    #[command(subcommand)]
    Payment(commands::buying::payment::Payment),
    /// List and set kill switches, which stop sales.
    #[command(subcommand)]
    Switch(commands::buying::switch::Switch),
    /// Create, list, show, publish and withdraw buyable tweets.
    #[command(subcommand)]
    Post(commands::post::Post),
    /// Send many deliveries again, and follow, pause or cancel the job.
    #[command(subcommand)]
    Replay(commands::replay::Replay),
    /// List and show adapters, test one, or create a new one from a skeleton.
    #[command(subcommand)]
    Adapter(commands::adapter::Adapter),
    /// Verify the signature of a captured request, and say what is wrong with it.
    Verify(commands::verify::Options),
    /// Measure throughput and latency on this machine.
    Bench(commands::bench::Options),
    /// Run the payment processor for tests: Stripe's API and hosted page, without money.
    SandboxProcessor(commands::sandbox_processor::Options),
    /// The receiving process of `demo`.
    #[command(hide = true)]
    DemoReceiver,
    /// The receiving process of `bench`.
    #[command(hide = true)]
    BenchReceiver,
}

/// Reads the command line and runs the command.
#[tokio::main]
pub async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(format_args!("buywire: {}", error_chain(&error)));
            ExitCode::FAILURE
        }
    }
}

/// Run the command.
///
/// # Errors
/// Why the command failed, in sentences for people.
async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Serve(mut settings) => {
            settings.read_secrets()?;
            commands::serve::run(&settings).await
        }
        Command::Migrate(mut settings) => {
            settings.read_secrets()?;
            commands::migrate::run(&settings).await
        }
        Command::Check(options) => commands::check::run(*options).await,
        Command::Demo(options) => commands::demo::run(options).await,
        Command::Key(command) => commands::key::run(command).await,
        Command::Partner(command) => commands::partner::run(command).await,
        Command::Endpoint(command) => commands::endpoint::run(*command).await,
        Command::Order(command) => commands::order::run(command).await,
        Command::Delivery(command) => commands::delivery::run(*command).await,
        Command::Feed(command) => commands::feed::run(command).await,
        Command::Stock(command) => commands::buying::stock::run(command).await,
        Command::Checkout(command) => commands::buying::checkout::run(command).await,
        Command::Payment(command) => commands::buying::payment::run(command).await,
        Command::Switch(command) => commands::buying::switch::run(command).await,
        Command::Post(command) => commands::post::run(command).await,
        Command::Replay(command) => commands::replay::run(command).await,
        Command::Adapter(command) => commands::adapter::run(command),
        Command::Verify(options) => commands::verify::run(&options),
        Command::Bench(options) => commands::bench::run(options).await,
        Command::SandboxProcessor(options) => commands::sandbox_processor::run(options).await,
        Command::DemoReceiver => commands::demo::receive().await,
        Command::BenchReceiver => commands::bench::receive().await,
    }
}

/// An error and its causes in one line. Some errors include their cause: it is not repeated.
pub(crate) fn error_chain(error: &anyhow::Error) -> String {
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
    use clap::CommandFactory;

    use super::{Cli, error_chain};

    #[derive(Debug, thiserror::Error)]
    #[error("cannot open the file: {0}")]
    struct IncludesCause(#[from] io::Error);

    /// Options whose names sound like secrets and hold none.
    const HARMLESS: [&str; 6] = [
        // Names a request, and is printed.
        "idempotency-key",
        "callback-public-key",
        // Limits of requests with a key.
        "key-rate",
        "key-burst",
        // A line of a captured request. A signature proves nothing to others.
        "header",
        // Where events go. `-` reads one with a token.
        "url",
    ];
    /// Of a processor for tests: they stand for nobody's money.
    const SANDBOX: [&str; 3] = ["key", "webhook-secret", "webhook-url"];
    /// Base URLs: refused with a user name or a query, or public like a shop's.
    const BASE_URLS: [&str; 3] = ["public-url", "stripe-url", "shop-url"];

    #[test]
    fn no_option_takes_a_secret_as_its_value() {
        let words = [
            "key", "secret", "token", "password", "header", "headers", "url", "proxy",
        ];
        let mut files = 0;
        for (command, argument) in arguments(&Cli::command()) {
            let name = argument.get_id().as_str().replace('_', "-");
            assert!(!argument.is_hide_env_values_set(), "{command} {name}");
            if name.ends_with("-file") {
                files += 1;
                continue;
            }
            let sounds_secret = name.split('-').any(|part| words.contains(&part));
            let is_sandbox = command == "sandbox-processor" && SANDBOX.contains(&name.as_str());
            let is_harmless =
                HARMLESS.contains(&name.as_str()) || BASE_URLS.contains(&name.as_str());
            assert!(
                !sounds_secret || is_harmless || is_sandbox,
                "{command} --{name}: read it from a file"
            );
        }
        assert!(files > 20, "{files}");
    }

    /// Every argument of every command, with the command's name.
    fn arguments(command: &clap::Command) -> Vec<(String, clap::Arg)> {
        let name = command.get_name().to_owned();
        let own = command
            .get_arguments()
            .map(|one| (name.clone(), one.clone()));
        let below = command.get_subcommands().flat_map(arguments);
        own.chain(below).collect()
    }

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
