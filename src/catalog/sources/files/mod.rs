//! Fetches a feed as a file, by SFTP or FTPS, behind the egress guard; the file is spooled to disk.
//!
//! Promises: nobody is logged in at a server that has not proven who it is: by the pinned host key, or by a
//! certificate for the host's name; a file that changed while it was read is not a document; time and bytes are bounded.
//! An error names the configured host, never a path, an address, a user or a secret.

mod download;
mod ftps;
pub(super) mod login;
mod sftp;

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use buywire_schemas::catalog::issue::Code;
use buywire_schemas::ids::PartnerId;
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::login::{HostKey, Login};
use super::fetch::{ATTEMPTS_MAX, FetchError, FetchLimits, Fetched};
use crate::catalog::spool::SpoolDisk;
use crate::db::retry_with_backoff;
use crate::egress::{
    ConnectFailure, EgressPolicy, FileConnector, FileProtocol, FileUrl, SharedLookup, SystemLookup,
};

/// Fetches files. Clones share what they connect with.
#[derive(Clone)]
pub(crate) struct FileFetcher {
    connector: FileConnector,
    limits: FetchLimits,
}

/// A file to fetch. Has no `Debug`, because it holds secrets.
pub(super) struct FileRequest {
    pub(super) url: FileUrl,
    pub(super) login: Login,
    /// The host key that an SFTP server must have.
    pub(super) host_key: Option<HostKey>,
    /// The state of the file that was read last.
    pub(super) validator: Option<String>,
    /// Where the file is spooled.
    pub(super) disk: Arc<SpoolDisk>,
    pub(super) partner: PartnerId,
}

impl FileFetcher {
    /// Creates a fetcher with this machine's resolver and CA certificates.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(crate) fn new(policy: EgressPolicy, limits: FetchLimits) -> Result<Self, rustls::Error> {
        let lookup = Arc::new(SharedLookup::new(SystemLookup));
        Ok(Self {
            connector: FileConnector::new(policy, lookup, limits.connect)?,
            limits,
        })
    }

    /// Fetches the file, unless it is in the state that was read last.
    pub(super) async fn fetch(&self, request: &FileRequest) -> Result<Fetched, FetchError> {
        let fetching = async {
            match request.url.protocol() {
                FileProtocol::Sftp => sftp::fetch(self, request).await,
                FileProtocol::ImplicitFtps | FileProtocol::ExplicitFtps => {
                    ftps::fetch(self, request).await
                }
            }
        };
        let fetched = timeout(self.limits.total, fetching).await;
        let too_long = || request.error(Code::FetchTimeout, "the download took too long");
        fetched.unwrap_or_else(|_| Err(too_long()))
    }

    /// Connects, and repeats it quickly while the server refuses connections.
    async fn connect(&self, request: &FileRequest) -> Result<TcpStream, FetchError> {
        let connect = || self.connector.connect(&request.url);
        let connected = self.retry_quickly(ConnectFailure::is_transient, connect);
        connected
            .await
            .map_err(|failure| request.unreachable(failure))
    }

    async fn retry_quickly<T, E, F>(
        &self,
        is_transient: impl Fn(&E) -> bool,
        connect: impl FnMut() -> F,
    ) -> Result<T, E>
    where
        E: Display,
        F: Future<Output = Result<T, E>>,
    {
        let attempts = AtomicU32::new(1);
        let may_retry = |failure: &E| {
            is_transient(failure) && attempts.fetch_add(1, Ordering::Relaxed) < ATTEMPTS_MAX
        };
        retry_with_backoff("connect to a feed's host", may_retry, connect).await
    }
}

impl FileRequest {
    fn error(&self, code: Code, what: impl Into<String>) -> FetchError {
        FetchError::new(&self.url.host(), code, what)
    }

    fn unreachable(&self, failure: ConnectFailure) -> FetchError {
        let code = match failure {
            ConnectFailure::Timeout => Code::FetchTimeout,
            _ => Code::FetchFailed,
        };
        self.error(code, failure.to_string())
    }

    fn stalled(&self) -> FetchError {
        self.error(Code::FetchTimeout, "the server did not answer in time")
    }
}

#[cfg(test)]
mod tests;
