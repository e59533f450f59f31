//! `buywire sandbox-processor`: the payment processor for tests, as a process of its own.
//!
//! The gateway knows it only over HTTP: this file hands over the options, and nothing else.

use std::net::SocketAddr;

use anyhow::Context;
use buywire_sandbox_processor::{SandboxOptions, WebhookOptions, start};
use clap::Args;

use super::serve::StopSignal;
use crate::output;

/// The options of `buywire sandbox-processor`.
#[derive(Args)]
pub(crate) struct Options {
    /// Address to listen on. Port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// API key that clients must send.
    #[arg(long, value_name = "sk_test_…", default_value = "sk_test_sandbox")]
    key: String,
    /// URL that receives every event: http on this machine.
    #[arg(long, value_name = "URL", requires = "webhook_secret")]
    webhook_url: Option<String>,
    /// Secret that signs the events.
    #[arg(long, value_name = "whsec_…", requires = "webhook_url")]
    webhook_secret: Option<String>,
    /// Stop when standard input closes, as it does when the parent process ends.
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
    /// Print one JSON document with the URL and the key instead of text.
    #[arg(long)]
    json: bool,
}

/// Run it until Ctrl-C or SIGTERM.
///
/// # Errors
/// When it cannot listen, or the server fails.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let mut stop = StopSignal::listen(options.stop_with_stdin)?;
    let webhook = options
        .webhook_url
        .zip(options.webhook_secret)
        .map(|(url, secret)| WebhookOptions { url, secret });
    let sandbox = start(SandboxOptions {
        listen: options.listen,
        key: options.key.clone(),
        webhook,
        ..SandboxOptions::default()
    });
    let sandbox = sandbox.context("the sandbox processor does not start")?;
    let url = format!("http://{}", sandbox.address());
    match options.json {
        true => output::say(serde_json::json!({"url": url, "key": options.key})),
        false => output::say(format_args!(
            "The sandbox processor listens on {url} with the key {}. No money moves.",
            options.key
        )),
    }
    tokio::select! {
        () = stop.requested() => Ok(()),
        ended = sandbox.wait() => Ok(ended?),
    }
}
