//! The load of another partner: deliveries pending for an endpoint that is dead or hangs.

use std::time::{Duration, Instant};

use anyhow::bail;
use buywire_schemas::ids::EndpointId;
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::secrets::signing_key;
use crate::tools::bench::environment::Environment;
use crate::tools::bench::workload::Interference;
use crate::tools::harness::Progress;

const PARTNER: &str = "beside";
/// Rows per statement.
const BATCH_ROWS: usize = 20_000;
/// The gateway polls for due deliveries four times a second, so a first attempt comes well within this.
const HANG_TIMEOUT: Duration = Duration::from_secs(20);

/// Creates the partner, its endpoint and its deliveries.
pub(crate) async fn create_backlog(
    environment: &mut Environment,
    interference: Interference,
    progress: &Progress,
) -> anyhow::Result<()> {
    let (url, count) = match interference {
        Interference::Dead(count) => (dead_url().await?, count),
        Interference::Hanging(count) => (environment.url("/hang"), count),
    };
    environment.create_partner(PARTNER, "standard").await?;
    let key = signing_key::generate();
    let endpoint: EndpointId = environment
        .create_endpoint(PARTNER, &url, &key)
        .await?
        .parse()?;
    progress.step("creating another partner's backlog", count);
    let mut created = 0;
    while created < count {
        let batch = BATCH_ROWS.min(count - created);
        environment
            .store
            .insert_backlog(endpoint, u32::try_from(batch)?)
            .await?;
        created += batch;
        progress.advance_to(created);
    }
    progress.step("settling", 0);
    environment.store.vacuum_and_checkpoint().await?;
    if let Interference::Hanging(_) = interference {
        wait_for_hang(environment).await?;
    }
    Ok(())
}

/// The URL of a port that refuses connections.
async fn dead_url() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(format!("http://{}/", listener.local_addr()?))
}

/// Waits until a request of the gateway hangs at the endpoint.
async fn wait_for_hang(environment: &mut Environment) -> anyhow::Result<()> {
    let begun = Instant::now();
    while environment.receiver.count().await?.hanging == 0 {
        if begun.elapsed() > HANG_TIMEOUT {
            bail!("the gateway made no attempt at the hanging endpoint");
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
