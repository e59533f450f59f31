//! The settings of the private PostgreSQL.
//!
//! They are arguments at each start, so that they always match the running executable, and nothing is
//! written into the server's folder. For other settings, run your own server and set DATABASE_URL.

use std::path::Path;

/// How a private PostgreSQL is run. The default is what `serve` uses.
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// Whether commits survive a power failure. Only temporary data may go without.
    pub durable: bool,
    /// Names the socket. No TCP port is opened unless `settings` say so.
    pub port: u16,
    /// More settings of PostgreSQL, which take precedence.
    pub settings: Vec<(String, String)>,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            durable: true,
            port: 5432,
            settings: Vec::new(),
        }
    }
}

/// The defaults, each with its reason.
const SETTINGS: &[(&str, &str)] = &[
    // Reachable only through the socket, in a folder that only PostgreSQL's user and root can enter.
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("password_encryption", "scram-sha-256"),
    // The gateway's pools use 28; the others are for a second node, commands and an operator's psql.
    ("max_connections", "100"),
    // An order answered with 2xx is never lost.
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    // The hot tables and their indexes; the rest is better cached by the kernel.
    ("shared_buffers", "256MB"),
    // A few minutes at full rate between checkpoints: after each, the first write of a page logs the whole page.
    ("max_wal_size", "4GB"),
    // WAL files that a large feed needed are kept for the next one: a new file is written twice, and sessions wait.
    ("min_wal_size", "2GB"),
    // A large feed writes WAL faster than the WAL writer flushes by default; its session would wait.
    ("wal_buffers", "32MB"),
    ("wal_writer_delay", "20ms"),
    ("checkpoint_timeout", "15min"),
    ("checkpoint_completion_target", "0.9"),
    // Statements are short: JIT and parallelism cost more than they save, and parallel workers need
    // /dev/shm, which is small in containers.
    ("jit", "off"),
    ("max_parallel_workers_per_gather", "0"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("lc_messages", "C"),
    // Row values, such as a buyer's, must not reach the log: no DETAIL, no statements, and no errors, which
    // the client receives anyway.
    ("log_error_verbosity", "terse"),
    ("log_min_error_statement", "panic"),
    ("log_min_messages", "log"),
    ("log_checkpoints", "off"),
];

/// For temporary data.
const THROWAWAY: &[(&str, &str)] = &[("fsync", "off"), ("full_page_writes", "off")];

impl EmbeddedOptions {
    /// The arguments of `postgres`. The last setting with the same name wins.
    pub(crate) fn arguments(&self, sockets: &Path) -> Vec<String> {
        let throwaway = if self.durable { &[] } else { THROWAWAY };
        let defaults = SETTINGS
            .iter()
            .chain(throwaway)
            .map(|(name, value)| format!("{name}={value}"));
        let given = self
            .settings
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let socket_settings = [
            format!("port={}", self.port),
            format!("unix_socket_directories={}", sockets.display()),
        ];
        defaults
            .chain(socket_settings)
            .chain(given)
            .flat_map(|setting| ["-c".to_owned(), setting])
            .collect()
    }
}
