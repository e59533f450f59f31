//! The byte stream of a client connection.
//!
//! The HTTP library answers a head that is late, too long or malformed without a body. Here these answers get the
//! problem document that every other error has, and an evicted connection reads its end.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::ResponseError;
use actix_web::rt::net::TcpStream;
use memchr::memmem;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::http::problem::{ApiError, Kind};
use crate::http::server::connections::{Connection, ConnectionSlot};
use crate::http::server::request_id;

/// How the library's own answers start, and the problem that each means.
const BARE_REFUSALS: [(&[u8], Kind); 3] = [
    (b"HTTP/1.1 400 ", Kind::NotHttp),
    (b"HTTP/1.1 408 ", Kind::TooSlow),
    (b"HTTP/1.1 431 ", Kind::HeadTooLarge),
];

/// A client connection.
pub(super) struct ClientStream {
    io: TcpStream,
    slot: ConnectionSlot,
    /// What is written instead of a bare answer, and that answer's length.
    replacement: Vec<u8>,
    written: usize,
    replaced_bytes: usize,
}

impl ClientStream {
    pub(super) fn new(io: TcpStream, slot: ConnectionSlot) -> Self {
        Self {
            io,
            slot,
            replacement: Vec::new(),
            written: 0,
            replaced_bytes: 0,
        }
    }

    pub(super) fn connection(&self) -> Arc<Connection> {
        Arc::clone(&self.slot.connection)
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.slot.connection.reader.register(cx.waker());
        if this.slot.connection.is_evicted() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut this.io).poll_read(cx, to)
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.replacement.is_empty() {
            match problem_response(bytes) {
                Some(document) => {
                    this.replacement = document;
                    (this.written, this.replaced_bytes) = (0, bytes.len());
                }
                None => return Pin::new(&mut this.io).poll_write(cx, bytes),
            }
        }
        while let Some(rest) = this.replacement.get(this.written..)
            && !rest.is_empty()
        {
            match ready!(Pin::new(&mut this.io).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => this.written += count,
            }
        }
        this.replacement.clear();
        Poll::Ready(Ok(this.replaced_bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

/// The problem document for the library's bare answer; none for our own answers.
fn problem_response(response: &[u8]) -> Option<Vec<u8>> {
    let (_, kind) = BARE_REFUSALS
        .iter()
        .find(|(start, _)| response.starts_with(start))?;
    memmem::find(response, b"\r\ncontent-length: 0\r\n")?;
    let error = ApiError::new(*kind);
    let status = error.status_code();
    let document = serde_json::to_string(&error.problem()).ok()?;
    let id = request_id::generate();
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\n{}: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{document}",
        request_id::X_REQUEST_ID,
        id.to_str().unwrap_or_default(),
        document.len()
    );
    Some(text.into_bytes())
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_bare_refusals_get_words() {
        let bare =
            b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        let response =
            String::from_utf8(crate::http::server::client_stream::problem_response(bare).unwrap())
                .unwrap();
        assert!(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())));
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["type"], "/problems/too-slow");
        assert_eq!(problem["status"], 408);
        for ours in [
            &b"HTTP/1.1 400 Bad Request\r\ncontent-length: 17\r\n\r\n"[..],
            b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n",
            b"",
        ] {
            assert!(crate::http::server::client_stream::problem_response(ours).is_none());
        }
    }
}
