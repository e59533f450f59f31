//! How the private PostgreSQL is set up for this product.
//!
//! Passed as arguments at each start, so that they always belong to the running executable and
//! nothing is written into the server's folder. Whoever wants others runs their own server and
//! names it in DATABASE_URL.

use std::path::Path;

/// How a private PostgreSQL is run. The default is what `serve` uses.
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// Whether what is committed survives a power cut. Only throwaway data may go without.
    pub durable: bool,
    /// Names the socket; no TCP port is opened unless `settings` ask for it.
    pub port: u16,
    /// More settings of PostgreSQL; they win over ours.
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

/// Ours, each with its reason.
const SETTINGS: &[(&str, &str)] = &[
    // Only through the socket, in a folder that only PostgreSQL's user and root can enter.
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("password_encryption", "scram-sha-256"),
    // The gateway's pools take 28; the rest is for a second node, commands and an operator's psql.
    ("max_connections", "100"),
    // An order answered with 2xx is never lost.
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    // The hot tables and their indexes; the rest is better cached by the kernel.
    ("shared_buffers", "256MB"),
    // Room for a few minutes at full rate between checkpoints: each makes the next write of every
    // page cost a whole page of log.
    ("max_wal_size", "4GB"),
    // What a large feed has once needed is kept for the next one: a new file of log is written twice and waited for.
    ("min_wal_size", "2GB"),
    // A large feed writes its log faster than the log's own writer looks after it by default; its session would wait.
    ("wal_buffers", "32MB"),
    ("wal_writer_delay", "20ms"),
    ("checkpoint_timeout", "15min"),
    ("checkpoint_completion_target", "0.9"),
    // Short statements only: compiling or spreading them costs more than it saves, and parallel
    // workers want /dev/shm, which containers keep small.
    ("jit", "off"),
    ("max_parallel_workers_per_gather", "0"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("lc_messages", "C"),
    // Row values (a buyer's, say) must not reach the log: no DETAIL, no statements, and errors
    // that our client gets anyway are not written at all.
    ("log_error_verbosity", "terse"),
    ("log_min_error_statement", "panic"),
    ("log_min_messages", "log"),
    ("log_checkpoints", "off"),
];

/// For data that nobody will miss.
const THROWAWAY: &[(&str, &str)] = &[("fsync", "off"), ("full_page_writes", "off")];

impl EmbeddedOptions {
    /// The arguments of `postgres`. The last one of a name wins.
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
