//! A minimal HTTP/1.1 for both sides, over loopback only.
//!
//! Why not a library: sender and receiver share the machine with the gateway that they measure, and the CPU time
//! of a full client would be taken from it. Promises: a message is read whole, by its `content-length`; head and
//! body are bounded. Only for the gateway and its own client: what they never send (chunks, upgrades,
//! informational replies) is an error here.

use std::io;
use std::net::SocketAddr;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEAD_BYTES_MAX: usize = 16 * 1024;
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
const HEAD_END: &[u8] = b"\r\n\r\n";

/// One connection, from either side.
pub(crate) struct HttpConnection {
    stream: TcpStream,
    buffer: BytesMut,
    /// The length of the message that was returned last.
    consumed: usize,
}

/// A request or a reply in the connection's buffer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HttpMessage<'a> {
    head: &'a str,
    /// The exact bytes of the body.
    pub body: &'a [u8],
}

impl HttpConnection {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        Self::from_stream(TcpStream::connect(address).await?)
    }

    /// Uses a connection that was accepted.
    pub(crate) fn from_stream(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: BytesMut::with_capacity(HEAD_BYTES_MAX),
            consumed: 0,
        })
    }

    /// Sends bytes unchanged.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Reads the next message. `None`: the other side closed the connection between two messages.
    ///
    /// # Errors
    /// When the connection breaks, or the message has no known length.
    pub(crate) async fn receive(&mut self) -> io::Result<Option<HttpMessage<'_>>> {
        self.buffer.advance(self.consumed);
        self.consumed = 0;
        let mut scanned = 0;
        let head = loop {
            if let Some(at) = find(self.buffer.get(scanned..).unwrap_or_default(), HEAD_END) {
                break scanned + at;
            }
            if self.buffer.len() > HEAD_BYTES_MAX {
                return Err(malformed("the head exceeds 16 KiB"));
            }
            // The end of the head may arrive in two parts.
            scanned = self.buffer.len().saturating_sub(HEAD_END.len() - 1);
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return match self.buffer.is_empty() {
                    true => Ok(None),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        };
        let body = head + HEAD_END.len();
        let end = body + body_bytes(self.buffer.get(..head).unwrap_or_default())?;
        while self.buffer.len() < end {
            self.buffer.reserve(end - self.buffer.len());
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        self.consumed = end;
        Ok(Some(HttpMessage {
            head: text(self.buffer.get(..head).unwrap_or_default())?,
            body: self.buffer.get(body..end).unwrap_or_default(),
        }))
    }
}

impl<'a> HttpMessage<'a> {
    /// A message without a connection.
    #[cfg(test)]
    pub(crate) fn from_parts(head: &'a str, body: &'a [u8]) -> Self {
        Self { head, body }
    }

    /// A reply's status; 0 if this is a request.
    #[must_use]
    pub(crate) fn status(&self) -> u16 {
        let second = self.head.split(' ').nth(1);
        second.and_then(|word| word.parse().ok()).unwrap_or(0)
    }

    /// A request's path and query.
    #[must_use]
    pub(crate) fn path(&self) -> &'a str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// All headers, with their names as received.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let lines = self.head.split("\r\n").skip(1);
        lines.filter_map(|line| {
            line.split_once(':')
                .map(|(name, value)| (name, value.trim()))
        })
    }

    /// The first header of that name.
    #[must_use]
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        let mut all = self.headers();
        all.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }
}

fn body_bytes(head: &[u8]) -> io::Result<usize> {
    let message = HttpMessage {
        head: text(head)?,
        body: &[],
    };
    if message.header("transfer-encoding").is_some() {
        return Err(malformed("chunked bodies are not supported"));
    }
    let Some(length) = message.header("content-length") else {
        return Ok(0);
    };
    match length.parse() {
        Ok(bytes) if bytes <= BODY_BYTES_MAX => Ok(bytes),
        _ => Err(malformed("content-length is invalid or above 8 MiB")),
    }
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

fn text(bytes: &[u8]) -> io::Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| malformed("the head is not text"))
}

fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn messages_are_read_whole_however_they_are_cut() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let bytes = b"POST /a HTTP/1.1\r\nContent-Length: 5\r\nWebhook-Id: dlv_1\r\n\r\nhello\
            HTTP/1.1 204 No Content\r\n\r\n";
        let writer = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for byte in bytes {
                stream.write_all(&[*byte]).await.unwrap();
                stream.flush().await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        let mut connection = HttpConnection::connect(address).await.unwrap();
        let request = connection.receive().await.unwrap().unwrap();
        assert_eq!(request.path(), "/a");
        assert_eq!(request.header("webhook-id"), Some("dlv_1"));
        assert_eq!(request.body, b"hello");
        let reply = connection.receive().await.unwrap().unwrap();
        assert_eq!((reply.status(), reply.body), (204, b"".as_slice()));
        writer.await.unwrap();
        assert!(connection.receive().await.unwrap().is_none());
    }
}
