//! What a sandbox is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The options of a sandbox processor.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Where it listens. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The API key that clients send.
    pub key: String,
    /// Where all events go, and the secret that signs them; more by `POST /v1/webhook_endpoints`.
    pub webhook: Option<WebhookOptions>,
    /// Before the first attempt to send an event, so that the reply is usually first.
    pub webhook_delay: Duration,
    /// Between the attempts, until an endpoint answers 2xx.
    pub webhook_retry_gaps: Vec<Duration>,
}

/// A webhook endpoint that is there from the start.
#[derive(Debug, Clone)]
pub struct WebhookOptions {
    /// `http` on this machine.
    pub url: String,
    /// `whsec_…`
    pub secret: String,
}

impl Default for SandboxOptions {
    /// A free port on this machine, a fixed test key, no webhook, and retries that a test can wait for.
    fn default() -> Self {
        let gaps_ms = [
            100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000,
        ];
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            key: "sk_test_sandbox".to_owned(),
            webhook: None,
            webhook_delay: Duration::from_millis(20),
            webhook_retry_gaps: gaps_ms.map(Duration::from_millis).into(),
        }
    }
}
