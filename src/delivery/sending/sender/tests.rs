//! What leaves, how often, and what each kind of failure is called.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::io::AsyncWriteExt;

use super::testing::*;
use super::*;
use crate::egress::testing::{FakeDns, clients};
use crate::egress::{Lookup, SavedBy};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

async fn failure(to: &PreparedTarget) -> SendFailure {
    sender().send(to, signed()).await.unwrap_err()
}

#[tokio::test]
async fn the_signed_bytes_arrive_with_the_endpoints_headers() {
    let (receiver, arrived) = receiver_replying(OK).await;
    let extra = BTreeMap::from([("Authorization".into(), "Bearer t0p secret".into())]);
    let extra = HeaderSet::parse(&extra).unwrap();
    let to = PreparedTarget::new(http_target(&receiver).target_url().clone(), &extra).unwrap();
    assert!(!format!("{to:?}").contains("t0p secret"));

    let reply = sender().send(&to, signed()).await.unwrap();
    assert_eq!(
        (reply.status, reply.body.as_slice()),
        (200, b"ok".as_slice())
    );
    assert!(!reply.truncated);

    let text = arrived.lock().unwrap().remove(0);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.as_bytes(), signed().body());
    let mut lines: Vec<_> = head.lines().skip(1).collect();
    lines.sort_unstable();
    let signature = signed().headers()[2].1.clone();
    assert!(head.starts_with("POST /hooks HTTP/1.1\r\n"), "{head}");
    assert_eq!(
        lines,
        [
            "accept: */*",
            "authorization: Bearer t0p secret",
            "content-length: 26",
            "content-type: application/json",
            &format!("host: {}", receiver.address),
            &format!("user-agent: Buywire/{}", env!("CARGO_PKG_VERSION")),
            "webhook-id: dlv_1",
            &format!("webhook-signature: {signature}"),
            "webhook-timestamp: 1767323045",
        ]
    );
}

/// The environment belongs to the whole process, so another one is asked.
#[test]
fn no_proxy_of_the_environment_is_asked() {
    let another = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "delivery::sending::sender::tests::the_signed_bytes_arrive_with_the_endpoints_headers",
        ])
        .env("http_proxy", "http://127.0.0.1:1")
        .env("all_proxy", "http://127.0.0.1:1")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&another.stdout);
    assert!(output.contains("1 passed"), "{output}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_used_again() {
    let (receiver, arrived) = receiver_replying(OK).await;
    let (sender, to) = (sender(), http_target(&receiver));
    let sends = (0..16).map(|_| {
        let (sender, to) = (sender.clone(), to.clone());
        tokio::spawn(async move {
            for _ in 0..100 {
                sender.send(&to, signed()).await.unwrap();
            }
        })
    });
    futures_util::future::try_join_all(sends).await.unwrap();
    assert_eq!(arrived.lock().unwrap().len(), 1600);
    let opened = receiver.connections();
    assert!(opened <= 80, "{opened} connections for 1600 sends");
}

#[tokio::test]
async fn one_attempt_is_one_post() {
    let arrived = ReceivedRequests::default();
    let recorded = Arc::clone(&arrived);
    // Answers the first request of a connection and hangs up on the second.
    let serve = move |mut stream| {
        let recorded = Arc::clone(&recorded);
        async move {
            let first = read_request(&mut stream).await.unwrap();
            recorded.lock().unwrap().push(first);
            stream.write_all(OK.as_bytes()).await.unwrap();
            if let Some(second) = read_request(&mut stream).await {
                recorded.lock().unwrap().push(second);
            }
        }
    };
    let receiver = receiver(serve).await;
    let (mut sender, to) = (sender(), http_target(&receiver));
    // The connection is in use: nobody ended it for being quiet.
    sender.idle_min = Duration::MAX;
    assert!(sender.send(&to, signed()).await.is_ok());
    assert_eq!(sender.send(&to, signed()).await, Err(SendFailure::Io));
    assert_eq!(arrived.lock().unwrap().len(), 2);
    assert_eq!(receiver.connections(), 1);
}

/// A receiver of which every connection takes one request and is ended at the next one, without a reply.
async fn single_use_receiver() -> (crate::egress::testing::Receiver, ReceivedRequests) {
    let arrived = ReceivedRequests::default();
    let recorded = Arc::clone(&arrived);
    let serve = move |mut stream| {
        let recorded = Arc::clone(&recorded);
        async move {
            let first = read_request(&mut stream).await.unwrap();
            recorded.lock().unwrap().push(first);
            stream.write_all(OK.as_bytes()).await.unwrap();
            let _ = read_request(&mut stream).await;
        }
    };
    (receiver(serve).await, arrived)
}

#[tokio::test]
async fn a_quiet_connection_that_ends_as_the_request_leaves_costs_no_attempt() {
    let (receiver, arrived) = single_use_receiver().await;
    let mut sender = sender();
    sender.idle_min = Duration::ZERO;
    let to = http_target(&receiver);
    for _ in 0..5 {
        assert_eq!(sender.send(&to, signed()).await.unwrap().status, 200);
    }
    assert_eq!(arrived.lock().unwrap().len(), 5);
    assert_eq!(receiver.connections(), 5);
}

#[tokio::test]
async fn a_fresh_connection_that_ends_without_a_reply_is_a_failure() {
    let (receiver, _) = single_use_receiver().await;
    let mut sender = sender();
    sender.idle_min = Duration::ZERO;
    let to = http_target(&receiver);
    assert!(sender.send(&to, signed()).await.is_ok());
    let hangs_up = super::testing::receiver(|mut stream| async move {
        let _ = read_request(&mut stream).await;
    });
    let hangs_up = hangs_up.await;
    let elsewhere = PreparedTarget {
        url: http_target(&hangs_up).url,
        ..to
    };
    assert_eq!(
        sender.send(&elsewhere, signed()).await,
        Err(SendFailure::Io)
    );
    assert_eq!(hangs_up.connections(), 1);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (elsewhere, _) = receiver_replying(OK).await;
    let reply = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{}/\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n",
        elsewhere.address
    );
    let (receiver, arrived) = receiver_replying(reply).await;
    let (sender, to) = (sender(), http_target(&receiver));
    for _ in 0..2 {
        assert_eq!(sender.send(&to, signed()).await.unwrap().status, 307);
    }
    assert_eq!(elsewhere.connections(), 0);
    assert!(!arrived.lock().unwrap().join("\n").contains("cookie"));
}

#[tokio::test]
async fn retry_after_is_the_header_that_is_kept() {
    let head = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: ";
    let reply_with = |value: &str| format!("{head}{value}\r\n\r\n");
    let long = "9".repeat(RETRY_AFTER_BYTES_MAX + 1);
    for (value, expected) in [("120", Some("120")), ("\u{fc}", None), (&long, None)] {
        let (receiver, _) = receiver_replying(reply_with(value)).await;
        let reply = sender()
            .send(&http_target(&receiver), signed())
            .await
            .unwrap();
        assert_eq!(
            (reply.status, reply.retry_after.as_deref()),
            (503, expected)
        );
    }
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_has_its_failure() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let refused = failure(&prepared(&format!("http://{closed}/"))).await;
    assert_eq!(refused, SendFailure::Connect);

    let nameless = sender_with(clients(&policy(), FakeDns::answers_in_order(&[])));
    let unknown = nameless
        .send(&prepared("http://shop.example/"), signed())
        .await;
    assert_eq!(unknown, Err(SendFailure::Dns));

    let url = "https://shop.example/";
    let partners = TargetUrl::parse(url, SavedBy::Partner, &policy()).unwrap();
    let blocked = PreparedTarget::new(partners, &HeaderSet::default()).unwrap();
    assert_eq!(failure(&blocked).await, SendFailure::BlockedAddress);
}

#[tokio::test]
async fn a_host_that_speaks_something_else_has_its_failure() {
    let (ssh, _) = receiver_replying("SSH-2.0-OpenSSH_9.2p1\r\n").await;
    assert_eq!(failure(&http_target(&ssh)).await, SendFailure::BadReply);

    let hangs_up = receiver(|stream| async move { drop(stream) }).await;
    let speaks_plain = receiver(|mut stream| async move {
        let _ = stream.write_all(OK.as_bytes()).await;
    });
    assert_eq!(failure(&http_target(&hangs_up)).await, SendFailure::Io);
    for receiver in [hangs_up, speaks_plain.await] {
        let https = prepared(&format!("https://{}/", receiver.address));
        assert_eq!(failure(&https).await, SendFailure::Tls);
    }
}

/// A resolver whose machine lacks something.
struct FailingLookup(i32);

impl Lookup for FailingLookup {
    fn lookup(&self, _: &str) -> BoxFuture<'static, std::io::Result<Vec<std::net::IpAddr>>> {
        let error = std::io::Error::from_raw_os_error(self.0);
        Box::pin(async move { Err(error) })
    }
}

#[tokio::test]
async fn what_this_machine_lacks_is_not_the_receivers_fault() {
    use rustix::io::Errno;
    for (code, expected) in [
        (Errno::MFILE, SendFailure::NoSocket),
        (Errno::NFILE, SendFailure::NoSocket),
        (Errno::ADDRNOTAVAIL, SendFailure::NoSocket),
        (Errno::CONNREFUSED, SendFailure::Dns),
    ] {
        let lookup = Arc::new(FailingLookup(code.raw_os_error()));
        let clients = Clients::new(policy(), lookup, system_roots(), TOTAL).unwrap();
        let sender = sender_with(clients);
        let to = prepared("http://shop.example:8080/");
        let sent = sender.send(&to, signed()).await;
        assert_eq!(sent, Err(expected), "{code:?}");
    }
}
