//! Logs and the node's own metrics. Each room owns the metrics of its work (`delivery/metrics.rs` and so on).
//!
//! Promises: labels are partner slugs and fixed words; no id, URL, secret or personal data is ever a
//! label. Must not decide anything.

use std::io::{self, IsTerminal};
use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::prelude::*;

use crate::config::LogFormat;
use crate::db::NOTICE_FILTER;

/// Metrics of this node as a whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct NodeMetrics {
    sql_statements: Gauge,
    clock_offset: Gauge<f64, AtomicU64>,
}

impl NodeMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "SQL statements sent since the start, BEGIN and COMMIT included";
        registry.register("sql_statements", help, self.sql_statements.clone());
        let help =
            "Seconds by which the database's clock is ahead of this node's, measured every minute";
        registry.register("clock_offset_seconds", help, self.clock_offset.clone());
    }

    /// The database's clock is this far ahead of this node's.
    pub(crate) fn set_clock_offset(&self, seconds: f64) {
        self.clock_offset.set(seconds);
    }

    pub(crate) fn set_sql_statements(&self, statements: u64) {
        let statements = i64::try_from(statements).unwrap_or(i64::MAX);
        self.sql_statements.set(statements);
    }
}

/// See <https://no-color.org>.
fn is_colour_enabled() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Libraries that log what a partner's server sends. What matters of it comes back as an error.
const CLIENTS_OF_PARTNERS: [&str; 3] = ["russh", "russh_sftp", "suppaftp"];

/// Write logs to standard error from now on. `RUST_LOG` filters them; the default is `info`. Libraries never log below
/// `info`, whatever the filter says.
pub(crate) fn start_logging(format: LogFormat) {
    let default_filter = format!("info,{NOTICE_FILTER}");
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_filter));
    let logs = tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(is_loggable));
    let written = tracing_subscriber::fmt::layer()
        // No colour codes in files.
        .with_ansi(io::stderr().is_terminal() && is_colour_enabled())
        .with_writer(io::stderr);
    // A second start in one process (tests) keeps the first one's settings.
    let _ = match format {
        LogFormat::Text => logs.with(written).try_init(),
        LogFormat::Json => logs.with(written.json().flatten_event(true)).try_init(),
    };
}

fn is_loggable(metadata: &Metadata<'_>) -> bool {
    is_loggable_of(metadata.target(), *metadata.level())
}

/// Below `info`, libraries log what passes through them: statements with whole orders, requests with their headers.
fn is_loggable_of(target: &str, level: Level) -> bool {
    let library = target.split("::").next().unwrap_or_default();
    let is_ours = library == env!("CARGO_CRATE_NAME");
    is_ours || level <= Level::INFO && !CLIENTS_OF_PARTNERS.contains(&library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_log_neither_details_nor_what_partners_servers_send() {
        for (target, level, is_logged) in [
            ("buywire::catalog", Level::DEBUG, true),
            ("tokio_postgres::connection", Level::INFO, true),
            ("tokio_postgres::query", Level::DEBUG, false),
            ("russh::client", Level::ERROR, false),
            ("russh_sftp::client", Level::WARN, false),
            ("suppaftp::async_ftp", Level::WARN, false),
        ] {
            assert_eq!(is_loggable_of(target, level), is_logged, "{target}");
        }
    }
}
