//! The database and its secrets, from the settings or from the data folder.
//!
//! Promises: with a configured database no key is ever generated; an unusable setting is reported before
//! anything is started.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::config::Settings;
use crate::db::DatabaseTarget;
use crate::delivery::shards::ClusterMode;
use crate::local_postgres::{DataDir, Embedded};
use crate::secrets::api_key::ApiKey;
use crate::secrets::master_key::MasterKeys;
use crate::store::Store;

/// The database alone, for commands that need no gateway.
pub(crate) struct Database {
    pub target: DatabaseTarget,
    embedded: Option<(Embedded, DataDir)>,
}

impl Database {
    /// Open the configured database, or start the private one.
    ///
    /// # Errors
    /// The URL cannot be used, or a gateway runs on the data folder.
    pub(crate) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        if let Some(url) = &settings.database_url {
            let target = DatabaseTarget::from_url(url).context("DATABASE_URL")?;
            return Ok(Self {
                target,
                embedded: None,
            });
        }
        let folder = DataDir::lock(&settings.data_dir)?;
        let postgres = Embedded::start(&folder).await?;
        Ok(Self {
            target: DatabaseTarget::from_config(postgres.config())?,
            embedded: Some((postgres, folder)),
        })
    }

    /// The generated master key. Private mode only.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub(crate) fn master_key(&self) -> anyhow::Result<Option<String>> {
        let Some((_, folder)) = &self.embedded else {
            return Ok(None);
        };
        Ok(folder.load_secret("master-key")?)
    }

    /// Stop the private PostgreSQL.
    pub(crate) async fn close(self) {
        if let Some((postgres, _locked)) = self.embedded {
            postgres.stop().await;
        }
    }
}

/// What a start needs before it serves.
pub(super) struct BootContext {
    target: DatabaseTarget,
    pub(super) cluster_mode: ClusterMode,
    pub(super) master: Arc<MasterKeys>,
    pub(super) operator: Option<ApiKey>,
    pub(super) platform: Option<ApiKey>,
    pub(super) operator_key_file: Option<PathBuf>,
    pub(super) platform_key_file: Option<PathBuf>,
}

/// The private PostgreSQL and the lock on its data folder.
pub(super) struct PrivatePostgres {
    postgres: Embedded,
    _locked: DataDir,
}

impl PrivatePostgres {
    pub(super) async fn stop(self) {
        self.postgres.stop().await;
    }
}

impl BootContext {
    /// Prepare the configured database or the private one.
    ///
    /// # Errors
    /// A setting cannot be used, or the private PostgreSQL does not start.
    pub(super) async fn prepare(
        settings: &Settings,
        folder: Option<&DataDir>,
    ) -> anyhow::Result<(Self, Option<PrivatePostgres>)> {
        match (&settings.database_url, folder) {
            (None, Some(folder)) => {
                let (context, private) = private_database(settings, folder).await?;
                Ok((context, Some(private)))
            }
            (url, _) => Ok((external_database(settings, url.as_deref())?, None)),
        }
    }

    /// Wait for the database and migrate it.
    pub(super) async fn open_store(&self) -> anyhow::Result<Store> {
        let store = Store::open(&self.target).await?;
        // Without today's partition nothing can be recorded.
        store.make_partitions().await?;
        Ok(store)
    }
}

fn external_database(settings: &Settings, url: Option<&str>) -> anyhow::Result<BootContext> {
    let Some(master) = &settings.master_key else {
        bail!(
            "with DATABASE_URL, BUYWIRE_MASTER_KEY must be set too: the base64 of 32 random bytes, the same on every node"
        );
    };
    let master = master_keys(settings, master)?;
    let target = DatabaseTarget::from_url(url.unwrap_or_default()).context("DATABASE_URL")?;
    Ok(BootContext {
        target,
        cluster_mode: ClusterMode::MultiNode,
        master: Arc::new(master),
        operator: settings
            .operator_key
            .as_deref()
            .map(|key| api_key("BUYWIRE_OPERATOR_KEY", key))
            .transpose()?,
        platform: settings
            .platform_key
            .as_deref()
            .map(|key| api_key("BUYWIRE_PLATFORM_KEY", key))
            .transpose()?,
        operator_key_file: None,
        platform_key_file: None,
    })
}

async fn private_database(
    settings: &Settings,
    folder: &DataDir,
) -> anyhow::Result<(BootContext, PrivatePostgres)> {
    let (operator, operator_key_file) =
        key_or_generated(folder, "operator-key", &settings.operator_key)?;
    let (platform, platform_key_file) =
        key_or_generated(folder, "platform-key", &settings.platform_key)?;
    let master = match &settings.master_key {
        Some(key) => key.clone(),
        None => {
            folder.load_or_create_secret("master-key", || MasterKeys::generate().to_string())?
        }
    };
    let master = master_keys(settings, &master)?;
    let postgres = Embedded::start(folder).await?;
    let context = BootContext {
        target: DatabaseTarget::from_config(postgres.config())?,
        cluster_mode: ClusterMode::SingleNode,
        master: Arc::new(master),
        operator: Some(operator),
        platform: Some(platform),
        operator_key_file,
        platform_key_file,
    };
    let private = PrivatePostgres {
        postgres,
        _locked: folder.clone(),
    };
    Ok((context, private))
}

fn master_keys(settings: &Settings, current: &str) -> anyhow::Result<MasterKeys> {
    let previous: Vec<_> = settings
        .master_key_previous
        .iter()
        .map(String::as_str)
        .collect();
    MasterKeys::new(current, &previous).context("BUYWIRE_MASTER_KEY")
}

fn api_key(variable: &'static str, text: &str) -> anyhow::Result<ApiKey> {
    ApiKey::parse(text).context(variable)
}

fn key_or_generated(
    folder: &DataDir,
    name: &'static str,
    given: &Option<String>,
) -> anyhow::Result<(ApiKey, Option<PathBuf>)> {
    match given {
        Some(text) => Ok((api_key(name, text)?, None)),
        None => {
            let text =
                folder.load_or_create_secret(name, || ApiKey::generate().reveal().to_owned())?;
            Ok((api_key(name, &text)?, Some(folder.path().join(name))))
        }
    }
}
