//! Boot: from settings to a running gateway, and back.
//!
//! Promises: the gateway is ready only when the database is migrated; a start that cannot succeed ends with one clear
//! sentence; a stop takes 15 seconds at most and loses nothing. Only this room may know all others.

pub(crate) mod clock;
pub(crate) mod compatibility;
mod database;
mod rooms;
mod services;
mod start;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;

pub(crate) use self::database::Database;
use self::database::PrivatePostgres;
use self::services::Services;
pub(crate) use self::start::listen;
use crate::config::Settings;

/// A running gateway.
pub struct Gateway {
    /// The address it listens on.
    pub address: SocketAddr,
    /// The data folder that this start created, with a new database and new keys. Private mode only.
    pub created_data_dir: Option<PathBuf>,
    /// The file of the generated operator key. Private mode only.
    pub operator_key_file: Option<PathBuf>,
    /// The file of the generated platform key. Private mode only.
    pub platform_key_file: Option<PathBuf>,
    services: Services,
    private: Option<PrivatePostgres>,
}

impl Gateway {
    /// Start everything.
    ///
    /// # Errors
    /// A setting cannot be used, the address is taken, or the database refuses permanently.
    pub async fn start(settings: &Settings) -> anyhow::Result<Self> {
        let started = start::start(settings, std::future::pending()).await?;
        started.context("the start was stopped without a request")
    }

    /// Start everything, unless a stop is requested first. Returns `None` then, with nothing left running.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_unless_stopped(
        settings: &Settings,
        stop_requested: impl Future<Output = ()>,
    ) -> anyhow::Result<Option<Self>> {
        start::start(settings, stop_requested).await
    }

    /// Stop gracefully: requests first, then jobs and attempts, then the private PostgreSQL.
    pub async fn stop(self) {
        self.services.stop().await;
        if let Some(private) = self.private {
            private.stop().await;
        }
        tracing::info!("boot: stopped");
    }
}
