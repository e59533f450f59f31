//! From a database's address to connections.
//!
//! Every connection of the product is made here and starts with the same session settings,
//! whatever the database's defaults: a commit is on disk when it is answered, times are UTC, and
//! no statement or idle transaction lasts for ever.

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
/// What a pool's connections are for: how many there are and how long a statement may take.
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

/// How long a connection outside the pools may take until it is ready to be asked, over all addresses.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a caller waits for a free connection before it is told to come back later.
const POOL_WAIT: Duration = Duration::from_secs(5);
/// A line whose other end vanished without a word (power cut, fail-over) is given up after this.
const DEAD_PEER_TIMEOUT: Duration = Duration::from_secs(30);

/// The connections of one role.
#[derive(Clone, Debug)]
pub(crate) struct SessionPool {
    pool: Pool,
    deadline: Duration,
}

impl SessionPool {
    /// One of them, or a new one while there is room.
    pub(crate) async fn acquire(&self, statements: &Arc<AtomicU64>) -> Result<Conn, DatabaseError> {
        let client = self.pool.get().await?;
        Ok(Conn::new(client, self.deadline, Arc::clone(statements)))
    }
}

/// A database and how to talk to it.
#[derive(Clone)]
pub struct DatabaseTarget {
    config: Config,
    tls: MakeRustlsConnect,
}

/// A connection in its two halves.
pub(crate) struct RawConnection {
    pub(crate) client: Client,
    pub(crate) connection:
        Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>,
}

impl fmt::Debug for DatabaseTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The driver's own Debug leaves the password out.
        f.debug_struct("Target")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl DatabaseTarget {
    /// From a `postgres://` URL, as libpq reads it (`DATABASE_URL`).
    pub fn from_url(url: &str) -> Result<Self, DatabaseError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(DatabaseError::Setup(
                "the address must begin with postgres:// or postgresql://".into(),
            ));
        }
        let (url, tls) = split_tls_parameters(url)?;
        // The parser's message is dropped where it could quote a password.
        let config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            DatabaseError::Setup(format!(
                "the address is not valid: {}",
                cause.unwrap_or_else(|| error.to_string())
            ))
        })?;
        Self::new(config, &tls)
    }

    /// From a ready configuration, such as the private PostgreSQL's.
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
        // As libpq: a socket of this machine needs no TLS, whatever the mode.
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

    /// One connection outside the pools, its driver not yet running: for listening.
    pub(crate) async fn dial(&self) -> Result<RawConnection, DatabaseError> {
        let dialled = self.config.connect(self.tls.clone());
        let dialled = tokio::time::timeout(HANDSHAKE_TIMEOUT, dialled).await;
        let (client, connection) = dialled
            .map_err(|_| DatabaseError::timeout(TxPhase::Connecting, HANDSHAKE_TIMEOUT))?
            .map_err(|error| DatabaseError::from_postgres(TxPhase::Connecting, &error))?;
        Ok(RawConnection { client, connection })
    }

    /// One connection outside the pools, without a statement timeout: for migrations.
    pub(crate) async fn connect(&self) -> Result<Client, DatabaseError> {
        let RawConnection { client, connection } = self.dial().await?;
        // Its end shows in the failure of whatever is asked next.
        tokio::spawn(connection);
        let settled = client.batch_execute(&session_settings(0)).await;
        settled.map_err(|error| DatabaseError::from_postgres(TxPhase::Connecting, &error))?;
        Ok(client)
    }

    /// A pool for a role; it connects when it is first used.
    ///
    /// Recycling only asks whether the connection is still open: the driver notices a closed
    /// socket at once, so after a restart of the database the dead connections are dropped at
    /// their next use and new ones made. A test query at each checkout would add a statement to
    /// every piece of work and still prove nothing about the next moment.
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
                    .map_err(|_| HookError::message("it does not answer in time"))?
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
            // The session that was used last has its plans and its pages at hand; taking turns cost a sixth more
            // of PostgreSQL's time for orders.
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

/// What every session begins with; one whose connection we have closed ends within a second, whatever it works
/// on. Not sent as start-up options: poolers refuse those.
fn session_settings(statement_timeout_ms: u32) -> String {
    format!(
        "SET synchronous_commit = on; \
         SET TimeZone = 'UTC'; \
         SET statement_timeout = {statement_timeout_ms}; \
         SET client_connection_check_interval = 1000; \
         SET idle_in_transaction_session_timeout = 10000"
    )
}

/// The URL without the parameters that the driver does not know or would refuse, and these.
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
