//! One PostgreSQL server: starts or adopts it, probes it, ends an old one.
//!
//! Never deletes `postmaster.pid`: PostgreSQL itself knows best whether an old server still runs. Only the
//! supervisor uses this.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::Child,
    time::{sleep, timeout},
};
use tokio_postgres::{NoTls, error::SqlState};

use crate::ambient;
use crate::local_postgres::binaries::Binaries;
use crate::local_postgres::data_dir::DataDir;
use crate::local_postgres::error::{EmbeddedError, io_error};
use crate::local_postgres::initdb::NewCluster;
use crate::local_postgres::location::ClusterLocation;
use crate::local_postgres::os_user::OsUser;
use crate::local_postgres::postmaster::Postmaster;
use crate::local_postgres::settings::EmbeddedOptions;

/// The superuser that `initdb` creates, and the name of the gateway's database.
const DATABASE_NAME: &str = "buywire";
/// An old server, or its last processes, may still be shutting down.
const OLD_SERVER_TIMEOUT: Duration = Duration::from_secs(20);
/// Replaying `max_wal_size` of WAL after a crash takes minutes on a slow disk.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(600);
/// A probe takes milliseconds.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);
const LOG_BYTES_MAX: u64 = 8 << 20;

/// Everything needed to run one private PostgreSQL.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) location: ClusterLocation,
    binaries: Binaries,
    os_user: OsUser,
    options: EmbeddedOptions,
    password: String,
    /// Held, so that its lock lasts until the server has stopped.
    _folder: DataDir,
}

/// The result of a connection attempt.
enum Probe {
    /// It answers, with the process id of its postmaster.
    Ready(Pid),
    /// It is starting, recovering or shutting down.
    Busy,
    /// No server listens.
    Absent,
}

/// A spawned server that does not answer yet. Dropping it ends the server, which may not have written its pid file
/// yet.
struct StartingServer(Option<Child>);

impl Drop for StartingServer {
    fn drop(&mut self) {
        let pid = self.0.as_ref().and_then(Child::id);
        let pid = pid.and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            kill_process(pid, Signal::INT).ok();
        }
    }
}

/// How to connect to the gateway's database in a private PostgreSQL.
pub(crate) fn client_config(sockets: &Path, port: u16, password: &str) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    config
        .host_path(sockets)
        .port(port)
        .user(DATABASE_NAME)
        .password(password)
        .dbname(DATABASE_NAME)
        .ssl_mode(tokio_postgres::config::SslMode::Disable);
    config
}

impl Server {
    pub(crate) fn prepare(
        folder: &DataDir,
        options: EmbeddedOptions,
    ) -> Result<Self, EmbeddedError> {
        let (location, os_user) = ClusterLocation::resolve(folder)?;
        let binaries = Binaries::find(&location.cluster())?;
        let password = folder.load_or_create_secret("postgres.password", generate_password)?;
        if os_user.is_other() {
            tracing::info!(
                postgres.user = os_user.name(),
                "local_postgres.prepare: running PostgreSQL as another user, because root may not"
            );
        }
        if !location.home().starts_with(folder.path()) {
            tracing::info!(
                postgres.folder = %location.home().display(),
                "local_postgres.prepare: PostgreSQL's user cannot reach the data folder, using another folder"
            );
        }
        let server = Self {
            location,
            binaries,
            os_user,
            options,
            password,
            _folder: folder.clone(),
        };
        if !server.location.cluster().exists() {
            let new_cluster = NewCluster {
                location: &server.location,
                binaries: &server.binaries,
                os_user: &server.os_user,
                superuser: (DATABASE_NAME, &server.password),
                durable: server.options.durable,
            };
            new_cluster.create()?;
        }
        Ok(server)
    }

    pub(crate) fn config(&self, database: &str) -> tokio_postgres::Config {
        let mut config = client_config(self.location.sockets(), self.options.port, &self.password);
        config.dbname(database);
        config
    }

    /// The connection settings of the gateway's database.
    pub(crate) fn own_config(&self) -> tokio_postgres::Config {
        self.config(DATABASE_NAME)
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.location
            .sockets()
            .join(format!(".s.PGSQL.{}", self.options.port))
    }

    /// Adopts the server that answers, or starts one and waits until it answers.
    pub(crate) async fn start_or_adopt(&self) -> Result<Postmaster, EmbeddedError> {
        self.stop_unreachable().await;
        let begun = Instant::now();
        let mut starting = StartingServer(None);
        loop {
            let child = &mut starting.0;
            match self.probe().await? {
                Probe::Ready(pid) => return Ok(self.postmaster(pid, child.take())),
                Probe::Absent if child.is_none() => *child = Some(self.spawn()?),
                Probe::Absent | Probe::Busy => {}
            }
            if let Some(Ok(Some(_))) = child.as_mut().map(Child::try_wait) {
                // With a pid file, an old server or its last processes may still run.
                let others = self.location.cluster().join("postmaster.pid").exists();
                if !others || begun.elapsed() > OLD_SERVER_TIMEOUT {
                    return Err(self.did_not_start());
                }
                *child = None;
                sleep(Duration::from_millis(200)).await;
            }
            if begun.elapsed() > RECOVERY_TIMEOUT {
                return Err(self.did_not_start());
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Creates the gateway's database if the cluster has none.
    pub(crate) async fn ensure_database(&self) -> Result<(), EmbeddedError> {
        let (client, connection) = self
            .config("postgres")
            .connect(NoTls)
            .await
            .map_err(refused)?;
        let connection = tokio::spawn(connection);
        let made = client
            .batch_execute(&format!("CREATE DATABASE {DATABASE_NAME}"))
            .await;
        connection.abort();
        match made {
            Err(error) if error.code() != Some(&SqlState::DUPLICATE_DATABASE) => {
                Err(refused(error))
            }
            _ => Ok(()),
        }
    }

    /// Whether the server answers. Only a connection proves that.
    async fn probe(&self) -> Result<Probe, EmbeddedError> {
        if !self.os_user.owns_privately(self.location.sockets()) {
            let path = self.location.sockets().to_owned();
            return Err(EmbeddedError::Unreachable {
                account: self.os_user.name().into(),
                path,
            });
        }
        // A stopped or overloaded server accepts and never answers.
        let Ok(answer) = timeout(PROBE_TIMEOUT, self.query_pid()).await else {
            return Ok(Probe::Busy);
        };
        let pid = match answer {
            Ok(pid) => pid,
            Err(error) => return classify_connect_error(error),
        };
        pid.parse()
            .ok()
            .and_then(Pid::from_raw)
            .map(Probe::Ready)
            .ok_or_else(|| EmbeddedError::Refused(format!("postmaster.pid contains {pid:?}")))
    }

    async fn query_pid(&self) -> Result<String, tokio_postgres::Error> {
        let sql = "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)";
        let (client, connection) = self.config("postgres").connect(NoTls).await?;
        let connection = tokio::spawn(connection);
        let row = client.query_one(sql, &[]).await;
        connection.abort();
        row?.try_get(0)
    }

    fn postmaster(&self, pid: Pid, child: Option<Child>) -> Postmaster {
        let is_ours = |child: &Child| child.id() == u32::try_from(pid.as_raw_nonzero().get()).ok();
        Postmaster::new(
            pid,
            child.filter(is_ours),
            self.socket(),
            self.location.cluster(),
        )
    }

    fn spawn(&self) -> Result<Child, EmbeddedError> {
        let log_path = self.location.log();
        let log = open_log(&log_path, &self.os_user).map_err(io_error("open", &log_path))?;
        let mut command = self.os_user.command(self.binaries.program("postgres"));
        command
            .arg("-D")
            .arg(self.location.cluster())
            .args(self.options.arguments(self.location.sockets()))
            .stdout(log.try_clone().map_err(io_error("open", &log_path))?)
            .stderr(log);
        // Not killed with this process, by design: the next start adopts it.
        tokio::process::Command::from(command)
            .kill_on_drop(false)
            .spawn()
            .map_err(|error| EmbeddedError::Tool {
                tool: "postgres",
                output: error.to_string(),
            })
    }

    /// A server whose socket folder was cleaned up cannot be adopted, only stopped.
    async fn stop_unreachable(&self) {
        if !self.socket().exists() && self.running_pid().is_some() {
            tracing::warn!("local_postgres.start: stopping an old server that lost its socket");
            self.stop_any_running().await;
        }
    }

    /// Stops a server of this folder that no supervisor watches.
    pub(crate) async fn stop_any_running(&self) {
        if let Some(pid) = self.running_pid() {
            self.postmaster(pid, None).stop().await;
        }
    }

    /// The pid file may be stale and the pid reused, so the process must also have this cluster as its working
    /// directory. Without /proc there is no answer.
    fn running_pid(&self) -> Option<Pid> {
        let cluster = fs::canonicalize(self.location.cluster()).ok()?;
        let text = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
        let pid = Pid::from_raw(text.lines().next()?.trim().parse().ok()?)?;
        let cwd = fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).ok()?;
        (cwd == cluster).then_some(pid)
    }

    fn did_not_start(&self) -> EmbeddedError {
        let log = self.location.log();
        let text = fs::read_to_string(&log).unwrap_or_default();
        let mut tail: Vec<&str> = text.lines().rev().take(5).collect();
        tail.reverse();
        EmbeddedError::DidNotStart {
            log,
            tail: tail.join(" | "),
        }
    }
}

/// Opens the log for appending, and rotates a long one first. Symbolic links are not followed: the folder
/// belongs to PostgreSQL's user, and this process may be root.
fn open_log(path: &Path, os_user: &OsUser) -> io::Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.len() > LOG_BYTES_MAX) {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let log = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(no_follow)
        .open(path)?;
    os_user.chown_file(&log)?;
    Ok(log)
}

fn classify_connect_error(error: tokio_postgres::Error) -> Result<Probe, EmbeddedError> {
    match error.code() {
        Some(
            &SqlState::CANNOT_CONNECT_NOW | &SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN,
        ) => Ok(Probe::Busy),
        Some(&SqlState::TOO_MANY_CONNECTIONS) => Ok(Probe::Busy),
        Some(_) => Err(refused(error)),
        None => Ok(Probe::Absent),
    }
}

fn refused(error: tokio_postgres::Error) -> EmbeddedError {
    let message = error
        .as_db_error()
        .map_or_else(|| error.to_string(), |db| db.message().to_owned());
    EmbeddedError::Refused(message)
}

/// 192 random bits, in letters that never need escaping.
fn generate_password() -> String {
    format!(
        "{:032x}{:016x}",
        ambient::random::<u128>(),
        ambient::random::<u64>()
    )
}
