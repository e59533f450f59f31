//! Guarded sessions of FTPS: TLS before anything is said, or right after the server's greeting.
//!
//! Promises: a session that is opened here is encrypted, with a server that has a certificate for the URL's host; its
//! data connections are encrypted too and go to the address of the session, whatever address the server names.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use suppaftp::tokio::{AsyncRustlsConnector, AsyncRustlsFtpStream};
use suppaftp::{FtpError, FtpResult, Mode};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{ConnectFailure, FileConnector, FileProtocol, FileUrl};

/// A data connection to a lower port would reach another service of the host.
const DATA_PORT_MIN: u16 = 1024;

/// A session before the login.
pub(crate) type FtpsSession = AsyncRustlsFtpStream;

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenFailure {
    #[error(transparent)]
    Connect(#[from] ConnectFailure),
    #[error(transparent)]
    Ftp(#[from] FtpError),
}

impl FileConnector {
    /// Opens a session with the URL's host.
    ///
    /// # Errors
    /// Why there is no session.
    pub(crate) async fn open_ftps(&self, url: &FileUrl) -> Result<FtpsSession, OpenFailure> {
        let host = url.host();
        let tls = AsyncRustlsConnector::from(TlsConnector::from(self.tls()));
        let session = match url.protocol() {
            FileProtocol::ImplicitFtps => {
                // The library connects by itself, to addresses that have been checked.
                let addresses = self.addresses(url).await?;
                let opening =
                    FtpsSession::connect_secure_implicit(addresses.as_slice(), tls, &host);
                opening.await.map_err(without_connection)?
            }
            _ => {
                let stream = self.connect(url).await?;
                let plain = FtpsSession::connect_with_stream(stream).await?;
                plain.into_secure(tls, &host).await?
            }
        };
        let peer = session.get_ref().await.peer_addr();
        Ok(on_one_host(
            session,
            peer.map_err(FtpError::ConnectionError)?,
        ))
    }
}

fn without_connection(error: FtpError) -> OpenFailure {
    let FtpError::ConnectionError(cause) = &error else {
        return error.into();
    };
    match cause.kind() {
        ErrorKind::ConnectionRefused
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable => ConnectFailure::Connect.into(),
        ErrorKind::TimedOut => ConnectFailure::Timeout.into(),
        _ => error.into(),
    }
}

/// Data connections go to the session's host.
fn on_one_host(session: FtpsSession, peer: SocketAddr) -> FtpsSession {
    let mut session = session.passive_stream_builder(move |named| {
        Box::pin(async move { data_connection(peer, named).await })
    });
    session.set_mode(match peer.is_ipv6() {
        true => Mode::ExtendedPassive,
        false => Mode::Passive,
    });
    session
}

/// Connects to the port that the server names, on the host that was checked.
pub(super) async fn data_connection(peer: SocketAddr, named: SocketAddr) -> FtpResult<TcpStream> {
    if named.port() < DATA_PORT_MIN {
        let refused = io::Error::from(ErrorKind::PermissionDenied);
        return Err(FtpError::ConnectionError(refused));
    }
    let address = SocketAddr::new(peer.ip(), named.port());
    let connected = TcpStream::connect(address).await;
    connected.map_err(FtpError::ConnectionError)
}
