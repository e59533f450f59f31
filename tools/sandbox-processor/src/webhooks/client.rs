//! One POST over loopback, with as much HTTP as that needs.
//!
//! Why not a library: the crates that build with this one decide a library's features, TLS providers among them, and a
//! client without the right one cannot start. Promises: only loopback is reached; head and time are bounded; the
//! reply's body is not read.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// As long as a gateway may take to commit.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A status line is shorter.
const STATUS_BYTES_MAX: usize = 1_024;

/// Where events go: an address on this machine, and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    address: SocketAddr,
    path: String,
}

impl Target {
    /// Reads `http://127.0.0.1:8080/path`. Other schemes and hosts are none.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?;
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic());
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, 80),
        };
        let ip = match host {
            "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
            host => host.trim_matches(['[', ']']).parse().ok()?,
        };
        (is_plain && ip.is_loopback()).then(|| Self {
            address: SocketAddr::new(ip, port),
            path: path.to_owned(),
        })
    }

    /// Sends a body. Returns the reply's status.
    pub(crate) async fn post(&self, signature: &str, body: &[u8]) -> io::Result<u16> {
        let exchange = self.exchange(signature, body);
        timeout(TIMEOUT, exchange)
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    async fn exchange(&self, signature: &str, body: &[u8]) -> io::Result<u16> {
        let mut stream = TcpStream::connect(self.address).await?;
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\nuser-agent: buywire-sandbox-processor\r\n\
             content-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\
             stripe-signature: {signature}\r\nconnection: close\r\n\r\n",
            self.path,
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body).await?;
        let mut reply = Vec::new();
        let mut limited = stream.take(STATUS_BYTES_MAX as u64);
        while !reply.contains(&b'\n') && limited.read_buf(&mut reply).await? > 0 {}
        let line = reply
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let status = line
            .strip_prefix("HTTP/1.")
            .and_then(|rest| rest.split(' ').nth(1));
        status
            .and_then(|status| status.trim().parse().ok())
            .ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_a_target() {
        let target = Target::parse("http://127.0.0.1:81/v1/payments/stripe/events?a=1").unwrap();
        assert_eq!(target.address, "127.0.0.1:81".parse().unwrap());
        assert_eq!(target.path, "/v1/payments/stripe/events?a=1");
        assert_eq!(Target::parse("http://[::1]:82").unwrap().path, "/");
        assert!(Target::parse("http://localhost/x").is_some());
        for url in [
            "https://127.0.0.1/",
            "http://10.0.0.1/",
            "http://example.com/",
            "http://127.0.0.1:x/",
            "http://127.0.0.1/a b",
        ] {
            assert_eq!(Target::parse(url), None, "{url}");
        }
    }
}
