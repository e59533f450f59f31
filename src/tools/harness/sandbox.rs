//! The sandbox processor as a process of its own: this executable's `sandbox-processor`.

use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};

use anyhow::Context;
use serde_json::Value;
use tokio::io::{BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout};

use crate::tools::harness::Child;

/// What gateway and processor share.
pub(crate) const API_KEY: &str = "sk_test_sandbox";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_sandbox_0123456789";

/// A running sandbox processor.
pub(crate) struct SandboxProcess {
    _child: Child,
    // Held open: it stops when its standard input closes.
    _pipes: (ChildStdin, Lines<BufReader<ChildStdout>>),
}

/// A port for the processor. The gateway must know its URL before the processor can know the gateway's.
///
/// # Errors
/// When no port is free.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl SandboxProcess {
    /// Starts the processor; its webhooks go to the gateway.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) async fn start(listen: SocketAddr, gateway: SocketAddr) -> anyhow::Result<Self> {
        let webhooks = format!("http://{gateway}/v1/payments/sandbox/events");
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["sandbox-processor", "--json", "--stop-with-stdin"])
            .args(["--listen", &listen.to_string(), "--key", API_KEY])
            .args(["--webhook-url", &webhooks])
            .args(["--webhook-secret", WEBHOOK_SECRET])
            .stderr(Stdio::null());
        let (child, stdin, mut lines) =
            Child::start(&mut command).context("start the sandbox processor")?;
        let first = lines.next_line().await?;
        let first =
            first.with_context(|| format!("the sandbox processor cannot listen on {listen}"))?;
        serde_json::from_str::<Value>(&first).context("the sandbox processor did not start")?;
        Ok(Self {
            _child: child,
            _pipes: (stdin, lines),
        })
    }
}
