//! Migrates a database to the schema of this version.
//!
//! Promises: migrations only go forward, one gateway at a time (by an advisory lock, since refinery takes none). A
//! PostgreSQL that is too old and a schema newer than this version are rejected.

use refinery_core::{Migration, Runner};
use tokio_postgres::Client;

use crate::db::connect::DatabaseTarget;
use crate::db::error::{DatabaseError, TxPhase};

/// The oldest major version of PostgreSQL that our statements support.
pub(crate) const OLDEST_MAJOR: u32 = 15;

/// All migrations in order, listed by hand so that a new one shows up as a line in a diff.
pub(crate) const MIGRATIONS: &[(&str, &str)] = &[
    (
        "V0001__partners",
        include_str!("../../migrations/V0001__partners.sql"),
    ),
    (
        "V0002__orders",
        include_str!("../../migrations/V0002__orders.sql"),
    ),
    (
        "V0003__delivery",
        include_str!("../../migrations/V0003__delivery.sql"),
    ),
    (
        "V0004__callbacks",
        include_str!("../../migrations/V0004__callbacks.sql"),
    ),
    (
        "V0005__catalog",
        include_str!("../../migrations/V0005__catalog.sql"),
    ),
    (
        "V0006__posts",
        include_str!("../../migrations/V0006__posts.sql"),
    ),
    (
        "V0007__shown_endpoints",
        include_str!("../../migrations/V0007__shown_endpoints.sql"),
    ),
    (
        "V0008__stock",
        include_str!("../../migrations/V0008__stock.sql"),
    ),
    (
        "V0009__selling_terms",
        include_str!("../../migrations/V0009__selling_terms.sql"),
    ),
    (
        "V0010__checkouts",
        include_str!("../../migrations/V0010__checkouts.sql"),
    ),
    (
        "V0011__agents",
        include_str!("../../migrations/V0011__agents.sql"),
    ),
    (
        "V0012__invoices",
        include_str!("../../migrations/V0012__invoices.sql"),
    ),
    (
        "V0013__keys",
        include_str!("../../migrations/V0013__keys.sql"),
    ),
    (
        "V0014__test_orders",
        include_str!("../../migrations/V0014__test_orders.sql"),
    ),
    (
        "V0015__connections",
        include_str!("../../migrations/V0015__connections.sql"),
    ),
    (
        "V0016__file_sources",
        include_str!("../../migrations/V0016__file_sources.sql"),
    ),
    (
        "V0017__failures",
        include_str!("../../migrations/V0017__failures.sql"),
    ),
    (
        "V0018__sessions",
        include_str!("../../migrations/V0018__sessions.sql"),
    ),
    (
        "V0019__product_history",
        include_str!("../../migrations/V0019__product_history.sql"),
    ),
];

/// An arbitrary number that no other lock in this database may use.
const LOCK: i64 = 0x6275_7977_6972_6501;

/// Migrates, waiting for another gateway that does the same. Returns the schema's version.
pub async fn migrate(target: &DatabaseTarget) -> Result<i32, DatabaseError> {
    let mut client = target.connect().await?;
    refuse_old_server(&client).await?;
    client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .await
        .map_err(refused)?;
    let outcome = run(&mut client).await;
    // If this fails, the session has ended and released the lock.
    client
        .execute("SELECT pg_advisory_unlock($1)", &[&LOCK])
        .await
        .ok();
    outcome
}

/// The state of a database and the version this executable needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inspection {
    /// The server's version string.
    pub server: String,
    /// The version of our schema, 0 if there is none yet.
    pub schema: i32,
    /// The version that this executable migrates to.
    pub newest: i32,
}

/// Inspects a database without changing it.
pub(crate) async fn inspect(target: &DatabaseTarget) -> Result<Inspection, DatabaseError> {
    let client = target.connect().await?;
    refuse_old_server(&client).await?;
    let server = client.query_one("SHOW server_version", &[]).await;
    Ok(Inspection {
        server: server.and_then(|row| row.try_get(0)).map_err(refused)?,
        schema: schema_version(&client).await?,
        newest: newest(&migrations()?),
    })
}

fn newest(migrations: &[Migration]) -> i32 {
    let versions = migrations.iter().map(Migration::version);
    versions.max().unwrap_or_default()
}

async fn run(client: &mut Client) -> Result<i32, DatabaseError> {
    let migrations = migrations()?;
    let newest = newest(&migrations);
    refuse_newer_schema(client, newest).await?;
    let report = Runner::new(&migrations)
        .run_async(client)
        .await
        .map_err(failed)?;
    for applied in report.applied_migrations() {
        tracing::info!(migration = %applied, "db.migrate: applied a migration");
    }
    Ok(newest)
}

fn migrations() -> Result<Vec<Migration>, DatabaseError> {
    MIGRATIONS
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql).map_err(failed))
        .collect()
}

async fn refuse_old_server(client: &Client) -> Result<(), DatabaseError> {
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::int / 10000",
            &[],
        )
        .await;
    let major: i32 = row.and_then(|row| row.try_get(0)).map_err(refused)?;
    if u32::try_from(major).is_ok_and(|major| major >= OLDEST_MAJOR) {
        return Ok(());
    }
    Err(DatabaseError::Migration(format!(
        "the server is PostgreSQL {major}; buywire needs PostgreSQL {OLDEST_MAJOR} or newer"
    )))
}

async fn schema_version(client: &Client) -> Result<i32, DatabaseError> {
    let table_exists = client
        .query_one(
            "SELECT to_regclass('refinery_schema_history') IS NOT NULL",
            &[],
        )
        .await;
    if !table_exists
        .and_then(|row| row.try_get::<_, bool>(0))
        .map_err(refused)?
    {
        return Ok(0);
    }
    let row = client
        .query_one(
            "SELECT coalesce(max(version), 0) FROM refinery_schema_history",
            &[],
        )
        .await;
    row.and_then(|row| row.try_get(0)).map_err(refused)
}

async fn refuse_newer_schema(client: &Client, newest: i32) -> Result<(), DatabaseError> {
    let version = schema_version(client).await?;
    if version <= newest {
        return Ok(());
    }
    Err(DatabaseError::Migration(format!(
        "its schema has version {version}, newer than version {newest} of this buywire: start the newer buywire"
    )))
}

fn refused(error: tokio_postgres::Error) -> DatabaseError {
    DatabaseError::from_postgres(TxPhase::Uncommitted, &error)
}

/// A lost connection is worth a retry. Any other error is a migration that does not fit.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: refinery_core::Error) -> DatabaseError {
    let cause = match error.kind() {
        refinery_core::error::Kind::Connection(_, cause) => {
            cause.downcast_ref::<tokio_postgres::Error>()
        }
        _ => None,
    };
    match cause.map(|cause| DatabaseError::from_postgres(TxPhase::Uncommitted, cause)) {
        Some(cause) if cause.is_transient() => cause,
        Some(cause) => DatabaseError::Migration(cause.to_string()),
        None => DatabaseError::Migration(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_file_is_listed_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".sql").map(str::to_owned))
            .collect();
        files.sort();
        let listed: Vec<&str> = MIGRATIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, files);
        assert_eq!(migrations().unwrap().len(), files.len());
    }
}
