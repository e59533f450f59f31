//! Another partner's trouble: deliveries that wait for an endpoint which is dead or hangs.

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
/// Rows of one statement.
const BATCH_ROWS: usize = 20_000;
/// The gateway looks for what is due four times a second.
const HANG_TIMEOUT: Duration = Duration::from_secs(20);

/// Makes the partner, its endpoint and its deliveries.
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
    progress.step("piling up another partner's deliveries", count);
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

/// A port that nobody listens on.
async fn dead_url() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(format!("http://{}/", listener.local_addr()?))
}

/// Waits until the gateway is held up at the endpoint.
async fn wait_for_hang(environment: &mut Environment) -> anyhow::Result<()> {
    let begun = Instant::now();
    while environment.receiver.count().await?.hanging == 0 {
        if begun.elapsed() > HANG_TIMEOUT {
            bail!("the gateway does not try the hanging endpoint");
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
