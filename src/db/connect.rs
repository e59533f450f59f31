//! From a database address to connections.
//!
//! Every connection is made here and starts with the same session settings, whatever the database's defaults: commits
//! are durable, times are UTC, and every statement and idle transaction has a time limit.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use deadpool::managed::QueueMode;
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts,
};
use tokio_postgres::{Client, Config, Connection, Socket, config::Host, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::db::connection::{Conn, DEADLINE_GRACE};
use crate::db::error::{DatabaseError, TxPhase};
use crate::db::tls::TlsParameters;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The size of a pool and the statement timeout of its connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolRole {
    pub(crate) connections: usize,
    pub(crate) statement_timeout_ms: u32,
}

impl PoolRole {
    pub(crate) fn deadline(self) -> Duration {
        Duration::from_millis(self.statement_timeout_ms.into()) + DEADLINE_GRACE
    }
}

/// Time limit for opening a connection outside the pools, over all addresses.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a caller waits for a free connection before it gets an error.
const POOL_WAIT: Duration = Duration::from_secs(5);
/// A connection whose peer vanished silently (power cut, fail-over) is closed after this time.
const DEAD_PEER_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(crate) struct SessionPool {
    pool: Pool,
    deadline: Duration,
}

impl SessionPool {
    /// Takes a connection from the pool, or opens one while the pool has room.
    pub(crate) async fn acquire(&self, statements: &Arc<AtomicU64>) -> Result<Conn, DatabaseError> {
        let client = self.pool.get().await?;
        Ok(Conn::new(client, self.deadline, Arc::clone(statements)))
    }
}

/// A database address with its TLS settings.
#[derive(Clone)]
pub struct DatabaseTarget {
    config: Config,
    tls: MakeRustlsConnect,
}

/// A connection and the driver that must be polled for it.
pub(crate) struct RawConnection {
    pub(crate) client: Client,
    pub(crate) connection:
        Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>,
}

impl fmt::Debug for DatabaseTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The driver's own Debug omits the password.
        f.debug_struct("Target")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl DatabaseTarget {
    /// Parses a `postgres://` URL as libpq does (`DATABASE_URL`).
    pub fn from_url(url: &str) -> Result<Self, DatabaseError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(DatabaseError::Setup(
                "the URL must begin with postgres:// or postgresql://".into(),
            ));
        }
        let (url, tls) = split_tls_parameters(url)?;
        // Only the cause of the parser's error is kept: its message could quote a password.
        let config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            DatabaseError::Setup(format!(
                "the URL is invalid: {}",
                cause.unwrap_or_else(|| error.to_string())
            ))
        })?;
        Self::new(config, &tls)
    }

    /// Takes a ready configuration, such as that of the private PostgreSQL.
    pub fn from_config(config: Config) -> Result<Self, DatabaseError> {
        let mode = match config.get_ssl_mode() {
            tokio_postgres::config::SslMode::Disable => "disable",
            tokio_postgres::config::SslMode::Require => "require",
            _ => "prefer",
        };
        Self::new(
            config,
            &TlsParameters {
                mode: Some(mode.into()),
                root_cert: None,
            },
        )
    }

    fn new(mut config: Config, tls: &TlsParameters) -> Result<Self, DatabaseError> {
        let (mode, tls) = tls.resolve()?;
        let over_socket = config
            .get_hosts()
            .iter()
            .all(|host| matches!(host, Host::Unix(_)));
        // Like libpq: a Unix socket needs no TLS, whatever the mode.
        config.ssl_mode(if over_socket {
            tokio_postgres::config::SslMode::Disable
        } else {
            mode
        });
        if config.get_application_name().is_none() {
            config.application_name("buywire");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(DEAD_PEER_TIMEOUT);
        }
        config.keepalives_idle(config.get_keepalives_idle().min(DEAD_PEER_TIMEOUT));
        Ok(Self { config, tls })
    }

    /// Opens a connection outside the pools without running its driver, for LISTEN.
    pub(crate) async fn dial(&self) -> Result<RawConnection, DatabaseError> {
        let dialled = self.config.connect(self.tls.clone());
        let dialled = tokio::time::timeout(HANDSHAKE_TIMEOUT, dialled).await;
        let (client, connection) = dialled
            .map_err(|_| DatabaseError::timeout(TxPhase::Connecting, HANDSHAKE_TIMEOUT))?
            .map_err(|error| DatabaseError::from_postgres(TxPhase::Connecting, &error))?;
        Ok(RawConnection { client, connection })
    }

    /// Opens a connection outside the pools without a statement timeout, for migrations.
    pub(crate) async fn connect(&self) -> Result<Client, DatabaseError> {
        let RawConnection { client, connection } = self.dial().await?;
        // If it ends, the next statement fails.
        tokio::spawn(connection);
        let settled = client.batch_execute(&session_settings(0)).await;
        settled.map_err(|error| DatabaseError::from_postgres(TxPhase::Connecting, &error))?;
        Ok(client)
    }

    /// Creates a pool for a role. It connects on first use.
    ///
    /// Recycling only checks that the connection is open. The driver notices a closed socket at once, so after a
    /// restart of the database, dead connections are dropped on their next use and replaced. A test query at each
    /// checkout would add a statement to every piece of work and prove nothing about the next moment.
    pub(crate) fn pool(&self, role: PoolRole) -> Result<SessionPool, DatabaseError> {
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_config(self.config.clone(), self.tls.clone(), recycling);
        let settings = session_settings(role.statement_timeout_ms);
        let prepare_session = Hook::async_fn(move |client, _| {
            let settings = settings.clone();
            Box::pin(async move {
                tokio::time::timeout(CONNECT_TIMEOUT, client.batch_execute(&settings))
                    .await
                    .map_err(|_| HookError::message("no answer in time"))?
                    .map_err(HookError::Backend)
            })
        });
        let timeouts = Timeouts {
            wait: Some(POOL_WAIT),
            create: Some(CONNECT_TIMEOUT),
            recycle: Some(CONNECT_TIMEOUT),
        };
        let pool = Pool::builder(manager)
            .max_size(role.connections)
            .timeouts(timeouts)
            // LIFO: the last used session has its plans and pages cached. FIFO cost PostgreSQL a sixth more time for
            // orders.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .post_create(prepare_session)
            .build()
            .map_err(|error| DatabaseError::Setup(error.to_string()))?;
        Ok(SessionPool {
            pool,
            deadline: role.deadline(),
        })
    }
}

/// The settings every session starts with. The server ends a session within a second after we close its connection,
/// whatever it is running. Not sent as start-up options, because poolers reject those.
fn session_settings(statement_timeout_ms: u32) -> String {
    format!(
        "SET synchronous_commit = on; \
         SET TimeZone = 'UTC'; \
         SET statement_timeout = {statement_timeout_ms}; \
         SET client_connection_check_interval = 1000; \
         SET idle_in_transaction_session_timeout = 10000"
    )
}

/// Splits a URL into the part the driver understands and the TLS parameters it would reject.
fn split_tls_parameters(url: &str) -> Result<(String, TlsParameters), DatabaseError> {
    let mut tls = TlsParameters::default();
    let Some((address, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), tls));
    };
    let mut rest = Vec::new();
    for pair in query.split('&') {
        let value = |text: &str| {
            let decoded =
                url::form_urlencoded::parse(format!("v={}", text.replace('+', "%2B")).as_bytes())
                    .next()
                    .map(|(_, value)| value.into_owned());
            decoded.unwrap_or_default()
        };
        match pair.split_once('=') {
            Some(("sslmode", mode)) => tls.mode = Some(value(mode)),
            Some(("sslrootcert", file)) => tls.root_cert = Some(value(file)),
            Some((name @ ("sslcert" | "sslkey" | "sslpassword" | "sslcrl"), _)) => {
                return Err(DatabaseError::Setup(format!("`{name}` is not supported")));
            }
            _ => rest.push(pair),
        }
    }
    let separator = if rest.is_empty() { "" } else { "?" };
    Ok((format!("{address}{separator}{}", rest.join("&")), tls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_parameters_leave_the_address_and_the_rest_stays() {
        let (url, tls) = split_tls_parameters(
            "postgres://u:p@h1:1,h2:2/db?sslmode=verify-full&application_name=x&sslrootcert=%2Fetc%2Fa+b.pem",
        )
        .unwrap();
        assert_eq!(url, "postgres://u:p@h1:1,h2:2/db?application_name=x");
        assert_eq!(tls.mode.as_deref(), Some("verify-full"));
        assert_eq!(tls.root_cert.as_deref(), Some("/etc/a+b.pem"));
    }

    #[test]
    fn a_bad_address_is_refused_without_its_password() {
        for url in [
            "mysql://u:sesame@h/db",
            "postgres://u:sesame@h/db?sslmode=maybe",
            "postgres://u:sesame@h:port/db",
            "postgres://u:sesame@h/db?no_such_option=1",
            "postgres://u:sesame@h/db?sslmode=verify-full&sslrootcert=/nowhere.pem",
            "postgres://u:sesame@h/db?sslkey=k",
        ] {
            let refused = DatabaseTarget::from_url(url).unwrap_err();
            assert!(!refused.is_transient());
            assert!(
                !format!("{refused} {refused:?}").contains("sesame"),
                "{refused}"
            );
        }
        let fine = DatabaseTarget::from_url("postgres://u:sesame@h/db?sslmode=require").unwrap();
        assert!(!format!("{fine:?}").contains("sesame"));
    }
}
