//! Another partner's trouble: deliveries that wait for an endpoint which is dead or hangs.

use std::time::{Duration, Instant};

use anyhow::bail;
use buywire_schemas::ids::EndpointId;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::run::Beside;
use super::stand::Stand;
use crate::signing::secret;
use crate::stage::Progress;

const PARTNER: &str = "beside";
/// Rows of one statement.
const SLICE: usize = 20_000;
/// The gateway looks for what is due four times a second.
const MET_WITHIN: Duration = Duration::from_secs(20);

/// Makes the partner, its endpoint and its deliveries.
pub(super) async fn pile_up(
    stand: &mut Stand,
    beside: Beside,
    progress: &Progress,
) -> anyhow::Result<()> {
    let (url, count) = match beside {
        Beside::Dead(count) => (dead_url().await?, count),
        Beside::Hanging(count) => (stand.url("/hang"), count),
    };
    stand.partner(PARTNER, "standard").await?;
    let key = secret::generate();
    let endpoint: EndpointId = stand.endpoint(PARTNER, &url, &key).await?.parse()?;
    progress.step("piling up another partner's deliveries", count);
    let mut piled = 0;
    while piled < count {
        let slice = SLICE.min(count - piled);
        stand.store.pile_up(endpoint, u32::try_from(slice)?).await?;
        piled += slice;
        progress.at(piled);
    }
    progress.step("settling", 0);
    stand.store.settle().await?;
    if let Beside::Hanging(_) = beside {
        hangs(stand).await?;
    }
    Ok(())
}

/// A port that nobody listens on.
async fn dead_url() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(format!("http://{}/", listener.local_addr()?))
}

/// Waits until the gateway is held up at the endpoint.
async fn hangs(stand: &mut Stand) -> anyhow::Result<()> {
    let begun = Instant::now();
    while stand.watch.count().await?.hanging == 0 {
        if begun.elapsed() > MET_WITHIN {
            bail!("the gateway does not try the hanging endpoint");
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
