//! Connections that behave unlike any honest client: silent, trickling or endless.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::receiver::DEADLINE;

/// A connection without an HTTP client.
pub(crate) struct RawConnection(TcpStream);

impl RawConnection {
    /// Connects and sends nothing.
    pub(crate) async fn connect(address: impl ToString) -> Self {
        Self(TcpStream::connect(address.to_string()).await.unwrap())
    }

    /// Sends a head that announces a body, waits until the gateway asks for the body or refuses, and returns its answer.
    pub(crate) async fn announce(
        address: impl ToString,
        request: &str,
        key: &str,
        bytes: usize,
    ) -> (Self, String) {
        let mut raw = Self::connect(address).await;
        let head = format!(
            "{request} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {key}\r\ncontent-length: {bytes}\r\nexpect: 100-continue\r\n\r\n"
        );
        raw.write(head.as_bytes()).await;
        let answer = raw.read().await;
        (raw, answer)
    }

    /// Writes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Reads what comes next; nothing at the end.
    pub(crate) async fn read(&mut self) -> String {
        let mut buffer = [0; 8_192];
        let read = timeout(DEADLINE, self.0.read(&mut buffer)).await.unwrap();
        String::from_utf8_lossy(&buffer[..read.unwrap_or(0)]).into_owned()
    }

    /// Reads until the gateway closes the connection.
    pub(crate) async fn read_to_end(&mut self) -> String {
        let mut bytes = Vec::new();
        // A reset is an end, too.
        let _ = timeout(DEADLINE, self.0.read_to_end(&mut bytes))
            .await
            .unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Sends a byte every 50 ms until the gateway closes the connection.
    pub(crate) async fn trickle(mut self) {
        while self.0.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
