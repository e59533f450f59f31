//! The start, step by step; a stop may interrupt each of them.
//!
//! Promises: callers are answered from the first moment on, with a 503 until the gateway is ready; a start that
//! failed or was stopped leaves no process and no folder that it created.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;

use anyhow::Context;

use super::Gateway;
use super::database::{BootContext, PrivatePostgres};
use super::services::Services;
use crate::ambient;
use crate::config::Settings;
use crate::egress::EgressPolicy;
use crate::http::StartupServer;
use crate::local_postgres::{self, DataDir};

/// Start, or return `None` when a stop is requested first.
pub(super) async fn start(
    settings: &Settings,
    stop_requested: impl Future<Output = ()>,
) -> anyhow::Result<Option<Gateway>> {
    let policy = EgressPolicy::parse(&settings.allow_private).context("BUYWIRE_ALLOW_PRIVATE")?;
    let policy = policy.with_connections(settings.connections.read(ambient::now())?);
    settings.payments.read()?;
    settings.mail.read()?;
    // Before the address is taken, so that a second gateway in this folder ends with the lock's clear message.
    let folder = match settings.database_url {
        Some(_) => None,
        None => Some(DataDir::lock(&settings.data_dir)?),
    };
    let mut stop_requested = pin!(stop_requested);
    let started = {
        let starting = start_gateway(settings, folder.as_ref(), policy);
        tokio::select! {
            biased;
            () = &mut stop_requested => Ok(None),
            started = starting => started.map(Some),
        }
    };
    if !matches!(started, Ok(Some(_)))
        && let Some(folder) = folder
    {
        clean_up(folder).await;
    }
    if matches!(started, Ok(None)) {
        tracing::info!("boot: stopped before it was ready");
    }
    started
}

/// Dropped before its end, it leaves at most a private PostgreSQL.
async fn start_gateway(
    settings: &Settings,
    folder: Option<&DataDir>,
    policy: EgressPolicy,
) -> anyhow::Result<Gateway> {
    // Bound early: a second gateway on this port ends here, before it touches a database.
    let listener = listen(settings.listen)?;
    let address = listener.local_addr()?;
    let startup_server = StartupServer::start(listener.try_clone()?)?;
    let (context, private) = BootContext::prepare(settings, folder).await?;
    let services = Services::start(settings, &context, listener, policy).await?;
    startup_server.stop().await;
    tracing::info!(%address, "boot: listening");
    Ok(assemble(address, folder, context, services, private))
}

fn assemble(
    address: SocketAddr,
    folder: Option<&DataDir>,
    context: BootContext,
    services: Services,
    private: Option<PrivatePostgres>,
) -> Gateway {
    let created = folder.filter(|folder| folder.is_new());
    Gateway {
        address,
        created_data_dir: created.map(|folder| folder.path().to_owned()),
        operator_key_file: context.operator_key_file,
        platform_key_file: context.platform_key_file,
        services,
        private,
    }
}

/// Nothing has been served: stop what this start began, and remove what it created.
async fn clean_up(folder: DataDir) {
    local_postgres::stop_leftover(folder.path()).await;
    if folder.is_new() {
        local_postgres::remove_if_new(folder);
    }
}

/// Bind the address.
///
/// # Errors
/// The message says what to do.
pub(crate) fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow::anyhow!(
            "cannot listen on {address}: another program listens there; stop it (`ss -ltnp` names it), or choose another address with --listen or BUYWIRE_LISTEN"
        ),
        _ => anyhow::anyhow!(
            "cannot listen on {address} ({error}); choose another address with --listen or BUYWIRE_LISTEN"
        ),
    })
}
