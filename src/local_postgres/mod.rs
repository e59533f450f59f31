//! The private PostgreSQL: a database without a setup step.
//!
//! Without DATABASE_URL the gateway runs its own PostgreSQL in its data folder, with the programs that are
//! installed on the machine. Promises:
//!
//! - One data folder serves one gateway: a second process gets a clear error.
//! - It works as root, and where the server's user cannot reach the data folder.
//! - Nobody else can connect: no TCP, a socket in a private folder, a generated password.
//! - A killed gateway leaves its server running; the next start adopts it, and stops it like its own.
//! - While the gateway lives, a server that dies is restarted.
//!
//! The data folder's lock is held until the server has stopped.

mod attach;
mod binaries;
mod data_dir;
mod error;
mod initdb;
mod location;
mod os_user;
mod postmaster;
mod server;
mod settings;
mod undo;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{sync::oneshot, task::JoinHandle};

use crate::db::retry_with_backoff;
pub(crate) use crate::local_postgres::attach::{connection_config, destroy};
use crate::local_postgres::binaries::Binaries;
pub use crate::local_postgres::data_dir::DataDir;
pub use crate::local_postgres::error::EmbeddedError;
use crate::local_postgres::postmaster::Postmaster;
use crate::local_postgres::server::Server;
pub use crate::local_postgres::settings::EmbeddedOptions;
pub(crate) use crate::local_postgres::undo::{remove_if_new, stop_leftover};

/// Whether the data folder has a database.
#[must_use]
pub(crate) fn cluster_exists(folder: &Path) -> bool {
    location::recorded_location(folder).is_some_and(|(home, _)| home.join("cluster").exists())
}

/// The version of the PostgreSQL that would create a new cluster.
pub(crate) fn installed_version() -> Result<u32, EmbeddedError> {
    Binaries::find(Path::new("")).map(|found| found.major())
}

/// A running private PostgreSQL. Dropping it without `stop` leaves the server running, as a killed gateway
/// does.
#[derive(Debug)]
pub struct Embedded {
    server: Arc<Server>,
    supervisor: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Embedded {
    /// Starts the folder's server with the default options, or adopts the running one.
    pub async fn start(folder: &DataDir) -> Result<Self, EmbeddedError> {
        Self::start_with(folder, EmbeddedOptions::default()).await
    }

    /// Starts with other options. An adopted server keeps the options it was started with.
    pub async fn start_with(
        folder: &DataDir,
        options: EmbeddedOptions,
    ) -> Result<Self, EmbeddedError> {
        let server = Arc::new(Server::prepare(folder, options)?);
        let postmaster = server.start_or_adopt().await?;
        server.ensure_database().await?;
        tracing::info!(
            postgres.folder = %server.location.cluster().display(),
            postgres.adopted = postmaster.is_adopted(),
            process.pid = postmaster.pid().as_raw_nonzero(),
            "local_postgres.start: running"
        );
        let (stop, stopped) = oneshot::channel();
        let supervisor = tokio::spawn(supervise(Arc::clone(&server), postmaster, stopped));
        Ok(Self {
            server,
            supervisor,
            stop,
        })
    }

    /// How to connect to the gateway's database.
    #[must_use]
    pub fn config(&self) -> tokio_postgres::Config {
        self.server.own_config()
    }

    /// PostgreSQL's data directory.
    #[must_use]
    pub fn cluster(&self) -> PathBuf {
        self.server.location.cluster()
    }

    /// The folder of the server's socket.
    #[must_use]
    pub fn sockets(&self) -> &Path {
        self.server.location.sockets()
    }

    /// Stops the server and waits for its end.
    pub async fn stop(self) {
        // Fails if the supervisor has ended; then there is nothing to stop.
        self.stop.send(()).ok();
        self.supervisor.await.ok();
        // If the server is still there, its socket keeps the folder.
        fs::remove_dir(self.server.location.sockets()).ok();
    }

    /// Stops the server and deletes its files, wherever they are: for a temporary database. The data folder
    /// itself belongs to the caller.
    pub async fn stop_and_remove(self) {
        let location = self.server.location.clone();
        self.stop().await;
        if let Err(error) = fs::remove_dir_all(location.home()) {
            let folder = location.home().display();
            tracing::warn!(%error, postgres.folder = %folder, "local_postgres.remove: failed");
        }
    }
}

/// Restarts the server whenever it dies, until a message asks to stop it. If the sender is dropped
/// instead, the server keeps running.
async fn supervise(
    server: Arc<Server>,
    mut postmaster: Postmaster,
    mut stop: oneshot::Receiver<()>,
) {
    loop {
        tokio::select! {
            notice = &mut stop => {
                if notice.is_ok() {
                    postmaster.stop().await;
                }
                return;
            }
            () = postmaster.wait_for_exit() => {}
        }
        tracing::error!("local_postgres.supervise: server died, restarting");
        let restart = retry_with_backoff(
            "start the private PostgreSQL",
            |_| true,
            || server.start_or_adopt(),
        );
        postmaster = tokio::select! {
            biased;
            restarted = restart => match restarted {
                Ok(postmaster) => postmaster,
                Err(_) => return,
            },
            notice = &mut stop => {
                if notice.is_ok() {
                    server.stop_any_running().await;
                }
                return;
            }
        };
        tracing::info!(
            process.pid = postmaster.pid().as_raw_nonzero(),
            "local_postgres.supervise: running again"
        );
    }
}
