//! `buywire migrate`: migrate the database to this version's schema.

use crate::boot::Database;
use crate::config::Settings;
use crate::output;
use crate::{db, telemetry};

/// Migrate.
///
/// # Errors
/// When the database cannot be reached, or its schema is newer.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<()> {
    telemetry::start_logging(settings.log_format);
    let database = Database::open(settings).await?;
    let migrated = db::migrate(&database.target).await;
    database.close().await;
    output::line(format_args!("the schema has version {}", migrated?));
    Ok(())
}
