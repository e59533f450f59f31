//! The receiver's HTTP: a minimal HTTP/1.1 that can also misbehave.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How a receiver answers a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A status, with headers and a body.
    Complete {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// Keeps the connection open without an answer until it is released; then closes it, or answers.
    Hang { then: Option<u16> },
    /// A head, then single bytes of the body, without end.
    Drip { every: Duration },
    /// Closes the connection without an answer.
    Close,
    /// Exactly these bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// A reply after a delay.
    Late { after: Duration, reply: Box<Reply> },
}

impl Reply {
    /// An empty reply with a status.
    pub(crate) fn status(status: u16) -> Self {
        Self::Complete {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The same after a delay.
    pub(crate) fn after(self, after: Duration) -> Self {
        let reply = Box::new(self);
        Self::Late { after, reply }
    }

    /// No answer, even after the receiver is released.
    pub(crate) fn hang() -> Self {
        Self::Hang { then: None }
    }

    /// With one more header.
    pub(crate) fn header(mut self, name: &str, value: impl ToString) -> Self {
        if let Self::Complete { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_string()));
        }
        self
    }

    /// With a body.
    pub(crate) fn body(mut self, bytes: &[u8]) -> Self {
        if let Self::Complete { body, .. } = &mut self {
            *body = bytes.to_vec();
        }
        self
    }
}

/// A request as received.
#[derive(Debug, Clone)]
pub(crate) struct RawRequest {
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Reads one request. `None`: the other side closed the connection.
pub(crate) async fn read_request(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> Option<RawRequest> {
    let head_end = loop {
        if let Some(at) = find(buffer, b"\r\n\r\n") {
            break at + 4;
        }
        fill(stream, buffer).await?;
    };
    let head = String::from_utf8(buffer[..head_end].to_vec()).ok()?;
    let mut lines = head.split("\r\n").filter(|line| !line.is_empty());
    let target = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    while buffer.len() < head_end + length {
        fill(stream, buffer).await?;
    }
    let body = buffer[head_end..head_end + length].to_vec();
    buffer.drain(..head_end + length);
    Some(RawRequest {
        target,
        headers,
        body,
    })
}

/// Sends a reply. Returns whether the connection can be reused.
pub(crate) async fn write_reply(stream: &mut TcpStream, reply: Reply) -> bool {
    match reply {
        Reply::Late { after, reply } => {
            tokio::time::sleep(after).await;
            Box::pin(write_reply(stream, *reply)).await
        }
        Reply::Complete {
            status,
            headers,
            body,
        } => {
            let mut head = format!(
                "HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n",
                body.len()
            );
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str("\r\n");
            let bytes = [head.as_bytes(), &body].concat();
            stream.write_all(&bytes).await.is_ok()
        }
        Reply::Drip { every } => {
            let head = "HTTP/1.1 503 Said\r\ncontent-length: 1000000\r\n\r\n";
            let mut ok = stream.write_all(head.as_bytes()).await.is_ok();
            while ok {
                tokio::time::sleep(every).await;
                ok = stream.write_all(b".").await.is_ok();
            }
            false
        }
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
            false
        }
        Reply::Hang { then: Some(status) } => {
            Box::pin(write_reply(stream, Reply::status(status))).await
        }
        Reply::Hang { then: None } | Reply::Close => false,
    }
}

async fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 16 * 1024];
    match stream.read(&mut chunk).await {
        Ok(0) | Err(_) => None,
        Ok(read) => {
            buffer.extend_from_slice(&chunk[..read]);
            Some(())
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}
