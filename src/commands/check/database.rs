//! Checks of the database: its schema, the sealed values, the clocks, and other nodes.

use anyhow::{Context, bail};
use uuid::Uuid;

use super::{Finding, finding};
use crate::boot::{Database, clock, compatibility};
use crate::config::Settings;
use crate::db;
use crate::local_postgres;
use crate::secrets::master_key::MasterKeys;
use crate::store::Store;

/// All checks that need the database. The first finding is whether it can be used at all.
pub(super) async fn all(settings: &Settings) -> Vec<Finding> {
    if settings.database_url.is_none() && !local_postgres::cluster_exists(&settings.data_dir) {
        return vec![finding("database", no_database_yet(settings))];
    }
    let database = match Database::open(settings).await {
        Ok(database) => database,
        Err(error) => return vec![finding("database", Err(error))],
    };
    let (mut findings, is_current) = match schema(&database).await {
        Ok((detail, is_current)) => (vec![finding("database", Ok(detail))], is_current),
        Err(error) => (vec![finding("database", Err(error))], false),
    };
    if is_current {
        match Store::open_migrated(&database.target) {
            Ok(store) => findings.extend(check_contents(settings, &database, &store).await),
            Err(error) => findings.push(finding("database", Err(error.into()))),
        }
    }
    database.close().await;
    findings
}

async fn check_contents(settings: &Settings, database: &Database, store: &Store) -> Vec<Finding> {
    vec![
        finding("sealed values", sealed(settings, database, store).await),
        finding("clock", clocks(store).await),
        finding("other nodes", nodes(settings, store).await),
    ]
}

/// Does not create a database.
fn no_database_yet(settings: &Settings) -> anyhow::Result<String> {
    let server = local_postgres::installed_version()?;
    Ok(format!(
        "none yet: `serve` creates one in {} with PostgreSQL {server}, and new keys",
        settings.data_dir.display()
    ))
}

async fn schema(database: &Database) -> anyhow::Result<(String, bool)> {
    let db::Inspection {
        server,
        schema,
        newest,
    } = db::inspect(&database.target).await?;
    if schema > newest {
        bail!(
            "schema version {schema} is newer than this buywire, which knows {newest}. Use the newer buywire"
        );
    }
    let detail = match schema == newest {
        true => format!("PostgreSQL {server}, schema version {schema}"),
        false => format!(
            "PostgreSQL {server}, schema version {schema}: `serve` will migrate it to {newest}"
        ),
    };
    Ok((detail, schema == newest))
}

async fn sealed(settings: &Settings, database: &Database, store: &Store) -> anyhow::Result<String> {
    let current = settings.master_key.clone().or(database.master_key()?);
    if current.is_none() && store.seal_usage().await?.is_empty() {
        return Ok("nothing is sealed yet".to_owned());
    }
    let current = current.context("no master key")?;
    let previous = settings.master_key_previous.iter().map(String::as_str);
    let master = MasterKeys::new(&current, &previous.collect::<Vec<_>>());
    let master = master.context("BUYWIRE_MASTER_KEY")?;
    if compatibility::open_master_key_check(store, &master)
        .await?
        .is_none()
    {
        return Ok("nothing is sealed yet".to_owned());
    }
    let missing = compatibility::unreadable_secrets(store, &master).await?;
    if !missing.is_empty() {
        bail!("{}", missing.join("; "));
    }
    let ids = master.key_ids();
    let stored = store.seal_usage().await?.into_iter();
    let older = stored.filter(|stored| ids.first().is_none_or(|id| *id != *stored.key));
    match older.map(|stored| stored.values).sum::<i64>() {
        0 => Ok("all are sealed with the current master key".to_owned()),
        older => Ok(format!(
            "all can be opened; {older} are sealed with a previous master key, which is still needed"
        )),
    }
}

async fn clocks(store: &Store) -> anyhow::Result<String> {
    let offset = clock::offset_s(store).await?;
    match clock::offset_warning(offset) {
        Some(warning) => bail!("{warning}"),
        None => Ok(format!("within {:.1} s of the database's", offset.abs())),
    }
}

async fn nodes(settings: &Settings, store: &Store) -> anyhow::Result<String> {
    let others = store.peer_nodes(Uuid::nil()).await?;
    let differing: Vec<_> = compatibility::differing_settings(settings, &others)
        .into_iter()
        .collect();
    match (others.len(), differing.is_empty()) {
        (0, _) => Ok("none running".to_owned()),
        (running, true) => Ok(format!("{running} running, with the same settings")),
        (running, false) => bail!(
            "{running} running with other values of {}. Use the same on all nodes",
            differing.join(", ")
        ),
    }
}
