//! The guard before a proxy: nothing is requested from it that could lead to a private address.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderMap;
use rustls::RootCertStore;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::egress::gateway::ConnectionSettings;
use crate::egress::testing::{FakeDns, Receiver};
use crate::egress::*;

/// A proxy that records what it is asked for, and connects nowhere.
async fn proxy() -> (Receiver, Arc<Mutex<Vec<String>>>) {
    let requests = Arc::<Mutex<Vec<String>>>::default();
    let recorded = Arc::clone(&requests);
    let serve = move |mut stream: TcpStream| {
        let recorded = Arc::clone(&recorded);
        async move {
            let mut head = [0; 1024];
            let read = stream.read(&mut head).await.unwrap_or(0);
            let text = String::from_utf8_lossy(&head[..read]).into_owned();
            let first = text.lines().next().unwrap_or_default().to_owned();
            recorded.lock().unwrap().push(first);
        }
    };
    let receiver = Receiver::start(([127, 0, 0, 1], 0).into(), serve).await;
    (receiver.unwrap(), requests)
}

fn behind(port: u16, ranges: &str) -> EgressPolicy {
    let settings = ConnectionSettings {
        proxy: Some(format!("http://127.0.0.1:{port}")),
        ..ConnectionSettings::default()
    };
    let gateway = settings.read(time::OffsetDateTime::UNIX_EPOCH).unwrap();
    let policy = EgressPolicy::parse(ranges).unwrap();
    policy.with_connections(gateway)
}

fn clients(policy: &EgressPolicy, names: Arc<FakeDns>) -> Clients {
    let timeout = std::time::Duration::from_secs(1);
    Clients::new(policy.clone(), names, RootCertStore::empty(), timeout).unwrap()
}

fn request() -> OutboundRequest {
    OutboundRequest {
        method: Method::POST,
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"{}"),
    }
}

#[tokio::test]
async fn a_name_with_any_private_address_is_not_requested_from_the_proxy() {
    let (proxy, requests) = proxy().await;
    for (ranges, saved_by, addresses) in [
        ("", SavedBy::Partner, ["10.0.0.1"].as_slice()),
        ("", SavedBy::Operator, &["127.0.0.1"]),
        ("", SavedBy::Operator, &["::ffff:10.0.0.1"]),
        // The proxy would choose one of them.
        ("", SavedBy::Partner, &["8.8.8.8", "10.0.0.1"]),
        // An allowed range is for operators' URLs.
        ("10.0.0.0/8", SavedBy::Partner, &["10.0.0.1"]),
        ("10.0.0.0/8", SavedBy::Operator, &["192.168.0.1"]),
    ] {
        let policy = behind(proxy.address.port(), ranges);
        let clients = clients(&policy, FakeDns::all_resolve_to(addresses));
        let target = TargetUrl::parse("https://shop.example/", saved_by, &policy).unwrap();
        let sent = clients.execute(&target, request()).await;
        assert!(
            matches!(sent, Err(EgressError::Blocked(_))),
            "{addresses:?}: {sent:?}"
        );
    }
    let policy = behind(proxy.address.port(), "");
    let target = TargetUrl::parse("https://shop.example/", SavedBy::Operator, &policy).unwrap();
    let unresolved = clients(&policy, FakeDns::all_resolve_to(&[]));
    let sent = unresolved.execute(&target, request()).await;
    assert!(matches!(sent, Err(EgressError::Unresolved(_))), "{sent:?}");
    assert_eq!(proxy.connections(), 0);

    let public = clients(&policy, FakeDns::all_resolve_to(&["8.8.8.8"]));
    let sent = public.execute(&target, request()).await;
    assert!(matches!(sent, Err(EgressError::Proxy(_))), "{sent:?}");
    assert_eq!(
        *requests.lock().unwrap(),
        ["CONNECT shop.example:443 HTTP/1.1"]
    );
}

#[tokio::test]
async fn an_endpoints_proxy_that_resolves_to_a_private_address_is_not_connected_to() {
    let (proxy, _) = proxy().await;
    let policy = EgressPolicy::parse("").unwrap();
    let url = format!("https://proxy.example:{}", proxy.address.port());
    let own = EndpointProxy::parse(&url, &policy).unwrap();
    let target = TargetUrl::parse("https://shop.example/", SavedBy::Operator, &policy).unwrap();
    // The target is public; the proxy is on this machine.
    let names = FakeDns::answers_in_order(&[&["8.8.8.8"], &["127.0.0.1"]]);
    let clients = clients(&policy, names);
    let own = clients.own_connections(target.reach(), &TlsIdentity::default(), Some(&own));
    let own = own.unwrap();
    let sent = clients.execute_over(Some(&own), &target, request()).await;
    assert!(matches!(sent, Err(EgressError::Blocked(_))), "{sent:?}");
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn nothing_unencrypted_goes_through_an_endpoints_proxy() {
    let (proxy, _) = proxy().await;
    let policy = EgressPolicy::parse("127.0.0.0/8").unwrap();
    let url = format!("http://127.0.0.1:{}", proxy.address.port());
    let own = EndpointProxy::parse(&url, &policy).unwrap();
    let target = TargetUrl::parse("http://127.0.0.1:9/", SavedBy::Operator, &policy).unwrap();
    let clients = clients(&policy, FakeDns::all_resolve_to(&["127.0.0.1"]));
    let own = clients.own_connections(target.reach(), &TlsIdentity::default(), Some(&own));
    let own = own.unwrap();
    let sent = clients.execute_over(Some(&own), &target, request()).await;
    assert!(matches!(sent, Err(EgressError::Blocked(_))), "{sent:?}");
    assert_eq!(proxy.connections(), 0);
}
