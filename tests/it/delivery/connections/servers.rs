//! Servers of stories: a receiver that speaks TLS, and a proxy that connects.
//!
//! Both are real ones on this machine. They remember who came and over which connection.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::identities::Identity;

/// An HTTPS server that accepts every delivery.
pub(super) struct TlsReceiver {
    pub(super) port: u16,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
}

/// How long a receiver waits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Delays {
    pub(super) before_tls: Duration,
    pub(super) before_reply: Duration,
}

/// A request that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrival {
    /// Counts the connections of this receiver.
    pub(super) connection: usize,
    pub(super) client: Option<CertificateDer<'static>>,
    pub(super) path: String,
}

impl TlsReceiver {
    /// With this certificate; it demands a client certificate of these CAs if there are any.
    pub(super) async fn start(identity: &Identity, demands: Option<RootCertStore>) -> Self {
        Self::start_slow(identity, demands, Delays::default()).await
    }

    /// The same, which takes its time.
    pub(super) async fn start_slow(
        identity: &Identity,
        demands: Option<RootCertStore>,
        delays: Delays,
    ) -> Self {
        let acceptor = acceptor(identity, demands);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let arrivals = Arc::<Mutex<Vec<Arrival>>>::default();
        let recorded = Arc::clone(&arrivals);
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, recorded) = (acceptor.clone(), Arc::clone(&recorded));
                tokio::spawn(async move {
                    // From the first byte on: a proxy connects long before TLS begins.
                    let _ = stream.peek(&mut [0]).await;
                    tokio::time::sleep(delays.before_tls).await;
                    serve(connection, stream, acceptor, delays, &recorded).await;
                });
            }
        });
        Self { port, arrivals }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}/{path}", self.port)
    }

    pub(super) fn arrivals(&self) -> Vec<Arrival> {
        self.arrivals.lock().unwrap().clone()
    }
}

fn acceptor(identity: &Identity, demands: Option<RootCertStore>) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let building = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let building = match demands {
        None => building.with_no_client_auth(),
        Some(roots) => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            building.with_client_cert_verifier(verifier.unwrap())
        }
    };
    let chain = vec![identity.der.clone()];
    let config = building.with_single_cert(chain, identity.key()).unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(
    connection: usize,
    stream: TcpStream,
    acceptor: TlsAcceptor,
    delays: Delays,
    arrivals: &Mutex<Vec<Arrival>>,
) {
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return;
    };
    let client = stream.get_ref().1.peer_certificates();
    let client = client.and_then(|chain| chain.first().cloned());
    while let Some(head) = read_head(&mut stream).await {
        read_body(&mut stream, &head).await;
        let path = head.split(' ').nth(1).unwrap().to_owned();
        arrivals.lock().unwrap().push(Arrival {
            connection,
            client: client.clone().map(CertificateDer::into_owned),
            path,
        });
        tokio::time::sleep(delays.before_reply).await;
        let reply = b"HTTP/1.1 204 No Content\r\n\r\n";
        if stream.write_all(reply).await.is_err() {
            return;
        }
    }
}

/// A proxy that makes tunnels to wherever it is told.
pub(super) struct ConnectProxy {
    pub(super) port: u16,
    targets: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl ConnectProxy {
    /// In plain, or with TLS; it demands these credentials (`name:password` in base64) if there are any.
    pub(super) async fn start(identity: Option<&Identity>, credentials: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            targets: Arc::default(),
            connections: Arc::default(),
        };
        let acceptor = identity.map(|identity| acceptor(identity, None));
        let demanded = credentials.map(|pair| format!("proxy-authorization: basic {pair}"));
        let (targets, connections) = (Arc::clone(&proxy.targets), Arc::clone(&proxy.connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (targets, demanded) = (Arc::clone(&targets), demanded.clone());
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    match acceptor {
                        None => tunnel(stream, demanded, &targets).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                tunnel(stream, demanded, &targets).await;
                            }
                        }
                    }
                });
            }
        });
        proxy
    }

    /// What tunnels were requested to, refused ones too.
    pub(super) fn targets(&self) -> Vec<String> {
        self.targets.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn tunnel(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    demanded: Option<String>,
    targets: &Mutex<Vec<String>>,
) {
    let Some(head) = read_head(&mut stream).await else {
        return;
    };
    let mut words = head.split(' ');
    assert_eq!(words.next(), Some("CONNECT"), "{head}");
    let target = words.next().unwrap().to_owned();
    targets.lock().unwrap().push(target.clone());
    let folded = head.to_lowercase();
    if demanded.is_some_and(|line| !folded.contains(&line.to_lowercase())) {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
        let _ = stream.write_all(refusal).await;
        return;
    }
    // Like any proxy, it knows where it may not go: a story never leaves this machine.
    let upstream = match target.starts_with("127.0.0.1:") {
        true => TcpStream::connect(&target).await.ok(),
        false => None,
    };
    let Some(mut upstream) = upstream else {
        let _ = stream
            .write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
            .await;
        return;
    };
    if stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_ok() {
        let _ = copy_bidirectional(&mut stream, &mut upstream).await;
    }
}

/// Reads the head of a request, byte by byte, so that nothing of what follows is lost.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

async fn read_body(stream: &mut (impl AsyncRead + Unpin), head: &str) {
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")
            .map(str::to_owned)
    });
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    let _ = stream.read_exact(&mut body).await;
}
