//! The private PostgreSQL: a database without a set-up step.
//!
//! Without DATABASE_URL the gateway runs a PostgreSQL of its own in its data folder, with the
//! programs that are installed on the machine. Promises:
//!
//! - One data folder, one gateway: a second process gets a clear error.
//! - Also under root, and also where the server's user cannot reach the data folder.
//! - Nobody else gets in: no TCP, a socket in a private folder, a generated password.
//! - A gateway that was killed leaves its server running; the next start adopts it, and stops it
//!   in the end as if it were its own.
//! - A server that dies is started again, for as long as the gateway lives.
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
pub use crate::local_postgres::attach::{connection_config, destroy};
use crate::local_postgres::binaries::Binaries;
pub use crate::local_postgres::data_dir::DataDir;
pub use crate::local_postgres::error::{DataDirError, EmbeddedError};
use crate::local_postgres::postmaster::Postmaster;
use crate::local_postgres::server::Server;
pub use crate::local_postgres::settings::EmbeddedOptions;
pub use crate::local_postgres::undo::{remove_if_new, stop_leftover};

/// Whether a data folder has a database.
#[must_use]
pub fn cluster_exists(folder: &Path) -> bool {
    location::recorded_location(folder).is_some_and(|(home, _)| home.join("cluster").exists())
}

/// The version of the installed PostgreSQL that would make a new one.
pub fn installed_version() -> Result<u32, EmbeddedError> {
    Binaries::find(Path::new("")).map(|found| found.major())
}

/// A running private PostgreSQL. Dropping it without `stop` leaves the server running, as a
/// killed gateway would.
#[derive(Debug)]
pub struct Embedded {
    server: Arc<Server>,
    supervisor: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Embedded {
    /// Starts the folder's server, or adopts the one that still runs, with the default options.
    pub async fn start(folder: &DataDir) -> Result<Self, EmbeddedError> {
        Self::start_with(folder, EmbeddedOptions::default()).await
    }

    /// Starts with other options; an adopted server keeps those that it was started with.
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
            "the private PostgreSQL runs"
        );
        let (stop, stopped) = oneshot::channel();
        let supervisor = tokio::spawn(supervise(Arc::clone(&server), postmaster, stopped));
        Ok(Self {
            server,
            supervisor,
            stop,
        })
    }

    /// How to connect to our database in it.
    #[must_use]
    pub fn config(&self) -> tokio_postgres::Config {
        self.server.own_config()
    }

    /// PostgreSQL's own folder.
    #[must_use]
    pub fn cluster(&self) -> PathBuf {
        self.server.location.cluster()
    }

    /// The folder of the server's socket.
    #[must_use]
    pub fn sockets(&self) -> &Path {
        self.server.location.sockets()
    }

    /// Stops the server and returns when it is gone.
    pub async fn stop(self) {
        // Fails when the supervisor has ended, and then there is nothing to stop.
        self.stop.send(()).ok();
        self.supervisor.await.ok();
        // Swept up after a server that is gone; of one that is not, the socket keeps it.
        fs::remove_dir(self.server.location.sockets()).ok();
    }

    /// Stops the server and deletes its files, wherever they live: for a demo's or a benchmark's
    /// throwaway database. The data folder itself is the caller's.
    pub async fn stop_and_remove(self) {
        let location = self.server.location.clone();
        self.stop().await;
        if let Err(error) = fs::remove_dir_all(location.home()) {
            let folder = location.home().display();
            tracing::warn!(%error, %folder, "cannot remove a throwaway database");
        }
    }
}

/// Starts the server again whenever it has died, until told to stop it. When the sender is
/// dropped instead, the server is left alone.
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
        tracing::error!("the private PostgreSQL has died; starting it again");
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
            "the private PostgreSQL runs again"
        );
    }
}
