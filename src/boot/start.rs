//! The start: one step after the other, each of which can be told to stop.
//!
//! Promises: whoever asks is answered from the first moment on, until the gateway is ready with a 503; a start that
//! failed or was stopped leaves no process, and no folder that it has made.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;

use anyhow::Context;

use super::ground::{Ground, Private};
use super::{Gateway, Served, serve};
use crate::config::Settings;
use crate::egress::EgressPolicy;
use crate::http::Starting;
use crate::store::embedded::{self, DataDir};

/// Start, unless told to stop: then none.
pub(super) async fn start(
    settings: &Settings,
    told_to_stop: impl Future<Output = ()>,
) -> anyhow::Result<Option<Gateway>> {
    let policy = EgressPolicy::parse(&settings.allow_private).context("BUYWIRE_ALLOW_PRIVATE")?;
    // Locked before the address is taken: of a second gateway in this folder it says whose it is.
    let folder = match settings.database_url {
        Some(_) => None,
        None => Some(DataDir::lock(&settings.data_dir)?),
    };
    let mut told_to_stop = pin!(told_to_stop);
    let started = {
        let starting = start_in(settings, folder.as_ref(), policy);
        tokio::select! {
            biased;
            () = &mut told_to_stop => Ok(None),
            started = starting => started.map(Some),
        }
    };
    if !matches!(started, Ok(Some(_)))
        && let Some(folder) = folder
    {
        clear_up(folder).await;
    }
    if matches!(started, Ok(None)) {
        tracing::info!("boot: told to stop before it was ready");
    }
    started
}

/// Dropped in the middle, it leaves at most a private PostgreSQL.
async fn start_in(
    settings: &Settings,
    folder: Option<&DataDir>,
    policy: EgressPolicy,
) -> anyhow::Result<Gateway> {
    // Bound early: a second gateway on this port ends here, before it touches a database.
    let listener = listen(settings.listen)?;
    let address = listener.local_addr()?;
    let waiting = Starting::serve(listener.try_clone()?)?;
    let (ground, private) = Ground::lay(settings, folder).await?;
    let served = serve(settings, &ground, listener, policy).await?;
    waiting.end().await;
    tracing::info!(%address, "boot: the gateway listens");
    Ok(gateway(address, folder, ground, served, private))
}

fn gateway(
    address: SocketAddr,
    folder: Option<&DataDir>,
    ground: Ground,
    served: Served,
    private: Option<Private>,
) -> Gateway {
    let made = folder.filter(|folder| folder.is_new());
    Gateway {
        address,
        made: made.map(|folder| folder.path().to_owned()),
        operator_key_file: ground.operator_key_file,
        platform_key_file: ground.platform_key_file,
        served,
        private,
    }
}

/// Nothing has been served: what this start has made is of no worth, and what it started is ended.
async fn clear_up(folder: DataDir) {
    embedded::stop_left(folder.path()).await;
    if folder.is_new() {
        embedded::remove_new(folder);
    }
}

/// Take the address.
///
/// # Errors
/// In words that say what to do.
pub(crate) fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow::anyhow!(
            "cannot listen on {address}: another program listens there; end it (`ss -ltnp` names it), or choose another address with --listen or BUYWIRE_LISTEN"
        ),
        _ => anyhow::anyhow!(
            "cannot listen on {address} ({error}); choose another address with --listen or BUYWIRE_LISTEN"
        ),
    })
}
