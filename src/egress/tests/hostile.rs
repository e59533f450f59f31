//! Hostile URLs: refused before a packet leaves, proven by a listener that nobody reaches.
//!
//! Every name means 127.0.0.1 here, and every `PORT` is the listener's. A URL that gets past the
//! guard is therefore seen. Once an operator opens the ranges, the same listener proves that the
//! loopback ones among them would have arrived.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::egress::testing::{FakeDns, Receiver, clients};
use crate::egress::*;

/// They reach this machine's loopback interface, in every spelling that a parser unites.
const LOOPBACK: &[&str] = &[
    "http://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/",
    "HTTP://127.0.0.1:PORT/",
    "hTTps://127.0.0.1:PORT/",
    "http://2130706433:PORT/",
    "https://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0X7F.0x0.0x0.0x1:PORT/",
    "http://0177.0.0.1:PORT/",
    "https://0177.0000.0000.0001:PORT/",
    "http://017700000001:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "https://0x7f.1:PORT/",
    "https://127.0.0.1.:PORT/",
    "https://１２７.０.０.１:PORT/",
    "https://①②⑦.⓪.⓪.①:PORT/",
    "https://127。0。0。1:PORT/",
    "https://%31%32%37.0.0.1:PORT/",
    "https://127%2e0%2e0%2e1:PORT/",
    "https://localhost:PORT/",
    "https://LOCALHOST:PORT/",
    "http://localhost:PORT/",
    "https://ｌｏｃａｌｈｏｓｔ:PORT/",
    "https://l%6fcalhost:PORT/",
    "https://rebind.example:PORT/",
    "http://rebind.example:PORT/",
    "https://bücher.example:PORT/",
    "https://127.0.0.1.nip.example:PORT/",
    "https://metadata.google.internal:PORT/",
];

/// The same over an IPv6 socket.
const LOOPBACK_V6: &[&str] = &[
    "http://[::1]:PORT/",
    "https://[0:0:0:0:0:0:0:1]:PORT/",
    "https://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/",
    "https://[::0.0.0.1]:PORT/",
    "https://[::ffff:127.0.0.1]:PORT/",
    "https://[::ffff:7f00:1]:PORT/",
    "http://[0:0:0:0:0:FFFF:7F00:0001]:PORT/",
    "https://[0000:0000:0000:0000:0000:ffff:127.0.0.1]:PORT/",
];

/// They reach other networks that are not the public internet, or a port that is not for us.
const ELSEWHERE: &[&str] = &[
    "https://0.0.0.0:PORT/",
    "https://0:PORT/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://203.0.113.7/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[fd00:ec2::254]/",
    "https://[fc00::1]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[::]:PORT/",
    "https://[::127.0.0.1]:PORT/",
    "https://[::ffff:0:127.0.0.1]:PORT/",
    "https://[64:ff9b::127.0.0.1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[64:ff9b:1::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a9fe:a9fe::1]/",
    "https://[2001:0:7f00:1::1]/",
    "https://[2001:db8::1]/",
    "https://[2a00:1450::5efe:7f00:1]/",
    "https://[100::1]/",
    "https://rebind.example:22/",
    "https://rebind.example:25/",
    "https://rebind.example:80/",
    "http://8.8.8.8/",
    "https://8.8.8.8:22/",
];

/// No range makes these readable.
const NEVER: &[&str] = &[
    "",
    "localhost:PORT",
    "127.0.0.1:PORT",
    "//127.0.0.1:PORT/",
    "/hooks",
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "gopher://127.0.0.1:PORT/_POST",
    "ftp://127.0.0.1:PORT/",
    "dict://127.0.0.1:PORT/",
    "ldap://127.0.0.1:PORT/",
    "ws://127.0.0.1:PORT/",
    "unix:/var/run/docker.sock",
    "http+unix://%2fvar%2frun%2fdocker.sock/",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "blob:https://127.0.0.1:PORT/",
    "http:127.0.0.1:PORT/",
    "http:/127.0.0.1:PORT/",
    "http:///127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "http://127.0.0.1:PORT\\@shop.example/",
    "https://shop.example\\.127.0.0.1:PORT/",
    "https://user@127.0.0.1:PORT/",
    "https://user:secret@127.0.0.1:PORT/",
    "https://@127.0.0.1:PORT/",
    "https://shop.example@127.0.0.1:PORT/",
    "https://shop.example:443@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/#shop.example",
    "https://shop.example#@127.0.0.1:PORT/",
    "https://",
    "https://:PORT/",
    "https://?host=127.0.0.1",
    "https://localhost.:PORT/",
    "https://rebind.example.:PORT/",
    "https://shop..example:PORT/",
    "https://.:PORT/",
    "https://rebind.example:0/",
    "https://127.0.0.1:99999/",
    "https://127.0.0.1:-1/",
    "https://127.0.0.256:PORT/",
    "https://4294967296:PORT/",
    "https://0x100000000:PORT/",
    "https://1.2.3.4.5:PORT/",
    "https://[::1:PORT/",
    "https://[::1%25lo]:PORT/",
    "https://[127.0.0.1]:PORT/",
    " https://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/ ",
    "https://127.0\t.0.1:PORT/",
    "https://127.0.0.1:PORT/\r\nhost: shop.example",
    "https://127.0.0.1\0.shop.example:PORT/",
    "https://127.0.0.1%00.shop.example:PORT/",
    "https://127.0.0.1%2f.shop.example:PORT/",
    "https://shop!.example:PORT/",
];

/// Answers 200 to whatever it gets.
async fn accept(mut stream: TcpStream) {
    let mut request = [0; 4096];
    while stream.read(&mut request).await.is_ok_and(|n| n > 0) {
        let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        if stream.write_all(reply).await.is_err() {
            break;
        }
    }
}

async fn listener() -> Receiver {
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    Receiver::start(any, accept).await.unwrap()
}

/// Listens at the same port of `::1`, where this machine has IPv6.
async fn listener_v6(port: u16) -> Option<Receiver> {
    let loopback = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    Receiver::start(loopback, accept).await.ok()
}

fn policy(ranges: &str) -> EgressPolicy {
    EgressPolicy::parse(ranges).unwrap()
}

async fn post(clients: &Clients, target: &TargetUrl) -> Result<u16, EgressError> {
    let outbound = OutboundRequest {
        method: Method::POST,
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"{}"),
    };
    let sent = clients.execute(target, outbound);
    let reply = tokio::time::timeout(Duration::from_secs(5), sent)
        .await
        .unwrap()?;
    Ok(reply.status().as_u16())
}

fn with_port(url: &str, port: u16) -> String {
    url.replace("PORT", &port.to_string())
}

#[tokio::test]
async fn no_hostile_url_lets_a_packet_leave() {
    let receiver = listener().await;
    let port = receiver.address.port();
    let v6 = listener_v6(port).await;
    let names =
        FakeDns::all_resolve_to(&["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254"]);
    let open = policy("127.0.0.0/8,::1/128");
    let hostile = [LOOPBACK, LOOPBACK_V6, ELSEWHERE, NEVER].concat();
    assert!(hostile.len() >= 60);

    // Nobody's URL without ranges, and no partner's even with them.
    for (policy, saved_by) in [
        (policy(""), SavedBy::Operator),
        (policy(""), SavedBy::Partner),
        (open, SavedBy::Partner),
    ] {
        let clients = clients(&policy, names.clone());
        for url in &hostile {
            let Ok(target) = TargetUrl::parse(&with_port(url, port), saved_by, &policy) else {
                continue;
            };
            assert_eq!(target.literal_address(), None, "{url:?} was taken");
            let failure = post(&clients, &target).await.unwrap_err();
            assert!(
                matches!(failure, EgressError::Blocked(_)),
                "{url:?}: {failure:?}"
            );
            assert_eq!(failure.to_string(), "blocked_address");
        }
    }
    assert_eq!(receiver.connections(), 0);
    assert_eq!(v6.map_or(0, |v6| v6.connections()), 0);
}

#[tokio::test]
async fn the_same_urls_arrive_once_an_operator_opened_the_range() {
    let receiver = listener().await;
    let port = receiver.address.port();
    let v6 = listener_v6(port).await;
    let policy = policy("127.0.0.0/8,::1/128");
    let clients = clients(&policy, FakeDns::all_resolve_to(&["127.0.0.1"]));
    let urls = match &v6 {
        Some(_) => [LOOPBACK, LOOPBACK_V6].concat(),
        None => LOOPBACK.to_vec(),
    };
    let arrived = || receiver.connections() + v6.as_ref().map_or(0, Receiver::connections);
    for url in urls {
        let target = TargetUrl::parse(&with_port(url, port), SavedBy::Operator, &policy);
        let before = arrived();
        let sent = post(&clients, &target.unwrap()).await;
        // The listener speaks no TLS, so an https request gets as far as the connection; a http
        // request may share an open one.
        match sent {
            Ok(status) => assert_eq!(status, 200, "{url}"),
            Err(EgressError::Blocked(blocked)) => panic!("{url}: {blocked}"),
            Err(_) => assert!(arrived() > before, "{url} did not arrive"),
        }
    }
}

#[test]
fn opening_everything_makes_addresses_readable_and_nothing_else() {
    let everything = policy("0.0.0.0/0,::/0");
    let read = |url: &&str| TargetUrl::parse(&with_port(url, 8443), SavedBy::Operator, &everything);
    for url in [LOOPBACK, LOOPBACK_V6, ELSEWHERE].concat() {
        assert!(read(&url).is_ok(), "{url}");
    }
    for url in NEVER {
        assert!(read(url).is_err(), "{url:?}");
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_judged_again() {
    let receiver = listener().await;
    let policy = policy("127.0.0.1/32");
    let names =
        FakeDns::answers_in_order(&[&["127.0.0.1"], &["127.0.0.2"], &["10.9.9.9", "127.0.0.1"]]);
    let clients = clients(&policy, names);
    let url = |host: &str| format!("http://{host}:{}/", receiver.address.port());
    let target = |host| TargetUrl::parse(&url(host), SavedBy::Operator, &policy).unwrap();

    // Another spelling of the name makes another connection, and so another question.
    assert_eq!(post(&clients, &target("one.example")).await.unwrap(), 200);
    let rebound = post(&clients, &target("two.example")).await.unwrap_err();
    assert!(matches!(rebound, EgressError::Blocked(_)), "{rebound:?}");
    assert_eq!(receiver.connections(), 1);

    // Of a mixed answer only the allowed address is tried.
    assert_eq!(post(&clients, &target("three.example")).await.unwrap(), 200);
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn an_address_is_judged_again_when_it_is_sent_to() {
    let receiver = listener().await;
    let saved_under = policy("127.0.0.0/8");
    let url = format!("http://127.0.0.1:{}/", receiver.address.port());
    let target = TargetUrl::parse(&url, SavedBy::Operator, &saved_under).unwrap();
    let narrower = clients(&policy("10.0.0.0/8"), FakeDns::all_resolve_to(&[]));
    let failure = post(&narrower, &target).await.unwrap_err();
    assert!(matches!(failure, EgressError::Blocked(_)), "{failure:?}");
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn plain_http_never_leaves_the_opened_ranges() {
    let receiver = listener().await;
    let policy = policy("10.0.0.0/8");
    let clients = clients(&policy, FakeDns::all_resolve_to(&["8.8.8.8"]));
    let url = format!("http://shop.example:{}/", receiver.address.port());
    let target = TargetUrl::parse(&url, SavedBy::Operator, &policy).unwrap();
    let failure = post(&clients, &target).await.unwrap_err();
    assert!(matches!(failure, EgressError::Blocked(_)), "{failure:?}");
}

#[test]
fn a_refusal_names_the_rule_and_never_the_address() {
    use UrlRefusal::*;
    let long = format!("https://shop.example/{}", "a".repeat(2048));
    for (url, expected) in [
        (long.as_str(), TooLong),
        ("shop.example/hooks", Malformed),
        ("https://shop..example/", Malformed),
        ("gopher://shop.example/", Scheme),
        ("http://shop.example/", NotHttps),
        ("http://8.8.8.8/", NotHttps),
        ("https://@shop.example/", Userinfo),
        ("https://shop.example/#", Fragment),
        ("https://shop.example./", TrailingDot),
        ("https://shop.example:1023/", Port),
        ("https://8.8.8.8:0/", Port),
        ("https://0x7f.1/", BlockedAddress),
        ("http://[::1]/", BlockedAddress),
    ] {
        let refusal = TargetUrl::parse(url, SavedBy::Partner, &policy("127.0.0.0/8"));
        assert_eq!(refusal, Err(expected), "{url}");
        assert!(!expected.to_string().contains("127."));
    }
}

#[test]
fn public_https_is_taken_from_everybody() {
    for saved_by in [SavedBy::Operator, SavedBy::Partner] {
        for policy in [policy(""), policy("10.0.0.0/8")] {
            for url in [
                "https://shop.example/hooks?token=1",
                "https://shop.example:443/",
                "https://shop.example:1024/",
                "https://8.8.8.8/",
                "https://[2a00:1450:4001:830::200e]:8443/",
                "https://xn--bcher-kva.example/",
            ] {
                assert!(TargetUrl::parse(url, saved_by, &policy).is_ok(), "{url}");
            }
        }
    }
}

#[test]
fn debug_shows_the_host_alone() {
    let url = "https://shop.example/hooks/s3cret?token=s3cret";
    let target = TargetUrl::parse(url, SavedBy::Partner, &policy("")).unwrap();
    let shown = format!("{target:?}");
    assert!(
        shown.contains("shop.example") && !shown.contains("s3cret"),
        "{shown}"
    );
}
