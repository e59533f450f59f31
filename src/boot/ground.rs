//! What a gateway stands on: its database, and the secrets that go with it.
//!
//! Promises: with a given database no key is ever made up; a setting that cannot be used is told before
//! anything is started.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::config::Settings;
use crate::delivery::shards::Tenancy;
use crate::signing::api_key::ApiKey;
use crate::signing::seal::MasterKeys;
use crate::store::embedded::{DataDir, Embedded};
use crate::store::{Store, Target};

/// The database alone, for commands that need no gateway.
pub struct Database {
    /// How to reach it.
    pub target: Target,
    private: Option<(Embedded, DataDir)>,
}

impl Database {
    /// The one that the settings name; the private one is started.
    ///
    /// # Errors
    /// When the address cannot be used, or a gateway runs on the data folder.
    pub async fn open(settings: &Settings) -> anyhow::Result<Self> {
        if let Some(url) = &settings.database_url {
            let target = Target::from_url(url).context("DATABASE_URL")?;
            return Ok(Self {
                target,
                private: None,
            });
        }
        let folder = DataDir::lock(&settings.data_dir)?;
        let postgres = Embedded::start(&folder).await?;
        Ok(Self {
            target: Target::from_config(postgres.config())?,
            private: Some((postgres, folder)),
        })
    }

    /// Stop the private one.
    pub async fn close(self) {
        if let Some((postgres, _locked)) = self.private {
            postgres.stop().await;
        }
    }
}

/// The database, and the secrets that go with it.
pub(super) struct Ground {
    pub(super) store: Store,
    pub(super) tenancy: Tenancy,
    pub(super) private: Option<(Embedded, DataDir)>,
    pub(super) master: MasterKeys,
    pub(super) operator: Option<ApiKey>,
    pub(super) platform: Option<ApiKey>,
    pub(super) operator_key_file: Option<PathBuf>,
    pub(super) platform_key_file: Option<PathBuf>,
}

/// The one that the settings name.
pub(super) async fn lay_ground(settings: &Settings) -> anyhow::Result<Ground> {
    let ground = match &settings.database_url {
        Some(url) => given_database(settings, url).await?,
        None => private_database(settings).await?,
    };
    // Without today's partition nothing can be recorded.
    ground.store.make_partitions().await?;
    Ok(ground)
}

async fn given_database(settings: &Settings, url: &str) -> anyhow::Result<Ground> {
    let Some(master) = &settings.master_key else {
        bail!(
            "with DATABASE_URL, BUYWIRE_MASTER_KEY must be set: the base64 of 32 random bytes, the same on every node"
        );
    };
    let master = master_keys(settings, master)?;
    let target = Target::from_url(url).context("DATABASE_URL")?;
    Ok(Ground {
        store: Store::open(&target).await?,
        tenancy: Tenancy::Shared,
        private: None,
        master,
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

async fn private_database(settings: &Settings) -> anyhow::Result<Ground> {
    let folder = DataDir::lock(&settings.data_dir)?;
    let (operator, operator_key_file) =
        key_or_generated(&folder, "operator-key", &settings.operator_key)?;
    let (platform, platform_key_file) =
        key_or_generated(&folder, "platform-key", &settings.platform_key)?;
    let master = match &settings.master_key {
        Some(key) => key.clone(),
        None => folder.secret_file("master-key", || MasterKeys::generate().to_string())?,
    };
    let master = master_keys(settings, &master)?;
    let postgres = Embedded::start(&folder).await?;
    let target = Target::from_config(postgres.config())?;
    Ok(Ground {
        store: Store::open(&target).await?,
        tenancy: Tenancy::Alone,
        private: Some((postgres, folder)),
        master,
        operator: Some(operator),
        platform: Some(platform),
        operator_key_file,
        platform_key_file,
    })
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
            let text = folder.secret_file(name, || ApiKey::generate().reveal().to_owned())?;
            Ok((api_key(name, &text)?, Some(folder.path().join(name))))
        }
    }
}
