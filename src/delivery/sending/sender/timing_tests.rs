//! The parts of an attempt's time add up to what the receiver and the name server took.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rcgen::{CertificateParams, KeyPair};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use super::testing::*;
use super::*;
use crate::egress::Lookup;
use crate::egress::testing::Receiver;

const DNS: Duration = Duration::from_millis(30);
const BEFORE_TLS: Duration = Duration::from_millis(20);
const BEFORE_REPLY: Duration = Duration::from_millis(50);
/// What a busy machine may add to a part.
const SLACK: Duration = Duration::from_millis(300);

/// Every name means 127.0.0.1, after a while.
struct SlowDns;

impl Lookup for SlowDns {
    fn lookup(&self, _host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async {
            sleep(DNS).await;
            Ok(vec![[127, 0, 0, 1].into()])
        })
    }
}

/// A receiver that waits before TLS and before each reply, and whoever trusts it.
async fn slow_receiver() -> (Receiver, RootCertStore) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["shop.example".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.serialize_der().try_into().unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let serve = move |stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            let _ = stream.peek(&mut [0]).await;
            sleep(BEFORE_TLS).await;
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut request = [0; 4096];
            while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                sleep(BEFORE_REPLY).await;
                let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                if stream.write_all(reply).await.is_err() {
                    return;
                }
            }
        }
    };
    (receiver(serve).await, roots)
}

#[track_caller]
fn assert_took(part: Option<Duration>, at_least: Duration) {
    let part = part.unwrap();
    assert!((at_least..at_least + SLACK).contains(&part), "{part:?}");
}

#[tokio::test]
async fn the_parts_say_who_was_slow() {
    let (receiver, roots) = slow_receiver().await;
    let clients = Clients::new(policy(), Arc::new(SlowDns), roots, TOTAL).unwrap();
    let to = prepared(&format!(
        "https://shop.example:{}/",
        receiver.address.port()
    ));
    let sender = sender_with(clients);
    let begun = Instant::now();
    let first = sender.exchange(&to, signed()).await;
    let whole = begun.elapsed();
    assert_eq!(first.outcome.unwrap().status, 200);
    let parts = first.timings;
    assert_took(parts.dns, DNS);
    assert_took(parts.connect, Duration::ZERO);
    assert_took(parts.tls, BEFORE_TLS);
    assert_took(parts.first_byte, BEFORE_REPLY);
    let all = [parts.dns, parts.connect, parts.tls, parts.first_byte];
    let sum: Duration = all.into_iter().flatten().sum();
    assert!(sum <= whole && whole < sum + SLACK, "{sum:?} of {whole:?}");

    // The connection is kept: only the wait is this attempt's own.
    let kept = sender.exchange(&to, signed()).await.timings;
    assert_eq!((kept.dns, kept.connect, kept.tls), (None, None, None));
    assert_took(kept.first_byte, BEFORE_REPLY);
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn an_attempt_that_is_given_up_keeps_the_parts_it_has_done() {
    let silent = super::testing::receiver(|mut stream| async move {
        let _ = read_request(&mut stream).await;
        sleep(TOTAL * 3).await;
    });
    let silent = silent.await;
    let given_up = sender().exchange(&http_target(&silent), signed()).await;
    assert_eq!(given_up.outcome, Err(SendFailure::Timeout));
    assert!(given_up.timings.connect.is_some(), "{:?}", given_up.timings);
    assert_eq!(given_up.timings.first_byte, None);

    let refused = prepared("http://127.0.0.1:9/hooks");
    let refused = sender().exchange(&refused, signed()).await;
    assert_eq!(refused.outcome, Err(SendFailure::Connect));
    assert_eq!(refused.timings, RequestTimings::default());
}
